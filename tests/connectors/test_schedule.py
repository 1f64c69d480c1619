"""When to look next."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connectors.schedule import MAX_WAIT_SECONDS, PollFacts, interval_after, next_wait

seconds = st.floats(0.2, 1e6)


@given(seconds, st.none() | seconds, st.integers(0, 50), st.integers(0, 50), st.floats(0, 40))
def test_the_interval_stays_near_the_configured_one(
    interval: float, previous: float | None, items: int, new: int, failures: float
) -> None:
    facts = PollFacts(interval, previous, failures, items=items, new_items=min(new, items))
    assert interval / 4 <= interval_after(facts) <= interval * 4


@given(seconds, st.floats(0, 1e6), st.floats(0, 40), st.floats(0, 0.99))
def test_never_sooner_than_the_server_wishes_nor_later_than_a_day(
    interval: float, server: float, failures: float, chance: float
) -> None:
    facts = PollFacts(interval, server_seconds=server, failures=failures)
    wait = next_wait(facts, interval, chance)
    assert min(server, MAX_WAIT_SECONDS) <= wait <= MAX_WAIT_SECONDS * 1.1


def test_what_is_not_adaptive_keeps_its_interval() -> None:
    assert interval_after(PollFacts(60, previous_seconds=200, items=10, new_items=10, adaptive=False)) == 60


def test_many_new_items_shorten_and_none_lengthen_the_interval() -> None:
    assert interval_after(PollFacts(60, items=10, new_items=10)) == 40
    assert interval_after(PollFacts(60, items=10, new_items=3)) == 60
    assert interval_after(PollFacts(60, items=10, new_items=5)) == 60
    assert interval_after(PollFacts(60, items=0)) == 66, "nothing has changed"
    assert interval_after(PollFacts(60, items=10, new_items=0)) == 66
    assert interval_after(PollFacts(60, 40, failures=1, items=0)) == 40


def test_failures_slow_down_and_at_last_leave_alone() -> None:
    waits = [next_wait(PollFacts(60, failures=count), 60, 0) for count in (0, 0.25, 1, 5, 30)]
    assert waits == [60, 75, 120, 360, MAX_WAIT_SECONDS]


def test_a_feed_that_takes_long_to_parse_is_polled_less_often() -> None:
    def wait(**facts: float) -> float:
        return round(next_wait(PollFacts(2, jitter=0, **facts), 2, 0), 3)  # type: ignore[arg-type]

    assert wait(parse_seconds=0.01) == 2
    assert wait(parse_seconds=3) == 30
    assert wait(parse_seconds=3, server_seconds=100) == 100
