"""A ring of signatures in fixed memory, with an index of fingerprints that forgets by itself.

Every story takes the next slot of a ring of numpy arrays; the oldest slot is overwritten. The index is one table of
sets of eight entries: a fingerprint chooses its set, an entry holds twelve bits of the fingerprint and the slot, and
a full set gives up its oldest entry. Nothing is ever deleted: an entry whose slot has left the window is passed over
and swept up, a little with each story, before its slot is used again. So a flood of one boilerplate fills eight
entries and no more, and a query reads at most eight entries for each of its fingerprints: the work is bounded.

Why not an LSH index of a library: datasketch's keeps Python sets of keys in dictionaries, 9.6 GB for a million
stories; rensa's keeps 3.2 GB and cannot forget by age. Here it is 0.6 GB, allocated once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.cluster.shingles import Hashes
from pipeline.cluster.signature import BITS, HEAD, NUMBER_BITS, Signature

#: Entries of a set.
WAYS = 8
#: Entries provided for a story of the window; stories of 400 words have about 47 fingerprints.
ENTRIES_PER_STORY = 48
#: Most candidates of one story that are compared with it.
MAX_CANDIDATES = 16

_EMPTY = np.uint32(0xFFFFFFFF)
_SWEEP_EVERY = 64


def _cardinalities(bits: int) -> NDArray[np.float64]:
    """Linear counting: how many different hashes set so many of ``bits`` bits."""
    full = np.minimum(np.arange(bits + 1), bits - 0.5)
    return np.asarray(-bits * np.log1p(-full / bits), np.float64)


#: Size of a set of shingles by the bits that it sets.
CARDINALITY = _cardinalities(BITS)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What the index holds of the fingerprints of a text.

    Attributes:
        sets: the set of each fingerprint.
        rows: the entries of these sets, fingerprints by ``WAYS``.
        at: for each entry that matched, which fingerprint it was.
        slots: and the slot it names.
    """

    sets: NDArray[np.intp]
    rows: NDArray[np.uint32]
    at: list[int]
    slots: list[int]


class Ring:
    """The signatures of the last stories.

    Args:
        window: how many stories stay comparable; at least 1.
    """

    def __init__(self, window: int) -> None:
        spare = max(window // 16, 2 * _SWEEP_EVERY)
        self.window = window
        self.capacity = window + spare
        self._next = 0
        self._placed = 0
        self._slot_bits = max(20, self.capacity.bit_length())
        self._slot_mask = np.uint32((1 << self._slot_bits) - 1)
        self._tag_shift = np.uint32(self._slot_bits)
        self._sets = max(64, window * ENTRIES_PER_STORY // WAYS)
        self._table = np.full((self._sets, WAYS), _EMPTY, np.uint32)
        self._swept = 0
        # Between leaving the window and being used again a slot waits for ``spare`` stories: time for a whole sweep.
        self._stride = -(-self._sets // max(spare // _SWEEP_EVERY - 1, 1))
        self.bitmaps = np.zeros((self.capacity, BITS // 64), np.uint64)
        self.set_bits = np.zeros(self.capacity, np.uint16)
        self.heads = np.zeros((self.capacity, HEAD), np.uint16)
        self.numbers = np.zeros((self.capacity, NUMBER_BITS // 64), np.uint64)
        self.text_hashes = np.zeros(self.capacity, np.uint64)
        self.times = np.zeros(self.capacity, np.float64)
        self.languages = np.zeros(self.capacity, np.uint16)

    @property
    def bytes(self) -> int:
        """Memory of all arrays; it never changes."""
        return sum(array.nbytes for array in vars(self).values() if isinstance(array, np.ndarray))

    def add(self, signature: Signature, time: float, language: int, found: Found | None) -> int:
        """Put a signature in the next slot; return the slot. ``found`` is what ``find`` said of it."""
        slot = self._next
        self.bitmaps[slot] = signature.bitmap
        self.set_bits[slot] = signature.set_bits
        self.heads[slot] = signature.head
        self.numbers[slot] = signature.numbers
        self.text_hashes[slot] = signature.text_hash
        self.times[slot] = time
        self.languages[slot] = language
        if found is not None:
            ages = self._ages(found.rows)
            self._table[found.sets, ages.argmax(axis=1)] = self._tags(signature.fingerprints) << self._tag_shift | slot
        self._next = (slot + 1) % self.capacity
        self._placed += 1
        if self._placed % _SWEEP_EVERY == 0:
            self._sweep()
        return slot

    def clear(self, slot: int) -> None:
        """Make a slot a candidate of nothing: its story has moved to another."""
        self.set_bits[slot] = 0
        self.text_hashes[slot] = 0

    def find(self, fingerprints: Hashes) -> Found:
        """Look fingerprints up."""
        sets = (((fingerprints >> np.uint64(32)) * np.uint64(self._sets)) >> np.uint64(32)).astype(np.intp)
        rows = self._table[sets]
        same = (rows >> self._tag_shift) == self._tags(fingerprints)[:, None]
        at, way = np.nonzero(same)
        if not len(at):
            return Found(sets, rows, [], [])
        slots = rows[at, way] & self._slot_mask
        live = slots < self.capacity
        live &= self._ages_of(slots) < self.window
        return Found(sets, rows, at[live].tolist(), slots[live].tolist())

    def live(self, slot: int) -> bool:
        """Is the slot one of the last ``window`` filled?"""
        return (self._next - 1 - slot) % self.capacity < self.window

    def _tags(self, fingerprints: Hashes) -> NDArray[np.uint32]:
        return fingerprints.astype(np.uint32) >> np.uint32(self._slot_bits)

    def _ages_of(self, slots: NDArray[np.uint32]) -> NDArray[np.int64]:
        return np.asarray((self._next - 1 - slots.astype(np.int64)) % self.capacity)

    def _ages(self, rows: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Age of each entry in stories; an empty one is the oldest."""
        ages = self._ages_of(rows & self._slot_mask)
        ages[rows == _EMPTY] = self.capacity
        return ages

    def _sweep(self) -> None:
        """Empty the entries of slots that have left the window, in the next stretch of the table."""
        rows = self._table[self._swept : self._swept + self._stride]
        rows[self._ages(rows) >= self.window] = _EMPTY
        self._swept += self._stride
        if self._swept >= self._sets:
            self._swept = 0
