"""The stage's memory is the topic's window, on a real broker: read back, it gives the same verdicts and sends nothing."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from pipeline.broker.delivery import Done, Outcome
from pipeline.broker.messages import Delivery
from pipeline.broker.topics import topics_of
from pipeline.broker.topics_admin import ensure_topics
from pipeline.cluster.handler import ClusterHandler
from pipeline.events import ClusteredStory, Content, MessageRef, StoryVersion
from pipeline.events.errors import RejectError
from pipeline.events.item import Reference
from pipeline.settings import ClusterSettings, KafkaSettings, Settings

pytestmark = pytest.mark.stack

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
COUNT = 120


def versions(seed: int) -> list[bytes]:
    """What intake sends: stories, copies, updates, kills, notices, something that cannot be read, some of it twice."""
    chance = random.Random(seed)
    texts: list[str] = []
    sent: list[bytes] = []
    for number in range(COUNT):
        kind = chance.choice(("new", "copy", "copy", "update", "kill", "notice", "bad", "twice"))
        if kind == "twice" and sent:
            sent.append(chance.choice(sent[-5:]))
            continue
        if kind == "bad":
            sent.append(b"{not a story")
            continue
        name = str(chance.randrange(number)) if kind in {"update", "kill"} and number else str(number)
        body = " ".join(f"w{chance.randrange(3000)}" for _ in range(60))
        if kind == "copy" and texts:
            body = chance.choice(texts)
        texts.append(body)
        refers = (Reference(slugline=f"SLUG-{chance.randrange(number)}"),) if kind == "notice" and number else ()
        killed = kind in {"kill", "notice"}
        story = StoryVersion(
            story_id=f"orbis-{name}", provider="Orbis", item_id=name, index_version=number + 1, version_rank=number,
            update_count=int(kind in {"update", "kill"}), killed=killed, pubstatus="canceled" if killed else "usable",
            first_seen=NOON, first_created=NOON, version_created=NOON, received=NOON + timedelta(minutes=number),
            content=Content(headline=f"Headline {name}", slugline=f"SLUG-{name}", body="" if killed else body, language="en"),
            refers=refers,
        )  # fmt: skip
        sent.append(story.encode())
    return sent


class Stage:
    """The handler as the guard calls it, over a topic of its own."""

    def __init__(self, bootstrap: str, messages: Sequence[bytes]) -> None:
        name = f"c{uuid.uuid4().hex[:8]}"
        self.settings = Settings(kafka=KafkaSettings(bootstrap_servers=bootstrap, topic_prefix=name, partitions=1))
        ensure_topics(self.settings)
        self.topics = topics_of(self.settings)
        self.snapshot: Path | None = None
        self.messages = messages
        producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
        futures = [producer.send(self.topics.stories.name, message, b"stories") for message in messages]
        for future in futures:
            future.get(20)
        producer.close()

    def handler(self) -> ClusterHandler:
        return ClusterHandler(self.settings.kafka, self.topics, ClusterSettings(window_items=1000), self.snapshot)

    def work(self, handler: ClusterHandler, start: int, end: int, size: int = 7) -> list[Outcome]:
        """The outcomes of the messages from ``start`` to ``end``, delivered in batches."""

        async def run() -> list[Outcome]:
            outcomes: list[Outcome] = []
            for at in range(start, end, size):
                batch = [
                    Delivery(
                        MessageRef(topic=self.topics.stories.name, partition=0, offset=offset),
                        b"stories",
                        self.messages[offset],
                    )
                    for offset in range(at, min(at + size, end))
                ]
                outcomes += await handler.work(batch)
            return outcomes

        return asyncio.run(run())


@pytest.fixture
def stage(stack: Any) -> Stage:
    return Stage(stack.bootstrap, versions(5))


def told(outcomes: Sequence[Outcome]) -> list[Any]:
    """Outcomes in a form that compares."""
    return [str(outcome) if isinstance(outcome, RejectError) else outcome for outcome in outcomes]


def test_wherever_it_stopped_a_new_process_goes_on_with_the_same_verdicts(stage: Stage) -> None:
    whole = told(stage.work(stage.handler(), 0, COUNT))
    reasons = [outcome.reason for outcome in whole if isinstance(outcome, Done)]
    assert set(reasons) == {"alone", "copy", "notice"}
    for stopped in (1, 17, 60, COUNT - 1):
        assert told(stage.work(stage.handler(), stopped, COUNT)) == whole[stopped:], stopped


def test_what_is_delivered_again_after_the_partition_went_and_came_gets_the_same_verdict(stage: Stage) -> None:
    handler = stage.handler()
    whole = told(stage.work(handler, 0, 60))
    assert told(stage.work(handler, 40, 60)) == whole[40:], "a batch tried again"
    handler.forget()
    assert told(stage.work(handler, 30, 60)) == whole[30:], "not acknowledged before it went"
    assert told(stage.work(handler, 60, COUNT)) == told(stage.work(stage.handler(), 0, COUNT))[60:]


def test_one_message_causes_one_and_what_cannot_be_read_a_rejection(stage: Stage) -> None:
    outcomes = stage.work(stage.handler(), 0, COUNT)
    for message, outcome in zip(stage.messages, outcomes, strict=True):
        if message.startswith(b"{not"):
            assert isinstance(outcome, RejectError)
            continue
        assert isinstance(outcome, Done)
        first, *caused = outcome.sends
        assert first.topic == stage.topics.clustered.name
        assert ClusteredStory.decode(first.value).story_id == StoryVersion.decode(message).story_id
        assert len(caused) == (outcome.reason == "notice")


def test_a_gap_in_the_offsets_is_no_reason_to_start_anew(stage: Stage) -> None:
    """Retention and the markers of transactions leave gaps; the window goes on over them."""
    handler = stage.handler()
    stage.work(handler, 0, 50)
    after = stage.work(handler, 53, COUNT)
    assert [isinstance(outcome, RejectError) for outcome in after] == [
        message.startswith(b"{not") for message in stage.messages[53:]
    ]
    known = {
        StoryVersion.decode(message).story_id for message in stage.messages[:50] if not message.startswith(b"{not")
    }
    parents = [
        ClusteredStory.decode(outcome.sends[0].value).cluster.duplicate_of
        for outcome in after
        if isinstance(outcome, Done)
    ]
    assert known & set(parents), "copies of what came before the gap are still found"


def test_a_snapshot_saves_reading_the_topic_and_changes_no_cluster(stage: Stage, tmp_path: Path) -> None:
    stage.snapshot = tmp_path / "window.npz"
    handler = stage.handler()
    whole = told(stage.work(handler, 0, 70))
    asyncio.run(handler.close())
    again = stage.handler()
    # Some messages before the snapshot were not acknowledged, and are delivered again.
    assert told(stage.work(again, 63, 70)) == whole[63:]
    after = told(stage.work(again, 70, COUNT))
    assert after == told(stage.work(handler, 70, COUNT))
    stage.snapshot = None
    assert after == told(stage.work(stage.handler(), 70, COUNT)), "as without any snapshot"


def test_a_partition_that_leaves_and_comes_back_is_read_on(stage: Stage) -> None:
    """What another process placed meanwhile is read from the topic, and no more."""
    handler = stage.handler()
    stage.work(handler, 0, 40)
    handler.forget()
    after = told(stage.work(handler, 90, COUNT))
    assert after == told(stage.work(stage.handler(), 90, COUNT))


def test_a_snapshot_of_another_topic_is_ignored(stage: Stage, tmp_path: Path, stack: Any) -> None:
    stage.snapshot = tmp_path / "window.npz"
    handler = stage.handler()
    stage.work(handler, 0, 60)
    asyncio.run(handler.close())
    other = Stage(stack.bootstrap, versions(6))
    expected = told(other.work(other.handler(), 60, COUNT))
    other.snapshot = stage.snapshot
    assert told(other.work(other.handler(), 60, COUNT)) == expected


def test_the_window_is_restored_before_the_first_message(stage: Stage) -> None:
    """Up to the group's position: a worker is ready only when it is restored."""
    consumer = KafkaConsumer(
        bootstrap_servers=stage.settings.kafka.bootstrap_servers, group_id=f"{stage.settings.kafka.group_prefix}-cluster",
        enable_auto_commit=False,
    )  # fmt: skip
    partition = TopicPartition(stage.topics.stories.name, 0)
    consumer.assign([partition])
    consumer.commit({partition: OffsetAndMetadata(80, "", -1)})
    consumer.close()
    handler = stage.handler()
    asyncio.run(handler.prepare())
    assert handler._window is not None
    assert handler._window.next == 80
    assert told(stage.work(handler, 80, COUNT)) == told(stage.work(stage.handler(), 80, COUNT))
