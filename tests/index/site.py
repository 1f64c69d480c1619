"""An installation on the session's servers: topic, indices and the stories that they must hold."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from elasticsearch import Elasticsearch
from kafka import KafkaProducer

from pipeline.broker.elasticsearch_client import async_elasticsearch_client
from pipeline.broker.topics import topics_of
from pipeline.events import (
    Cluster,
    Content,
    EnrichedStory,
    Enrichment,
    HistoryEntry,
    Quote,
    VersionEntry,
    VersionText,
)
from pipeline.index import admin
from pipeline.index.mapping import BASES, IndexNames
from pipeline.index.rebuild import Rebuild
from pipeline.index.rebuild_options import RebuildOptions
from pipeline.index.writer import Writer
from pipeline.settings import Settings

QUICK = RebuildOptions(save_seconds=0.2, grace_seconds=1.0)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def story(number: int, version: int = 1, **changes: Any) -> EnrichedStory:
    """Version n has 3 - n quotations, so that a newer version has fewer."""
    id_ = f"orb-{number}"
    fields: dict[str, Any] = {
        "story_id": id_, "provider": "Orbis", "item_id": str(number), "index_version": 1000 + version,
        "version_rank": version, "first_seen": NOON, "first_created": NOON, "version_created": NOON, "received": NOON,
        "content": Content(headline=f"Ferry {number}, take {version}", body="The harbour was calm. " * 20, urgency=4),
        "history": tuple(
            HistoryEntry(story_id=id_, version_id=f"v{n}", version_rank=n, kind="new", received=NOON)
            for n in range(1, version + 1)
        ),
        "cluster": Cluster(cluster_id=id_),
        "enrichment": Enrichment(quotes=tuple(
            Quote(type="direct", text=f"Calm, {n}", start=0, end=4) for n in range(3 - version)
        )),
    }  # fmt: skip
    return EnrichedStory(**(fields | changes))


def referring_story(number: int, version: int = 2, **changes: Any) -> EnrichedStory:
    """As the stages make it: it names its versions, whose texts are in a topic of their own."""
    entries = tuple(VersionEntry(id=f"v{n}", kind="update" if n > 1 else "new") for n in range(1, version + 1))
    return story(number, version, **{"history": (), "versions": entries, **changes})


def texts_of_story(number: int, version: int = 2) -> list[VersionText]:
    """The texts of its versions."""
    return [
        VersionText(story_id=f"orb-{number}", provider="Orbis", version_id=f"v{n}", version_rank=n, received=NOON,
                    headline=f"Ferry {number}, take {n}", body=f"The harbour was calm on day {number}.{n}.")
        for n in range(1, version + 1)
    ]  # fmt: skip


@dataclass
class Site:
    """An installation of its own on the session's servers."""

    settings: Settings
    client: Elasticsearch
    newest: dict[str, EnrichedStory] = field(default_factory=dict)

    @property
    def names(self) -> IndexNames:
        return IndexNames(self.settings.elasticsearch.prefix)

    @contextmanager
    def producer(self) -> Iterator[Any]:
        producer = KafkaProducer(bootstrap_servers=self.settings.kafka.bootstrap_servers, acks="all", linger_ms=5)
        topic = topics_of(self.settings).enriched.name

        def send(event: EnrichedStory) -> None:
            producer.send(topic, key=event.key, value=event.encode())
            known = self.newest.get(event.story_id)
            if known is None or known.index_version < event.index_version:
                self.newest[event.story_id] = event

        yield send
        producer.flush(30)
        producer.close()

    def publish(self, *events: EnrichedStory) -> None:
        with self.producer() as send:
            for event in events:
                send(event)

    def publish_texts(self, *texts: VersionText) -> None:
        producer = KafkaProducer(bootstrap_servers=self.settings.kafka.bootstrap_servers, acks="all")
        for text in texts:
            producer.send(topics_of(self.settings).versions.name, key=text.key, value=text.encode())
        producer.flush(30)
        producer.close()

    def write_texts(self, *texts: VersionText) -> None:
        """Write texts without the topic."""

        async def run() -> None:
            client = async_elasticsearch_client(self.settings.elasticsearch)
            await Writer(client, self.settings.elasticsearch, self.settings.index).write_texts(texts)
            await client.close()

        asyncio.run(run())

    def write(self, *events: EnrichedStory, prefix: str = "") -> None:
        """Write without the topic."""

        async def run() -> None:
            client = async_elasticsearch_client(self.settings.elasticsearch)
            names = IndexNames(f"{self.settings.elasticsearch.prefix}{prefix}")
            await Writer(client, self.settings.elasticsearch, self.settings.index, names).write(events)
            await client.close()

        asyncio.run(run())

    def rebuild(self, options: RebuildOptions = QUICK) -> Any:
        return asyncio.run(Rebuild(self.settings, options).run())

    def index(self, base: Any = "stories") -> str:
        return str(admin.current_index(self.client, self.names, base))

    def everything(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for base in BASES:
            alias = self.names.alias(base)
            self.client.indices.refresh(index=alias)
            hits: list[dict[str, Any]] = []
            while True:
                after = {"search_after": hits[-1]["sort"]} if hits else {}
                sort = ["story_id", {"position" if base == "quotes" else "version_rank": "asc"}]
                page = self.client.search(index=alias, size=5000, sort=sort, **after)["hits"]["hits"]
                hits += page
                if len(page) < 5000:
                    break
            found[base] = {hit["_id"]: hit["_source"] for hit in hits}
            assert len(found[base]) == len(hits)
        return found

    def check(self) -> None:
        """All of the newest versions, and nothing else."""
        found = self.everything()
        assert {id_: doc["version_rank"] for id_, doc in found["stories"].items()} == {
            id_: event.version_rank for id_, event in self.newest.items()
        }
        assert set(found["quotes"]) == {
            f"{id_}:{n}" for id_, event in self.newest.items() for n in range(len(event.enrichment.quotes))
        }
        assert set(found["stories-history"]) == {
            f"{id_}:{entry.version_id}" for id_, event in self.newest.items() for entry in event.history
        }
