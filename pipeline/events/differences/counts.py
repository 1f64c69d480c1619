"""Counts that every report of an event gives, however it puts them: "12 people were killed", "killing at least 12"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.events.differences.numbers import Number
from pipeline.events.differences.sentences import Sentence
from pipeline.events.differences.vocabulary import vocabulary

#: Words between a number and what is counted.
_FAR = 5
_FAR_TOLL = 8


@dataclass(frozen=True)
class Counted:
    """A count: of whom (``about``: "dead", "dead soldiers"), how many, in the words of the text."""

    about: str
    value: float
    words: str
    sentence: str


def counted(sentence: Sentence) -> list[Counted]:
    """The counts in a sentence; none if it may tell of another event, or if the number is only a guess."""
    lower = [word.lower() for word in sentence.words]
    if not sentence.numbers or _of_another_time(sentence, lower):
        return []
    found = []
    for number in sentence.numbers:
        about = _about(lower, number)
        if about:
            words = " ".join(sentence.words[number.start : number.end])
            found.append(Counted(about, number.value, words, sentence.text))
    return found


def _of_another_time(sentence: Sentence, lower: Sequence[str]) -> bool:
    known = vocabulary()
    in_month = any(word == "in" and after in known.months for word, after in pairwise(lower))
    return (
        in_month
        or bool(known.elsewhere.intersection(lower))
        or any(
            1800 <= one.value < 2100 and one.end == one.start + 1 and len(sentence.words[one.start]) == 4
            for one in sentence.numbers
        )
    )


def _about(words: Sequence[str], number: Number) -> str | None:
    known = vocabulary()
    before = list(words[max(number.start - 3, 0) : number.start])
    if "least" in before:
        before = before[: before.index("least")]
        before = before[:-1] if before and before[-1] == "at" else before
    elif before and before[-1] in known.roughly and not _toll(words, number):
        return None
    if before and before[-1] in known.partly:
        return None
    if _toll(words, number):
        return "dead"
    group, after = _after(words, number)
    if group is None:
        return None
    name = after or (known.before.get(before[-1]) if before else None)
    return " ".join(part for part in (name, group) if part) if name else None


def _after(words: Sequence[str], number: Number) -> tuple[str | None, str | None]:
    """Of whom a number is, and what became of them; ``None`` of whom: only some of them."""
    known = vocabulary()
    group: list[str] = []
    for word in words[number.end : number.end + _FAR]:
        if word in known.partly:
            return None, None
        if word in known.after:
            return " ".join(group), known.after[word]
        if word in known.helpers:
            continue
        if not word[0].isalpha() or word in known.stop or len(group) > 1:
            break
        if word not in known.anybody:
            group.append(word)
    return " ".join(group[:1]), None


def _toll(words: Sequence[str], number: Number) -> bool:
    """Whether a number is what a death toll rose to or is."""
    known = vocabulary()
    begin = max(number.start - _FAR_TOLL, 0)
    near = list(words[begin : number.start])
    if not known.toll.intersection(near) or "death" not in near:
        return False
    while near and near[-1] in {"least", "at"} and len(near) > 1 and near[-2] in {"at", "to", "reached"}:
        near.pop()
    return near[-1] in known.toll_to
