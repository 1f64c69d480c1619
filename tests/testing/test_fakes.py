"""The fakes keep the promises of what they stand for, as far as a test without servers can rely on them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from connectors.transports.base import Poll, PollContext, Transport
from pipeline.broker.messages import OutgoingMessage
from pipeline.broker.publisher import Publisher
from pipeline.events import Cluster, ConnectorState, EnrichedStory, Enrichment
from pipeline.events.errors import FatalError, UnreachableError
from pipeline.index.handler import Indexer
from pipeline.testing import FakeFetcher, FakeIndexer, FakePublisher


def _message(size: int, topic: str = "wire.raw", key: bytes = b"k") -> OutgoingMessage:
    return OutgoingMessage(topic, key, b"x" * size)


def _aside(message: OutgoingMessage, _error: Exception) -> OutgoingMessage:
    return OutgoingMessage("wire.dead", message.key, b"too large")


def test_the_publisher_keeps_order_and_replaces_what_is_too_large() -> None:
    publisher: Publisher
    publisher = fake = FakePublisher(max_message_bytes=10)
    publisher.publish([_message(3, key=b"1"), _message(11, key=b"2"), _message(10, key=b"3")], _aside)
    assert [(one.topic, one.key) for one in fake.messages] == [
        ("wire.raw", b"1"), ("wire.dead", b"2"), ("wire.raw", b"3"),
    ]  # fmt: skip
    assert [one.key for one in fake.of("raw")] == [b"1", b"3"]


def test_a_replacement_that_is_too_large_is_fatal() -> None:
    with pytest.raises(FatalError):
        FakePublisher(max_message_bytes=10).publish([_message(11)], lambda message, _: message)


def test_the_publisher_that_is_away_keeps_nothing_and_the_lost_answer_everything() -> None:
    fake = FakePublisher()
    fake.reachable = False
    with pytest.raises(UnreachableError):
        fake.publish([_message(1)], _aside)
    assert fake.messages == []
    fake.reachable, fake.lose_answer = True, True
    with pytest.raises(UnreachableError):
        fake.publish([_message(1)], _aside)
    assert len(fake.messages) == 1
    fake.close()
    with pytest.raises(UnreachableError):
        fake.publish([_message(1)], _aside)


def _story(version: int) -> EnrichedStory:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    return EnrichedStory.model_validate(
        {
            "story_id": "a", "version_id": f"a{version}", "version": str(version), "index_version": version, "first_created": now, "version_created": now, "version_rank": version,
            "provider": "p", "item_id": "1", "received": now, "first_seen": now, "origin": {
                "topic": "wire.raw", "partition": 0, "offset": 0}, "content": {"headline": f"Version {version}"},
            "cluster": Cluster(cluster_id="a"), "enrichment": Enrichment(status="done"),
        }
    )  # fmt: skip


def test_the_indexer_keeps_the_newest_version() -> None:
    indexer: Indexer
    indexer = fake = FakeIndexer()
    written = asyncio.run(indexer.write([_story(1), _story(3), _story(2)]))
    assert (written.written, written.stale) == (2, 1)
    assert fake.stories["a"].content.headline == "Version 3"
    fake.refuse.add("a")
    assert set(asyncio.run(fake.write([_story(4)])).rejected) == {0}
    fake.reachable = False
    with pytest.raises(UnreachableError):
        asyncio.run(fake.write([_story(4)]))


def test_the_fetcher_gives_its_answers_in_turn() -> None:
    state = ConnectorState(connector="a")
    context = PollContext(datetime.now(UTC), max_body_bytes=1, timeout_seconds=1, user_agent="test")
    fetcher: Transport
    fetcher = fake = FakeFetcher([b"one", Poll(ConnectorState(connector="?"), error="away", weight=1)])
    (payload,) = fetcher.poll(state, context).payloads
    payload.settle(True)
    assert payload.data == b"one"
    assert fake.settled == [("answer 1", True)]
    for _ in range(2):
        assert fetcher.poll(state, context) == Poll(state, error="away", weight=1)
    assert len(fake.polls) == 3
