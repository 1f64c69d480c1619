"""Where each guard of a comparison begins, to the last shingle, number and second: signatures made for the case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import log, nextafter

import numpy as np
import pytest

from pipeline.cluster.comparison import Comparer, Match, Thresholds, _cardinalities
from pipeline.cluster.ring import Ring
from pipeline.cluster.signature import BITS, HEAD, NUMBER_BITS

HOUR, DAY = 3600.0, 86_400.0
LEAST = Thresholds(jaccard=0.5, containment=0.8, seconds=14 * DAY)


@dataclass(frozen=True)
class Text:
    """A text by what is kept of it.

    Attributes:
        shingles: their places in the bitmap; the first 16 are the opening.
        numbers: their places in the bitmap of numbers.
        words: hash of the whole text.
        time: seconds since 1970.
        language: its code.
    """

    shingles: Iterable[int]
    numbers: Iterable[int] = ()
    words: int = 1
    time: float = 1e9
    language: int = 0


def comparer(texts: Iterable[Text], least: Thresholds = LEAST) -> tuple[Comparer, Counter[str]]:
    """A ring with a text in each slot, and the count of what is refused."""
    ring, refused = Ring(1000), Counter[str]()
    for slot, text in enumerate(texts):
        places = list(text.shingles)
        ring.bitmaps[slot] = bits(places, BITS)
        ring.set_bits[slot] = len(places)
        ring.heads[slot] = np.resize(places or [0], HEAD)
        ring.numbers[slot] = bits(list(text.numbers), NUMBER_BITS)
        ring.text_hashes[slot], ring.times[slot], ring.languages[slot] = text.words, text.time, text.language
    return Comparer(ring, least, refused), refused


def bits(places: list[int], size: int) -> np.ndarray:
    flags = np.zeros(size, bool)
    flags[places] = True
    return np.packbits(flags, bitorder="little").view(np.uint64)


def compared(old: Text, new: Text, least: Thresholds = LEAST) -> Match | str:
    """The match of two texts, or the name of the guard that refused it."""
    judge, refused = comparer((old, new), least)
    at, matches = judge.copies(np.array([1]), np.array([0]))
    assert at.tolist() == [0] * len(matches)
    if matches:
        assert not refused.total()
        return matches[0]
    return ", ".join(refused.elements()) or "unlike"


def size(places: int) -> float:
    """The number of shingles that set so many bits (Whang et al. 1990)."""
    return -BITS * log(1 - places / BITS)


LONG = Text(range(400))
AGAIN = Text(range(400), words=2)
MARKET = Text(range(400), range(4))
FOUR_OF_THE_HEAD = Text(range(12, 140), words=2)
FOOTER = [*range(500, 540), *range(100)]
OTHER_HEAD = [*range(600, 640), *range(100)]

#: Two texts, and the guard that refuses them; "copy", "part" or "exact": what they are; "unlike": no guard was asked.
CASES: dict[str, tuple[Text, Text, str]] = {
    "all shingles": (LONG, AGAIN, "copy"),
    "all words": (LONG, LONG, "exact"),
    "one language": (replace(LONG, language=1), replace(AGAIN, language=1), "copy"),
    "two languages": (replace(LONG, language=1), replace(AGAIN, language=2), "language"),
    "two languages, the other way round": (replace(LONG, language=2), replace(AGAIN, language=1), "language"),
    "an unknown language": (replace(LONG, language=1), AGAIN, "copy"),
    "another unknown language": (LONG, replace(AGAIN, language=1), "copy"),
    "the same words in two languages": (replace(LONG, language=1), replace(LONG, language=2), "language"),
    "the window apart": (LONG, replace(AGAIN, time=1e9 + 14 * DAY), "copy"),
    "a second more than the window": (LONG, replace(AGAIN, time=1e9 + 14 * DAY + 1), "time"),
    "a second more, the newer first": (LONG, replace(AGAIN, time=1e9 - 14 * DAY - 1), "time"),
    "the same words after the window": (LONG, replace(LONG, time=1e9 + 14 * DAY + 1), "time"),
    "four numbers, one in common": (MARKET, Text(range(400), range(3, 7), 2), "numbers"),
    "four numbers, two in common, which chance makes less than half": (MARKET, Text(range(400), range(2, 6), 2), "numbers"),
    "four numbers, three in common": (MARKET, Text(range(400), range(1, 5), 2), "copy"),
    "four numbers and many, two in common": (MARKET, Text(range(400), range(2, 30), 2), "numbers"),
    "four numbers in the same words": (MARKET, Text(range(400), range(3, 7), 1), "exact"),
    "three numbers, one in common": (Text(range(400), range(3)), Text(range(400), range(2, 5), 2), "copy"),
    "three numbers, half a day later": (Text(range(400), range(3)), Text(range(400), range(2, 5), 2, 1e9 + 12 * HOUR), "copy"),
    "three numbers, after half a day": (Text(range(400), range(3)), Text(range(400), range(2, 5), 2, 1e9 + 12 * HOUR + 1), "numbers"),
    "two numbers, one in common, after half a day": (Text(range(400), range(2)), Text(range(400), range(1, 3), 2, 1e9 + 13 * HOUR), "numbers"),
    "two numbers, none in common": (Text(range(400), range(2)), Text(range(400), range(2, 4), 2), "numbers"),
    "one number and another": (Text(range(400), range(1)), Text(range(400), range(1, 2), 2), "copy"),
    "one number and many": (Text(range(400), range(1)), Text(range(400), range(1, 9), 2, 1e9 + 13 * HOUR), "copy"),
    "64 numbers, just half in common beyond chance": (Text(range(400), range(64)), Text(range(400), range(16, 80), 2), "copy"),
    "64 numbers, one less": (Text(range(400), range(64)), Text(range(400), range(17, 81), 2), "numbers"),
    "127 numbers and some of them": (Text(range(400), range(127)), Text(range(400), range(123, 127), 2), "copy"),
    "more numbers than the bitmap tells apart": (Text(range(400), range(128)), Text(range(400), range(9), 2), "copy"),
    "a cut from the bottom": (LONG, Text(range(100), words=2), "part"),
    "a part from the middle": (LONG, Text(range(200, 300), words=2), "fragment"),
    "a fifth of the lead beyond chance": (LONG, FOUR_OF_THE_HEAD, "part"),
    "a little less of the lead": (LONG, Text(range(13, 141), words=2), "fragment"),
    "a part from the middle, with the same hash": (LONG, Text(range(200, 300)), "exact"),
    "the old one is the part": (Text(range(200, 300)), AGAIN, "copy"),
    "only a footer": (Text(FOOTER), Text(OTHER_HEAD, words=2), "opening"),
    "only a footer, with the same hash": (Text(FOOTER), Text(OTHER_HEAD), "exact"),
    "more than a footer": (Text([*FOOTER, *range(100, 160)]), Text([*OTHER_HEAD, *range(100, 160)], words=2), "copy"),
    "a footer and a fifth of both openings beyond chance": (
        Text([*range(124, 136), *range(116)]), Text([*range(136, 148), *range(116)], words=2), "copy"
    ),
    "a footer and a little less of them": (
        Text([*range(124, 136), *range(117)]), Text([*range(136, 148), *range(117)], words=2), "opening"
    ),
    "a quarter": (LONG, Text(range(300, 800), words=2), "unlike"),
    "a part of four fifths that is short": (LONG, Text([*range(25), *range(900, 905)], words=2), "unlike"),
    "a part of four fifths": (LONG, Text([*range(84), *range(900, 916)], words=2), "part"),
    "three shingles": (Text(range(3)), Text(range(3), words=2), "unlike"),
    "four shingles": (Text(range(4)), Text(range(4), words=2), "copy"),
    "no shingles": (Text(()), Text((), words=2), "unlike"),
    "no shingles and some": (Text(()), AGAIN, "unlike"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_guard_refuses_its_own_cases_only(case: str) -> None:
    old, new, verdict = CASES[case]
    found = compared(old, new)
    if isinstance(found, Match):
        found = "exact" if found.exact else "part" if found.fragment else "copy"
    assert found == verdict


def test_many_pairs_at_once_are_judged_as_each_alone() -> None:
    judge, refused = comparer(text for old, new, _ in CASES.values() for text in (old, new))
    old = np.arange(0, 2 * len(CASES), 2)
    at, matches = judge.copies(old + 1, old)
    alone = [compared(old, new) for old, new, _ in CASES.values()]
    assert dict(zip(at.tolist(), [replace(match, slot=0) for match in matches], strict=True)) == {
        place: match for place, match in enumerate(alone) if isinstance(match, Match)
    }
    assert [match.slot for match in matches] == [2 * place for place in at.tolist()]
    once = Counter(name for name in alone if isinstance(name, str) and name != "unlike")
    assert +refused == once
    judge.copies(old + 1, old)
    assert +refused == once + once


@pytest.mark.parametrize(
    ("old", "new", "jaccard", "containment", "opening"),
    [
        (LONG, AGAIN, 1, 1, 1),
        (LONG, Text(range(100), words=2), size(100) / size(400), 1, 1),
        # None of the opening is in the other: less than chance.
        (LONG, Text([*range(900, 920), *range(20, 400)], words=2),
         (2 * size(400) - size(420)) / size(420), 2 - size(420) / size(400), -(400 / BITS) / (1 - 400 / BITS)),
        (LONG, Text([*range(900, 908), *range(392)], words=2),
         (2 * size(400) - size(408)) / size(408), 2 - size(408) / size(400),
         # All of the old opening is in the new one, half of the new one in the old.
         (1 + (0.5 - 400 / BITS) / (1 - 400 / BITS)) / 2),
        (LONG, Text(range(200, 300)), 1, 1, 1),
    ],
)  # fmt: skip
def test_similarities_follow_from_the_bits(
    old: Text, new: Text, jaccard: float, containment: float, opening: float
) -> None:
    """To the fourth digit, as stories are stored with them; of exact copies all are one."""
    found = compared(old, new)
    assert isinstance(found, Match)
    assert (found.jaccard, found.containment, found.opening) == pytest.approx((jaccard, containment, opening), abs=1e-9)


def test_no_part_is_more_than_contained() -> None:
    judge, _ = comparer([LONG, *(Text(range(size), words=2) for size in range(50, 400))])
    new = np.arange(1, 351)
    _, matches = judge.copies(new, np.zeros_like(new))
    assert len(matches) == 350
    assert all(match.containment == pytest.approx(1) and match.containment <= 1 for match in matches)


def test_as_similar_as_the_threshold_is_a_copy() -> None:
    half = Text(range(100, 400), words=2)
    found = compared(LONG, half, replace(LEAST, jaccard=0.1))
    assert isinstance(found, Match)
    at, above = found.jaccard, nextafter(found.jaccard, 1)
    same = compared(LONG, half, replace(LEAST, jaccard=at, containment=2))
    assert same == found, "and no fragment"
    assert compared(LONG, half, replace(LEAST, jaccard=above, containment=2)) == "unlike"
    contained = compared(LONG, Text(range(100), words=2), replace(LEAST, containment=1.04))
    assert isinstance(contained, Match), "less the error of the estimate"
    assert contained.containment == 1
    assert compared(LONG, Text(range(100), words=2), replace(LEAST, containment=1.05)) == "unlike"


def test_of_two_texts_of_one_size_neither_is_the_fragment() -> None:
    part = Text([*range(40, 400), *range(900, 940)], words=2)
    found = compared(LONG, part, replace(LEAST, jaccard=0.9))
    assert isinstance(found, Match)
    assert not found.fragment


def test_a_text_made_to_fill_the_bitmap_is_compared_like_any() -> None:
    found = compared(Text(range(BITS)), Text(range(BITS), words=2))
    assert isinstance(found, Match)
    assert (found.jaccard, found.containment, found.opening) == pytest.approx((1, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "pair"),
    [
        (LONG, LONG, (1, 1, True)),
        (LONG, Text(range(100), words=2), (size(100) / size(400), 1, False)),
        (LONG, Text(range(500, 800), words=2), (0, 0, False)),
        (Text((7,)), Text((7,), words=2), (1, 1, False)),
        (LONG, Text(()), None),
        (Text(()), LONG, None),
        (Text(()), Text(()), None),
    ],
)
def test_any_two_texts_have_a_similarity(old: Text, new: Text, pair: tuple[float, float, bool] | None) -> None:
    judge, _ = comparer((old, new, LONG))
    assert judge.pair(1, 0) == (pair if pair is None else pytest.approx(pair))
    assert (judge.has_text(0), judge.has_text(1)) == (bool(old.shingles), bool(new.shingles))


@pytest.mark.parametrize(
    ("one", "other", "after"), [(1, 0, (1, 1)), (0, 2, (2, 2)), (1, 1, (1, 1)), (0, 0, (0, 0)), (1, 2, (1, 2))]
)
def test_a_known_language_is_taken_over(one: int, other: int, after: tuple[int, int]) -> None:
    judge, _ = comparer((replace(LONG, language=one), replace(LONG, language=other)))
    assert judge.one_language(0, 1) == (after[0] == after[1])
    judge.share_language(0, 1)
    assert tuple(judge._ring.languages[:2].tolist()) == after


def test_how_many_times_as_long_a_text_is() -> None:
    judge, _ = comparer((LONG, Text(range(100))))
    assert judge.larger(0, 1) == pytest.approx(size(400) / size(100))
    assert judge.larger(1, 0) == 1


def test_sizes_are_those_of_linear_counting() -> None:
    """A union can set no more than all bits, whatever its two texts would set alone."""
    sizes = _cardinalities(BITS)
    assert len(sizes) == 2 * BITS + 1
    assert sizes[[0, 1, 100, 1024, 2047]] == pytest.approx([0, *(size(places) for places in (1, 100, 1024, 2047))])
    assert sizes[BITS:] == pytest.approx([size(BITS - 1) + BITS * log(2)] * (BITS + 1))
