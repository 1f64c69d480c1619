"""Are two texts copies? Jaccard and containment of what is kept of them, and the guards against what only looks so.

language   two known languages that differ: never
time       further apart than the window
numbers    four or more numbers in each and less than half of the fewer in common: a market table, a weather
           report, a table of results, whose words are the same every day
head       neither one's opening is in the other: two stories over one footer or background
fragment   the shorter, and newer, is a part from the middle of the longer: it may be one of several stories of a
           digest, so it joins a cluster only by its lead, and not if the opening of the lead is missing from it
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.cluster.ring import CARDINALITY, Ring
from pipeline.cluster.signature import BITS, HEAD, NUMBER_BITS, Signature

#: Least number of shingles that two texts share where containment alone decides.
MIN_SHARED = 32
#: Least number that they share at all.
MIN_SHARED_AT_ALL = 4
#: The estimate of containment is from bits; its error must not cost copies.
_TOLERANCE = 0.04
_NUMBERS = 4
_NUMBERS_LATER = 2
_LATER = 12 * 3600.0
_SAME_NUMBERS = 0.5
_SAME_HEAD = 0.2
#: The longest footer, in shingles.
_FOOTER = 150


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on two texts are copies."""

    jaccard: float
    containment: float


@dataclass(frozen=True, slots=True)
class Match:
    """A story that the new one is a copy of.

    Attributes:
        slot: of the story in the ring.
        jaccard: similarity of the word 4-grams, 0 to 1.
        containment: part of the shorter one's that are in the longer, 0 to 1.
        shared: how many both have.
        opening: part of either's opening that is in the other, the mean of both ways.
        exact: the words are the same.
        fragment: the new one is the shorter, and similar by containment alone.
    """

    slot: int
    jaccard: float
    containment: float
    shared: float
    opening: float
    exact: bool
    fragment: bool


