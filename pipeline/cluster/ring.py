"""A ring of signatures in fixed memory, with an index of fingerprints that forgets by itself.

Every story takes the next slot of a ring of numpy arrays; the oldest slot is overwritten. The index is one table of
sets of eight entries: a fingerprint chooses its set, an entry holds twelve bits of the fingerprint and the slot, and
each set is a ring itself: the newest entry replaces the oldest. Nothing is ever deleted: an entry whose slot has left
the window is ignored, and swept incrementally before its slot is used again. So a flood of one boilerplate fills eight
entries and no more, and a query reads eight entries for each of its fingerprints: the work is bounded.

Stories are looked up and added in batches, because each numpy call costs a microsecond. The result is exactly that of
adding one after the other: an entry counts for a story if it would have been present in its turn.

Why not an LSH index of a library: datasketch's keeps Python sets of keys in dictionaries, 9.6 GB for a million
stories; rensa's takes 3.2 GB and cannot forget by age. Here it is under 0.6 GB, allocated once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.cluster.shingles import Indices
from pipeline.cluster.signature import BITS, HEAD, MAX_FINGERPRINTS, NUMBER_BITS, Signatures

#: Most stories of a batch.
MAX_BATCH = 128
#: Entries of a set.
WAYS = 8
#: Entries provided for a story of the window; stories of 400 words have about 47 fingerprints.
ENTRIES_PER_STORY = 48

_EMPTY = np.uint32(0xFFFFFFFF)
_SWEEP_EVERY = MAX_BATCH
#: Bits for a place in the batch's fingerprints.
_PLACE_BITS = (MAX_BATCH * MAX_FINGERPRINTS).bit_length()


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Fingerprints that a story of a batch has in common with an earlier story.

    Attributes:
        owners: the story, as its place in the batch.
        fingerprints: which fingerprint of the batch.
        slots: of the earlier story.
    """

    owners: Indices
    fingerprints: Indices
    slots: Indices


