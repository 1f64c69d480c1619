"""Numbers in a sentence, in words and digits, with their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.events.differences.vocabulary import vocabulary

#: Longer rows of digits are identifiers.
_MOST_DIGITS = 15


@dataclass(frozen=True)
class Number:
    """A number: words ``[start, end)`` of a sentence, and its value."""

    start: int
    end: int
    value: float


def numbers(words: Sequence[str]) -> list[Number]:
    """The numbers in the words of a sentence, in order; "a dozen" is one, "12-year-old" and "twelfth" are none."""
    found: list[Number] = []
    place = 0
    while place < len(words):
        number = _at(words, place)
        if number is None:
            place += 1
            continue
        if number.end >= len(words) or words[number.end] != "-":
            found.append(number)
        place = number.end
    return found


def _at(words: Sequence[str], place: int) -> Number | None:
    """The number that begins at a word."""
    known = vocabulary()
    first = words[place].lower()
    value = _digits(first) if first[0].isdigit() else _word(first)
    end = place + 1
    if value is None:
        if first != "dozen":
            return None
        value, end = 1.0, place
    elif not first[0].isdigit() and first in known.tens and end < len(words):
        unit = known.units.get(words[end].lower(), 10)
        if unit < 10:
            value, end = value + unit, end + 1
    while end < len(words) and (scale := known.scales.get(words[end].lower())):
        value, end = value * scale, end + 1
    return Number(place, end, value)


def _digits(word: str) -> float | None:
    plain = word.replace(",", "")
    if not plain.isascii() or len(plain) > _MOST_DIGITS:
        return None
    try:
        return float(plain)
    except ValueError:
        return None


def _word(word: str) -> float | None:
    known = vocabulary()
    tens, _, unit = word.partition("-")
    if tens in known.tens:
        if not unit:
            return float(known.tens[tens])
        return float(known.tens[tens] + known.units[unit]) if known.units.get(unit, 10) < 10 else None
    return float(known.units[word]) if word in known.units else None
