"""State restored from a topic before the first message is taken: one mechanism for intake and cluster.

What a stage remembers of a partition is what a topic says, read up to an offset. A local store keeps it together with
the offset reached, in one atomic write, so that a restart reads only what is new; without the local store, or with one
of another broker, the topic is read from its start. There is no second truth: delete the store and nothing is lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from pipeline.broker.kafka_clients import kafka_options
from pipeline.broker.local_state import PartitionStore
from pipeline.broker.monitoring.restores import restoring
from pipeline.events import MessageRef
from pipeline.events.errors import FatalError, RejectError, UnreachableError
from pipeline.settings import KafkaSettings

log = structlog.get_logger("wiredesk.restore")

_TOPIC_ATTEMPTS, _TOPIC_SECONDS = 25, 0.2

#: What is stored of a record, given what is known of its key; raises ``RejectError`` where the record is unreadable.
Merge = Callable[[bytes | None, bytes], bytes]
#: Makes the dead letter of an unreadable record durable: where it is, its key and value, what is wrong.
PutAside = Callable[[MessageRef, bytes, bytes, RejectError], Awaitable[None]]


async def require_topic(consumer: AIOKafkaConsumer, topic: str) -> None:
    """Return once a topic exists. Without it the client would ask for its partitions for ever.

    Raises:
        FatalError: it is not there.
    """
    for _ in range(_TOPIC_ATTEMPTS):  # a topic that was just made is not known at once
        if topic in await consumer.topics():
            return
        await asyncio.sleep(_TOPIC_SECONDS)
    raise FatalError(f"The topic {topic} is not there.", hint="Create it: wiredesk topics.")


async def read_partition(
    kafka: KafkaSettings, topic: str, partition: int, start: int, end: int | None = None
) -> AsyncIterator[tuple[int, bytes | None, bytes | None]]:
    """Read a partition from ``start`` to ``end`` (exclusive; ``None``: the end as it is now), outside any group.

    Yields:
        offset, key, value of each message.

    Raises:
        UnreachableError: the broker cannot be reached.
        FatalError: there is no such topic.
    """
    consumer = AIOKafkaConsumer(
        **kafka_options(kafka),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=max(kafka.max_message_bytes, 4 * 1024 * 1024),
    )
    target = TopicPartition(topic, partition)
    try:
        await consumer.start()
        await require_topic(consumer, topic)
        consumer.assign([target])
        low = (await consumer.beginning_offsets([target]))[target]
        high = (await consumer.end_offsets([target]))[target]
        stop = high if end is None else min(end, high)
        consumer.seek(target, max(start, low))
        while await consumer.position(target) < stop:
            batches = await consumer.getmany(target, timeout_ms=1000, max_records=2000)
            for record in batches.get(target, []):
                if record.offset >= stop:
                    return
                yield record.offset, record.key, record.value
    except (KafkaError, OSError) as error:
        raise UnreachableError(f"{topic}/{partition} cannot be read: {error!r}.", system="kafka") from error
    finally:
        await consumer.stop()


async def end_offset(kafka: KafkaSettings, topic: str, partition: int) -> int:
    """The offset after the last message of a partition; raises as :func:`read_partition`."""
    consumer = AIOKafkaConsumer(**kafka_options(kafka), group_id=None, enable_auto_commit=False)
    target = TopicPartition(topic, partition)
    try:
        await consumer.start()
        await require_topic(consumer, topic)
        return int((await consumer.end_offsets([target]))[target])
    except (KafkaError, OSError) as error:
        raise UnreachableError(f"The end of {topic}/{partition} cannot be read: {error!r}.", system="kafka") from error
    finally:
        await consumer.stop()


async def committed_offset(kafka: KafkaSettings, group: str, topic: str, partition: int) -> int:
    """The offset up to which a group has acknowledged a partition; 0: nothing yet. Raises as :func:`read_partition`."""
    consumer = AIOKafkaConsumer(**kafka_options(kafka), group_id=group, enable_auto_commit=False)
    target = TopicPartition(topic, partition)
    try:
        await consumer.start()
        await require_topic(consumer, topic)
        consumer.assign([target])
        return int(await consumer.committed(target) or 0)
    except (KafkaError, OSError) as error:
        raise UnreachableError(f"The position of {group} cannot be read: {error!r}.", system="kafka") from error
    finally:
        await consumer.stop()


class RestoredPartitions:
    """The stores of the partitions that this process works on, each restored before its first use.

    Args:
        kafka: the broker.
        topic: the compacted topic that holds the state.
        directory: where the stores are.
        merge: how a record of the topic changes what is stored (newest wins, or a union).

    Attributes:
        put_aside: called with each unreadable record before the store moves past it: it costs its item's memory, not
            the partition. Set it before the first use.
    """

    put_aside: PutAside

    def __init__(self, kafka: KafkaSettings, topic: str, directory: Path, merge: Merge) -> None:
        self._kafka = kafka
        self._topic = topic
        self._directory = directory
        self._merge = merge
        self._ready: dict[int, PartitionStore] = {}
        self._moves = 0
        self._lock = asyncio.Lock()

    async def store(self, partition: int) -> PartitionStore:
        """The partition's store, read up to the end of its topic the first time it is asked for."""
        async with self._lock:
            while partition not in self._ready:
                moves = self._moves
                with restoring(self._directory.name):
                    store = await self._restore(partition)
                if moves == self._moves:
                    self._ready[partition] = store
                else:  # another process may have written since the end was read
                    store.close()
            return self._ready[partition]

    def forget(self, partitions: set[int] | None = None) -> None:
        """Close the stores of partitions that were revoked or assigned: another process may have moved them on."""
        self._moves += 1
        for partition in set(self._ready) & (set(self._ready) if partitions is None else partitions):
            self._ready.pop(partition).close()

    def written(self, partition: int, entries: list[tuple[bytes, bytes | None]], offsets: list[int]) -> None:
        """Take over what this process itself wrote to the topic.

        Where the offsets do not follow on the ones known, somebody else has written between: the store is closed and
        the next use restores it.
        """
        store = self._ready.get(partition)
        if store is None or not offsets:
            return
        first, last = min(offsets), max(offsets)
        if first != store.offset or last - first + 1 != len(offsets):
            log.info("state_moved_on", topic=self._topic, partition=partition, known=store.offset, written=first)
            self.forget({partition})
            return
        store.put(entries, last + 1)

    async def _restore(self, partition: int) -> PartitionStore:
        store = PartitionStore(self._directory / f"{self._topic}-{partition}")
        try:
            end = await end_offset(self._kafka, self._topic, partition)
            if store.offset > end:
                log.warning("state_of_another_topic", topic=self._topic, partition=partition)
                store = store.emptied()
            await self._read_into(store, partition, end)
        except BaseException:
            store.close()
            raise
        return store

    async def _read_into(self, store: PartitionStore, partition: int, end: int) -> None:
        pending: dict[bytes, bytes | None] = {}
        count, start = 0, store.offset
        async for offset, key, value in read_partition(self._kafka, self._topic, partition, start, end):
            if key is None:
                continue
            known = pending[key] if key in pending else store.get(key)
            try:
                pending[key] = None if value is None else self._merge(known, value)
            except RejectError as error:
                where = MessageRef(topic=self._topic, partition=partition, offset=offset)
                log.error("state_record_unreadable", record=where.model_dump(), reason=str(error))
                await self.put_aside(where, key, value or b"", error)
            count += 1
            if len(pending) >= 1000:
                store.put(list(pending.items()), offset + 1)
                pending.clear()
        store.put(list(pending.items()), end)
        log.info("state_restored", topic=self._topic, partition=partition, messages=count, from_offset=start)
