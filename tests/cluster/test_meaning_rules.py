"""When a story joins an event in another language, each rule at its limit: vectors of meaning at given angles."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from math import cos, radians, sin

import numpy as np
import pytest
from structlog.testing import capture_logs

from pipeline.cluster import same_event
from pipeline.cluster.across_languages import LEAST_MEANING, agreement
from pipeline.cluster.same_event import Events, with_event
from pipeline.events import Cluster
from pipeline.meaning.vectors import DIMENSIONS, quantised, to_text

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def at(degrees: float) -> str:
    """A vector of meaning; the angle between two says how alike they are."""
    vector = np.zeros(DIMENSIONS)
    vector[:2] = cos(radians(degrees)), sin(radians(degrees))
    return to_text(quantised(vector))


def placed(*stories: tuple[str, float, float], into: Events | None = None) -> str:
    """The events of (language, degrees, hours after noon), a, b, c, …; no two have a word in common."""
    grouped = into or Events()
    for language in ("de", "fr", "it"):
        grouped.place(f"first-{language}", "der la una", language, NOON)
    first = len(grouped.state()["clusters"]) - 3
    return "".join(
        grouped.place(
            chr(97 + n), f"{chr(97 + n) * 4} {chr(97 + n) * 5}", language, NOON + timedelta(hours=hours), at(degrees)
        )
        for n, (language, degrees, hours) in enumerate(stories, first)
    )


@pytest.mark.parametrize(
    ("stories", "events"),
    [
        # From a cosine of 0.65 on, which is that of 49.5 degrees.
        ((("de", 0, 0), ("en", 49, 0)), "aa"),
        ((("de", 0, 0), ("en", 50, 0)), "ab"),
        # It fades: 0.5 ** (40 / 120) is 0.79.
        ((("de", 0, 0), ("en", 30, 40)), "aa"),
        ((("de", 0, 0), ("en", 40, 40)), "ab"),
        # An event in the story's own language has no vote, …
        ((("en", 0, 0), ("de", 60, 0), ("en", 20, 0)), "abb"),
        # … however many there are before the one that has.
        ((("en", 0, 0), ("en", 1, 0), ("en", 2, 0), ("fr", 60, 0), ("en", 20, 0)), "abcdd"),
        # Each language of an event votes for it.
        ((("de", 0, 0), ("fr", 40, 0), ("en", 80, 0)), "aaa"),
    ],
)  # fmt: skip
def test_what_says_the_same_is_one_event(stories: tuple[tuple[str, float, float], ...], events: str) -> None:
    assert placed(*stories) == events


@pytest.mark.parametrize(("hours", "event"), [(96, "a"), (96.001, "d")])
def test_96_hours_after_its_first_story_an_event_ends_in_all_languages(hours: float, event: str) -> None:
    grouped = Events()
    assert placed(("de", 0, 0), into=grouped) == "a"
    for name, later in (("b", 48), ("c", 60)):
        assert grouped.place(name, "aaaa aaaaa", "de", NOON + timedelta(hours=later)) == "a"
    assert grouped.place("d", "dddd ddddd", "en", NOON + timedelta(hours=hours), at(0)) == event


def test_as_much_as_the_limit_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_event, "LEAST", 1.0)
    assert placed(("de", 0, 0), ("en", 0, 0)) == "aa"


def test_the_event_that_says_it_best_in_any_language_is_taken_counted_and_logged() -> None:
    """The second event's French story is less like the new one than the first event is, its German one more."""
    grouped = Events()
    assert placed(("it", -50, 0), ("de", 0, 0), ("fr", 45, 0), into=grouped) == "abb"
    with capture_logs() as logs:
        assert placed(("en", -3, 0), ("en", -3, 0), into=grouped) == "bb"
    assert grouped.between == 2
    assert logs == [
        {"event": "story_between_events", "log_level": "debug", "cluster_id": name, "event_id": "b", "other_event_id": "a"}
        for name in "de"
    ]  # fmt: skip


def test_vectors_are_stored_with_their_events() -> None:
    grouped, restored = Events(), Events()
    placed(("de", 0, 0), ("en", 0, 0), ("fr", 90, 0), into=grouped)
    state = json.loads(json.dumps(grouped.state()))
    assert state["meanings"] == [[0, 1, at(0)], [1, 1, at(0)], [2, 1, at(90)]]
    restored.restore(state)
    assert json.loads(json.dumps(restored.state())) == state
    assert placed(("it", 80, 0), into=restored) == "c"


@pytest.mark.parametrize(
    ("cosine", "one", "other", "expected"),
    [
        (0.5, {"^aurora": 1.0}, {"^aurora": 1.0}, 1.0),
        (0.5, {"^aurora": 2.0}, {"^aurora": 3.0}, 1.0),
        (0.5, {"7": 1.0}, {"7": 1.0}, 1.0),
        (0.5, {"aurora": 1.0, "a1": 1.0}, {"aurora": 1.0, "a1": 1.0}, 0.5),
        (0.5, {"^aurora": 3.0, "7": 4.0}, {"^aurora": 1.0}, 0.8),
        (LEAST_MEANING, {"^aurora": 1.0}, {"^aurora": 1.0}, 0.95),
        (0.44, {"^aurora": 1.0}, {"^aurora": 1.0}, 0.0),
        (0.5, {}, {"^aurora": 1.0}, 0.5),
    ],
)  # fmt: skip
def test_half_of_the_names_and_numbers_counts(
    cosine: float, one: dict[str, float], other: dict[str, float], expected: float
) -> None:
    assert agreement(cosine, one, other) == pytest.approx(expected)


def test_a_cluster_gets_the_event_that_says_the_same() -> None:
    grouped = Events()
    placed(("de", 0, 0), into=grouped)
    for name, degrees, event in (("x", 10, "a"), ("y", 90, "y")):
        cluster = with_event(grouped, Cluster(cluster_id=name), f"{name * 4} {name * 5}", "en", NOON, at(degrees))
        assert cluster.event_id == event
