"""What a line about an event shows, and the bars of its growth: bounded, whatever the event is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.desk.events import by_language, event_search, spark
from pipeline.index.event_query import candidates
from pipeline.index.event_results import Telling, best_of, growth_of

MINUTE = 60_000
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def telling(story_id: str, first_seen: str, headline: str = "", lead: str = "", language: str = "en") -> Telling:
    return Telling({"story_id": story_id, "provider": "Orbis", "first_seen": first_seen, "headline": headline,
                    "language": language}, lead)  # fmt: skip


@pytest.mark.parametrize(
    ("tellings", "best"),
    [
        ([telling("flash", "1", "FLASH"), telling("full", "2", "Ferry sinks", "x" * 200)], "full"),
        ([telling("later", "2", "B", "x" * 200), telling("first", "1", "A", "x" * 200)], "first"),
        ([telling("flash", "1", "FLASH"), telling("second", "2", "Ferry sinks")], "flash"),
        ([telling("nameless", "1", "", "x" * 200), telling("named", "2", "Ferry sinks")], "named"),
        ([telling("nameless", "1")], "nameless"),
    ],
)
def test_the_earliest_full_telling_with_a_headline_stands_for_the_event(tellings: list[Telling], best: str) -> None:
    assert best_of(tellings).story_id == best


def test_growth_is_a_few_bars_that_count_every_story() -> None:
    assert growth_of([]) == ()
    assert growth_of([{"key": 0, "doc_count": 7}]) == (7,)
    assert growth_of([{"key": 0, "doc_count": 1}, {"key": 30 * MINUTE, "doc_count": 2}]) == (1, 0, 0, 2)
    assert growth_of([{"key": 30 * MINUTE, "doc_count": 2}], (0, 30 * MINUTE)) == (0, 0, 0, 2), "of one agency"
    assert growth_of([{"key": -10 * MINUTE, "doc_count": 1}, {"key": 90 * MINUTE, "doc_count": 1}], (0, 0)) == (2,)
    long = growth_of([{"key": 10 * MINUTE * place, "doc_count": 1} for place in range(2016)])
    assert len(long) == 24
    assert sum(long) == 2016


def test_a_bar_that_counts_something_is_seen() -> None:
    assert spark(()) == spark((0, 0)) == []
    drawn = spark((1000, 0, 1))
    assert [bar.height for bar in drawn] == [20, 0, 2]
    assert all(bar.x + bar.width <= 96 and bar.y >= 0 for bar in drawn)


def test_tellings_are_shown_by_language_the_reader_s_own_first() -> None:
    told = [
        telling("a", "1", language="de-AT"),
        telling("b", "2"),
        telling("c", "3", language="en-GB"),
        telling("d", "4", language="de"),
    ]
    assert [(code, [one.story_id for one in some]) for code, some in by_language(told, "en-US")] == [
        ("", ["b", "c"]), ("de", ["a", "d"])]  # fmt: skip


def test_a_search_for_events_is_of_the_last_day_unless_it_says_otherwise() -> None:
    given, query = event_search([("q", "ferry"), ("sort", "odd"), ("page", "3"), ("evil", "1")], NOW)
    assert (query.sort, query.page, given.address()) == ("largest", 3, "?q=ferry&sort=odd")
    assert query.since == NOW.replace(day=3)
    assert event_search([("since", "4d")], NOW)[1].since == NOW.replace(month=4, day=30)
    (limit,) = [one["range"] for one in candidates(query)["query"]["bool"]["filter"] if "range" in one]
    assert limit == {"received": {"gte": "2026-05-03T12:00:00+00:00"}}
