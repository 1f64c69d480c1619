"""Decides whether two texts are copies: Jaccard, containment, and guards against texts that only look like copies.

language   two known languages that differ: never
time       further apart than the window
numbers    four or more numbers in each and less than half of the fewer in common: a market table, a weather
           report, a table of results, whose words are the same every day; after half a day two are enough, for
           corrections come sooner and yesterday's report is repeated today; and of two or more in each at
           least one is in common, or these are two rates, two sales, two tallies in one set of words
fragment   the shorter, and newer, is a part from the middle of the longer: it may be one of several stories of a
           digest, so it joins a cluster only by its lead, and not if the opening of the lead is missing from it
opening    a few sentences in common, and the openings are not: two short stories over one footer
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.cluster.ring import Ring
from pipeline.cluster.shingles import Indices
from pipeline.cluster.signature import BITS, HEAD, NUMBER_BITS

#: Least number of shingles that two texts share where containment alone decides, and at all.
MIN_SHARED = 32
MIN_SHARED_AT_ALL = 4
#: The estimate of containment is from bits; its error must not cost copies.
_TOLERANCE = 0.04
_NUMBERS = 4
_FEW_NUMBERS = 2
_LATER = 12 * 3600.0
_SAME_NUMBERS = 0.5
_SAME_OPENING = 0.2
#: The longest footer, in shingles.
_FOOTER = 150

Floats = NDArray[np.float64]


def _cardinalities(bits: int) -> Floats:
    """Linear counting: how many different hashes set so many of ``bits`` bits."""
    full = np.minimum(np.arange(2 * bits + 1), bits - 0.5)
    sizes: Floats = -bits * np.log1p(-full / bits)
    return sizes


#: Size of a set of shingles by the bits that it sets.
CARDINALITY = _cardinalities(BITS)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Least similarities of two copies; ``seconds``: how far apart in time they may be."""

    jaccard: float
    containment: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Match:
    """A story that a new one is a copy of.

    Attributes:
        slot: of the story in the ring.
        jaccard: similarity of the word 4-grams, 0 to 1.
        containment: part of the shorter one's that are in the longer, 0 to 1.
        opening: part of either's opening that is in the other, the mean of both ways.
        exact: the words are the same.
        fragment: the new one is the shorter, and similar by containment alone.
    """

    slot: int
    jaccard: float
    containment: float
    opening: float
    exact: bool
    fragment: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Similarity:
    """The similarities of pairs of slots."""

    jaccard: Floats
    contained: Floats
    shared: Floats
    shorter: NDArray[np.bool_]


