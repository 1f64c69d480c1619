"""Points in time as people write them: on the command line, in an address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pipeline.events.errors import ConfigurationError

_AGO = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s?([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_HOUR = timedelta(hours=1)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def read_time(text: str, now: datetime, *, end: bool = False) -> datetime | None:
    """A point in time: ``30m``, ``24h``, ``7d`` before now, or ISO 8601; ``None``: it is not a time.

    Args:
        text: as given; without a zone it is UTC.
        now: for what is relative.
        end: a day alone means its end, not its begin.
    """
    text = text.strip()
    try:
        if ago := _AGO.fullmatch(text):
            return now - timedelta(seconds=float(ago[1]) * _SECONDS[ago[2]])
        time = datetime.fromisoformat(text)
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        return time + timedelta(days=1) if end and _DAY.fullmatch(text) else time
    except (ValueError, OverflowError):
        return None


def by_hours(since: datetime, until: datetime) -> Iterator[tuple[datetime, float]]:
    """The hours (UTC) between two moments: when each begins (the first: ``since``), and the share of the hour."""
    at, until = since.astimezone(UTC), until.astimezone(UTC)
    while at < until:
        end = min(at.replace(minute=0, second=0, microsecond=0) + _HOUR, until)
        yield at, (end - at) / _HOUR
        at = end


def require_time(text: str, now: datetime, *, end: bool = False) -> datetime:
    """A point in time from a command line; see :func:`read_time`.

    Raises:
        ConfigurationError: it is not a time.
    """
    time = read_time(text, now, end=end)
    if time is None:
        raise ConfigurationError(
            f"Cannot parse {text!r} as a time.", hint="Use 30m, 2h, 3d, or a date like 2026-05-04 or 2026-05-04T12:00."
        )
    return time
