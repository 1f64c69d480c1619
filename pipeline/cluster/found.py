"""What a batch of stories has in common with earlier ones, and which of it is boilerplate."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from pipeline.cluster.ring import Hits
from pipeline.cluster.shingles import Indices

#: A fingerprint that texts of so many different openings share is boilerplate.
_COMMON = 4
#: In place of the number of an opening: the story is no longer there.
GONE = -1


class Found:
    """What a batch has in common with earlier stories, by story.

    Args:
        hits: all of it.
        fingerprints: how many each story of the batch has.
        capacity: of the ring.
    """

    def __init__(self, hits: Hits, fingerprints: Indices, capacity: int) -> None:
        self._fingerprints: list[int] = fingerprints.tolist()
        # Fingerprints are numbered story after story, so that this is the order of the stories, too.
        packed = np.sort(hits.fingerprints * capacity + hits.slots)
        self._prints, self._slots = packed // capacity, packed % capacity
        self._ends: list[int] = np.searchsorted(self._prints, np.append(0, np.cumsum(fingerprints))).tolist()
        self._crowded = np.bincount(self._prints)[self._prints] >= _COMMON
        pairs = _different(np.sort(hits.owners * capacity + hits.slots))
        self.owners, self.old = pairs // capacity, pairs % capacity

    def rare(self, at: int, openings: NDArray[np.int64]) -> tuple[int, list[int]] | None:
        """What is left of the story at place ``at`` of the batch without the fingerprints of many openings.

        Returns:
            How many fingerprints, and the slots that have them, once for each; ``None``: all are left.
        """
        own = slice(*self._ends[at : at + 2])
        prints, slots, some = self._prints[own], self._slots[own], self._crowded[own]
        different = set(zip(prints[some].tolist(), openings[slots[some]].tolist(), strict=True))
        crowds = Counter(fingerprint for fingerprint, opening in different if opening != GONE)
        common = {fingerprint for fingerprint, size in crowds.items() if size >= _COMMON}
        if not common:
            return None
        left = [
            slot for fingerprint, slot in zip(prints.tolist(), slots.tolist(), strict=True) if fingerprint not in common
        ]
        return self._fingerprints[at] - len(common), left

    def compared(self, at: int) -> set[int]:
        """The slots with which the story was compared."""
        begin, end = np.searchsorted(self.owners, (at, at + 1)).tolist()
        return set(self.old[begin:end].tolist())


def _different(in_order: Indices) -> Indices:
    """Each of the numbers once."""
    first = np.ones(len(in_order), bool)
    np.not_equal(in_order[1:], in_order[:-1], out=first[1:])
    return in_order[first]
