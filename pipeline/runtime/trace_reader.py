"""Collects what topics, index and alerts hold of a story, for ``wiredesk trace``."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from elasticsearch import ApiError, Elasticsearch, TransportError
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaConnectionError, KafkaError
from kafka.partitioner.default import murmur2

from pipeline.broker.kafka_clients import kafka_admin, kafka_options, open_consumer
from pipeline.broker.topics import topics_of
from pipeline.broker.watch import answers
from pipeline.events import ClusteredStory, DeadLetter, EnrichedStory, ItemState, MessageRef, RawItem, StoryVersion
from pipeline.events.base import Event
from pipeline.events.errors import DecodeError, UnreachableError
from pipeline.events.raw import item_key
from pipeline.index.mapping import IndexNames
from pipeline.intake.identity import story_id
from pipeline.runtime.trace import AlertSent, Evidence, Message
from pipeline.settings import Settings

_READ_SECONDS = 30.0
#: Stories that one id names at most: several providers may use the same item id.
_MOST = 5
#: Clocks of two machines, and the time between reading an item and writing it.
_SLACK_MS = 600_000

E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Identity:
    """A story's provider and item id."""

    provider: str
    item_id: str

    @property
    def story_id(self) -> str:
        return story_id(self.provider, self.item_id)

    @property
    def key(self) -> bytes:
        return item_key(self.provider, self.item_id)


@dataclass(frozen=True)
class _Record:
    ref: MessageRef
    time: datetime
    key: bytes | None
    value: bytes | None


