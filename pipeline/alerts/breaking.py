"""When an event is breaking: it grows over independent agencies faster than its like at this hour. Pure.

The clock is the wire's own: the stories that usually come between two moments. So half an hour of a quiet night is
shorter than half an hour of a busy morning. What counts is how soon a third agency has a text of its own, after the
first of the three. How soon is soon enough is learned from the last days: so that of events that stayed with few
agencies one or two would have been told of in a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.events.times import by_hours

#: Agencies whose texts are compared in time, and those that make an event large.
_FEW, _MANY = 3, 5
#: Events of few agencies that may be told of in a day.
_FALSE_A_DAY = 1.5
#: Days and large events from which on the limit is learned; before, it is this share of a day's stories.
_LEARNED_DAYS, _LEARNED_EVENTS = 2, 10
_SHARE_OF_DAY = 1 / 48


@dataclass(frozen=True)
class Growth:
    """How an event grew: when each agency first had a text of its own, the earliest first."""

    event_id: str
    firsts: tuple[tuple[datetime, str], ...]

    @classmethod
    def of(cls, event_id: str, firsts: Mapping[str, datetime]) -> Growth:
        """From the first time of each agency."""
        return cls(event_id, tuple(sorted((time, agency) for agency, time in firsts.items())))

    @property
    def large(self) -> bool:
        """Whether many agencies tell of it."""
        return len(self.firsts) >= _MANY


@dataclass(frozen=True)
class Pace:
    """How many stories usually come in each hour of the day (UTC); at least a few, so that every span has a length."""

    by_hour: tuple[float, ...]

    @classmethod
    def of(cls, counts: Mapping[datetime, int], days: float) -> Pace:
        """From the stories of each hour (by its begin) of so many days."""
        sums = [0.0] * 24
        for hour, count in counts.items():
            sums[hour.astimezone(UTC).hour] += count
        least = max(sum(sums) / days / 24 / 10, 1.0)
        return cls(tuple(max(one / days, least) for one in sums))

    @property
    def of_day(self) -> float:
        return sum(self.by_hour)

    def between(self, begin: datetime, end: datetime) -> float:
        """Stories that usually come between two moments, of which there are at most some days."""
        return sum(self.by_hour[at.hour] * share for at, share in by_hours(begin, end))


@dataclass(frozen=True)
class Breaking:
    """An event that is breaking: since the moment at which the last of these agencies came."""

    event_id: str
    agencies: tuple[str, ...]
    first: datetime
    since: datetime


def breaking(growth: Growth, pace: Pace, limit: float) -> Breaking | None:
    """Whether an event is breaking.

    Args:
        growth: as it is known now.
        pace: of the wire.
        limit: stories, from :func:`learned_limit`.
    """
    for begin, end in zip(growth.firsts, growth.firsts[_FEW - 1 :], strict=False):
        if pace.between(begin[0], end[0]) <= limit:
            agencies = tuple(agency for time, agency in growth.firsts if time <= end[0])
            return Breaking(growth.event_id, agencies, growth.firsts[0][0], end[0])
    return None


def learned_limit(past: Sequence[Growth], pace: Pace, days: float) -> float:
    """Within how many stories a third agency must come.

    Args:
        past: events of the last days that have ended.
        pace: of the wire in these days.
        days: how many they are.
    """
    usual = pace.of_day * _SHARE_OF_DAY
    if days < _LEARNED_DAYS or sum(growth.large for growth in past) < _LEARNED_EVENTS:
        return usual
    small = sorted(_shortest(growth, pace) for growth in past if len(growth.firsts) >= _FEW and not growth.large)
    allowed = int(_FALSE_A_DAY * days)
    # Just below the first that would be one too many; never longer than four times what is usual.
    return min(small[allowed] * 0.999 if len(small) > allowed else 4 * usual, 4 * usual)


def _shortest(growth: Growth, pace: Pace) -> float:
    ends = growth.firsts[_FEW - 1 :]
    return min(pace.between(begin[0], end[0]) for begin, end in zip(growth.firsts, ends, strict=False))
