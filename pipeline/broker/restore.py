"""State restored from a topic before the first message is taken: one mechanism for intake and cluster.

What a stage remembers of a partition is what a topic says, read up to an offset. A local store keeps it together with
the offset reached, in one atomic write, so that a restart reads only what is new; without the local store, or with one
of another broker, the topic is read from its start. There is no second truth: delete the store and nothing is lost.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from rocksdict import Options, Rdict, WriteBatch, WriteOptions

from pipeline.broker.kafka_clients import kafka_options
from pipeline.events.errors import FatalError, UnreachableError
from pipeline.settings import KafkaSettings

log = structlog.get_logger("wiredesk.restore")

_OFFSET_KEY = b"\x00offset"
_TOPIC_LOOKS, _TOPIC_SECONDS = 25, 0.2


class ClaimedDirectory:
    """A directory of local state that belongs to one process at a time.

    The first one free under ``base`` is taken (``0``, ``1``, …), so that a process that is started again finds what it
    left. The claim is the kernel's lock on a file: it ends with the process, however that ends.
    """

    def __init__(self, base: Path) -> None:
        for number in range(1000):
            path = base / str(number)
            path.mkdir(parents=True, exist_ok=True)
            lock = (path / "lock").open("w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                continue
            self.path = path
            self._lock = lock
            return
        raise FatalError(f"All state directories under {base} are in use.", hint="Set worker.state_directory.")

    def release(self) -> None:
        """Let another process have it."""
        self._lock.close()


class PartitionStore:
    """Key/value store of one partition's state, with the offset up to which it is complete.

    Args:
        path: directory of its own, opened by one process at a time (RocksDB; keys and values are bytes).
    """

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        options = Options(raw_mode=True)
        options.set_write_buffer_size(16 * 1024 * 1024)
        self._db = Rdict(str(path), options)
        # The topic is the truth: what a crash takes from the end of the store is read again.
        self._write = WriteOptions()

    def get(self, key: bytes) -> bytes | None:
        value: bytes | None = self._db.get(b"k" + key)
        return value

    @property
    def offset(self) -> int:
        """The next offset to read from the topic."""
        value = self._db.get(_OFFSET_KEY)
        return int(value) if value else 0

    def put(self, entries: list[tuple[bytes, bytes | None]], offset: int) -> None:
        """Store entries (``None`` deletes) and the offset reached, all or nothing."""
        batch = WriteBatch(raw_mode=True)
        for key, value in entries:
            if value is None:
                batch.delete(b"k" + key)
            else:
                batch.put(b"k" + key, value)
        batch.put(_OFFSET_KEY, str(offset).encode())
        self._db.write(batch, self._write)

    def close(self) -> None:
        self._db.close()


async def require_topic(consumer: AIOKafkaConsumer, topic: str) -> None:
    """Return once a topic is there. Without it the client would ask for its partitions for ever.

    Raises:
        FatalError: it is not there.
    """
    for _ in range(_TOPIC_LOOKS):  # a topic that was just made is not known at once
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
        raise UnreachableError(f"{topic}/{partition} cannot be read: {error!r}.") from error
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
        raise UnreachableError(f"The end of {topic}/{partition} cannot be read: {error!r}.") from error
    finally:
        await consumer.stop()


class RestoredPartitions:
    """The stores of the partitions that this process works on, each restored before its first use.

    Args:
        kafka: the broker.
        topic: the compacted topic that holds the state.
        directory: where the stores are.
        merge: how a message of the topic is taken over what is stored (newest wins, or a union).
    """

    def __init__(
        self, kafka: KafkaSettings, topic: str, directory: Path, merge: Callable[[bytes | None, bytes], bytes]
    ) -> None:
        self._kafka = kafka
        self._topic = topic
        self._directory = directory
        self._merge = merge
        self._ready: dict[int, PartitionStore] = {}
        self._lock = asyncio.Lock()

    async def store(self, partition: int) -> PartitionStore:
        """The partition's store, read up to the end of its topic the first time it is asked for."""
        async with self._lock:
            if partition not in self._ready:
                self._ready[partition] = await self._restore(partition)
            return self._ready[partition]

    def forget(self, partitions: set[int] | None = None) -> None:
        """Close the stores of revoked partitions: another process may move them on."""
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
                store = self._emptied(store, partition)
            await self._read_into(store, partition, end)
        except BaseException:
            store.close()
            raise
        return store

    def _emptied(self, store: PartitionStore, partition: int) -> PartitionStore:
        store.close()
        path = self._directory / f"{self._topic}-{partition}"
        Rdict.destroy(str(path))
        return PartitionStore(path)

    async def _read_into(self, store: PartitionStore, partition: int, end: int) -> None:
        pending: dict[bytes, bytes | None] = {}
        count, start = 0, store.offset
        async for offset, key, value in read_partition(self._kafka, self._topic, partition, start, end):
            if key is None:
                continue
            known = pending[key] if key in pending else store.get(key)
            pending[key] = None if value is None else self._merge(known, value)
            count += 1
            if len(pending) >= 1000:
                store.put(list(pending.items()), offset + 1)
                pending.clear()
        store.put(list(pending.items()), end)
        log.info("state_restored", topic=self._topic, partition=partition, messages=count, from_offset=start)
