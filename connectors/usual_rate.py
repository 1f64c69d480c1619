"""How often a feed usually brings something new, by hour of the week, and whether it has gone quiet. Pure.

Each hour of the week (UTC, Monday 0:00 first) has a rate, learnt as items over hours of observation, the last weeks
weighing most. Items are taken as a Poisson process whose rate follows that week: after a time in which ``m`` items were
to be expected, none comes with probability ``exp(-m)``. Feeds that publish in bursts are not of that kind, so the
longest waits of the feed itself raise the limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pipeline.events import UsualRate
from pipeline.events.times import by_hours

_SLOTS = 168
_HOUR = timedelta(hours=1)
#: Observation that a slot remembers: the last four weeks weigh as much as everything before them.
_MOST_HOURS = 4.0
#: Every slot is drawn to the feed's mean as if that had been seen for so many hours.
_PRIOR_HOURS = 0.5
#: Nothing is said of a feed that was watched for less.
LEARNT_HOURS = 72.0
#: No item where so many were to be expected: six chances in a million for each wait, of which a busy feed has hundreds
#: a day.
QUIET_ITEMS = 12.0
#: A feed may be silent for so many times its longest usual silence.
_BURST_FACTOR = 1.2
_FORGET = 0.99


def observe(rate: UsualRate, now: datetime, new_items: int, *, longest_gap: timedelta) -> UsualRate:
    """What is known after one more look.

    Args:
        rate: as known before.
        now: of the look.
        new_items: that it brought.
        longest_gap: looks further apart tell nothing of the time between them (the process was down): what they bring
            may be the backlog of days.
    """
    day = _last_day(rate, now)
    day[now.astimezone(UTC).hour] += new_items
    if rate.observed is None or not timedelta(0) < now - rate.observed <= longest_gap:
        last = now if new_items else rate.last_item
        return rate.model_copy(update={"observed": now, "last_item": last, "day": tuple(day)})
    hours, items = list(rate.hours or [0.0] * _SLOTS), list(rate.items or [0.0] * _SLOTS)
    gap = (now - rate.observed) / _HOUR
    for slot, share in _spans(rate.observed, now):
        hours[slot] += share
        items[slot] += new_items * share / gap
        if hours[slot] > _MOST_HOURS:
            shrink = _MOST_HOURS / hours[slot]
            hours[slot] *= shrink
            items[slot] *= shrink
    silence = rate.silence
    if new_items and rate.last_item is not None:
        silence = max(silence * _FORGET, expected_items(rate, rate.last_item, rate.observed) or 0.0)
    return UsualRate(
        hours=tuple(round(value, 3) for value in hours),
        items=tuple(round(value, 3) for value in items),
        observed=now,
        last_item=now if new_items else rate.last_item,
        silence=round(silence, 3),
        day=tuple(day),
    )


def items_of_day(rate: UsualRate, now: datetime) -> tuple[int, float | None]:
    """The new items of this hour and the 23 before it, and how many usually come in that time, where known."""
    since = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - 23 * _HOUR
    return sum(_last_day(rate, now)), expected_items(rate, since, now)


def expected_items(rate: UsualRate, since: datetime, until: datetime) -> float | None:
    """How many new items usually come between two moments; ``None`` while too little is known."""
    total = sum(rate.hours)
    if total < min(LEARNT_HOURS, _MOST_HOURS * _SLOTS):
        return None
    mean = sum(rate.items) / total
    # More than a week is a number of whole weeks and a rest.
    weeks, rest = divmod((until - since) / _HOUR, _SLOTS)
    expected = weeks * sum(_slot_rate(rate, slot, mean) for slot in range(_SLOTS)) if weeks > 0 else 0.0
    return expected + sum(
        share * _slot_rate(rate, slot, mean) for slot, share in _spans(until - timedelta(hours=max(rest, 0.0)), until)
    )


def missed_items(rate: UsualRate) -> float | None:
    """How many items were to be expected from the last one to the last look; ``None`` while too little is known."""
    return expected_items(rate, rate.last_item, rate.observed) if rate.last_item and rate.observed else None


def is_quiet(rate: UsualRate) -> bool:
    """Whether the feed has been silent longer than chance and its own habits explain."""
    missed = missed_items(rate)
    return missed is not None and missed >= max(QUIET_ITEMS, _BURST_FACTOR * rate.silence)


def _last_day(rate: UsualRate, now: datetime) -> list[int]:
    """The new items of each hour of the day, for the last 24 hours only: what is older counts as none."""
    day = list(rate.day or [0] * 24)
    if rate.observed is not None:
        hour, last = (int(at.timestamp() // 3600) for at in (rate.observed, now))
        for passed in range(max(hour + 1, last - 23), last + 1):
            day[passed % 24] = 0
    return day


def _slot_rate(rate: UsualRate, slot: int, mean: float) -> float:
    return (rate.items[slot] + _PRIOR_HOURS * mean) / (rate.hours[slot] + _PRIOR_HOURS)


def _spans(since: datetime, until: datetime) -> Iterator[tuple[int, float]]:
    """The slots between two moments, each with the hours that lie in it."""
    for at, share in by_hours(since, until):
        yield at.weekday() * 24 + at.hour, share
