"""A feed that goes quiet is noticed by its own habits; one that is as usual is left alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.usual_rate import expected_items, is_quiet, items_of_day, missed_items, observe
from pipeline.events import UsualRate

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
MINUTES = timedelta(minutes=15)
GAP = timedelta(hours=6)

Feed = Callable[[datetime, random.Random], int]


def poisson(mean: float, chance: random.Random) -> int:
    """Knuth's way; means are small here."""
    count, product = 0, chance.random()
    while product > 2.718281828**-mean:
        product *= chance.random()
        count += 1
    return count


def agency(at: datetime, chance: random.Random) -> int:
    """Eight items an hour by day, one by night."""
    return poisson((8 if 6 <= at.hour < 22 else 1) / 4, chance)


def ministry(at: datetime, chance: random.Random) -> int:
    """Office hours on weekdays only."""
    return poisson(1.5 / 4, chance) if at.weekday() < 5 and 8 <= at.hour < 17 else 0


def bursts(at: datetime, chance: random.Random) -> int:
    """Twelve items at once, about once a day, at any time."""
    return 12 if chance.random() < 1 / 96 else 0


def court(at: datetime, chance: random.Random) -> int:
    """A batch on Thursdays at ten."""
    return 20 if (at.weekday(), at.hour, at.minute) == (3, 10, 0) else 0


def watched(feed: Feed, weeks: float, seed: int) -> tuple[UsualRate, datetime, int]:
    """What is known after some weeks; when they end; false alarms in their second half."""
    chance, rate, at, alarms = random.Random(seed), UsualRate(), START, 0
    end = START + timedelta(weeks=weeks)
    was_quiet = False
    while at < end:
        at += MINUTES
        rate = observe(rate, at, feed(at, chance), longest_gap=GAP)
        quiet = is_quiet(rate)
        alarms += quiet and not was_quiet and at > START + timedelta(weeks=weeks) / 2
        was_quiet = quiet
    return rate, end, alarms


@pytest.mark.parametrize("feed", [agency, ministry, court])
def test_no_false_alarms_on_feeds_with_a_week(feed: Feed) -> None:
    assert sum(watched(feed, 6, seed)[2] for seed in range(3)) <= 1


def test_bursts_at_any_time_give_at_most_two_false_alarms_a_month() -> None:
    assert max(watched(bursts, 8, seed)[2] for seed in range(4)) <= 2


@pytest.mark.parametrize(
    ("feed", "stops", "told_by"),
    [
        (agency, timedelta(hours=10), timedelta(hours=13)),  # Monday morning: within three hours
        (agency, timedelta(hours=0), timedelta(hours=9)),  # midnight: in the morning
        (ministry, timedelta(days=4, hours=17), timedelta(days=8)),  # Friday evening: not at the week-end
        (court, timedelta(days=3, hours=9), timedelta(days=3, hours=13)),  # the Thursday batch does not come
    ],
)
def test_silence_is_told_when_something_was_to_be_expected(feed: Feed, stops: timedelta, told_by: timedelta) -> None:
    rate, end, _ = watched(feed, 6, 7)
    chance, at = random.Random(8), end
    while at < end + stops:
        at += MINUTES
        rate = observe(rate, at, feed(at, chance), longest_gap=GAP)
    while not is_quiet(rate):
        at += MINUTES
        rate = observe(rate, at, 0, longest_gap=GAP)
        assert at <= end + told_by
    if feed is ministry:
        assert at.weekday() < 5


def test_it_says_nothing_before_it_has_learnt() -> None:
    rate, end, _ = watched(agency, 2 / 7, 1)
    silent = observe(rate, end + timedelta(hours=5), 0, longest_gap=GAP)
    assert missed_items(silent) is None
    assert not is_quiet(silent)


def test_a_process_that_was_down_teaches_nothing() -> None:
    rate, end, _ = watched(agency, 2, 3)
    back = observe(rate, end + timedelta(days=2), 500, longest_gap=GAP)
    assert (back.hours, back.items) == (rate.hours, rate.items)
    assert not is_quiet(back)


def test_the_items_of_the_last_day_are_counted_beside_the_usual_ones() -> None:
    rate = UsualRate(hours=(4.0,) * 168, items=(8.0,) * 168)
    for hour in range(30):
        rate = observe(rate, START + timedelta(hours=hour, minutes=30), 2, longest_gap=GAP)
    items, usual = items_of_day(rate, START + timedelta(hours=29, minutes=30))
    assert items == 48  # of this hour and the 23 before it
    assert usual == pytest.approx(2 * 23.5, rel=0.01)
    assert items_of_day(rate, START + timedelta(hours=34, minutes=30))[0] == 38
    assert items_of_day(rate, START + timedelta(days=9))[0] == 0
    # After days in which nobody looked, old hours are not taken for those of today.
    assert items_of_day(observe(rate, START + timedelta(days=5), 3, longest_gap=GAP), START + timedelta(days=5))[0] == 3


@given(st.integers(0, 60 * 24 * 30), st.integers(0, 60 * 24 * 30))
def test_expectation_adds_up(first: int, second: int) -> None:
    rate = UsualRate(hours=(1.0,) * 168, items=tuple(float(slot % 5) for slot in range(168)))
    middle, end = START + timedelta(minutes=first), START + timedelta(minutes=first + second)
    parts = [expected_items(rate, START, middle), expected_items(rate, middle, end)]
    assert sum(part or 0.0 for part in parts) == pytest.approx(expected_items(rate, START, end), abs=1e-6)
