"""Copies of sentences as other desks would print them: curly marks, headlines in title case and capitals, datelines, names of
other regions. The corpora have hardly any of these.
"""

from __future__ import annotations

import random
from dataclasses import replace

from pipeline.enrich.training.names import CITIES, FAMILY_NAMES, FIRST_NAMES, ORGANISATIONS
from pipeline.enrich.training.sentence import Sentence, Span

_SMALL = frozenset("a an and as at but by for from in into of on or the to with vs over after".split())
_AGENCIES = (
    "TASS",
    "Reuters",
    "AP",
    "AFP",
    "Xinhua",
    "UPI",
    "Interfax",
    "dpa",
    "ANSA",
    "EFE",
    "Kyodo",
    "Yonhap",
    "PTI",
)
_MONTHS = "January February March April May June July August September October November December Jan. Feb. Aug. Sept. Oct. Nov. Dec.".split()


def varied(sentence: Sentence, chance: random.Random, *, rate: float) -> Sentence:
    """The sentence, or with probability ``rate`` for each kind of change, one changed so; labels move along."""
    if chance.random() < rate:
        sentence = _other_names(sentence, chance)
    if chance.random() < rate:
        sentence = _curly(sentence)
    draw = chance.random()
    if draw < rate * 0.3:
        return _in_capitals(sentence)
    if draw < rate * 0.6:
        return _in_title_case(sentence)
    if draw < rate * 0.7:
        return replace(sentence, words=tuple(word.lower() for word in sentence.words))
    if draw < rate * 1.1 and sentence.source in {"gmb", "re3d", "silver"}:
        return _with_dateline(sentence, chance)
    return sentence


def _curly(sentence: Sentence) -> Sentence:
    words: list[str] = []
    open_mark = False
    for word in sentence.words:
        if word in {'"', "``", "''"}:
            open_mark = not open_mark
            words.append("“" if open_mark else "”")
        else:
            words.append(word.replace("'", "’"))
    return replace(sentence, words=tuple(words))


def _in_capitals(sentence: Sentence) -> Sentence:
    return replace(sentence, words=tuple(word.upper() for word in sentence.words))


def _in_title_case(sentence: Sentence) -> Sentence:
    words = [
        word if at and word.lower() in _SMALL else word[:1].upper() + word[1:] for at, word in enumerate(sentence.words)
    ]
    spans = sentence.spans
    if words and words[-1] == ".":
        words.pop()
        spans = tuple(span for span in spans if span[1] <= len(words))
    return replace(
        sentence,
        words=tuple(words),
        spaces=sentence.spaces[: len(words)],
        spans=spans,
        missing=tuple(at for at in sentence.missing if at < len(words)),
    )


def _with_dateline(sentence: Sentence, chance: random.Random) -> Sentence:
    city = chance.choice(CITIES).split()
    city = [word.upper() for word in city] if chance.random() < 0.7 else city
    agency = chance.choice(_AGENCIES)
    date = [chance.choice(_MONTHS), str(chance.randint(1, 28))]
    form = chance.randrange(4)
    if form == 0:  # MOSCOW, April 24. /TASS/.
        words = [*city, ",", *date, ".", "/", agency, "/", "."]
        glued = {",", ".", "/"}
    elif form == 1:  # PARIS (AP) —
        words, date, glued = [*city, "(", agency, ")", chance.choice(["-", "—", "–", "--"])], [], {")"}
    elif form == 2:  # BEIJING, April 24 (Xinhua) --
        words = [*city, ",", *date, "(", agency, ")", chance.choice(["-", "—", "–", "--"])]
        glued = {",", ")"}
    else:  # LONDON, Jan 3 -
        words, agency, glued = [*city, ",", *date, chance.choice(["-", "—", "–", "--"])], "", {","}
    spans: list[Span] = [(0, len(city), "GPE")]
    if date:
        at = words.index(date[0], len(city))
        spans.append((at, at + 2, "DATE"))
    if agency:
        at = words.index(agency, len(city))
        spans.append((at, at + 1, "ORG"))
    spaces = [
        not (word in {"(", "/"} and words[at + 1 : at + 2] == [agency])
        and not (at + 1 < len(words) and words[at + 1] in glued and words[at + 1] != "/")
        and not (word == agency and "/" in words)
        for at, word in enumerate(words)
    ]
    return _joined(sentence, words, spaces, spans)


def _joined(sentence: Sentence, words: list[str], spaces: list[bool], spans: list[Span]) -> Sentence:
    by = len(words)
    return replace(
        sentence,
        words=(*words, *sentence.words),
        spaces=(*spaces, *sentence.spaces),
        spans=(*spans, *((start + by, end + by, label) for start, end, label in sentence.spans)),
        missing=tuple(at + by for at in sentence.missing),
    )


def _other_names(sentence: Sentence, chance: random.Random) -> Sentence:
    """Each name of the sentence replaced, with even chance, by one of its kind from anywhere in the world."""
    words: list[str] = []
    spaces: list[bool] = []
    spans: list[Span] = []
    missing: list[int] = []
    at = 0
    for start, end, label in (*sentence.spans, (len(sentence.words), len(sentence.words), "")):
        for old in range(at, start):
            if old in sentence.missing:
                missing.append(len(words))
            words.append(sentence.words[old])
            spaces.append(sentence.spaces[old])
        new = _name_like(sentence.words[start:end], label, chance) if label and chance.random() < 0.5 else None
        begin = len(words)
        words += new or sentence.words[start:end]
        spaces += [True] * (len(new) - 1) + [sentence.spaces[end - 1]] if new else sentence.spaces[start:end]
        if label:
            spans.append((begin, len(words), label))
        at = end
    return replace(sentence, words=tuple(words), spaces=tuple(spaces), spans=tuple(spans), missing=tuple(missing))


def _name_like(old: tuple[str, ...], label: str, chance: random.Random) -> list[str] | None:
    if label == "PERSON":
        region = chance.randrange(len(FAMILY_NAMES))
        family = chance.choice(FAMILY_NAMES[region]).split()
        if len(old) == 1:
            return family
        first = chance.choice(FIRST_NAMES[region]).split()
        initial = [f"{chance.choice('ABCDEFGHJKLMNPRSTVW')}."] if chance.random() < 0.08 else []
        return [*first, *initial, *family]
    if label == "GPE" and len(old) == 1 and old[0].istitle():
        return chance.choice(CITIES).split()
    if label == "ORG" and chance.random() < 0.5:
        return chance.choice(ORGANISATIONS).split()
    return None
