"""Reads the pieces of a dateline one after the other: places, regions, dates, agencies, and the sign that ends it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.events.datelines.words import is_agency, words

_WORD = re.compile(r"[^\W\d_]{1,40}(?:['’.-][^\W\d_]{1,40}){0,6}")
_NUMBER = re.compile(r"\d{1,4}(?:er|st|nd|rd|th|º|ª)?(?![\d\w])")
_NUMERIC_DATE = re.compile(
    r"\d{1,2}(?:-\d{1,2}-\d{4}|\.\d{1,2}\.(?:\d{4}|\d\d(?!\d))?|/\d{1,2}(?:/\d{2,4})?)(?![\d\w])"
)
_BLANKS = re.compile(r"[ \t\n\u00a0]{0,9}")
_BRACKETS = re.compile(r"\((?P<paren>[^()\n]{2,40})\)|/(?P<slash>[^/\n]{2,40})/|（(?P<wide>[^（）\n]{2,40})）")
_END = re.compile(
    r"[ \t\n\u00a0]{0,9}"
    r"(?:(?P<dash>\.?[ ]{0,2}[-–—_―−]{1,3}(?=[\s\"“„«'‘(]|\w|\Z)|=)|(?P<colon>:(?=\s|\Z))|(?P<dot>\.(?=\s|\Z)))"
    r"[ \t\n\u00a0]{0,9}"
)
_LETTER = re.compile(r"[^\W\d_]")
_CASELESS = re.compile(r"[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff]")


@dataclass(frozen=True)
class Piece:
    """A piece of a text: what it says and where it ends."""

    text: str
    end: int


@dataclass(frozen=True)
class Signature:
    """Who signs: the agency, how it is set apart (``paren``, ``slash``, ``bare``), and where that ends."""

    agency: str
    kind: str
    end: int


def blanks(text: str, at: int) -> int:
    """Where the white space ends that begins here."""
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def after_comma(text: str, at: int) -> int:
    """Where what follows begins after a comma or a full stop, or after neither."""
    at = blanks(text, at)
    return blanks(text, at + 1) if text[at : at + 1] in {",", ".", "،"} else at


def place(text: str, at: int, *, most: int = 6) -> Piece | None:
    """Capitalised words, with the small ones between them that names of places have; two cities with a stroke."""
    start, end, count = at, at, 0
    while count < most and (found := _WORD.match(text, at)):
        word = found.group()
        small = word in words("small") or word.rstrip("'’") in words("small")
        if count and (_begins_date(text, at, word) or (count and is_agency(word) and not small)):
            break
        if not (small and count) and not (word[0].isupper() or _CASELESS.match(word)):
            break
        at = found.end()
        if not small or word[0].isupper():
            end = at
        count += 1
        if text[at : at + 1] == "." and len(word) <= 3 and text[at + 1 : at + 2] == " " and word[0].isupper():
            after = _WORD.match(text, at + 2)  # ST. LOUIS
            if after is None or _begins_date(text, at + 2, after.group()) or is_agency(after.group()):
                break
            at += 1
        at = blanks(text, at)
        if text[at : at + 1] == "/" and _WORD.match(text, blanks(text, at + 1)) and not _closes(text, at):
            at = blanks(text, at + 1)
        elif text[end : end + 1] not in {" ", ".", "\u00a0"}:
            break
    return Piece(text[start:end], end) if end > start else None


def _closes(text: str, at: int) -> bool:
    """Whether a stroke begins what stands between two strokes: an agency."""
    found = _BRACKETS.match(text, at)
    return found is not None and (is_agency(found["slash"] or "") or text[at - 1 : at] == " ")


def _begins_date(text: str, at: int, word: str) -> bool:
    return word.lower() in words("months") | words("weekdays") and date(text, at) is not None


def region(text: str, at: int) -> Piece | None:
    """A state or country after a comma, or in brackets before something else in brackets."""
    at = blanks(text, at)
    found = _BRACKETS.match(text, at)
    if found and found["paren"] and not is_agency(found["paren"]):
        following = after_comma(text, found.end())
        ends = text[following : following + 1] in {"(", "/"} or date(text, following) is not None
        return Piece(found["paren"], found.end()) if ends and following < len(text) else None
    if text[at : at + 1] != ",":
        return None
    start = blanks(text, at + 1)
    if date(text, start) is not None:
        return None
    named = place(text, start, most=4)
    if named is None or is_agency(named.text):
        return None
    end = named.end
    if text[end : end + 1] == "." and len(named.text.split()[-1]) <= 6:
        end += 1
    return Piece(text[start:end], end)


def date(text: str, at: int) -> Piece | None:
    """A day, in the words of many languages or in numbers, with or without the year and the day of the week."""
    start, end, months, numbers = at, at, 0, 0
    year_first = False
    for _ in range(9):
        numeric = _NUMERIC_DATE.match(text, at)
        number = numeric or _NUMBER.match(text, at)
        word = None if number else _WORD.match(text, at)
        if numeric:
            months, numbers, at = months + 1, numbers + 1, numeric.end()
        elif number:
            if numbers >= (3 if year_first else 2) or (
                months and numbers and len(number.group()) != 4 and not year_first
            ):
                break
            year_first = year_first or (not numbers and len(number.group()) == 4)
            numbers, at = numbers + 1, number.end()
        elif word and word.group().lower().rstrip(".") in words("months"):
            if months:
                break
            months, at = 1, word.end()
        elif word and word.group().lower() in words("weekdays"):
            at = word.end()
        elif word and word.group().lower() in words("of_dates"):
            at = blanks(text, word.end())
            continue
        else:
            break
        end = at
        if text[at : at + 1] == "." and not text[at - 1 : at + 3].endswith(".-"):
            at += 1
        following = blanks(text, at)
        at = blanks(text, following + 1) if text[following : following + 1] == "," else following
    return Piece(text[start:end], end) if months and numbers else None


def signature(text: str, at: int) -> Signature | None:
    """An agency between brackets or strokes, or without either where it is a known one."""
    found = _BRACKETS.match(text, at)
    if found:
        kind = "slash" if found["slash"] else "paren"
        written = found["paren"] or found["slash"] or found["wide"]
        return Signature(written.strip(), kind, found.end()) if _LETTER.search(written) else None
    ends, place_of = [], at
    for _ in range(3):
        word = _WORD.match(text, place_of)
        if word is None:
            break
        ends.append(word.end())
        place_of = blanks(text, word.end())
    for end in reversed(ends):
        if is_agency(text[at:end]):
            return Signature(text[at:end], "bare", end)
    return None


def ending(text: str, at: int) -> tuple[str, int]:
    """The sign that ends a dateline (``dash``, ``colon``, ``dot`` or none) and where the story begins."""
    found = _END.match(text, at)
    if found is None:
        return "", blanks(text, at)
    return str(found.lastgroup), found.end()
