"""Sentences as words, and a sentence's form: its words without numbers and names, which are the slots of the form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.events.differences.numbers import Number, numbers
from pipeline.events.differences.vocabulary import vocabulary

#: Of a text so many sentences are compared, and of a sentence so many characters.
MOST_SENTENCES = 300
_MOST_CHARS = 800
#: A form with fewer words of its own is a phrase that any story may have.
_LEAST_WORDS, _LEAST_TELLING = 5, 3

_WORD = re.compile(r"\d[\d,]*(?:\.\d+)?|[^\W\d_]+(?:[-'’][^\W\d_]+)*|[^\w\s]")
_END = re.compile(r"[.!?][\"”’)]?\s+|\n+")
_TITLES = ("Mr.", "Mrs.", "Ms.", "Dr.", "St.", "Gen.", "Lt.", "Col.", "Sgt.", "Gov.", "Sen.", "Rep.", "U.S.", "No.")


@dataclass(frozen=True)
class Slot:
    """A number or a name in a sentence: words ``[start, end)``; ``value`` is compared, ``words`` are shown."""

    kind: str
    start: int
    end: int
    value: str
    words: str


@dataclass(frozen=True)
class Sentence:
    """A sentence: as printed, its words, its numbers."""

    text: str
    words: tuple[str, ...]
    numbers: tuple[Number, ...]


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text, up to limits."""
    found: list[Sentence] = []
    begin = 0
    for end in (*_END.finditer(text), None):
        if end is not None and text.endswith(_TITLES, begin, end.start() + 1):
            continue
        part = text[begin : end.end() if end else len(text)].strip()[:_MOST_CHARS]
        begin = end.end() if end else len(text)
        words = tuple(_WORD.findall(part))
        if words:
            found.append(Sentence(part, words, tuple(numbers(words))))
        if len(found) >= MOST_SENTENCES:
            break
    return found


def form_of(sentence: Sentence) -> tuple[str, tuple[Slot, ...]] | None:
    """A sentence's form and its slots; ``None``: it is too short to be told from others."""
    slots = sorted([*_number_slots(sentence), *_name_slots(sentence)], key=lambda slot: slot.start)
    form: list[str] = []
    place = 0
    for slot in slots:
        form += [word.lower() for word in sentence.words[place : slot.start]] + [f"<{slot.kind}>"]
        place = slot.end
    form += [word.lower() for word in sentence.words[place:]]
    own = [word for word in form if word[0].isalpha()]
    telling = set(own) - vocabulary().stop
    if len(own) < _LEAST_WORDS or len(telling) < _LEAST_TELLING:
        return None
    return " ".join(form), tuple(slots)


def _number_slots(sentence: Sentence) -> list[Slot]:
    return [
        Slot("number", one.start, one.end, f"{one.value:g}", " ".join(sentence.words[one.start : one.end]))
        for one in sentence.numbers
    ]


def _name_slots(sentence: Sentence) -> list[Slot]:
    """Runs of capitalised words, but for the first word of the sentence unless another follows it."""
    taken = {place for one in sentence.numbers for place in range(one.start, one.end)}
    named = [place not in taken and _is_name(word) for place, word in enumerate(sentence.words)]
    found: list[Slot] = []
    place = 0
    while place < len(named):
        end = place
        while end < len(named) and named[end]:
            end += 1
        if end > place and (place > 0 or end - place > 1):
            words = sentence.words[place:end]
            found.append(Slot("name", place, end, " ".join(words).lower(), " ".join(words)))
        place = max(end, place + 1)
    return found


def _is_name(word: str) -> bool:
    return word[0].isupper() and word.lower() not in vocabulary().no_names


def around(words: Sequence[str], slot: Slot) -> str:
    """What a slot is about: the words after it, or before it where none follow."""
    after = _plain(words[slot.end : slot.end + 2])
    before = _plain(words[max(slot.start - 3, 0) : slot.start])
    return " ".join(after or before)


def _plain(words: Sequence[str]) -> list[str]:
    found: list[str] = []
    for word in words:
        if not word[0].isalpha():
            break
        found.append(word)
    return found
