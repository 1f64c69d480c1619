"""Earlier stories that share fingerprints with the stories of a batch, and which fingerprints are boilerplate."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from pipeline.cluster.ring import Hits
from pipeline.cluster.shingles import Indices

#: A fingerprint that is shared by texts with this many different openings is boilerplate.
_COMMON = 4
#: Instead of the number of an opening: the story is no longer in the ring.
GONE = -1


class Candidates:
    """The earlier stories that each story of a batch must be compared with.

    Args:
        hits: the shared fingerprints.
        fingerprints: the number of fingerprints of each story of the batch.
        capacity: of the ring, in slots.
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
        """The fingerprints of the story at place ``at`` of the batch that are not boilerplate.

        Returns:
            Their number, and the slots that share them, one entry for each; ``None``: none is boilerplate.
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
        """The slots that the story was compared with."""
        begin, end = np.searchsorted(self.owners, (at, at + 1)).tolist()
        return set(self.old[begin:end].tolist())


def _different(in_order: Indices) -> Indices:
    """Each of the numbers once."""
    first = np.ones(len(in_order), bool)
    np.not_equal(in_order[1:], in_order[:-1], out=first[1:])
    return in_order[first]
