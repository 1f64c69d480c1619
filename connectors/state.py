"""The states of the connectors, in the compacted topic ``wire.connectors``.

The partition of a connector's name decides which process runs it: the consumer group over this topic shares the
connectors out. A process that is assigned a partition reads it to its end before it runs any connector of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

import structlog
from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError, UnknownTopicOrPartitionError
from kafka.partitioner.default import murmur2

from pipeline.broker.kafka_clients import kafka_options, open_consumer
from pipeline.events import ConnectorState
from pipeline.events.errors import DecodeError
from pipeline.settings import KafkaSettings

log = structlog.get_logger("wiredesk.connectors")

_TIMEOUT_SECONDS = 30
#: What the key of a connector's pushes ends with (push_tally.py).
PUSHED = "\x1fpushed"


def partition_of(name: str, partitions: int) -> int:
    """The partition that a connector belongs to: Kafka's own hash of its name."""
    return (int(murmur2(name.encode())) & 0x7FFFFFFF) % partitions


def read_states(
    kafka: KafkaSettings, topic: str, partitions: Iterable[int] | None, timeout_seconds: float = _TIMEOUT_SECONDS
) -> dict[str, ConnectorState]:
    """Read the newest state of every connector in these partitions.

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
        return {}
    consumer = open_consumer(
        **kafka_options(kafka),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        bootstrap_timeout_ms=int(timeout_seconds * 1000),
    )
    # By partition: where partitions were added, a state was copied to another one and deleted in the first.
    found: dict[int, dict[str, ConnectorState]] = {}
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
                    _apply(found.setdefault(record.partition, {}), record.key, record.value)
            if time.monotonic() > deadline:
                raise KafkaTimeoutError(f"{topic}: no message for {timeout_seconds:g} s before its end was reached")
    finally:
        consumer.close()
    return with_pushes({name: state for states in found.values() for name, state in states.items()})


def with_pushes(states: Mapping[str, ConnectorState]) -> dict[str, ConnectorState]:
    """The states of connectors, with the time of the last push where it is later than their last item."""
    known = {name: state for name, state in states.items() if not name.endswith(PUSHED)}
    for name, told in states.items():
        base = name.removesuffix(PUSHED)
        last = told.usual_rate.last_item
        if base == name or base not in known or last is None:
            continue
        rate = known[base].usual_rate
        if rate.last_item is None or rate.last_item < last:
            rate = rate.model_copy(update={"last_item": last})
            known[base] = known[base].model_copy(update={"usual_rate": rate})
    return known


def _apply(states: dict[str, ConnectorState], key: bytes | None, value: bytes | None) -> None:
    if key is None:
        return
    name = key.decode("utf-8", "replace")
    if value is None:
        states.pop(name, None)
        return
    try:
        states[name] = ConnectorState.decode(value)
    except DecodeError as error:
        # Without its state a connector starts anew: items are published again, and intake drops them.
        log.warning("state_unreadable", connector=name, reason=str(error))
