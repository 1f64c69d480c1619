"""How far the pipeline is, seen from outside: each stage's lag, dead letters, documents."""

from __future__ import annotations

import time
from dataclasses import dataclass

from elasticsearch import ApiError, Elasticsearch, TransportError
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaConnectionError, KafkaError

from pipeline.broker.kafka_clients import kafka_admin, kafka_options
from pipeline.broker.topics import Topic, topics_of
from pipeline.broker.watch import answers
from pipeline.events import Stage
from pipeline.events.errors import UnreachableError
from pipeline.index.mapping import BASES, IndexNames
from pipeline.settings import ElasticsearchSettings, Settings

_TOPIC_LOOKS, _TOPIC_SECONDS = 25, 0.2


@dataclass(frozen=True)
class StageStatus:
    """One stage's place in its topic, in messages."""

    stage: Stage
    topic: str
    messages: int
    lag: int
    members: int


@dataclass(frozen=True)
class Status:
    """The whole pipeline. ``documents`` by base; ``None`` where Elasticsearch does not answer."""

    stages: tuple[StageStatus, ...]
    dead_letters: int
    documents: dict[str, int] | None

    @property
    def caught_up(self) -> bool:
        """Whether every stage has worked through its topic."""
        return all(stage.lag == 0 for stage in self.stages)


class StatusReader:
    """Reads the status again and again over the same connections.

    Raises:
        UnreachableError: Kafka does not answer, or has not all topics.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        try:
            if not answers(settings.kafka):  # the clients themselves would try for half a minute
                raise KafkaConnectionError("no connection")
            self._admin: KafkaAdminClient = kafka_admin(settings.kafka)
            self._consumer = KafkaConsumer(**kafka_options(settings.kafka), group_id=None, enable_auto_commit=False)
            missing = self._missing_topics()
        except (KafkaError, OSError) as error:
            raise UnreachableError(
                f"Kafka does not answer at {settings.kafka.bootstrap_servers}: {error}.",
                hint="Start it (wiredesk stack start), or set kafka.bootstrap_servers.",
            ) from error
        if missing:
            self.close()
            raise UnreachableError(f"Topics are missing: {', '.join(missing)}.", hint="Create them: wiredesk topics.")

    def _missing_topics(self) -> list[str]:
        """Topics that are not there, for which the clients would ask for ever."""
        wanted, missing = {topic.name for topic in topics_of(self._settings).all()}, list[str]()
        for _ in range(_TOPIC_LOOKS):  # topics that were just made are not known at once
            missing = sorted(wanted - set(self._consumer.topics()))
            if not missing:
                break
            time.sleep(_TOPIC_SECONDS)
        return missing

    def read(self, client: Elasticsearch | None = None) -> Status:
        """The status now.

        Raises:
            UnreachableError: Kafka does not answer.
        """
        topics = topics_of(self._settings)
        sources: dict[Stage, Topic] = {
            "intake": topics.raw,
            "cluster": topics.stories,
            "enrich": topics.clustered,
            "index": topics.enriched,
        }
        try:
            stages = tuple(self._stage(stage, topic) for stage, topic in sources.items())
            dead = sum(high - low for low, high in self._bounds(topics.dead).values())
        except (KafkaError, OSError) as error:
            raise UnreachableError(f"Kafka does not answer: {error}.") from error
        return Status(stages, dead, count_documents(client, self._settings.elasticsearch) if client else None)

    def close(self) -> None:
        self._consumer.close()
        self._admin.close()

    def _stage(self, stage: Stage, topic: Topic) -> StageStatus:
        group = f"{self._settings.kafka.group_prefix}-{stage}"
        bounds = self._bounds(topic)
        offsets = self._admin.list_group_offsets(group)
        committed = {pair.partition: entry.offset for pair, entry in offsets.get(group, {}).items()}
        lag = sum(max(high - max(committed.get(partition, -1), low), 0) for partition, (low, high) in bounds.items())
        described = self._admin.describe_groups([group])
        members = len(described.get(group, {}).get("members", ()))
        return StageStatus(stage, topic.name, sum(high - low for low, high in bounds.values()), lag, members)

    def _bounds(self, topic: Topic) -> dict[int, tuple[int, int]]:
        """First and next offset of each partition."""
        partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        low = self._consumer.beginning_offsets(partitions)
        high = self._consumer.end_offsets(partitions)
        return {pair.partition: (low[pair], high[pair]) for pair in partitions}


def count_documents(client: Elasticsearch, settings: ElasticsearchSettings) -> dict[str, int] | None:
    """Documents behind each alias; ``None`` where the server does not answer or has no such alias."""
    names = IndexNames(settings.prefix)
    try:
        return {base: int(client.count(index=names.alias(base))["count"]) for base in BASES}
    except (ApiError, TransportError):
        return None
