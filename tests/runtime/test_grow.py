"""More partitions without a story losing its past: on the real Kafka, with intake before and after."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from pipeline.broker.restore import read_partition
from pipeline.broker.topics import topics_of
from pipeline.broker.topics_admin import ensure_topics
from pipeline.events import RawItem, StoryVersion
from pipeline.events.errors import ConfigurationError
from pipeline.events.item import Item
from pipeline.runtime.grow import grow, partition_of
from pipeline.runtime.worker import Worker
from pipeline.settings import KafkaSettings, Settings, WorkerSettings

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ITEMS = 30


@pytest.fixture
def settings(stack: Any, tmp_path: Path) -> Settings:
    name = f"g{uuid.uuid4().hex[:8]}"
    kafka = KafkaSettings(bootstrap_servers=stack.bootstrap, topic_prefix=name, group_prefix=name, partitions=2)
    settings = Settings(kafka=kafka, worker=WorkerSettings(state_directory=tmp_path / "state"))
    ensure_topics(settings)
    return settings


def publish(settings: Settings, version: int) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers, acks="all")
    for number in range(ITEMS):
        item = Item(uri=f"s{number}", version=str(version), versioncreated=NOON + timedelta(minutes=version),
                    headline=f"Dam {number} closes", body_text=f"Version {version} of story {number}.")  # fmt: skip
        raw = RawItem(connector="t", provider="Orbis", item_id=f"s{number}", received=NOON, parser="t", item=item)
        producer.send(topics_of(settings).raw.name, raw.encode(), raw.key).get(20)
    producer.close()


async def records(settings: Settings, topic: str, partition: int) -> dict[bytes, bytes | None]:
    """The newest record of each key of a partition."""
    return {key or b"": value async for _, key, value in read_partition(settings.kafka, topic, partition, 0)}


async def stories(settings: Settings, count: int) -> list[StoryVersion]:
    """Run intake until so many story versions have come out."""
    worker = Worker(settings, ("intake",))
    running = asyncio.create_task(worker.run())
    try:
        deadline = time.monotonic() + 60
        while True:
            topic = topics_of(settings).stories.name
            values = [value async for _, _, value in read_partition(settings.kafka, topic, 0, 0)]
            if len(values) >= count:
                return [StoryVersion.decode(value) for value in values]
            assert time.monotonic() < deadline, f"{len(values)} of {count}"
            assert not running.done(), running.exception()
            await asyncio.sleep(0.3)
    finally:
        worker.stop()
        await running


@pytest.mark.stack
def test_an_update_after_it_finds_the_story_that_it_updates(settings: Settings, tmp_path: Path) -> None:
    publish(settings, 1)
    asyncio.run(stories(settings, ITEMS))
    with pytest.raises(ConfigurationError, match="messages wait for cluster"):
        grow(settings, 5)
    kafka = settings.kafka.model_copy(update={"partitions": 5})
    larger = settings.model_copy(update={"kafka": kafka, "worker": WorkerSettings(state_directory=tmp_path / "new")})
    items = topics_of(larger).items
    _work_through_the_rest(settings)
    done = grow(settings, 5)
    assert set(done.topics) == {topic.name for topic in topics_of(larger).all()} - {topics_of(larger).stories.name}
    assert done.moved > 0
    assert grow(settings, 5).moved == 0, "a second run finds nothing to move"
    for number in range(5):
        for key, value in asyncio.run(records(larger, items.name, number)).items():
            assert value is None or partition_of(key, 5) == number
    publish(larger, 2)
    found = asyncio.run(stories(larger, 2 * ITEMS))
    assert {story.story_id for story in found[:ITEMS]} == {story.story_id for story in found[ITEMS:]}
    assert all(len(json.loads(story.encode())["versions"]) == 2 for story in found[ITEMS:])


def _work_through_the_rest(settings: Settings) -> None:
    """Commit the groups of the other stages at the end, as if they had worked through their topics."""
    from aiokafka import AIOKafkaConsumer, TopicPartition

    async def commit(stage: str, topic: str, partitions: int) -> None:
        consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka.bootstrap_servers,
                                    group_id=f"{settings.kafka.group_prefix}-{stage}", enable_auto_commit=False)  # fmt: skip
        await consumer.start()
        pairs = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(pairs)
        await consumer.commit(await consumer.end_offsets(pairs))
        await consumer.stop()

    topics = topics_of(settings)
    asyncio.run(commit("cluster", topics.stories.name, 1))
    asyncio.run(commit("index", topics.versions.name, settings.kafka.partitions))


@pytest.mark.stack
def test_fewer_partitions_are_refused(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="cannot take any away"):
        grow(settings, 1)
