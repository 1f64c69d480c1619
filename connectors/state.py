"""Where each connector stands, kept in the compacted topic ``wire.connectors``.

The partition of a connector's name decides which process runs it: the consumer group over this topic shares the
connectors out. Whoever is given a partition reads it to its end before it runs any connector of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaTimeoutError
from kafka.partitioner.default import murmur2

from pipeline.clients import kafka_options
from pipeline.errors import DecodeError
from pipeline.events import ConnectorState
from pipeline.settings import KafkaSettings

log = structlog.get_logger("wiredesk.connectors")

_PATIENCE_SECONDS = 30


def partition_of(name: str, partitions: int) -> int:
    """The partition that a connector belongs to: Kafka's own hash of its name."""
    return (int(murmur2(name.encode())) & 0x7FFFFFFF) % partitions


def read_states(kafka: KafkaSettings, topic: str, partitions: Iterable[int]) -> dict[str, ConnectorState]:
    """The newest state of every connector in these partitions.

    Raises:
        kafka.errors.KafkaError: the broker cannot be reached, or stops answering.
    """
    targets = [TopicPartition(topic, partition) for partition in sorted(partitions)]
    if not targets:
        return {}
    consumer = KafkaConsumer(
        **kafka_options(kafka), group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    states: dict[str, ConnectorState] = {}
    try:
        consumer.assign(targets)
        ends = consumer.end_offsets(targets)
        consumer.seek_to_beginning(*targets)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while any(consumer.position(target) < ends[target] for target in targets):
            for records in consumer.poll(timeout_ms=500).values():
                deadline = time.monotonic() + _PATIENCE_SECONDS
                for record in records:
                    _take(states, record.key, record.value)
            if time.monotonic() > deadline:
                raise KafkaTimeoutError(f"{topic}: nothing came for {_PATIENCE_SECONDS} s, but its end is not reached")
    finally:
        consumer.close()
    return states


def _take(states: dict[str, ConnectorState], key: bytes | None, value: bytes | None) -> None:
    if key is None:
        return
    name = key.decode("utf-8", "replace")
    if value is None:
        states.pop(name, None)
        return
    try:
        states[name] = ConnectorState.decode(value)
    except DecodeError as error:
        # Without its state a connector polls from the start: items come again, and intake drops them.
        log.warning("state_unreadable", connector=name, reason=str(error))
