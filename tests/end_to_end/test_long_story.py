"""A live story of many long versions: the bytes in all topics, and its kill, at last, in every topic and in the index."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import lz4.frame
import pytest
from elasticsearch import AsyncElasticsearch

from pipeline.broker.delivery import Done
from pipeline.broker.elasticsearch_client import async_elasticsearch_client
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.broker.topics import topics_of
from pipeline.events import (
    Cluster,
    ClusteredStory,
    EnrichedStory,
    Enrichment,
    MessageRef,
    RawItem,
    StoryVersion,
    VersionText,
)
from pipeline.events.item import Item
from pipeline.index.mapping import IndexNames
from pipeline.index.writer import Writer
from pipeline.intake.handler import IntakeHandler
from pipeline.settings import IndexSettings, Settings
from tests.indices import made_indices
from tests.intake.states import States

T0 = datetime(2026, 5, 4, 12, tzinfo=UTC)
SETTINGS = Settings()
TOPICS = topics_of(SETTINGS)
WORDS = [
    f"{a}{b}"
    for a in "river bridge minister council storm power line school road ferry".split()
    for b in ("", "s", "ed", "ing", "al")
]


class Pipeline:
    """The messages that a story causes in every topic; clusters and enrichment add nothing of their own."""

    def __init__(self) -> None:
        self.states = States()
        self.intake = IntakeHandler(self.states, TOPICS, SETTINGS.intake, max_bytes=SETTINGS.kafka.max_message_bytes)  # type: ignore[arg-type]
        self.offset = 0
        self.plain: Counter[str] = Counter()
        self.compressed: Counter[str] = Counter()
        self.largest: Counter[str] = Counter()

    def count(self, topic: str, value: bytes) -> None:
        self.plain[topic] += len(value)
        self.compressed[topic] += len(lz4.frame.compress(value))
        self.largest[topic] = max(self.largest[topic], len(value))

    def take(self, item: Item) -> tuple[list[VersionText], EnrichedStory | None]:
        self.offset += 1
        at = T0 + timedelta(minutes=self.offset)
        raw = RawItem(
            connector="feed", provider="Orbis", item_id="live", received=at, item=item, parser="ninjs",
            original=item.model_dump_json(exclude_defaults=True).encode(),
        )  # fmt: skip
        self.count("raw", raw.encode())
        message = MessageRef(topic=TOPICS.raw.name, partition=0, offset=self.offset)
        (outcome,) = asyncio.run(self.intake.work([Delivery(message, raw.key, raw.encode())]))
        assert isinstance(outcome, Done)
        asyncio.run(self.intake.published(outcome.sends, [0] * len(outcome.sends)))
        texts, enriched = [], None
        for send in outcome.sends:
            self.count(send.topic.removeprefix("wire."), send.value)
            if send.topic == TOPICS.versions.name:
                texts.append(VersionText.decode(send.value))
            elif send.topic == TOPICS.stories.name:
                enriched = self.pass_on(send)
        return texts, enriched

    def pass_on(self, send: OutgoingMessage) -> EnrichedStory:
        story = StoryVersion.decode(send.value)
        clustered = ClusteredStory(**story.model_dump(), cluster=Cluster(cluster_id=story.story_id))
        status = "withdrawn" if story.killed else "done"
        enriched = EnrichedStory(**clustered.model_dump(), enrichment=Enrichment(status=status))
        self.count("clustered", clustered.encode())
        self.count("enriched", enriched.encode())
        return enriched


def version(number: int, chance: random.Random) -> Item:
    """150 kB of text, most of which was in the version before."""
    base = random.Random(1)
    paragraphs = [" ".join(base.choice(WORDS) for _ in range(70)) for _ in range(330)]
    paragraphs.insert(0, f"{number:04} " + " ".join(chance.choice(WORDS) for _ in range(70)))
    return Item(
        uri="live", version=str(number), versioncreated=T0 + timedelta(minutes=number), headline=f"Storm, update {number}",
        body_text="\n\n".join(paragraphs),
    )  # fmt: skip


KILL = Item(uri="live", pubstatus="canceled", ednote="Kill this story.")


def measure(count: int) -> tuple[Pipeline, int, EnrichedStory]:
    pipeline, chance, came_in = Pipeline(), random.Random(2), 0
    for number in range(1, count + 1):
        item = version(number, chance)
        came_in += len((item.body_text or "").encode())
        pipeline.take(item)
    _, killed = pipeline.take(KILL)
    assert killed is not None
    return pipeline, came_in, killed


def check(count: int) -> None:
    pipeline, came_in, killed = measure(count)
    for topic in ("raw", "stories", "versions", "items", "clustered", "enriched"):
        print(f"{topic:10} {pipeline.plain[topic] / came_in:5.2f} x, lz4 {pipeline.compressed[topic] / came_in:5.2f} x, "
              f"largest message {pipeline.largest[topic]:,}")  # fmt: skip
    total = sum(pipeline.compressed.values()) / came_in
    print(f"{count} versions, {came_in:,} bytes in: {total:.2f} x in all topics, compressed as Kafka keeps them")
    assert total <= 5
    assert killed.killed
    assert len(killed.encode()) < 20_000, "the kill is a small message, however long the story was"
    for topic in ("stories", "versions", "items", "clustered", "enriched"):
        assert pipeline.plain[topic] <= 2 * came_in, topic
        assert pipeline.largest[topic] < 500_000, topic


def test_bytes_in_the_topics_are_a_small_multiple_of_the_bytes_in() -> None:
    check(120)


@pytest.mark.long
def test_a_thousand_versions() -> None:
    check(1_000)


@pytest.fixture
def elasticsearch(stack: Any) -> Any:
    with made_indices(stack.elasticsearch) as made:
        yield made


async def until_gone(client: AsyncElasticsearch, alias: str) -> float:
    """When the last story left an alias."""
    while (await client.count(index=alias))["count"]:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.05)
    return time.monotonic()


def kill_in_the_index(elasticsearch: Any, count: int) -> None:
    settings, client = elasticsearch
    names = IndexNames(settings.prefix)
    pipeline, chance = Pipeline(), random.Random(3)

    async def run() -> tuple[float, float]:
        async_client = async_elasticsearch_client(settings)
        writer = Writer(async_client, settings, IndexSettings())
        try:
            for number in range(1, count + 1):
                texts, story = await asyncio.to_thread(pipeline.take, version(number, chance))
                assert story is not None
                assert await writer.write_texts(texts) == {}
                if number % 50 == 0 or number == count:  # as if the versions between came in one batch with it
                    assert (await writer.write([story])).rejected == {}
            texts, killed = await asyncio.to_thread(pipeline.take, KILL)
            assert killed is not None
            began = time.monotonic()
            gone = asyncio.create_task(until_gone(async_client, names.public("stories")))
            assert await writer.write_texts(texts) == {}
            assert (await writer.write([killed])).rejected == {}
            return await gone - began, time.monotonic() - began
        finally:
            await async_client.close()

    story, versions = asyncio.run(run())
    print(f"{count} versions: the story is withdrawn in {story:.1f} s, all versions in {versions:.1f} s")
    for base in ("stories", "stories-history"):
        client.indices.refresh(index=names.alias(base))
        assert client.count(index=names.public(base))["count"] == 0, base
    assert client.count(index=names.alias("stories-history"), query={"term": {"killed": True}})["count"] == count + 1


@pytest.mark.stack
def test_the_kill_of_a_long_story_reaches_every_version_in_the_index(elasticsearch: Any) -> None:
    kill_in_the_index(elasticsearch, 110)


@pytest.mark.stack
@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_the_kill_of_a_thousand_versions(elasticsearch: Any) -> None:
    kill_in_the_index(elasticsearch, 1_000)
