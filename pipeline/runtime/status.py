"""Reads the condition of an installation: from Kafka, Elasticsearch and the files of connectors and alerts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from elasticsearch import ApiError, Elasticsearch, TransportError
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaConnectionError,
    KafkaError,
    NotCoordinatorError,
)

from pipeline.broker.kafka_clients import kafka_admin, kafka_options, open_consumer
from pipeline.broker.topics import Topic, topics_of
from pipeline.broker.watch import answers
from pipeline.dead.ledger import Ledger
from pipeline.events import Stage
from pipeline.events.errors import UnreachableError
from pipeline.index.mapping import BASES, IndexNames
from pipeline.runtime.condition import AlertStatus, FeedStatus, StageStatus, Status, Worker
from pipeline.settings import ElasticsearchSettings, Settings

_TOPIC_LOOKS, _TOPIC_SECONDS = 25, 0.2
#: How long messages are waited for that the broker says it has.
_READ_SECONDS = 20.0
#: How long a server that says "not yet" is asked again.
_SOON_SECONDS = 10.0
_NOT_YET = (CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError)
_COUNT_SECONDS = 5

_Answer = TypeVar("_Answer")


class StatusReader:
    """Reads the status again and again over the same connections.

    Raises:
        UnreachableError: Kafka does not answer, or a topic is missing.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ledgers: dict[int, Ledger] = {}
        with ExitStack() as opened:
            try:
                if not answers(settings.kafka):  # the clients themselves would try for half a minute
                    raise KafkaConnectionError("no connection")
                self._admin: KafkaAdminClient = kafka_admin(settings.kafka)
                opened.callback(self._admin.close)
                self._consumer: KafkaConsumer = open_consumer(
                    **kafka_options(settings.kafka), group_id=None, enable_auto_commit=False
                )
                opened.callback(self._consumer.close)
                missing = self._missing_topics()
            except (KafkaError, OSError) as error:
                raise UnreachableError(
                    f"Kafka does not answer at {settings.kafka.bootstrap_servers}: {error}.",
                    hint="Start it (wiredesk stack start), or set kafka.bootstrap_servers.",
                ) from error
            if missing:
                raise UnreachableError(
                    f"Topics are missing: {', '.join(missing)}.", hint="Create them: wiredesk topics."
                )
            opened.pop_all()

    def _missing_topics(self) -> list[str]:
        """Topics that do not exist; the clients would wait for them without end."""
        wanted, missing = {topic.name for topic in topics_of(self._settings).all()}, list[str]()
        for _ in range(_TOPIC_LOOKS):  # topics that were just created are not known at once
            missing = sorted(wanted - set(self._consumer.topics()))
            if not missing:
                break
            time.sleep(_TOPIC_SECONDS)
        return missing

    def read(self, client: Elasticsearch | None = None) -> Status:
        """The status of stages, dead letters and documents now.

        Args:
            client: of Elasticsearch; ``None``: documents are not counted.

        Raises:
            UnreachableError: Kafka does not answer.
        """
        own = topics_of(self._settings)
        stages = tuple(_answer(partial(self._stage, stage, topics)) for stage, topics in self._sources().items())
        connectors = _answer(lambda: self._workers("connectors", own.connectors.name))
        failed = _answer(lambda: self._open_dead_letters(own.dead.name))
        return Status(
            stages=stages,
            dead_letters=len(failed),
            dead_letters_since=min(failed, default=None),
            documents=count_documents(client, self._settings.elasticsearch) if client else None,
            expected_partitions=self._settings.kafka.partitions,
            connectors=connectors,
        )

    def lag(self) -> int:
        """Count the messages that the stages have not processed yet; quicker than :meth:`read`.

        Raises:
            UnreachableError: Kafka does not answer.
        """
        return sum(
            high - at
            for stage, topics in self._sources().items()
            for at, high in _answer(partial(self._positions, stage, topics)).values()
        )

    def _sources(self) -> dict[Stage, tuple[str, ...]]:
        """The topics that each stage reads."""
        topics = topics_of(self._settings)
        sources: dict[Stage, tuple[Topic, ...]] = {
            "intake": (topics.raw,),
            "cluster": (topics.stories,),
            "enrich": (topics.clustered,),
            "index": (topics.enriched, topics.versions),
        }
        return {stage: tuple(topic.name for topic in read) for stage, read in sources.items()}

    def close(self) -> None:
        """Close the connections."""
        self._consumer.close()
        self._admin.close()

    def _stage(self, stage: Stage, topics: Sequence[str]) -> StageStatus:
        """The position of a stage over all its topics; the first one's partitions are those that are shared out."""
        main, bounds = topics[0], self._bounds(topics)
        positions = self._positions(stage, topics, bounds)
        waiting = {pair: at for pair, (at, high) in positions.items() if at < high}
        return StageStatus(
            stage=stage,
            topic=main,
            messages=sum(high - low for low, high in bounds.values()),
            lag=sum(high - at for at, high in positions.values()),
            partitions=sum(pair.topic == main for pair in bounds),
            workers=self._workers(stage, main),
            waiting_since=self._oldest(waiting) if waiting else None,
        )

    def _positions(
        self, stage: Stage, topics: Sequence[str], bounds: Mapping[TopicPartition, tuple[int, int]] | None = None
    ) -> dict[TopicPartition, tuple[int, int]]:
        """For each partition the offset up to which the stage has acknowledged, and the next offset."""
        group = f"{self._settings.kafka.group_prefix}-{stage}"
        committed = self._admin.list_group_offsets(group).get(group, {})
        return {
            pair: (min(max(committed[pair].offset if pair in committed else -1, low), high), high)
            for pair, (low, high) in (bounds or self._bounds(topics)).items()
        }

    def _workers(self, name: str, topic: str) -> tuple[Worker, ...]:
        group = f"{self._settings.kafka.group_prefix}-{name}"
        members: list[dict[str, Any]] = self._admin.describe_groups([group]).get(group, {}).get("members", [])
        return tuple(
            sorted(
                (
                    Worker(one["client_id"], one["client_host"].removeprefix("/"), _partitions(one, topic))
                    for one in members
                ),
                key=lambda worker: (worker.partitions, worker.host, worker.client),
            )
        )

    def _bounds(self, topics: Sequence[str]) -> dict[TopicPartition, tuple[int, int]]:
        """First and next offset of each partition that the topics have."""
        partitions = [
            TopicPartition(topic, number)
            for topic in topics
            for number in sorted(self._consumer.partitions_for_topic(topic) or set())
        ]
        low = self._consumer.beginning_offsets(partitions)
        high = self._consumer.end_offsets(partitions)
        return {pair: (low[pair], high[pair]) for pair in partitions}

    def _oldest(self, wanted: Mapping[TopicPartition, int]) -> datetime | None:
        """The time of the oldest of the first messages from these positions on."""
        times: dict[TopicPartition, int] = {}
        self._consumer.assign(list(wanted))
        for pair, at in wanted.items():
            # Of a partition that was assigned before, the client remembers that it was paused.
            self._consumer.resume(pair)
            self._consumer.seek(pair, at)
        deadline = time.monotonic() + _READ_SECONDS
        while len(times) < len(wanted) and time.monotonic() < deadline:
            for pair, records in self._consumer.poll(timeout_ms=200, max_records=1).items():
                times[pair] = records[0].timestamp
                self._consumer.pause(pair)
        return datetime.fromtimestamp(min(times.values()) / 1000, UTC) if times else None

    def _open_dead_letters(self, topic: str) -> list[datetime]:
        """When each open dead letter failed. Reads on from where the last reading ended."""
        ends: dict[TopicPartition, int] = {}
        for pair, (low, high) in self._bounds([topic]).items():
            ledger = self._ledgers.setdefault(pair.partition, Ledger())
            ledger.forget(low)
            if ledger.position < high:
                ends[pair] = high
        if ends:
            self._read_on(ends)
        return [time for ledger in self._ledgers.values() for time in ledger.open()]

    def _read_on(self, ends: dict[TopicPartition, int]) -> None:
        self._consumer.assign(list(ends))
        for pair in ends:
            self._consumer.seek(pair, self._ledgers[pair.partition].position)
        deadline = time.monotonic() + _READ_SECONDS
        while any(self._consumer.position(pair) < end for pair, end in ends.items()):
            for pair, records in self._consumer.poll(timeout_ms=200).items():
                deadline = time.monotonic() + _READ_SECONDS
                for record in records:
                    self._ledgers[pair.partition].read(record.offset, record.value)
            if time.monotonic() > deadline:
                raise KafkaConnectionError("the dead letters could not be read to their end")
        for pair in ends:
            self._ledgers[pair.partition].position = self._consumer.position(pair)