class Comparer:
    """Compares a new text with those of a ring.

    Args:
        ring: of the known texts.
        thresholds: of Jaccard and of containment.
        refused: counts, by guard, the pairs that were similar enough and still no copies.
    """

    def __init__(self, ring: Ring, thresholds: Thresholds, refused: Counter[str]) -> None:
        self._ring = ring
        self._thresholds = thresholds
        self._refused = refused

    def compare(self, signature: Signature, slots: list[int], language: int, time: float, window: float) -> list[Match]:
        """The slots among ``slots`` whose texts are copies of ``signature``'s."""
        ring, at = self._ring, np.array(slots, np.intp)
        both = np.bitwise_count(ring.bitmaps[at] & signature.bitmap).sum(axis=1, dtype=np.intp)
        theirs = ring.set_bits[at].astype(np.intp)
        own, other = CARDINALITY[signature.set_bits], CARDINALITY[theirs]
        union = CARDINALITY[signature.set_bits + theirs - both]
        shared = np.maximum(own + other - union, 0.0)
        jaccard = shared / np.maximum(union, 1.0)
        contained = np.minimum(shared / np.maximum(np.minimum(own, other), 1.0), 1.0)
        similar = (jaccard >= self._thresholds.jaccard) & (shared >= MIN_SHARED_AT_ALL)
        similar |= (contained >= self._thresholds.containment - _TOLERANCE) & (shared >= MIN_SHARED)
        similar &= theirs > 0
        matches = []
        for index in np.flatnonzero(similar).tolist():
            fragment = float(jaccard[index]) < self._thresholds.jaccard and own < float(other[index])
            measures = float(jaccard[index]), float(contained[index]), float(shared[index])
            match = self._match(signature, slots[index], *measures, fragment=fragment)
            refusal = self._refusal(signature, match, language, time, window)
            if refusal:
                self._refused[refusal] += 1
            else:
                matches.append(match)
        return matches

    def pair(self, one: int, other: int) -> Match | None:
        """How alike two slots are, whether they would pass as copies or not; ``None``: one has no text."""
        ring = self._ring
        first, second = int(ring.set_bits[one]), int(ring.set_bits[other])
        if not first or not second:
            return None
        both = int(np.bitwise_count(ring.bitmaps[one] & ring.bitmaps[other]).sum())
        union = CARDINALITY[first + second - both]
        shared = max(CARDINALITY[first] + CARDINALITY[second] - union, 0.0)
        contained = min(shared / min(CARDINALITY[first], CARDINALITY[second]), 1.0)
        if ring.text_hashes[one] == ring.text_hashes[other]:
            return _exact(other, float(shared))
        return Match(other, float(shared / union), float(contained), float(shared), 1.0, exact=False, fragment=False)

    def beyond_boilerplate(self, match: Match, votes: Counter[int], rare: int, signature: Signature) -> bool:
        """Do the two share more than what many clusters share?

        Args:
            match: a copy by its numbers.
            votes: for each slot, how many of the rare fingerprints it has.
            rare: how many fingerprints of the text are not common.
            signature: of the text.
        """
        if match.exact:
            return True
        if rare < 4:
            accepted = match.opening >= 0.5
        else:
            larger = max(1.0, float(CARDINALITY[signature.set_bits] / CARDINALITY[self._ring.set_bits[match.slot]]))
            accepted = votes[match.slot] >= 0.25 * rare / larger
        if not accepted:
            self._refused["boilerplate"] += 1
        return accepted

    def _refusal(self, signature: Signature, match: Match, language: int, time: float, window: float) -> str | None:
        ring, slot = self._ring, match.slot
        theirs = int(ring.languages[slot])
        if language and theirs and language != theirs:
            return "language"
        apart = abs(time - float(ring.times[slot]))
        if apart > window:
            return "time"
        if match.exact:
            return None
        if _other_numbers(signature.numbers, ring.numbers[slot], _NUMBERS_LATER if apart > _LATER else _NUMBERS):
            return "numbers"
        if match.fragment and _part(ring.heads[slot], signature.bitmap, signature.set_bits) < _SAME_HEAD:
            return "fragment"
        # A dateline, a byline or a note of correction takes a part of one opening or of both; a text put before
        # another all of one; stories of their own all of both.
        return "head" if match.shared < _FOOTER and match.opening < _SAME_HEAD else None

    def _match(
        self, signature: Signature, slot: int, jaccard: float, contained: float, shared: float, *, fragment: bool
    ) -> Match:
        ring = self._ring
        if int(ring.text_hashes[slot]) == signature.text_hash:
            return _exact(slot, shared)
        opening = _part(ring.heads[slot], signature.bitmap, signature.set_bits)
        opening += _part(signature.head, ring.bitmaps[slot], int(ring.set_bits[slot]))
        return Match(slot, jaccard, contained, shared, opening / 2, exact=False, fragment=fragment)


def _exact(slot: int, shared: float) -> Match:
    return Match(slot, 1.0, 1.0, shared, 1.0, exact=True, fragment=False)


def _other_numbers(ours: NDArray[np.uint64], theirs: NDArray[np.uint64], least: int) -> bool:
    """Have both at least ``least`` numbers, and are less than half of the fewer ones in both?"""
    first, second = int(np.bitwise_count(ours).sum()), int(np.bitwise_count(theirs).sum())
    fewer, more = min(first, second), max(first, second)
    if fewer < least or more == NUMBER_BITS:
        return False
    same = int(np.bitwise_count(ours & theirs).sum()) / fewer
    chance = more / NUMBER_BITS
    return (same - chance) / (1 - chance) < _SAME_NUMBERS


def _part(head: NDArray[np.uint16], bitmap: NDArray[np.uint64], set_bits: int) -> float:
    """What part of an opening is in a text, less what would be by chance."""
    words = bitmap[head >> 6] >> (head & 63).astype(np.uint64)
    chance = set_bits / BITS
    return (int((words & np.uint64(1)).sum()) / HEAD - chance) / max(1 - chance, 1e-6)