class Ring:
    """The signatures of the last stories.

    Args:
        window: how many stories stay comparable; at least 1.
    """

    def __init__(self, window: int) -> None:
        spare = max(window // 16, 3 * MAX_BATCH)
        self.window = window
        self.capacity = window + spare
        self.next = 0
        self._placed = 0
        self._slot_bits = max(20, self.capacity.bit_length())
        self._slot_mask = np.uint32((1 << self._slot_bits) - 1)
        self._sets = max(64, window * ENTRIES_PER_STORY // WAYS)
        self._table = np.full((self._sets, WAYS), _EMPTY, np.uint32)
        self._oldest = np.zeros(self._sets, np.uint8)
        self._swept = 0
        # Between leaving the window and being used again a slot waits for ``spare`` stories: time for a whole sweep.
        self._stride = -(-self._sets // (spare // _SWEEP_EVERY - 2))
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

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays by name; not to be changed."""
        return {name: value for name, value in vars(self).items() if isinstance(value, np.ndarray)}

    def counters(self) -> dict[str, int]:
        """The positions that belong to the arrays."""
        return {"next": self.next, "placed": self._placed, "swept": self._swept}

    def restore(self, arrays: Mapping[str, NDArray[Any]], counters: Mapping[str, int]) -> None:
        """Take over arrays and positions.

        Raises:
            ValueError: they are of a ring of another size.
        """
        for name, own in self.arrays().items():
            if arrays[name].shape != own.shape or arrays[name].dtype != own.dtype:
                raise ValueError(f"{name} has the shape {arrays[name].shape}, not {own.shape}")
            own[:] = arrays[name]
        self.next, self._placed, self._swept = counters["next"], counters["placed"], counters["swept"]

    def before(self, slot: int, other: int) -> bool:
        """Is ``other`` one of the ``window`` slots filled before ``slot``?"""
        return 1 <= (slot - other) % self.capacity <= self.window

    def add(
        self, signatures: Signatures, times: NDArray[np.float64], languages: NDArray[np.uint16]
    ) -> tuple[Indices, Hits]:
        """Add a batch of at most ``MAX_BATCH`` stories.

        Returns:
            Their slots, and what each has in common with the stories of the window before it.
        """
        slots = (self.next + np.arange(len(times))) % self.capacity
        self.bitmaps[slots] = signatures.bitmaps
        self.set_bits[slots] = signatures.set_bits
        self.heads[slots] = signatures.heads
        self.numbers[slots] = signatures.numbers
        self.text_hashes[slots] = signatures.text_hashes
        self.times[slots] = times
        self.languages[slots] = languages
        hits = self._index(signatures, slots)
        self.next = (self.next + len(times)) % self.capacity
        due = (self._placed + len(times)) // _SWEEP_EVERY - self._placed // _SWEEP_EVERY
        self._placed += len(times)
        for _ in range(due):
            self._sweep()
        return slots, hits

    def _index(self, signatures: Signatures, slots: Indices) -> Hits:
        """Look the fingerprints up and enter them."""
        prints, owners = signatures.fingerprints, signatures.owners
        sets = (((prints >> np.uint64(32)) * np.uint64(self._sets)) >> np.uint64(32)).astype(np.intp)
        tags = prints.astype(np.uint32) >> np.uint32(self._slot_bits)
        # By set, and within a set in the order of the batch; plain numbers sort several times as fast as places.
        packed = np.sort((sets << _PLACE_BITS) + np.arange(len(sets)))
        order, in_order = packed & ((1 << _PLACE_BITS) - 1), packed >> _PLACE_BITS
        begin = np.append(0, np.flatnonzero(in_order[1:] != in_order[:-1]) + 1)[: len(order)]
        entered = np.append(begin[1:], len(order))[: len(begin)] - begin
        # How many entries the batch makes in the set before this one, and before this one's story.
        rank = np.arange(len(order)) - np.repeat(begin, entered)
        again = np.zeros(len(order), np.intp)
        same_story = (in_order[1:] == in_order[:-1]) & (owners[order][1:] == owners[order][:-1])
        for at in (np.flatnonzero(same_story) + 1).tolist():
            again[at] = again[at - 1] + 1
        turn = rank - again
        known = self._known(sets, tags, owners, slots, order, turn)
        fresh = self._fresh(in_order, tags[order], owners[order], rank, turn)
        entries = (tags << np.uint32(self._slot_bits)) | slots[owners].astype(np.uint32)
        self._table[in_order, (self._oldest[in_order] + rank) % WAYS] = entries[order]
        self._oldest[in_order[begin]] = (self._oldest[in_order[begin]] + entered) % WAYS
        later, earlier = order[fresh[0]], order[fresh[1]]
        return Hits(
            np.concatenate([known.owners, owners[later]]),
            np.concatenate([known.fingerprints, later]),
            np.concatenate([known.slots, slots[owners[earlier]]]),
        )

    def _known(
        self,
        sets: Indices,
        tags: NDArray[np.uint32],
        owners: Indices,
        slots: Indices,
        order: Indices,
        turn: Indices,
    ) -> Hits:
        """What the table has from before the batch."""
        rows = self._table[sets]
        at, way = np.nonzero((rows >> np.uint32(self._slot_bits)) == tags[:, None])
        found = (rows[at, way] & self._slot_mask).astype(np.intp)
        turns = np.empty(len(order), np.intp)
        turns[order] = turn
        age = (slots[owners[at]] - found) % self.capacity
        # The batch has overwritten the oldest entries of the set by this story's turn.
        there = (way - self._oldest[sets[at]].astype(np.intp)) % WAYS >= turns[at]
        there &= (found < self.capacity) & (age >= 1) & (age <= self.window)
        return Hits(owners[at[there]], at[there], found[there])

    def _fresh(
        self, sets: Indices, tags: NDArray[np.uint32], owners: Indices, rank: Indices, turn: Indices
    ) -> tuple[Indices, Indices]:
        """Pairs of a later and an earlier entry within the batch, all in order of the sets."""
        later: list[Indices] = [np.zeros(0, np.intp)]
        earlier: list[Indices] = [np.zeros(0, np.intp)]
        for distance in range(1, min(WAYS + int((rank - turn).max(initial=0)) + 1, len(sets))):
            same = sets[distance:] == sets[:-distance]
            if not same.any():
                break
            same &= (tags[distance:] == tags[:-distance]) & (owners[distance:] != owners[:-distance])
            same &= turn[distance:] - rank[:-distance] <= WAYS
            if self.window < MAX_BATCH:
                same &= owners[distance:] - owners[:-distance] <= self.window
            at = np.flatnonzero(same)
            later.append(at + distance)
            earlier.append(at)
        return np.concatenate(later), np.concatenate(earlier)

    def _sweep(self) -> None:
        """Empty the entries of slots that have left the window, in the next stretch of the table."""
        rows = self._table[self._swept : self._swept + self._stride]
        slots, spare = rows & self._slot_mask, self.capacity - self.window
        # The slots from the next one on, round the end of the ring; numbers without a sign wrap as the ring does.
        if self.next < self.window:
            left = slots - np.uint32(self.next) < spare
        else:
            left = slots - np.uint32(self.next - self.window) >= self.window
        np.copyto(rows, _EMPTY, where=left)
        self._swept += self._stride
        if self._swept >= self._sets:
            self._swept = 0