def _answer(question: Callable[[], _Answer]) -> _Answer:
    """Ask Kafka; once more where it says that it will know soon, as a new server does of its groups.

    Raises:
        UnreachableError: it does not answer.
    """
    deadline = time.monotonic() + _SOON_SECONDS
    while True:
        try:
            return question()
        except (KafkaError, OSError) as error:
            if not isinstance(error, _NOT_YET) or time.monotonic() > deadline:
                raise UnreachableError(f"Kafka does not answer: {error}.") from error
            time.sleep(0.2)


def _partitions(member: dict[str, Any], topic: str) -> tuple[int, ...]:
    """The partitions of a topic that a described group member holds."""
    assignment = member.get("member_assignment") or {}
    assigned: Iterable[dict[str, Any]] = assignment.get("assigned_partitions") or ()
    return tuple(sorted(number for one in assigned if one["topic"] == topic for number in one["partitions"]))


def count_documents(client: Elasticsearch, settings: ElasticsearchSettings) -> dict[str, int] | None:
    """Documents under each alias; ``None``: the server does not answer or has no such alias."""
    names, client = IndexNames(settings.prefix), client.options(request_timeout=_COUNT_SECONDS)
    try:
        return {base: int(client.count(index=names.alias(base))["count"]) for base in BASES}
    except (ApiError, TransportError):
        return None


