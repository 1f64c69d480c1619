"""The sentences of a text as tokens. What is between marks of quotation does not end a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.enrich.others.words import Words

#: Longer sentences are not read for statements.
MAX_TOKENS = 120
_TOKEN = re.compile(r"(?:[LlDdNnSsCcJjMmTt]|[Qq]u|[Ll]orsqu|[Pp]uisqu)['’](?=\w)|\w+(?:[-.’'&]\w+)*|\S")
_ENDS = frozenset(".!?…")
_OPENING = frozenset('«„“»"”')


@dataclass(frozen=True)
class Token:
    """A word or a sign of a text.

    Attributes:
        text: as printed.
        start: first character.
        end: character after the last.
        marked: whether it is between marks of quotation.
    """

    text: str
    start: int
    end: int
    marked: bool

    @property
    def lower(self) -> str:
        """In lower case."""
        return self.text.lower()

    @property
    def is_word(self) -> bool:
        """Whether it is no sign."""
        return self.text[0].isalnum()

    @property
    def is_capital(self) -> bool:
        """Whether it is a word with a capital."""
        return self.text[0].isupper()


def sentences(body: str, marked: Sequence[tuple[int, int]], words: Words) -> Iterator[list[Token]]:
    """The sentences of a text, those that are too long left out.

    Args:
        body: the text.
        marked: ``[start, end)`` of what is between marks, in order, marks included.
        words: of the language.
    """
    found: list[Token] = []
    spans, at = list(marked), 0
    for match in _TOKEN.finditer(body):
        while at < len(spans) and spans[at][1] <= match.start():
            at += 1
        inside = at < len(spans) and spans[at][0] <= match.start()
        if found and "\n" in body[found[-1].end : match.start()]:
            yield from _short(found)
            found = []
        found.append(Token(match.group(), match.start(), match.end(), inside))
        if match.group() in _ENDS and not inside and _ends(body, found, words):
            yield from _short(found)
            found = []
    yield from _short(found)


def _short(tokens: list[Token]) -> Iterator[list[Token]]:
    if 0 < len(tokens) <= MAX_TOKENS:
        yield tokens


def _ends(body: str, tokens: list[Token], words: Words) -> bool:
    """Whether the last token, a stop, ends its sentence."""
    stop = tokens[-1]
    before = tokens[-2] if len(tokens) > 1 else None
    if stop.text == "." and before is not None and before.end == stop.start:
        short = before.text in words.use("abbreviated") or (len(before.text) == 1 and before.is_capital)
        if short or before.text.isdigit():
            return False
    rest = body[stop.end : stop.end + 3].lstrip(" ")
    return not rest or rest[0] == "\n" or rest[0].isupper() or rest[0].isdigit() or rest[0] in _OPENING
