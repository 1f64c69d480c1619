"""Dead letters cut to what their topic takes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.events import DeadLetter
from pipeline.events.dead_letter import dead_letter, shortened
from pipeline.events.errors import RejectError


def _record(original: bytes, reason: str = "bad") -> DeadLetter:
    return dead_letter(
        stage="intake", error=RejectError(reason), key=b"k", original=original,
        failed_at=datetime(2026, 3, 2, tzinfo=UTC), origin=None, connector="c",
    )  # fmt: skip


@given(size=st.integers(0, 50_000), limit=st.integers(1_500, 60_000))
def test_it_fits_keeps_its_id_and_says_how_much_there_was(size: int, limit: int) -> None:
    whole = _record(b"\xff" * size)
    cut = shortened(whole, limit)
    assert len(cut.encode()) <= limit
    assert cut.id == whole.id
    assert cut.original_size == size
    assert f"{size:,} bytes" in cut.reason
    assert whole.original.startswith(cut.original)
    assert DeadLetter.decode(cut.encode()) == cut


def test_cutting_twice_says_it_once_and_keeps_the_first_size() -> None:
    twice = shortened(shortened(_record(b"x" * 50_000), 20_000), 5_000)
    assert twice.original_size == 50_000
    assert twice.reason.count("Only the beginning") == 1
    assert len(twice.encode()) <= 5_000


@pytest.mark.parametrize("limit", [2_000, 5_000])
def test_a_long_reason_is_cut_as_well(limit: int) -> None:
    cut = shortened(_record(b"x" * 100, "reason " * 10_000), limit)
    assert len(cut.encode()) <= limit
    assert cut.reason.startswith("reason reason")
    assert "Only the beginning" in cut.reason
