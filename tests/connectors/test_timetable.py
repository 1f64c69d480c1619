"""Which connector is polled next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.timetable import Timetable

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def taken(timetable: Timetable, now: datetime = NOW) -> list[str]:
    found = []
    while (name := timetable.take(now)) is not None:
        found.append(name)
    return found


def test_the_longest_waiting_comes_first_and_what_is_not_due_not_at_all() -> None:
    timetable = Timetable(2)
    for name, seconds in (("late", -1), ("later", -2), ("future", 5), ("never", None)):
        timetable.add(name, None if seconds is None else NOW + timedelta(seconds=seconds))
    assert timetable.next_time == NOW - timedelta(seconds=2)
    assert taken(timetable) == ["later", "late"]
    assert timetable.next_time == NOW + timedelta(seconds=5)
    assert taken(timetable, NOW + timedelta(seconds=5)) == ["future"]


def test_without_room_a_connector_keeps_its_place() -> None:
    timetable = Timetable(2)
    for number, name in enumerate("abc"):
        timetable.add(name, NOW - timedelta(seconds=9 - number))
    assert timetable.take(NOW) == "a"
    timetable.give_back("a")
    assert timetable.has_due
    assert taken(timetable) == ["a", "b", "c"]
    assert not timetable.has_due


@given(st.integers(1, 3), st.lists(st.sampled_from(["one", "two", None]), max_size=30))
def test_every_connector_has_its_turn_and_no_host_too_many(most: int, hosts: list[str | None]) -> None:
    timetable = Timetable(most)
    by_name = {f"c{number}": host for number, host in enumerate(hosts)}
    for name in by_name:
        timetable.add(name, NOW)
    busy: list[str] = []
    polled: list[str] = []
    for _ in range(len(hosts) + 1):
        timetable.release()
        while (name := timetable.take(NOW)) is not None:
            if timetable.enter(name, by_name[name]):
                busy.append(name)
        for host in ("one", "two"):
            assert sum(by_name[name] == host for name in busy) <= most
        if busy:
            ended = busy.pop(0)
            polled.append(ended)
            timetable.leave(by_name[ended])
    assert sorted([*polled, *busy]) == sorted(by_name)
