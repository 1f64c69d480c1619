"""Points in time as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.events.errors import ConfigurationError
from pipeline.events.times import read_time, require_time

NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
TIMES = [
    ("24h", NOW - timedelta(days=1), False),
    ("30m", NOW - timedelta(minutes=30), False),
    ("2 w", NOW - timedelta(weeks=2), False),
    ("1.5h", NOW - timedelta(minutes=90), False),
    (" 3d ", NOW - timedelta(days=3), True),
    ("2026-05-01", datetime(2026, 5, 1, tzinfo=UTC), False),
    ("2026-05-01", datetime(2026, 5, 2, tzinfo=UTC), True),
    ("2026-05-01T10:00", datetime(2026, 5, 1, 10, tzinfo=UTC), True),
    ("2026-05-01T10:00+02:00", datetime(2026, 5, 1, 8, tzinfo=UTC), False),
    ("tomorrow", None, False),
    ("0001-01-01T00:00+23:00", None, False),
    ("9999-12-31", None, True),
    ("999999w", None, False),
    ("", None, False),
]


@pytest.mark.parametrize(("text", "time", "end"), TIMES)
def test_times(text: str, time: datetime | None, end: bool) -> None:
    assert read_time(text, NOW, end=end) == time


@given(st.text(), st.booleans())
def test_whatever_is_written_is_a_time_with_a_zone_or_none(text: str, end: bool) -> None:
    time = read_time(text, NOW, end=end)
    assert time is None or time.tzinfo is not None


def test_a_command_line_says_what_a_time_looks_like() -> None:
    with pytest.raises(ConfigurationError, match=r"Cannot parse 'yesterday' as a time\. Use 30m"):
        require_time("yesterday", NOW)
