"""The rules by which a story joins an event, each at its limit: texts whose terms all weigh the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from pipeline.cluster import same_event
from pipeline.cluster.clusterer import language_code
from pipeline.cluster.same_event import Events, with_event
from pipeline.events import Cluster

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ENGLISH = language_code("en")
FERRY, BUDGET = "kelva morun tasik wexal", "bintor calvex dupra yorem"
MATCH, STRIKE = "fendil gostra hulbe zifan", "jarwen lopsi nacur opran"


def placed(*stories: tuple[str, float] | tuple[str, float, str], into: Events | None = None) -> str:
    """The events of (text, hours after noon, language), which have the ids a, b, c, …"""
    grouped = into or Events()
    first = len(grouped.state()["clusters"])
    return "".join(
        grouped.place(chr(ord("a") + at), text, language[0] if language else "en", NOON + timedelta(hours=hours))
        for at, (text, hours, *language) in enumerate(stories, first)
    )


@pytest.fixture
def alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a story that is in all terms like its event, and comes at once, is like it."""
    monkeypatch.setattr(same_event, "_LEAST", 1.0)


@pytest.fixture
def anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any story that has one term in common with an event is like it."""
    monkeypatch.setattr(same_event, "_LEAST", 0.001)


@pytest.mark.usefixtures("alike")
@pytest.mark.parametrize(
    ("hours", "events"),
    [
        ((0, 0), "aa"),
        ((0, -5), "aa"),
        # Likeness fades.
        ((0, 0.001), "ab"),
        # A second story more than makes up for an hour: 2 ** 0.25 is more than 2 ** (1 / 120).
        ((0, 0, 1), "aaa"),
        # … and not for two days less an hour, though four do.
        ((0, 0, 47), "aac"),
        ((0, 0, 0, 0, 47), "aaaaa"),
    ],
)  # fmt: skip
def test_as_alike_as_the_limit_is_enough_and_time_makes_less_alike(hours: tuple[float, ...], events: str) -> None:
    assert placed(*((FERRY, hour) for hour in hours)) == events


@pytest.mark.parametrize(
    ("stories", "events"),
    [
        # 48 hours after the last story an event ends.
        (((FERRY, 0), (FERRY, 48)), "aa"),
        (((FERRY, 0), (FERRY, 48.001)), "ab"),
        (((FERRY, 0), (FERRY, 40), (FERRY, 88)), "aaa"),
        # A story that came late does not make its event older.
        (((FERRY, 0), (FERRY, -30), (FERRY, 40)), "aaa"),
        # 96 hours after the first story nothing joins it any more.
        (((FERRY, 0), (FERRY, 48), (FERRY, 96)), "aaa"),
        (((FERRY, 0), (FERRY, 48), (FERRY, 96.001)), "aac"),
        (((MATCH, 0, "de"), (FERRY, 0, "de"), (FERRY, 1, "en"), (FERRY, 2, "en-GB"), (FERRY, 3, "de"), (FERRY, 4, "fr")), "abccbf"),
        # Withdrawn before they were seen: of no event, and of none with one another.
        (((None, 0), (None, 1), (FERRY, 2)), "abc"),
    ],
)  # fmt: skip
def test_events_end_and_have_one_language(stories: tuple[tuple[str, float], ...], events: str) -> None:
    assert placed(*stories) == events


def test_a_cluster_keeps_its_event_whatever_its_text_becomes() -> None:
    grouped = Events()
    assert placed((FERRY, 0), (FERRY, 0), (BUDGET, 0), into=grouped) == "aac"
    for text in (BUDGET, None):
        assert grouped.place("b", text, "en", NOON) == "a"


def test_what_is_like_two_events_goes_to_the_one_it_is_more_like_is_counted_and_logged() -> None:
    grouped = Events()
    placed((FERRY, 0), (BUDGET, 0), (MATCH, 0), into=grouped)
    with capture_logs() as logs:
        assert placed((f"{MATCH} {BUDGET} {FERRY} hulbe", 0), into=grouped) == "c"
        assert placed((f"{STRIKE} {BUDGET} {FERRY} bintor", 0), into=grouped) == "b"
        assert placed((f"{MATCH} {FERRY}", 0), into=grouped) == "c"
    assert grouped.between == 3
    told = [{key: value for key, value in entry.items() if key != "log_level"} for entry in logs]
    assert told == [
        {"event": "story_between_events", "cluster_id": "d", "event_id": "c", "other_event_id": "a"},
        {"event": "story_between_events", "cluster_id": "e", "event_id": "b", "other_event_id": "a"},
        {"event": "story_between_events", "cluster_id": "f", "event_id": "c", "other_event_id": "a"},
    ]


@pytest.mark.usefixtures("anything")
def test_of_two_events_that_are_as_much_alike_the_older_is_taken() -> None:
    assert placed((FERRY, 0), (BUDGET, 0), (f"{BUDGET} {FERRY}", 0)) == "aba"


@pytest.mark.usefixtures("anything")
@pytest.mark.parametrize(("read", "event"), [(1, "a"), (2, "b"), (3, "b")])
def test_of_the_index_only_so_much_is_read_rarest_first(read: int, event: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By one entry the story is known as one of the first event, by two as one of both."""
    monkeypatch.setattr(same_event, "_READ", read)
    assert placed((f"afric {FERRY}", 0), (BUDGET, 0), (f"afric {BUDGET}", 0))[2] == event


