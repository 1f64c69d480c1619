"""More partitions for an installation that stands still, with the records of compacted topics where they belong.

A message's partition follows from its key, so with more partitions the next message of an item goes to another one than
the state that intake keeps of it. All processes are therefore stopped first, everything is worked through, partitions
are added, and the newest state of each item and connector is copied to the partition that its key has now, made
durable, and only then deleted in the old one. Run again after an interruption, it continues: a state that is already
in its partition is not written over.

Documents and texts stay where they are: whoever reads them knows their versions, and takes the newest from anywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.partitioner import murmur2

from pipeline.broker.kafka_clients import kafka_admin, kafka_options, open_producer
from pipeline.broker.restore import read_partition
from pipeline.broker.topics import Topic, topics_of
from pipeline.events.errors import ConfigurationError, UnreachableError
from pipeline.runtime.condition import Status
from pipeline.runtime.status import StatusReader
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.grow")

_SEND_SECONDS = 120
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Growth:
    """What was done.

    Attributes:
        topics: that got partitions.
        moved: records that went to another partition.
    """

    topics: tuple[str, ...]
    moved: int


def grow(settings: Settings, partitions: int, tell: Tell = lambda _: None) -> Growth:
    """Give all topics but wire.stories this many partitions; afterwards set kafka.partitions to it.

    Args:
        settings: of the installation, with the number of partitions that it has.
        partitions: more than it has; the same number continues an interrupted run.
        tell: gets a short line for each step.

    Raises:
        ConfigurationError: processes run, messages wait, or the number is too small.
        UnreachableError: Kafka does not answer.
    """
    _require_rest(settings)
    grown = settings.model_copy(update={"kafka": settings.kafka.model_copy(update={"partitions": partitions})})
    topics = [topic for topic in topics_of(grown).all() if topic.partitions == partitions]
    try:
        added = _add_partitions(grown, topics)
        for name in added:
            tell(f"{name} has {partitions} partitions")
        producer = open_producer(**kafka_options(settings.kafka), acks="all", linger_ms=20,
                                 max_request_size=2 * settings.kafka.max_message_bytes)  # fmt: skip
        try:
            moved = 0
            for topic in (topics_of(grown).items, topics_of(grown).connectors):
                count = asyncio.run(_move_records(grown, topic, producer))
                tell(f"{topic.name}: {count:,} records moved")
                moved += count
        finally:
            producer.close()
    except (KafkaError, OSError) as error:
        raise UnreachableError(f"Kafka does not answer: {error}. Run the same command again.") from error
    log.info("partitions_added", partitions=partitions, topics=added, moved=moved)
    return Growth(added, moved)


def _require_rest(settings: Settings) -> None:
    reader = StatusReader(settings)
    try:
        status = reader.read()
    finally:
        reader.close()
    if reasons := _unrest(status):
        raise ConfigurationError(
            f"Partitions can only be added while nothing runs and nothing waits: {'; '.join(reasons)}.",
            hint="Stop the connectors, wait until wiredesk status shows no lag, then stop the workers.",
        )


def _unrest(status: Status) -> list[str]:
    found = [f"{len(status.connectors)} connectors processes run"] if status.connectors else []
    for stage in status.stages:
        if stage.members:
            found.append(f"{stage.members} workers run {stage.stage}")
        if stage.lag:
            found.append(f"{stage.lag:,} messages wait for {stage.stage}")
    return found


def _add_partitions(settings: Settings, topics: Sequence[Topic]) -> tuple[str, ...]:
    admin = kafka_admin(settings.kafka)
    try:
        described = admin.describe_topics([topic.name for topic in topics])
        counts = {entry["name"]: len(entry["partitions"]) for entry in described}
        smaller = [topic for topic in topics if counts[topic.name] > topic.partitions]
        if smaller:
            raise ConfigurationError(
                f"{smaller[0].name} has {counts[smaller[0].name]} partitions; Kafka cannot take any away.",
                hint="Give a larger number.",
            )
        wanted = [topic for topic in topics if counts[topic.name] < topic.partitions]
        if wanted:
            admin.create_partitions({topic.name: topic.partitions for topic in wanted})
        return tuple(topic.name for topic in wanted)
    finally:
        admin.close()


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key, as the clients' own partitioner chooses it (Kafka's murmur2)."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


async def _move_records(settings: Settings, topic: Topic, producer: KafkaProducer) -> int:
    """Copy records that are in another partition than their key's, then delete them there."""
    newest: list[dict[bytes, int]] = [await _newest(settings, topic, number) for number in range(topic.partitions)]
    moved = 0
    for number, offsets in enumerate(newest):
        wrong = {key: offset for key, offset in offsets.items() if partition_of(key, topic.partitions) != number}
        if not wrong:
            continue
        sends = []
        async for offset, key, value in read_partition(settings.kafka, topic.name, number, min(wrong.values())):
            if key is not None and wrong.get(key) == offset:
                target = partition_of(key, topic.partitions)
                if key not in newest[target]:
                    sends.append(producer.send(topic.name, value, key, partition=target))
        _await(producer, sends)
        _await(producer, [producer.send(topic.name, None, key, partition=number) for key in wrong])
        moved += len(wrong)
    return moved


async def _newest(settings: Settings, topic: Topic, number: int) -> dict[bytes, int]:
    """The offset of the newest record of each key that a partition has; deleted keys are left out."""
    offsets: dict[bytes, int] = {}
    async for offset, key, value in read_partition(settings.kafka, topic.name, number, 0):
        if key is None:
            continue
        if value is None:
            offsets.pop(key, None)
        else:
            offsets[key] = offset
    return offsets


def _await(producer: KafkaProducer, sends: Sequence[object]) -> None:
    producer.flush(_SEND_SECONDS)
    for send in sends:
        send.get(_SEND_SECONDS)  # type: ignore[attr-defined]
