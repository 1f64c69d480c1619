"""The named-entity recogniser: a spaCy pipeline, bundled or installed, read paragraph by paragraph.

A paragraph's entities depend on nothing but the paragraph, so unchanged paragraphs of updates and near-copies are
looked up instead of read again, with the same result. Tagger, parser and lemmatizer are left out: quotations and roles
are found by rules over the text.
"""

from __future__ import annotations

import os
import re
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, get_args

from pipeline.events import EntityLabel
from pipeline.events.errors import ConfigurationError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.vocab import Vocab

BLANK = "blank-gazetteer"
_OWN = "en_wire"
_MODELS = Path(__file__).parent.parent / "models"
#: Kinds of components that entities do not need, whatever a pipeline names them.
_LEFT_OUT = frozenset(
    ("tagger", "parser", "senter", "sentencizer", "attribute_ruler", "lemmatizer", "trainable_lemmatizer", "morphologizer",
     "textcat", "textcat_multilabel", "spancat")
)  # fmt: skip
_LABELS = frozenset(get_args(EntityLabel))
_OTHER_LABELS: dict[str, EntityLabel] = {"PER": "PERSON", "GEO": "GPE", "LOCATION": "LOC", "ORGANIZATION": "ORG"}
_MAX_PARAGRAPH = 4000
_UNREADABLE = re.compile(r"[^\S\n ]|[\x00-\x08\x0e-\x1f\x7f-\x9f]|\S{80,}")


class Labelled(NamedTuple):
    """A stretch of a paragraph with its label."""

    start: int
    end: int
    label: EntityLabel


class Recogniser:
    """One pipeline with its memory of paragraphs.

    Args:
        model: a pipeline bundled under ``pipeline/enrich/models``, an installed spaCy package, or a folder.
        vocab: that the pipeline shares with the one it is part of; ``None``: it has its own.
        remembered: paragraphs that are kept for updates and copies.

    Raises:
        ConfigurationError: there is no such pipeline here.
    """

    def __init__(self, model: str, vocab: Vocab | None = None, *, remembered: int = 4096) -> None:
        self._nlp = _load(model, vocab)
        #: With language and version.
        self.name = f"{self._nlp.meta['lang']}_{self._nlp.meta['name']}-{self._nlp.meta['version']}"
        self._memory: OrderedDict[str, tuple[Labelled, ...]] = OrderedDict()
        self._remembered = remembered
        #: How many paragraphs the pipeline itself has read, those it remembered not counted.
        self.paragraphs_read = 0

    def read(self, texts: Sequence[str]) -> list[list[Labelled]]:
        """The entities of each text, offsets in characters of the text."""
        pieces = [_paragraphs(text) for text in texts]
        found = self._recognised({piece for parts in pieces for _, piece in parts})
        return [
            [Labelled(at + start, at + end, label) for at, piece in parts for start, end, label in found[piece]]
            for parts in pieces
        ]

    def _recognised(self, pieces: set[str]) -> dict[str, tuple[Labelled, ...]]:
        found = {piece: self._memory[piece] for piece in pieces if piece in self._memory}
        # Sorted by length: a batch of equal lengths is padded least.
        missing = sorted(pieces - found.keys(), key=len)
        for piece, doc in zip(missing, self._nlp.pipe(map(_readable, missing), batch_size=64), strict=True):
            found[piece] = tuple(Labelled(ent.start_char, ent.end_char, label_of(ent.label_)) for ent in doc.ents)
        self.paragraphs_read += len(missing)
        for piece in pieces:
            self._memory[piece] = found[piece]
            self._memory.move_to_end(piece)
        while len(self._memory) > self._remembered:
            self._memory.popitem(last=False)
        return found


def model_or_blank(model: str) -> str:
    """The model, or ``blank-gazetteer`` where it is the bundled one and an installation has come without it."""
    import spacy  # noqa: PLC0415 - only the process that reads pays for it

    missing = model == _OWN and not (_MODELS / model / "config.cfg").is_file() and not spacy.util.is_package(model)
    return BLANK if missing else model


def language_of_model(model: str) -> str:
    """The language code of a pipeline, without loading it.

    Raises:
        ConfigurationError: there is no such pipeline here.
    """
    import spacy  # noqa: PLC0415

    return str(spacy.util.load_config(_folder(model) / "config.cfg")["nlp"]["lang"])


def _load(model: str, vocab: Vocab | None) -> Language:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import spacy  # noqa: PLC0415
    from thinc.api import NumpyOps, set_current_ops  # noqa: PLC0415

    set_current_ops(NumpyOps(use_blis=False))
    folder = _folder(model)
    nlp = spacy.load(folder, vocab=vocab or True, exclude=_not_needed(folder))
    if not any(name in nlp.pipe_names for name in ("ner", "entity_ruler", "span_ruler")):
        raise ConfigurationError(f"enrich.models: the pipeline {model!r} has no entity recogniser.")
    return nlp


def _folder(model: str) -> Path:
    """Where the configuration of a pipeline is."""
    import spacy  # noqa: PLC0415

    own = next((path for path in (_MODELS / model, Path(model)) if (path / "config.cfg").is_file()), None)
    if own is not None:
        return own
    if not spacy.util.is_package(model):
        raise ConfigurationError(
            f"enrich.models: there is no spaCy pipeline {model!r} in this installation.",
            hint=f"Install it into this environment (python -m spacy download {model}) or name another.",
        )
    package = spacy.util.get_package_path(model)
    return next((path.parent for path in sorted(package.glob("*/config.cfg"))), package)


def _not_needed(folder: Path) -> list[str]:
    """The components of a pipeline that entities do not need, so that they are not even loaded."""
    import spacy  # noqa: PLC0415

    config = spacy.util.load_config(folder / "config.cfg")
    pipeline, components = config["nlp"]["pipeline"], config["components"]
    return [name for name in pipeline if components.get(name, {}).get("factory") in _LEFT_OUT]


def label_of(label: str) -> EntityLabel:
    """The label of an entity in our terms; an unknown one is MISC."""
    return label if label in _LABELS else _OTHER_LABELS.get(label, "MISC")  # type: ignore[return-value]


def _paragraphs(text: str) -> list[tuple[int, str]]:
    """Offset and text of each paragraph; over-long ones are cut at a space."""
    parts: list[tuple[int, str]] = []
    for match in re.finditer(r"[^\n]+", text):
        start, end = match.span()
        while end - start > _MAX_PARAGRAPH:
            space = text.rfind(" ", start + _MAX_PARAGRAPH // 2, start + _MAX_PARAGRAPH)
            cut = space if space > 0 else start + _MAX_PARAGRAPH
            parts.append((start, text[start:cut]))
            start = cut
        parts.append((start, text[start:end]))
    return [(at, piece) for at, piece in parts if piece.strip()]


def _readable(piece: str) -> str:
    """The same length, without what no name is made of: control characters and runs without a space."""
    return _UNREADABLE.sub(lambda match: " " * len(match.group()), piece)
