"""Reads ``wire.enriched`` from given offsets, all partitions, outside any consumer group."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from kafka.admin import KafkaAdminClient
from kafka.errors import CoordinatorNotAvailableError
from kafka.errors import KafkaError as KafkaClientError

from pipeline.broker.kafka_clients import kafka_admin, kafka_options
from pipeline.broker.restore import require_topic
from pipeline.events.errors import FatalError, UnreachableError
from pipeline.settings import KafkaSettings

_ATTEMPTS = 15


class EnrichedReader:
    """A reader of the topic. Call ``open`` first and ``aclose`` at the end.

    Args:
        kafka: the broker.
        topic: its name.
        partitions: how many it has.
        offsets: where to begin, by partition; default: the start.
    """

    def __init__(self, kafka: KafkaSettings, topic: str, partitions: int, offsets: Mapping[int, int]) -> None:
        self._kafka = kafka
        self._targets = [TopicPartition(topic, number) for number in range(partitions)]
        self._offsets = dict(offsets)
        self._consumer = AIOKafkaConsumer(
            **kafka_options(kafka),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=max(kafka.max_message_bytes, 4 * 1024 * 1024),
        )

    async def open(self) -> None:
        """Connect and go to the offsets.

        Raises:
            UnreachableError: the broker does not answer.
            FatalError: the topic does not exist.
        """
        try:
            await self._consumer.start()
            await require_topic(self._consumer, self._targets[0].topic)
            self._consumer.assign(self._targets)
            starts = await self._consumer.beginning_offsets(self._targets)
            for target in self._targets:
                # Messages before the start were compacted away.
                self._consumer.seek(target, max(self._offsets.get(target.partition, 0), starts[target]))
        except (KafkaError, OSError) as error:
            await self._consumer.stop()
            raise self._unreachable(error) from error
        except FatalError:
            await self._consumer.stop()
            raise

    async def aclose(self) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def read(self, most: int, wait_seconds: float = 0.2) -> Sequence[ConsumerRecord]:
        """The next messages; empty if none came in time."""
        try:
            found = await self._consumer.getmany(timeout_ms=int(wait_seconds * 1000), max_records=most)
        except (KafkaError, OSError) as error:
            raise self._unreachable(error) from error
        return [record for records in found.values() for record in records]

    async def positions(self) -> dict[int, int]:
        """By partition, the next offset that ``read`` will give."""
        return {target.partition: await self._consumer.position(target) for target in self._targets}

    async def ends(self) -> dict[int, int]:
        """By partition, the offset after the last message at this moment."""
        try:
            found = await self._consumer.end_offsets(self._targets)
        except (KafkaError, OSError) as error:
            raise self._unreachable(error) from error
        return {target.partition: offset for target, offset in found.items()}

    def _unreachable(self, error: BaseException) -> UnreachableError:
        return UnreachableError(f"{self._targets[0].topic} at {self._kafka.bootstrap_servers}: {error!r}.")


def acknowledged_offsets(kafka: KafkaSettings, topic: str) -> dict[int, int]:
    """By partition, the offset up to which the index stage has acknowledged the topic; empty: it never ran.

    Raises:
        UnreachableError: Kafka does not answer.
    """
    group = f"{kafka.group_prefix}-index"
    try:
        admin = kafka_admin(kafka)
        try:
            offsets = _group_offsets(admin, group)
        finally:
            admin.close()
    except KafkaClientError as error:
        raise UnreachableError(f"Kafka at {kafka.bootstrap_servers} does not answer: {error}.") from error
    return {pair.partition: entry.offset for pair, entry in offsets.items() if pair.topic == topic}


def _group_offsets(admin: KafkaAdminClient, group: str) -> Mapping[Any, Any]:
    """A broker that never had a group creates the topic of their offsets at the first request: ask again."""
    for attempt in range(_ATTEMPTS):
        try:
            return admin.list_group_offsets(group).get(group, {})  # type: ignore[no-any-return]
        except CoordinatorNotAvailableError:
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(1)
    return {}
