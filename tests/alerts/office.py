"""An index that stories are added to, a webhook's receiver and alerts on one word that no other test uses."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch

from pipeline.alerts.config import Alert
from pipeline.alerts.service import AlertService
from pipeline.broker.elasticsearch_client import async_elasticsearch_client
from pipeline.events import Cluster, Content, EnrichedStory, Enrichment, Entity
from pipeline.index.mapping import IndexNames
from pipeline.index.writer import Writer
from pipeline.settings import IndexSettings, Settings

START = datetime(2026, 5, 4, 12, tzinfo=UTC)
Mailbox = tuple[int, list[EmailMessage]]


@dataclass
class Receiver:
    """A webhook's other end: keeps what it is sent, answers what it is told to.

    Attributes:
        drip_seconds: pause after each byte of its answer; 0: it answers at once.
        endless: its answer never ends.
    """

    url: str = ""
    status: int = 200
    drip_seconds: float = 0.0
    endless: bool = False
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def notices(self) -> list[tuple[str, str]]:
        bodies = [json.loads(body) for _, body in self.taken]
        return [(body["event"], body["story"]["story_id"].rpartition("-")[2]) for body in bodies]

    @property
    def keys(self) -> list[str]:
        return [headers["idempotency-key"] for headers, _ in self.taken]


@dataclass
class Office:
    """What the tests of alerts share."""

    settings: Settings
    client: Elasticsearch
    receiver: Receiver
    word: str

    def service(self, alerts: Sequence[Alert] | None, settings: Settings | None = None) -> AlertService:
        return AlertService(settings or self.settings, self.client, alerts)

    def alert(self, **more: Any) -> Alert:
        return Alert.model_validate(
            {"name": self.word, "words": self.word, "webhook": {"url": self.receiver.url}} | more
        )

    def add(
        self, story_id: str, headline: str, body: str = "", *, minutes: float = 1, version: int = 1, **more: Any
    ) -> None:
        """Write a story; its id is of this test only, and where its headline says bridge, it is this test's word."""
        time = START + timedelta(minutes=minutes)
        indexed = time + timedelta(minutes=more.pop("minutes_on_its_way", 0))
        group = f"{self.word}-{more.pop('group', story_id)}"
        event = f"{self.word}-{more.pop('event')}" if "event" in more else None
        story_id, headline = f"{self.word}-{story_id}", headline.replace("bridge", self.word)
        content = Content(headline=headline, body=body, language="en", embargoed=more.pop("embargoed", None))
        entities = tuple(Entity(label="GPE", name=name) for name in more.pop("places", ()))
        story = EnrichedStory(
            story_id=story_id, provider=more.pop("provider", "Talvek"), item_id=story_id, index_version=version, version_rank=version,
            first_seen=time, first_created=time, version_created=time, received=time, content=content,
            cluster=Cluster(cluster_id=group, duplicate_of=group if group != story_id else None, event_id=event),
            enrichment=Enrichment(entities=entities), **more,
        )  # fmt: skip

        async def write() -> None:
            elasticsearch = self.settings.elasticsearch
            client = async_elasticsearch_client(elasticsearch)
            await Writer(client, elasticsearch, IndexSettings()).write([story], [indexed])
            await client.indices.refresh(index=IndexNames(elasticsearch.prefix).alias("stories"))
            await client.close()

        asyncio.run(write())

    def minutes_now(self) -> float:
        """The present as minutes after START."""
        return (datetime.now(UTC) - START) / timedelta(minutes=1)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def until(condition: Callable[[], Any], seconds: float = 20) -> bool:
    waiting = threading.Event()
    for _ in range(int(seconds * 10)):
        if condition():
            return True
        waiting.wait(0.1)
    return False


def write_alert(directory: Path, office: Office, name: str, **more: str) -> Path:
    path = directory / f"{name}.yaml"
    lines = {"words": office.word, "webhook": f"{{url: '{office.receiver.url}'}}", **more}
    write_whole(path, "".join(f"{key}: {value}\n" for key, value in lines.items()))
    return path


def write_whole(path: Path, text: str) -> None:
    """Write a file as an editor does: nobody sees the beginning of it."""
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.rename(path)