class TraceReader:
    """Reads topics and index.

    Args:
        settings: of the installation.
        client: of Elasticsearch. Where it does not answer, the topics alone are read.

    Raises:
        UnreachableError: (also of the methods) Kafka does not answer.
    """

    def __init__(self, settings: Settings, client: Elasticsearch) -> None:
        self._settings, self._client = settings, client
        self._topics = topics_of(settings)
        try:
            if not answers(settings.kafka):
                raise KafkaConnectionError("no connection")
            self._consumer: KafkaConsumer = open_consumer(
                **kafka_options(settings.kafka), group_id=None, enable_auto_commit=False
            )
        except (KafkaError, OSError) as error:
            raise UnreachableError(f"Kafka does not answer at {settings.kafka.bootstrap_servers}: {error}.") from error

    def close(self) -> None:
        """Close the connection."""
        self._consumer.close()

    def find(self, id_: str) -> list[Identity]:
        """The stories that an id names: a story's id, an item's id at its provider, or the address of its page.

        The index is asked first, then what intake remembers, then wire.raw.
        """
        try:
            return self._in_index(id_) or self._in_items(id_) or self._in_raw(id_)
        except (KafkaError, OSError) as error:
            raise UnreachableError(f"Kafka does not answer: {error}.") from error

    def collect(self, identity: Identity) -> Evidence:
        """Everything about one story."""
        try:
            return self._collect(identity)
        except (KafkaError, OSError) as error:
            raise UnreachableError(f"Kafka does not answer: {error}.") from error

    def _in_index(self, id_: str) -> list[Identity]:
        query = {"bool": {"should": [{"term": {field: id_}} for field in ("story_id", "item_id", "link")]}}
        index = IndexNames(self._settings.elasticsearch.prefix).alias("stories")
        try:
            hits = self._client.search(index=index, query=query, size=_MOST, source_includes=["provider", "item_id"])
        except (ApiError, TransportError):
            return []
        return [Identity(hit["_source"]["provider"], hit["_source"]["item_id"]) for hit in hits["hits"]["hits"]]

    def _in_items(self, id_: str) -> list[Identity]:
        found: dict[Identity, None] = {}
        for record in self._scan_all(self._topics.items.name, id_.encode()):
            state = _decoded(ItemState, record)
            if state and id_ in {state.story_id, state.item_id}:
                found[Identity(state.provider, state.item_id)] = None
        return list(found)[:_MOST]

    def _in_raw(self, id_: str) -> list[Identity]:
        found: dict[Identity, None] = {}
        for record in self._scan_all(self._topics.raw.name, id_.encode()):
            raw = _decoded(RawItem, record)
            if raw and id_ in {raw.item_id, raw.item.link, story_id(raw.provider, raw.item_id)}:
                found[Identity(raw.provider, raw.item_id)] = None
        return list(found)[:_MOST]

    def _collect(self, identity: Identity) -> Evidence:
        topics, story = self._topics, identity.story_id.encode()
        states = self._of_key(ItemState, topics.items.name, identity.key)
        raws = self._of_key(RawItem, topics.raw.name, identity.key)
        since = int(raws[0].time.timestamp() * 1000) - _SLACK_MS if raws else None
        mine = [
            message
            for record in self._scan(topics.stories.name, 0, story, since)
            if (message := _message(StoryVersion, record)) and message.event.story_id == identity.story_id
        ]
        document = self._document(identity.story_id)
        return Evidence(
            provider=identity.provider,
            item_id=identity.item_id,
            story_id=identity.story_id,
            state=states[-1].event if states else None,
            raws=tuple(raws),
            stories=tuple(mine),
            clustered=tuple(self._of_key(ClusteredStory, topics.clustered.name, story)),
            enriched=tuple(self._of_key(EnrichedStory, topics.enriched.name, story)),
            document=document,
            alerts=tuple(self._alerts(document)) if document else (),
            letters=tuple(self._letters(identity)),
            intake_position=self._acknowledged(raws[-1].ref) if raws else 0,
        )

    def _acknowledged(self, ref: MessageRef) -> int:
        """The offset up to which intake has acknowledged a partition."""
        group = f"{self._settings.kafka.group_prefix}-intake"
        admin = kafka_admin(self._settings.kafka)
        try:
            offsets = admin.list_group_offsets(group).get(group, {})
        finally:
            admin.close()
        entry = offsets.get(TopicPartition(ref.topic, ref.partition))
        return max(int(entry.offset), 0) if entry else 0

    def _document(self, id_: str) -> Mapping[str, Any] | None:
        index = IndexNames(self._settings.elasticsearch.prefix).alias("stories")
        try:
            hits = self._client.search(index=index, query={"term": {"story_id": id_}}, size=1)["hits"]["hits"]
        except (ApiError, TransportError):
            return None
        return hits[0]["_source"] if hits else None

    def _alerts(self, document: Mapping[str, Any]) -> Iterator[AlertSent]:
        from pipeline.alerts.config import read_alerts  # noqa: PLC0415
        from pipeline.alerts.state import AlertState  # noqa: PLC0415

        state = AlertState(self._client, self._settings.elasticsearch)
        for alert in read_alerts(self._settings.alerts.directory).alerts.values():
            _, story = state.known(alert.name, [document])[document["story_id"]]
            if story:
                yield AlertSent(alert.name, _time(story.get("matched")), _time(story.get("killed")))

    def _letters(self, identity: Identity) -> Iterator[DeadLetter]:
        keys = {identity.key, identity.story_id.encode()}
        seen: set[str] = set()
        for record in self._scan_all(self._topics.dead.name, None):
            if record.key is not None and record.key not in keys and record.key != b"stories":
                continue
            letter = _decoded(DeadLetter, record)
            if letter is None or letter.id in seen:
                continue
            if record.key in keys or identity.story_id.encode() in letter.original:
                seen.add(letter.id)
                yield letter

    def _of_key(self, event: type[E], topic: str, key: bytes) -> list[Message[E]]:
        """The messages of a key; they are in the partition that Kafka's hash of it names."""
        partitions = len(self._consumer.partitions_for_topic(topic) or ())
        if not partitions:
            return []
        partition = (int(murmur2(key)) & 0x7FFFFFFF) % partitions
        records = (record for record in self._scan(topic, partition, None, None) if record.key == key)
        return [message for record in records if (message := _message(event, record))]

    def _scan_all(self, topic: str, part: bytes | None) -> Iterator[_Record]:
        for partition in sorted(self._consumer.partitions_for_topic(topic) or ()):
            yield from self._scan(topic, partition, part, None)

    def _scan(self, topic: str, partition: int, part: bytes | None, since_ms: int | None) -> Iterator[_Record]:
        """One partition to its end as it is now.

        Args:
            topic: its name.
            partition: its number.
            part: only messages that have these bytes in key or value; ``None``: all.
            since_ms: only messages written since then, in milliseconds since 1970; ``None``: all.
        """
        pair = TopicPartition(topic, partition)
        start = self._consumer.beginning_offsets([pair])[pair]
        end = self._consumer.end_offsets([pair])[pair]
        if since_ms is not None:
            found = self._consumer.offsets_for_times({pair: since_ms}).get(pair)
            start = found.offset if found else end
        self._consumer.assign([pair])
        self._consumer.seek(pair, start)
        deadline = time.monotonic() + _READ_SECONDS
        while self._consumer.position(pair) < end:
            for records in self._consumer.poll(timeout_ms=200).values():
                deadline = time.monotonic() + _READ_SECONDS
                for record in records:
                    if part is None or part in (record.value or b"") or part in (record.key or b""):
                        ref = MessageRef(topic=topic, partition=partition, offset=record.offset)
                        written = datetime.fromtimestamp(record.timestamp / 1000, UTC)
                        yield _Record(ref, written, record.key, record.value)
            if time.monotonic() > deadline:
                raise KafkaConnectionError(f"{topic} could not be read to its end")


def _decoded(event: type[E], record: _Record) -> E | None:
    try:
        return event.decode(record.value) if record.value else None
    except DecodeError:
        return None


def _message(event: type[E], record: _Record) -> Message[E] | None:
    decoded = _decoded(event, record)
    return Message(record.ref, record.time, decoded) if decoded else None


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