def with_feeds_and_alerts(status: Status, settings: Settings, client: Elasticsearch) -> Status:
    """The status with every connector and alert; for people, who ask seldom."""
    found = read_alerts(settings, client if status.documents is not None else None)
    return replace(status, feeds=read_feeds(settings), alerts=found)


def read_feeds(settings: Settings) -> tuple[FeedStatus, ...]:
    """Every connector, those that need a person first.

    Raises:
        UnreachableError: Kafka does not answer.
    """
    from connectors.condition import condition  # noqa: PLC0415 - imports every parser
    from connectors.config import load_directory  # noqa: PLC0415
    from connectors.state import read_states  # noqa: PLC0415

    try:
        states = read_states(settings.kafka, topics_of(settings).connectors.name, None, _READ_SECONDS)
    except (KafkaError, OSError) as error:
        raise UnreachableError(f"Kafka does not answer: {error}.") from error
    feeds = []
    for file in load_directory(settings.connectors.directory):
        if file.config is None:
            feeds.append(FeedStatus(file.path.stem, "broken", file.problem))
            continue
        state = states.get(file.config.name)
        now = condition(file.config, state)
        published, success = (state.items_published, state.last_success) if state else (0, None)
        feeds.append(FeedStatus(file.config.name, now.name, now.reason, published, success))
    return tuple(sorted(feeds, key=lambda feed: (not feed.needs_person, feed.name)))


def read_alerts(settings: Settings, client: Elasticsearch | None) -> tuple[AlertStatus, ...]:
    """Every enabled alert, and what is wrong with their files.

    Args:
        settings: of the installation.
        client: of Elasticsearch, which remembers up to when each has searched; ``None``: it does not answer.
    """
    from pipeline.alerts import config  # noqa: PLC0415
    from pipeline.alerts.state import AlertState  # noqa: PLC0415

    files = config.read_alerts(settings.alerts.directory)
    broken = [AlertStatus(path.stem, error=str(error)) for path, error in files.errors.items()]
    alerts = [alert for alert in files.alerts.values() if alert.enabled]
    if client is None:
        return (*broken, *(AlertStatus(alert.name) for alert in alerts))
    state = AlertState(client, settings.elasticsearch)
    cursors = {alert.name: state.cursor(alert.name) for alert in alerts}
    return (*broken, *(AlertStatus(name, cursor.looked if cursor else None) for name, cursor in cursors.items()))
