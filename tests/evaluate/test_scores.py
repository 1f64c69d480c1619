"""Counting spans."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.enrich.scores import Tally

SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 5), st.sampled_from("AB")).map(lambda s: (s[0], s[0] + s[1], s[2])),
    unique=True,
    max_size=8,
)


def test_counts_exact_and_overlapping_spans_by_label():
    tally = Tally()
    tally.add([(0, 2, "PERSON"), (4, 5, "ORG"), (7, 9, "LOC")], [(0, 2, "PERSON"), (3, 5, "ORG"), (7, 9, "ORG")])
    scores = tally.scores()
    assert scores.exact["PERSON"].f1 == 1
    assert scores.exact["ORG"].f1 == 0
    assert scores.overlap["ORG"].precision == pytest.approx(1 / 2)
    assert scores.overlap["ORG"].recall == 1
    assert scores.exact["LOC"].recall == 0
    assert scores.exact["all"].precision == pytest.approx(1 / 3)
    assert (scores.exact["all"].gold, scores.exact["all"].system) == (3, 3)


def test_spans_of_different_texts_do_not_meet():
    tally = Tally()
    tally.add([(0, 1, "A")], [])
    tally.add([], [(0, 1, "A")])
    assert tally.scores().exact["all"].f1 == 0


@given(SPANS)
def test_gold_scored_on_itself_is_perfect(spans):
    tally = Tally()
    tally.add(spans, spans)
    scores = tally.scores()
    assert all(score.f1 == 1 for score in scores.exact.values() if score.gold)
    assert scores.exact == scores.overlap


@given(SPANS, SPANS)
def test_overlap_is_never_below_exact(gold, system):
    tally = Tally()
    tally.add(gold, system)
    scores = tally.scores()
    for label, exact in scores.exact.items():
        assert 0 <= exact.precision <= scores.overlap[label].precision <= 1
        assert 0 <= exact.recall <= scores.overlap[label].recall <= 1