@pytest.mark.usefixtures("anything")
def test_rare_terms_are_read_before_common_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_event, "_READ", 2)
    before = (STRIKE, 0, "de"), (f"afric {FERRY}", 0), (f"afric {BUDGET}", 0, "de"), (f"zuma {MATCH}", 0)
    assert placed(*before, ("afric zuma", 0)) == "abcdd"


@pytest.mark.usefixtures("anything")
@pytest.mark.parametrize(
    ("story", "event"),
    [
        # A name weighs 2.5 times as much as a word: its square more than four words and less than seven.
        ("Quorin bintor calvex dupra fendil", "b"),
        ("Quorin bintor calvex dupra fendil gostra hulbe jarwen", "a"),
        ("bintor Kelva", "b"),
        ("bintor calvex jarwen gostra hulbe", "a"),
    ],
)  # fmt: skip
def test_the_events_that_share_the_weightiest_terms_are_compared(
    story: str, event: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(same_event, "_COMPARED", 1)
    assert (
        placed(("bintor calvex dupra fendil gostra hulbe jarwen", 0), ("Quorin Kelva Tasik", 0), (story, 0))[2] == event
    )


@pytest.mark.usefixtures("anything")
@pytest.mark.parametrize(("most", "events"), [(3, "aba"), (2, "abc"), (1, "abc")])
def test_when_there_are_too_many_the_one_without_news_for_longest_ends(
    most: int, events: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(same_event, "_MOST_EVENTS", most)
    assert placed((FERRY, 0), (BUDGET, 0), (FERRY, 0)) == events


def test_clusters_are_forgotten_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_event, "_MOST_CLUSTERS", 3)
    grouped = Events()
    placed((FERRY, 0), (FERRY, 0), (FERRY, 0), into=grouped)
    assert [name for name, _ in grouped.state()["clusters"]] == ["a", "b", "c"]
    grouped.place("d", BUDGET, "en", NOON)
    assert [name for name, _ in grouped.state()["clusters"]] == ["b", "c", "d"]


def test_an_event_keeps_its_weightiest_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_event, "_EVENT_TERMS", 2)
    monkeypatch.setattr(same_event, "_MOST_EVENT_TERMS", 4)
    grouped = Events()
    placed(("bintor calvex Kelva Morun", 0), ("dupra bintor fendil Kelva Morun", 0, "de"), into=grouped)
    placed(("calvex dupra", 0), ("gostra calvex zuma zuma lopsi zuma wexal wexal", 0), into=grouped)
    kept = [set(terms) for *_, terms in grouped.state()["events"]]
    assert kept == [{"bintor", "calvex", "^kelva", "^morun"}, {"calvex", "dupra"}, {"zuma", "wexal"}]


@pytest.mark.usefixtures("anything")
def test_what_was_cut_or_ended_leaves_nothing_in_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_event, "_EVENT_TERMS", 2)
    monkeypatch.setattr(same_event, "_MOST_EVENT_TERMS", 4)
    grouped = Events()
    before = (STRIKE, 0, "de"), ("bintor calvex dupra Kelva Morun", 0), ("Kelva fendil gostra hulbe", 20, "de")
    assert placed(*before, into=grouped) == "abc"
    # The second story's event has ended; the name that it had in common with the third leads to that one only.
    assert placed(("calvex lopsi", 49, "de"), ("Kelva nacur", 50, "de"), into=grouped) == "dc"
    grouped.place("z", None, "en", NOON + timedelta(days=9))
    assert not grouped._by_term
    assert not grouped.state()["events"]


def test_what_is_stored_of_an_event_and_read_back() -> None:
    grouped = Events()
    placed((FERRY, 0), (FERRY, 1), (BUDGET, 2), (MATCH, 0.5), (f"{MATCH} {BUDGET}", 3), into=grouped)
    state = json.loads(json.dumps(grouped.state()))
    noon = NOON.timestamp()
    assert state["events"][0] == [
        0, "a", ENGLISH, noon, noon + 3600, 2, pytest.approx(dict.fromkeys(FERRY.split(), 1.0)),
    ]  # fmt: skip
    assert [[number, event, stories] for number, event, _, _, _, stories, _ in state["events"]] == [
        [0, "a", 2], [2, "d", 1], [1, "c", 2],
    ]  # fmt: skip
    assert state["clusters"] == [["a", "a"], ["b", "a"], ["c", "c"], ["d", "d"], ["e", "c"]]
    restored = Events()
    restored.restore(state)
    assert json.loads(json.dumps(restored.state())) == state
    # Known by its terms, its cluster, the sentences and the frequencies; new events have new numbers.
    after = (FERRY, 4), (STRIKE, 5), (STRIKE, 6), (f"{MATCH} {BUDGET}", 7), (MATCH, 8, "de")
    assert placed(*after, into=restored) == placed(*after, into=grouped)
    assert restored.place("b", MATCH, "en", NOON) == "a"
    assert json.loads(json.dumps(restored.state())) == json.loads(json.dumps(grouped.state()))


def test_a_cluster_gets_its_event_where_events_are_grouped() -> None:
    cluster, grouped = Cluster(cluster_id="x", duplicate_of="y"), Events()
    assert with_event(None, cluster, FERRY, "en", NOON) is cluster
    assert with_event(grouped, cluster, FERRY, "en", NOON) == cluster.model_copy(update={"event_id": "x"})
    for name, language, event in (("y", "en", "x"), ("z", "de", "z")):
        found = with_event(grouped, Cluster(cluster_id=name), FERRY, language, NOON)
        assert found == Cluster(cluster_id=name, event_id=event)
