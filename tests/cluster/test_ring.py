"""The ring forgets by itself, in memory that never grows, and does bounded work whatever floods it."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cluster.ring import MAX_BATCH, WAYS, Ring
from pipeline.cluster.shingles import plain, shingle
from pipeline.cluster.signature import MAX_FINGERPRINTS, sign

Hit = tuple[int, int]


def added(ring: Ring, texts: list[str]) -> list[list[Hit]]:
    """What each text has in common with which slots: fingerprints of its own, counted from 0, and slots."""
    signatures = sign(shingle([plain(text) for text in texts]))
    count = len(texts)
    _, hits = ring.add(signatures, np.zeros(count), np.zeros(count, np.uint16))
    assert {array.dtype.kind for array in (hits.owners, hits.fingerprints, hits.slots)} == {"i"}
    first = np.searchsorted(signatures.owners, np.arange(count))
    found: list[list[Hit]] = [[] for _ in texts]
    for owner, fingerprint, slot in zip(hits.owners, hits.fingerprints, hits.slots, strict=True):
        found[owner].append((int(fingerprint - first[owner]), int(slot)))
    return [sorted(one) for one in found]


def stream(count: int, seed: int, sources: int = 12) -> list[str]:
    """Texts that are put together from a few passages, so that much is common to many."""
    chance = random.Random(seed)
    passages = [" ".join(f"p{chance.randrange(900)}" for _ in range(20)) for _ in range(sources)]
    return [" ".join(chance.sample(passages, chance.randint(0, 3))) for _ in range(count)]


def in_batches(ring: Ring, texts: list[str], sizes: list[int]) -> list[list[Hit]]:
    found, at, turn = [], 0, 0
    while at < len(texts):
        size = sizes[turn % len(sizes)]
        found += added(ring, texts[at : at + size])
        at, turn = at + size, turn + 1
    return found


@given(
    st.lists(st.integers(1, MAX_BATCH), min_size=1, max_size=5),
    st.sampled_from([1, 7, 60, 250]),
    st.integers(0, 1000),
)
@settings(max_examples=12, deadline=None)
def test_any_batches_find_what_one_after_the_other_finds(sizes: list[int], window: int, seed: int) -> None:
    texts = stream(350, seed)
    assert in_batches(Ring(window), texts, sizes) == in_batches(Ring(window), texts, [1])


@pytest.mark.parametrize("window", [1, 30, 120])
def test_what_left_the_window_is_never_found_and_what_is_in_it_is(window: int) -> None:
    ring = Ring(window)
    chance = random.Random(4)
    texts = [" ".join(f"w{chance.randrange(10**6)}" for _ in range(12)) for _ in range(4 * ring.capacity)]
    text_of: dict[int, str] = {}
    for number, fresh in enumerate(texts):
        age = chance.randint(1, 2 * window)
        text = texts[number - age] if number >= age and chance.random() < 0.5 else fresh
        texts[number] = text
        slot = ring.next
        (found,) = added(ring, [text])
        expected = {
            (slot - past) % ring.capacity
            for past in range(1, window + 1)
            if text_of.get((slot - past) % ring.capacity) == text
        }
        hits = {hit for _, hit in found}
        assert expected <= hits
        # Others may look the same for once, by twelve bits; they are verified later.
        assert all(ring.before(slot, hit) for hit in hits)
        text_of[slot] = text


#: Hashes of all that a ring has stored after a stream, and of what each story had in common with earlier ones; computed
#: by release 0.2. Change one only with another number in pipeline/cluster/window.py, ``_FORMAT``.
STORED = {
    1: ("5f09b49216fada1c", "7e4601aac7fa568b", 0),
    60: ("39d3aeee4748c1bd", "868caea6f051e8e6", 0),
    250: ("9f747d6b78903104", "8bfb9b1dc68837a6", 0),
}


@pytest.mark.parametrize("window", [1, 60, 250])
def test_what_is_stored_never_changes(window: int) -> None:
    ring = Ring(window)
    found = in_batches(ring, stream(900, 3), [100, 1, 27])
    stored = xxhash.xxh3_64()
    for name, array in ring.arrays().items():
        stored.update(f"{name}{array.dtype}{array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    whole, hits, swept = STORED[window]
    assert (stored.hexdigest(), xxhash.xxh3_64_hexdigest(repr(found).encode())) == (whole, hits)
    assert ring.counters() == {"next": 900 % ring.capacity, "placed": 900, "swept": swept}


@pytest.mark.parametrize("window", [1, 3000, 10_000])
def test_what_left_the_window_is_swept_before_its_slot_is_used_again(window: int) -> None:
    ring, chance = Ring(window), np.random.default_rng(5)
    nothing = sign(shingle([b""] * MAX_BATCH))
    for number in range(0, 2 * ring.capacity, MAX_BATCH):
        prints = chance.integers(0, 2**64, 3 * MAX_BATCH, np.uint64)
        signatures = replace(nothing, fingerprints=prints, owners=np.repeat(np.arange(MAX_BATCH), 3))
        ring.add(signatures, np.zeros(MAX_BATCH), np.zeros(MAX_BATCH, np.uint16))
        entries = ring._table[ring._table != 2**32 - 1] & (2**20 - 1)
        ages = (ring.next - 1 - entries.astype(int)) % ring.capacity
        assert ages.max() < ring.capacity - MAX_BATCH
        # What is in the window stays, but for sets that overflow.
        assert np.count_nonzero(ages < window) >= 0.99 * 3 * min(window, number + MAX_BATCH)


def test_read_back_a_ring_goes_on_as_before() -> None:
    texts = stream(1300, 6)
    ring, restored = Ring(60), Ring(60)
    in_batches(ring, texts[:1000], [100])
    stored = {name: array.copy() for name, array in ring.arrays().items()}
    restored.restore(stored, ring.counters())
    assert in_batches(restored, texts[1000:], [100]) == in_batches(ring, texts[1000:], [100])
    assert restored.counters() == ring.counters()
    for name, array in ring.arrays().items():
        assert np.array_equal(restored.arrays()[name], array)
    for changed in ({"times": stored["times"].astype(np.float32)}, {"times": stored["times"][1:]}):
        with pytest.raises(ValueError, match=r"times has the shape \(\d+,\), not \(444,\)"):
            Ring(60).restore(stored | changed, ring.counters())


def test_times_and_languages_are_those_of_the_stories() -> None:
    ring = Ring(5)
    for number in range(0, 400, 100):
        signatures = sign(shingle([b""] * 100))
        slots, hits = ring.add(
            signatures, np.arange(number, number + 100.0), np.arange(number, number + 100, dtype=np.uint16)
        )
        assert slots.tolist() == [slot % ring.capacity for slot in range(number, number + 100)]
        assert not len(hits.owners) + len(hits.slots) + len(hits.fingerprints)
    assert ring.times[[0, 10, 11, 388]].tolist() == [389, 399, 11, 388]
    assert ring.languages[[0, 10, 11, 388]].tolist() == [389, 399, 11, 388]


@pytest.mark.parametrize(("window", "size"), [(1, 126_852), (1000, 646_416), (100_000, 54_225_000)])
def test_memory_follows_from_the_window(window: int, size: int) -> None:
    ring = Ring(window)
    assert ring.bytes == size
    assert ring.counters() == {"next": 0, "placed": 0, "swept": 0}


def test_memory_is_fixed() -> None:
    ring = Ring(1000)
    before, addresses = ring.bytes, [id(array) for array in vars(ring).values()]
    texts = stream(3 * ring.capacity, 1)
    in_batches(ring, texts, [100, 1, 27])
    assert ring.bytes == before
    assert sum(id(array) in addresses for array in vars(ring).values() if isinstance(array, np.ndarray)) >= 9


def test_a_flood_of_one_passage_costs_eight_entries_a_fingerprint() -> None:
    ring = Ring(5000)
    chance = random.Random(9)
    passage = " ".join(f"b{number}" for number in range(300))
    for _ in range(10):
        texts = [f"{passage} {' '.join(f'x{chance.randrange(10**6)}' for _ in range(30))}" for _ in range(100)]
        for found in added(ring, texts):
            assert len(found) <= WAYS * MAX_FINGERPRINTS
            for fingerprint in {one for one, _ in found}:
                assert sum(one == fingerprint for one, _ in found) <= WAYS


def test_places_of_a_window_as_large_as_a_year_fit() -> None:
    """Ring positions take the bits they need; tags have the rest."""
    ring = Ring(1_500_000)
    for _ in range(3):
        (first, second) = added(ring, ["one two three four five six seven eight nine ten"] * 2)
    assert {slot for _, slot in second} == set(range(5))
    assert {slot for _, slot in first} == set(range(4))
