"""A signature keeps what two questions need: how alike two texts are, and whether they have a run of words in common."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cluster.comparison import CARDINALITY
from pipeline.cluster.shingles import MIN_WORDS, WIDTH, plain, shingle
from pipeline.cluster.signature import HEAD, MAX_FINGERPRINTS, Signatures, sign
from tests.cluster.scoring import grams


def signed(*texts: str) -> Signatures:
    return sign(shingle([plain(text) for text in texts]))


def words(count: int, seed: int, vocabulary: int = 4000) -> list[str]:
    chance = random.Random(seed)
    return [f"w{chance.randrange(vocabulary)}" for _ in range(count)]


def prints(signatures: Signatures, at: int) -> set[int]:
    return set(signatures.fingerprints[signatures.owners == at].tolist())


def window(shingles: int) -> int:
    """The window of a text of so many shingles, by the table of the module's head."""
    return 1 << sum(shingles >= least for least in (16, 32, 64, 160, 640))


@given(st.integers(8, 1200), st.integers(8, 1200), st.integers(0, 10_000))
@settings(max_examples=150, deadline=None)
def test_a_common_run_of_the_larger_window_has_a_common_fingerprint(one: int, other: int, seed: int) -> None:
    run = words(max(window(one), window(other)) + WIDTH - 1, seed)
    texts = []
    for count, own in ((one, seed + 1), (other, seed + 2)):
        rest = words(max(count + WIDTH - 1 - len(run), 0), own)
        at = random.Random(own).randint(0, len(rest))
        texts.append(" ".join([*rest[:at], *run, *rest[at:]]))
    both = signed(*texts)
    if max(len(prints(both, 0)), len(prints(both, 1))) < MAX_FINGERPRINTS:
        assert prints(both, 0) & prints(both, 1)


@pytest.mark.parametrize("count", [8, 11, 15, 40, 100, 400, 900, 1600])
@pytest.mark.parametrize("kept", [1.0, 0.8, 0.5, 0.2])
def test_sizes_and_overlap_follow_from_the_bits(count: int, kept: float) -> None:
    one = words(count, 1)
    other = [*one[: int(count * kept)], *words(count - int(count * kept), 2)]
    true_one, true_other = grams(" ".join(one)), grams(" ".join(other))
    both = signed(" ".join(one), " ".join(other))
    union = np.bitwise_count(both.bitmaps[0] | both.bitmaps[1]).sum()
    shared = CARDINALITY[both.set_bits[0]] + CARDINALITY[both.set_bits[1]] - CARDINALITY[union]
    assert CARDINALITY[both.set_bits[0]] == pytest.approx(len(true_one), rel=0.03, abs=2)
    assert shared / CARDINALITY[union] == pytest.approx(
        len(true_one & true_other) / len(true_one | true_other), abs=0.05
    )


@pytest.mark.parametrize("count", [5, 8, 40, 400, 3000, 9000])
def test_fingerprints_are_bounded(count: int) -> None:
    for text in (" ".join(words(count, 3)), "round and round " * (count // 3)):
        found = prints(signed(text), 0)
        assert len(found) <= MAX_FINGERPRINTS
        assert bool(found) == (len(text.split()) >= MIN_WORDS)


def test_the_head_is_the_opening_and_of_a_short_text_its_first_half() -> None:
    long, short = words(200, 5), words(12, 6)
    both = signed(" ".join(long), " ".join(short))
    places = sign(shingle([plain(" ".join(long[: HEAD + WIDTH - 1]))])).bitmaps[0]
    bits = np.unpackbits(places.view(np.uint8), bitorder="little")
    assert all(bits[both.heads[0]])
    first_half = np.unpackbits(signed(" ".join(short[:8])).bitmaps[0].view(np.uint8), bitorder="little")
    assert all(first_half[both.heads[1]])


def test_no_words_no_signature() -> None:
    nothing = signed("", "Storm hits port", "...")
    assert not nothing.counts.any()
    assert not nothing.bitmaps.any()
    assert not len(nothing.fingerprints)
