"""What any text from outside must be before it is worked on."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

#: Unicode's Stream-Safe Text Format (UAX #15, section 13): so many combining marks in a row, no more.
MAX_MARKS = 30
_JOINER = "\u034f"
_FIRST_MARK = "\u0300"


def beginning(text: str, chars: int) -> str:
    """The first characters of a text; where it is cut there, without white space at the end."""
    return text if len(text) <= chars else text[:chars].rstrip()


def stream_safe(text: str) -> str:
    """Text in Unicode's Stream-Safe Text Format: normalising it takes time in proportion to its length.

    Within a run of more than 30 combining marks a combining grapheme joiner is set after each 30.
    """
    if not text or max(text) < _FIRST_MARK:
        return text
    parts: list[str] = []
    marks, done = 0, 0
    for place, character in enumerate(text):
        if character < _FIRST_MARK:
            marks = 0
            continue
        before, after, only = _marks(character)
        if marks + before > MAX_MARKS:
            parts += (text[done:place], _JOINER)
            marks, done = 0, place
        marks = marks + before if only else after
    return "".join((*parts, text[done:])) if parts else text


@lru_cache(4096)
def _marks(character: str) -> tuple[int, int, bool]:
    """How many combining marks a character's compatibility decomposition begins and ends with; whether it has more."""
    classes = [unicodedata.combining(part) for part in unicodedata.normalize("NFKD", character)]
    if all(classes):
        return len(classes), len(classes), True
    before = next(place for place, found in enumerate(classes) if not found)
    after = next(place for place, found in enumerate(reversed(classes)) if not found)
    return before, after, False
