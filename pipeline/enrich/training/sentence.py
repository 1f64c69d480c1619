"""The one shape all corpora are read into: words with the spaces between them and spans with labels."""

from __future__ import annotations

from dataclasses import dataclass, field

#: ``(first word, word after the last, label)``.
Span = tuple[int, int, str]


@dataclass(frozen=True)
class Sentence:
    """A sentence with names; ``spaces[i]`` tells whether a space follows word ``i``."""

    words: tuple[str, ...]
    spaces: tuple[bool, ...]
    spans: tuple[Span, ...] = ()
    #: Words of which the corpus does not tell what they are: not taught at all, neither as names nor as none.
    missing: tuple[int, ...] = ()
    source: str = ""
    #: Sentences with the same key follow each other in one document.
    document: str = field(default="", compare=False)

    @property
    def text(self) -> str:
        """The sentence as it is printed."""
        return "".join(word + " " * space for word, space in zip(self.words, self.spaces, strict=True))


_NO_SPACE_BEFORE = frozenset(". , ; : ? ! ) ] } % ' 's 're 've 'll 'd 'm n't ’s ’".split())
_NO_SPACE_AFTER = frozenset("( [ { $ £ € #".split())


def guessed_spaces(words: list[str]) -> list[bool]:
    """Where English print has spaces, for corpora that keep only words; double marks open and close in turn."""
    spaces = [True] * len(words)
    open_mark = False
    for at, word in enumerate(words):
        if word in {'"', "``", "''"}:
            open_mark = not open_mark
            glued = at if open_mark else at - 1
            if glued >= 0:
                spaces[glued] = False
        elif word.lower() in _NO_SPACE_BEFORE and at:
            spaces[at - 1] = False
        elif word in _NO_SPACE_AFTER:
            spaces[at] = False
    if spaces:
        spaces[-1] = True
    return spaces
