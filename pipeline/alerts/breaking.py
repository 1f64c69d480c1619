"""When an event is breaking: it grows over independent agencies faster than its like at this hour. Pure.

The clock is between the wire's own and that of the wall: an hour with a quarter of the stories counts half. So half an
hour of a quiet night is shorter than half an hour of a busy morning. What counts is how soon a third agency has a text
of its own, after the first of the three. How soon is soon enough is learned from the last days: so that of events that
stayed with few agencies about one would have been told of in a day. Each event that was told of in the last day and has
stayed with few agencies since makes it stricter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.events.times import by_hours

#: Agencies whose texts are compared in time, and those that make an event large.
_FEW, _MANY = 3, 5
#: Events of few agencies that may be told of in a day.
_FALSE_A_DAY = 1.25
#: Of the limit, after none, one, and more events that were told of in the last day and stayed small.
_STRICTER = (1.0, 0.8, 0.4)
_DAY = timedelta(days=1)
#: How much of the wire's rhythm the clock follows: 0 the wall's, 1 one that only stories move.
_RHYTHM = 0.5
#: Days and large events from which on the limit is learned; before, it is this share of a day's stories.
_LEARNED_DAYS, _LEARNED_EVENTS = 2, 10
_SHARE_OF_DAY = 1 / 48
#: In which share of a day's stories a large event comes to many agencies; one that has not is taken for small.
_SHARE_TO_GROW = 1 / 48


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
    """How long each hour of the day (UTC) is, in stories: all hours together have a usual day's stories.

    An hour is the longer the more stories usually come in it, and none is without length.
    """

    by_hour: tuple[float, ...]

    @classmethod
    def of(cls, counts: Mapping[datetime, int], days: float) -> Pace:
        """From the stories of each hour (by its begin) of so many days."""
        sums = [0.0] * 24
        for hour, count in counts.items():
            sums[hour.astimezone(UTC).hour] += count
        least = max(sum(sums) / days / 24 / 10, 1.0)
        usual = [max(one / days, least) for one in sums]
        lengths = [one**_RHYTHM for one in usual]
        return cls(tuple(length * sum(usual) / sum(lengths) for length in lengths))

    @property
    def of_day(self) -> float:
        return sum(self.by_hour)

    def between(self, begin: datetime, end: datetime) -> float:
        """How long it is between two moments, which are at most some days apart."""
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


def told(growths: Sequence[Growth], pace: Pace, limit: float) -> list[Breaking]:
    """The breaking events of some days, in the order in which they were to be told, each once.

    The limit gets stricter with every event of the last day that was told of and has not grown large since.

    Args:
        growths: of the days' events.
        pace: of the wire.
        limit: stories, from :func:`learned_limit`.
    """
    grow = pace.of_day * _SHARE_TO_GROW
    by_event = {growth.event_id: growth for growth in growths}
    found: dict[str, Breaking] = {}
    for since, shortest, place, event_id in sorted(_thirds(growths, pace, limit)):
        if event_id in found:
            continue
        day = [one for one in found.values() if timedelta(0) <= since - one.since < _DAY]
        small = sum(
            not _large_by(by_event[one.event_id], since) and pace.between(one.since, since) > grow for one in day
        )
        if shortest <= limit * _STRICTER[min(small, len(_STRICTER) - 1)]:
            firsts = by_event[event_id].firsts
            agencies = tuple(agency for _, agency in firsts[: place + 1])
            found[event_id] = Breaking(event_id, agencies, firsts[0][0], since)
    return list(found.values())


def _thirds(growths: Sequence[Growth], pace: Pace, limit: float) -> Iterator[tuple[datetime, float, int, str]]:
    """When a third agency came soon enough: the moment, how long it took, its place, the event."""
    for growth in growths:
        for place, (end, _) in enumerate(growth.firsts[_FEW - 1 :], _FEW - 1):
            length = pace.between(growth.firsts[place - _FEW + 1][0], end)
            if length <= limit:
                yield end, length, place, growth.event_id


def _large_by(growth: Growth, moment: datetime) -> bool:
    return sum(time <= moment for time, _ in growth.firsts) >= _MANY


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
