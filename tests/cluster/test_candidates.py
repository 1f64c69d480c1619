"""Which earlier stories a story is compared with, and which of its fingerprints are boilerplate."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.cluster.candidates import GONE, Candidates
from pipeline.cluster.ring import Hits

CAPACITY = 10


def candidates(stories: list[list[set[int]]]) -> Candidates:
    """Of a batch: for each story its fingerprints, each with the slots of the earlier stories that share it."""
    owners, slots, prints, number = [], [], [], 0
    for owner, fingerprints in enumerate(stories):
        for shared in fingerprints:
            owners += [owner] * len(shared)
            slots += sorted(shared)
            prints += [number] * len(shared)
            number += 1
    hits = Hits(owners=np.array(owners), slots=np.array(slots), fingerprints=np.array(prints))
    return Candidates(hits, np.array([len(fingerprints) for fingerprints in stories]), CAPACITY)


@pytest.mark.parametrize("at", range(3))
def test_a_story_is_compared_with_those_that_share_a_fingerprint_with_it(at: int) -> None:
    found = candidates([[{1, 2}, {2}], [{3}], [{2, 4}, set()]])
    assert found.compared(at) == [{1, 2}, {3}, {2, 4}][at]
    pairs = list(zip(found.owners.tolist(), found.old.tolist(), strict=True))
    assert pairs == [(0, 1), (0, 2), (1, 3), (2, 2), (2, 4)], "each pair once"
    assert found.owners.dtype.kind == "i"


def test_a_fingerprint_that_four_openings_share_is_boilerplate() -> None:
    openings = np.array([5, 6, 7, 8, 5, GONE, 6, 0, 0, 0])
    four, three, gone = {0, 1, 2, 3}, {0, 1, 2, 4, 6}, {0, 1, 2, 5}
    assert candidates([[four, {9}]]).rare(0, openings) == (1, [9])
    assert candidates([[three, {9}]]).rare(0, openings) is None, "of three openings"
    assert candidates([[gone, {9}]]).rare(0, openings) is None, "what is gone has no opening"
    batch = candidates([[{7}], [four, {8}, four], [{9}]])
    assert batch.rare(0, openings) is None
    assert batch.rare(1, openings) == (1, [8])
    assert batch.rare(2, openings) is None
