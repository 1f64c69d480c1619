"""A story that is killed, withheld or embargoed is withdrawn at once, its versions after it, and whatever happens between
is finished later: a worker that dies at any request, two workers in any order, a worker that goes on late. Without a server.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.events import Content, EnrichedStory, Enrichment, VersionEntry, VersionText
from pipeline.index.writer import Writer
from pipeline.settings import ElasticsearchSettings, IndexSettings
from tests.index.fake_elasticsearch import FakeElasticsearch
from tests.index.site import story
from tests.index.test_schedules import Workers

UNTIL = datetime(2100, 1, 1, tzinfo=UTC)
MOST_REQUESTS = 12


def event(number: int, *versions: str, **more: Any) -> EnrichedStory:
    """The story after its change of this number, with these versions."""
    entries = tuple(VersionEntry(id=id_, kind="update" if at else "new") for at, id_ in enumerate(versions))
    fields = {"index_version": 1000 + number, "versions": entries, "history": (), "enrichment": Enrichment()}
    return story(1, 1, **(fields | more))


def killed(number: int, *versions: str, **more: Any) -> EnrichedStory:
    return event(number, *versions, killed=True, pubstatus="canceled", **more)


def embargoed(number: int, *versions: str) -> EnrichedStory:
    return event(number, *versions, content=Content(headline="Ferry", embargoed=UNTIL))


def advance(running: Coroutine[Any, Any, Any], requests: int = 1_000_000) -> None:
    """Let a worker do so many requests; one that has ended stays so."""
    if inspect.getcoroutinestate(running) != inspect.CORO_CLOSED:
        with suppress(StopIteration):
            for _ in range(requests):
                running.send(None)


def writing(server: FakeElasticsearch, one: EnrichedStory) -> Coroutine[Any, Any, Any]:
    return Writer(server, ElasticsearchSettings(), IndexSettings()).write([one])  # type: ignore[arg-type]


def write(server: FakeElasticsearch, *events: EnrichedStory, requests: int = 1_000_000) -> None:
    """Write events one after the other; the worker of the last one dies after so many requests."""
    *before, last = [writing(server, one) for one in events]
    for running in before:
        advance(running)
    advance(last, requests + 1)
    last.close()


def write_text(server: FakeElasticsearch, version_id: str) -> None:
    text = VersionText(story_id="orb-1", provider="Orbis", version_id=version_id, version_rank=1,
                       received=datetime(2026, 5, 4, tzinfo=UTC), body="The ferry.")  # fmt: skip
    advance(Writer(server, ElasticsearchSettings(), IndexSettings()).write_texts([text]))  # type: ignore[arg-type]


def shown(server: FakeElasticsearch) -> set[str]:
    """The versions that readers see: as the filter of the public alias."""
    return {
        id_.removeprefix("orb-1:")
        for (index, id_), stored in server.documents.items()
        if index == "stories-history"
        and not any(stored.source.get(flag) for flag in ("killed", "withheld", "embargoed"))
    }


def story_in(server: FakeElasticsearch) -> dict[str, Any]:
    return server.documents["stories", "orb-1"].source


@pytest.mark.parametrize("withdrawn", [killed, embargoed])
@pytest.mark.parametrize("count", [3, 900])
def test_the_story_is_withdrawn_after_the_same_requests_however_many_versions_it_has(
    count: int, withdrawn: Any
) -> None:
    names = [f"v{n}" for n in range(count)]
    server = FakeElasticsearch()
    write(server, event(1, *names))
    assert len(shown(server)) == count
    write(server, withdrawn(2, *names), requests=4)
    assert story_in(server)["index_version"] == 1002
    assert len(shown(server)) == count, "its versions follow"
    write(server, withdrawn(2, *names))
    assert shown(server) == set()


@pytest.mark.parametrize("cut", range(MOST_REQUESTS))
@pytest.mark.parametrize(
    "later",
    [
        killed(2, "v1", "v4", versions_dropped=2),
        killed(3, "v1", "v4", "v5", versions_dropped=2),
        killed(3, "v1", "v5", versions_dropped=3),
    ],
    ids=["the same again", "a newer version", "a newer version, one more is forgotten"],
)
def test_a_worker_that_dies_at_any_request_of_a_kill_leaves_it_to_the_next_write(
    cut: int, later: EnrichedStory
) -> None:
    server = FakeElasticsearch()
    write(server, event(1, "v1", "v2", "v3"), killed(2, "v1", "v4", versions_dropped=2), requests=cut)
    write(server, later)
    assert shown(server) == set()
    assert story_in(server)["killed"]
    assert len(story_in(server)["versions"]["items"]) == len(later.versions), "nothing is left to correct"


@pytest.mark.parametrize("cut", range(MOST_REQUESTS))
def test_a_worker_that_dies_while_it_lifts_an_embargo_shows_nothing_of_the_next_embargo(cut: int) -> None:
    server = FakeElasticsearch()
    write(server, embargoed(1, "v1", "v2"), event(2, "v1", "v2", "v3"), requests=cut)
    write(server, embargoed(3, "v1", "v2", "v3", "v4"))
    assert shown(server) == set()


@pytest.mark.parametrize("cut", range(MOST_REQUESTS))
def test_a_worker_that_dies_while_it_embargoes_hides_nothing_of_the_release(cut: int) -> None:
    server = FakeElasticsearch()
    write(server, event(1, "v1", "v2"), embargoed(2, "v1", "v2", "v3"), requests=cut)
    write(server, event(3, "v1", "v2", "v3", "v4"))
    assert shown(server) == {"v1", "v2", "v3", "v4"}


@pytest.mark.parametrize("cut", range(MOST_REQUESTS))
def test_a_kill_reaches_versions_of_a_story_that_was_never_written(cut: int) -> None:
    """The worker died before the story; the topic keeps only the kill, which no longer names all versions."""
    server = FakeElasticsearch()
    write(server, event(1, "v1", "v2", "v3"), requests=cut)
    write(server, killed(9, "v1", "v4", versions_dropped=2))
    assert shown(server) == set()


def test_a_kill_reaches_what_is_no_version_any_more() -> None:
    server = FakeElasticsearch()
    write(server, event(1, "v1", "v2", "v3"), killed(3, "v1", "v3", "v4"))
    assert shown(server) == set()


def test_what_is_no_version_any_more_is_not_shown_when_an_embargo_is_lifted() -> None:
    server = FakeElasticsearch()
    write(server, embargoed(1, "v1", "v2", "v3"), event(3, "v1", "v3", "v4"))
    assert shown(server) == {"v1", "v3", "v4"}


@pytest.mark.parametrize("cut", range(MOST_REQUESTS))
def test_a_worker_that_goes_on_after_the_kill_shows_no_version_that_was_forgotten_meanwhile(cut: int) -> None:
    server = FakeElasticsearch()
    write(server, event(1, "v1"))
    write_text(server, "v2")
    late = writing(server, event(2, "v1", "v2"))
    advance(late, cut + 1)
    write(server, killed(60, "v1", "v59", versions_dropped=57))
    advance(late)
    assert shown(server) == set()


class Versions(Workers):
    """Workers whose stories have versions: in the end all versions are as the newest event says."""

    def step(self, number: int, *, lose_answer: bool = False) -> None:
        self.server.lose_answer = lose_answer
        self._resume(number)
        self.server.lose_answer = False

    def check_end(self) -> None:
        newest = max(self.events, key=lambda one: one.index_version)
        found = story_in(self.server)
        assert found["index_version"] == newest.index_version
        assert len(found["versions"]["items"]) == len(newest.versions)
        hidden = newest.killed or newest.content.embargoed
        assert shown(self.server) == (set() if hidden else {entry.id for entry in newest.versions})


ORDERS = {
    "update, kill": [event(2, "v1", "v2"), killed(3, "v1", "v2", "v3")],
    "kill, a version after it": [killed(2, "v1", "v2"), killed(3, "v1", "v2", "v3")],
    "embargo, release": [embargoed(2, "v1", "v2"), event(3, "v1", "v2", "v3")],
    "release, embargo": [event(2, "v1", "v2"), embargoed(3, "v1", "v2", "v3")],
    "the same kill twice": [killed(2, "v1", "v2"), killed(2, "v1", "v2")],
}


@pytest.mark.parametrize("before", [event(1, "v1"), embargoed(1, "v1")], ids=["shown", "embargoed"])
@pytest.mark.parametrize("events", ORDERS.values(), ids=ORDERS)
def test_many_orders_of_the_requests_of_two_workers(events: Sequence[EnrichedStory], before: EnrichedStory) -> None:
    for seed in range(150):
        chance = random.Random(seed)
        server = FakeElasticsearch()
        write(server, before)
        workers = Versions(events, server)
        # From now on one worker does most of it, as if the other were suspended.
        share, lost = chance.choice([0.5, 0.9, 0.1]), chance.choice([0.0, 0.2])
        while busy := workers.busy:
            number = busy[0] if chance.random() < share else busy[-1]
            workers.step(number, lose_answer=chance.random() < lost)
        workers.check_end()