class Comparer:
    """Compares texts of a ring.

    Args:
        ring: the texts.
        thresholds: least similarities.
        refused: counts, by guard, the pairs that were similar enough but were refused.
    """

    def __init__(self, ring: Ring, thresholds: Thresholds, refused: Counter[str]) -> None:
        self._ring = ring
        self._thresholds = thresholds
        self._refused = refused

    def copies(self, new: Indices, old: Indices) -> tuple[Indices, list[Match]]:
        """Which pairs of slots are copies.

        Returns:
            The places of these pairs in the arguments, and a match for each.
        """
        ring, least = self._ring, self._thresholds
        similarity = self._similarity(new, old)
        similar = (similarity.jaccard >= least.jaccard) & (similarity.shared >= MIN_SHARED_AT_ALL)
        similar |= (similarity.contained >= least.containment - _TOLERANCE) & (similarity.shared >= MIN_SHARED)
        at = np.flatnonzero(similar)
        if not len(at):
            return at, []
        new, old = new[at], old[at]
        exact = ring.text_hashes[new] == ring.text_hashes[old]
        fragment = (similarity.jaccard[at] < least.jaccard) & similarity.shorter[at]
        old_in_new, new_in_old = self._opening(old, new), self._opening(new, old)
        opening = (old_in_new + new_in_old) / 2
        keep = np.ones(len(at), bool)
        apart = np.abs(ring.times[new] - ring.times[old])
        for name, refused in (
            ("language", _differ(ring.languages[new], ring.languages[old])),
            ("time", apart > least.seconds),
            ("numbers", ~exact & self._other_numbers(new, old, np.where(apart > _LATER, _FEW_NUMBERS, _NUMBERS))),
            ("fragment", ~exact & fragment & (old_in_new < _SAME_OPENING)),
            # A dateline, a byline or a note of correction takes a part of one opening or of both; a text put
            # before another all of one; stories of their own all of both.
            ("opening", ~exact & (similarity.shared[at] < _FOOTER) & (opening < _SAME_OPENING)),
        ):
            self._refused[name] += int(np.count_nonzero(keep & refused))
            keep &= ~refused
        kept = np.flatnonzero(keep)
        measures = np.stack([similarity.jaccard[at], similarity.contained[at], opening], axis=1)
        measures[exact] = 1.0
        matches = [
            Match(slot, jaccard, contained, start, exact=same, fragment=part)
            for slot, (jaccard, contained, start), same, part in zip(
                old[kept].tolist(),
                measures[kept].tolist(),
                exact[kept].tolist(),
                (fragment & ~exact)[kept].tolist(),
                strict=True,
            )
        ]
        return at[kept], matches

    def pair(self, one: int, other: int) -> tuple[float, float, bool] | None:
        """Jaccard, containment and exactness of two slots, copies or not; ``None``: one has no text."""
        ring = self._ring
        if not ring.set_bits[one] or not ring.set_bits[other]:
            return None
        if ring.text_hashes[one] == ring.text_hashes[other]:
            return 1.0, 1.0, True
        similarity = self._similarity(np.array([one]), np.array([other]))
        return float(similarity.jaccard[0]), float(similarity.contained[0]), False

    def has_text(self, slot: int) -> bool:
        """Is the text of a slot more than a headline?"""
        return bool(self._ring.set_bits[slot])

    def one_language(self, one: int, other: int) -> bool:
        """May two slots be of one language?"""
        first, second = self._ring.languages[one], self._ring.languages[other]
        return bool(first == second or not first or not second)

    def share_language(self, one: int, other: int) -> None:
        """If the language of only one of two copies is known, the other takes it."""
        languages = self._ring.languages
        if not languages[one]:
            languages[one] = languages[other]
        elif not languages[other]:
            languages[other] = languages[one]

    def larger(self, new: int, old: int) -> float:
        """How many times as many shingles the new text has, at least 1."""
        bits = self._ring.set_bits
        return max(1.0, float(CARDINALITY[bits[new]] / CARDINALITY[bits[old]]))

    def _similarity(self, new: Indices, old: Indices) -> _Similarity:
        ring = self._ring
        both = np.bitwise_count(ring.bitmaps[new] & ring.bitmaps[old]).sum(axis=1, dtype=np.intp)
        ours, theirs = ring.set_bits[new].astype(np.intp), ring.set_bits[old].astype(np.intp)
        own, other, union = CARDINALITY[ours], CARDINALITY[theirs], CARDINALITY[ours + theirs - both]
        shared = np.maximum(own + other - union, 0.0)
        contained = np.minimum(shared / np.maximum(np.minimum(own, other), 1.0), 1.0)
        return _Similarity(shared / np.maximum(union, 1.0), contained, shared, ours < theirs)

    def _opening(self, one: Indices, other: Indices) -> Floats:
        """What part of the openings is in the other texts, less what would be by chance."""
        ring = self._ring
        heads = ring.heads[one]
        words = ring.bitmaps[other[:, None], heads >> 6] >> (heads & 63).astype(np.uint64)
        chance = np.minimum(ring.set_bits[other] / BITS, 0.99)
        inside = (words & np.uint64(1)).sum(axis=1) / HEAD
        opening: Floats = (inside - chance) / (1 - chance)
        return opening

    def _other_numbers(self, new: Indices, old: Indices, least: Indices) -> NDArray[np.bool_]:
        """Have both at least ``least`` numbers with less than half of the fewer ones in both, or a few and none?"""
        ours, theirs = self._ring.numbers[new], self._ring.numbers[old]
        first, second = np.bitwise_count(ours).sum(axis=1), np.bitwise_count(theirs).sum(axis=1)
        both = np.bitwise_count(ours & theirs).sum(axis=1)
        fewer, more = np.minimum(first, second), np.maximum(first, second)
        # As many of the fewer would be in both by chance.
        chance = more / NUMBER_BITS
        enough = fewer * (chance + _SAME_NUMBERS * (1 - chance))
        return np.asarray((fewer >= least) & (both < enough) | (fewer >= _FEW_NUMBERS) & (both == 0))


def _differ(new: NDArray[np.uint16], old: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """Are both languages known, and not the same?"""
    return np.asarray((new != old) & (new > 0) & (old > 0))
