"""The states of the connectors, in the compacted topic ``wire.connectors``.

The partition of a connector's name decides which process runs it: the consumer group over this topic shares the
connectors out. A process that is assigned a partition reads it to its end before it runs any connector of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import structlog
from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError, UnknownTopicOrPartitionError
from kafka.partitioner.default import murmur2

from pipeline.broker.kafka_clients import kafka_options, open_consumer
from pipeline.events import ConnectorPushes, ConnectorState
from pipeline.events.errors import DecodeError
from pipeline.settings import KafkaSettings

log = structlog.get_logger("wiredesk.connectors")

_TIMEOUT_SECONDS = 30
#: No connector's name has a slash.
_PUSHES = "/pushes"


@dataclass(frozen=True)
class ReadPushes:
    """What a process said was pushed to a connector, and where it stood in ``wire.connectors``."""

    pushes: ConnectorPushes
    partition: int
    offset: int

    @classmethod
    def of(cls, record: Any) -> ReadPushes | None:
        """Read a record of Kafka; ``None``: it is of another kind."""
        pushes = read_pushes(record.key, record.value)
        return cls(pushes, record.partition, record.offset) if pushes else None


@dataclass
class StoredStates:
    """What a partition, or all of them, says of the connectors.

    Attributes:
        states: the newest state of each.
        pushes: by connector, what was received and is not in that state.
        ends: by partition, the offset up to which it was read.
    """

    states: dict[str, ConnectorState] = field(default_factory=dict)
    pushes: dict[str, list[ReadPushes]] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)

    def add(self, record: Any) -> None:
        """Take in the next record of a partition, in the order of their offsets."""
        if record.key is None:
            return
        if read := ReadPushes.of(record):
            self.pushes.setdefault(read.pushes.connector, []).append(read)
            return
        name = record.key.decode("utf-8", "replace")
        if name.endswith(_PUSHES):
            return
        if record.value is None:
            self.states.pop(name, None)
            self.pushes.pop(name, None)
            return
        try:
            state = self.states[name] = ConnectorState.decode(record.value)
        except DecodeError as error:
            # Without its state a connector starts anew: items are published again, and intake drops them.
            log.warning("state_unreadable", connector=name, reason=str(error))
            return
        self.pushes[name] = [read for read in self.pushes.get(name, ()) if not _is_in(state, read)]


def pushes_key(name: str) -> bytes:
    """The key of what was pushed to a connector."""
    return f"{name}{_PUSHES}".encode()


def read_pushes(key: bytes | None, value: bytes | None) -> ConnectorPushes | None:
    """What a record says was pushed; ``None``: it is of another kind."""
    if key is None or value is None or not key.endswith(_PUSHES.encode()):
        return None
    try:
        return ConnectorPushes.decode(value)
    except DecodeError as error:
        log.warning("pushes_unreadable", key=key.decode("utf-8", "replace"), reason=str(error))
        return None


def partition_of(name: str, partitions: int) -> int:
    """The partition that a connector belongs to: Kafka's own hash of its name."""
    return (int(murmur2(name.encode())) & 0x7FFFFFFF) % partitions


def read_states(
    kafka: KafkaSettings, topic: str, partitions: Iterable[int] | None, timeout_seconds: float = _TIMEOUT_SECONDS
) -> dict[str, ConnectorState]:
    """Read the newest state of every connector in these partitions, as :func:`read_stored` does."""
    return read_stored(kafka, topic, partitions, timeout_seconds).states


def read_stored(
    kafka: KafkaSettings, topic: str, partitions: Iterable[int] | None, timeout_seconds: float = _TIMEOUT_SECONDS
) -> StoredStates:
    """Read the newest state of every connector in these partitions, and what was pushed to it since.

    Args:
        kafka: the broker.
        topic: ``wire.connectors``.
        partitions: of it; ``None``: all that it has.
        timeout_seconds: how long to wait for a broker that does not answer.

    Raises:
        kafka.errors.KafkaError: the broker cannot be reached, stops answering, or has no such topic.
    """
    wanted = None if partitions is None else sorted(partitions)
    if wanted == []:
        return StoredStates()
    consumer = open_consumer(
        **kafka_options(kafka),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        bootstrap_timeout_ms=int(timeout_seconds * 1000),
    )
    # By partition: where partitions were added, a state was copied to another one and deleted in the first.
    found: dict[int, StoredStates] = {}
    try:
        known = consumer.partitions_for_topic(topic)
        if not known:
            raise UnknownTopicOrPartitionError(f"topic {topic} does not exist; create it with: wiredesk topics")
        targets = [TopicPartition(topic, number) for number in (sorted(known) if wanted is None else wanted)]
        consumer.assign(targets)
        ends = consumer.end_offsets(targets)
        consumer.seek_to_beginning(*targets)
        deadline = time.monotonic() + timeout_seconds
        while any(consumer.position(target) < ends[target] for target in targets):
            for records in consumer.poll(timeout_ms=500).values():
                deadline = time.monotonic() + timeout_seconds
                for record in records:
                    found.setdefault(record.partition, StoredStates()).add(record)
            if time.monotonic() > deadline:
                raise KafkaTimeoutError(f"{topic}: no message for {timeout_seconds:g} s before its end was reached")
    finally:
        consumer.close()
    return StoredStates(
        {name: state for one in found.values() for name, state in one.states.items()},
        # Where partitions were added, what was pushed before is in another partition than the state.
        {
            name: pushes
            for number, one in found.items()
            for name, pushes in one.pushes.items()
            if partition_of(name, len(known)) == number
        },
        {target.partition: end for target, end in ends.items()},
    )


def _is_in(state: ConnectorState, read: ReadPushes) -> bool:
    """Whether a state counts a report that stood before it; its process may have stored it before it read that."""
    until = state.pushes_read
    # Of another partition: the state was copied here when partitions were added, with all that was read there.
    return until is not None and (until.partition != read.partition or read.offset < until.end)
