"""Publishing with kafka-python: idempotent, acknowledged by all replicas, every single future checked.

``flush`` of kafka-python does not raise for records that failed, so each record's own future is asked. A broker that
cannot be reached is waited for; a record that the broker will never take (too large) is the caller's to put aside.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from kafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError, RecordListTooLargeError

from pipeline.broker.clients import kafka_options
from pipeline.broker.kafka_clients import open_producer
from pipeline.events.errors import ConfigurationError, FatalError, UnreachableError
from pipeline.settings import KafkaSettings

log = structlog.get_logger("wiredesk.publisher")

#: What the broker refuses for ever; anything else is tried again.
REFUSALS = (MessageSizeTooLargeError, RecordListTooLargeError)

#: What a batch of one record needs besides key and value, generously.
_OVERHEAD = 500


@dataclass(frozen=True)
class Record:
    """One message to publish."""

    topic: str
    key: bytes
    value: bytes
    partition: int | None = None


def require_crc32c() -> None:
    """Publishing without the C checksum is 10 to 18 times slower: refuse to start without it.

    Raises:
        ConfigurationError: the package is missing.
    """
    try:
        import crc32c  # noqa: F401, PLC0415 - only its presence matters
    except ImportError as error:
        raise ConfigurationError(
            "The package crc32c is missing.", hint="Install wiredesk with its dependencies."
        ) from error


class Publisher:
    """A producer that is made when first needed and made anew after it has failed for good.

    Args:
        kafka: the broker.
        stopping: waiting ends when it is set.
    """

    def __init__(self, kafka: KafkaSettings, stopping: threading.Event | None = None) -> None:
        require_crc32c()
        self._kafka = kafka
        self._stopping = stopping or threading.Event()
        self._producer: Any = None  # the client has no types
        self._lock = threading.Lock()

    def publish(
        self,
        records: Sequence[Record],
        refused: Callable[[Record, Exception], Record],
        patience_seconds: float = float("inf"),
    ) -> None:
        """Make all records durable, however long the broker is away.

        Args:
            records: in the order in which they shall stand.
            refused: gives the record to publish instead of one that the broker will never take.
            patience_seconds: how long to go on trying, where somebody waits for the answer.

        Raises:
            UnreachableError: the process is stopping, or patience is at an end, and the broker could not be reached.
            FatalError: what is to stand for a refused record is refused as well.
        """
        pending = [self._fitting(record, refused) for record in records]
        wait, told, deadline = 0.5, False, time.monotonic() + patience_seconds
        while pending:
            producer = None
            failure: Exception | None
            try:
                producer = self._connected()
                pending, failure = _send(producer, pending)
                if isinstance(failure, REFUSALS):
                    self._discard(producer)
                    pending, failure = self._one_by_one(pending, refused), None
            except (KafkaError, OSError, ValueError) as error:
                failure = error  # also what the client says of a producer that another thread has just closed
            if failure is None:
                continue
            if not told:
                log.warning("waiting_for_kafka", servers=self._kafka.bootstrap_servers, reason=repr(failure)[:200])
                told = True
            self._discard(producer)
            if self._stopping.wait(wait) or time.monotonic() > deadline:
                raise UnreachableError(f"Kafka at {self._kafka.bootstrap_servers}: {failure!r}.") from failure
            wait = min(wait * 2, 15)

    def _fitting(self, record: Record, refused: Callable[[Record, Exception], Record]) -> Record:
        """The record, or what stands for it where it is larger than its topic takes."""
        limit = self._kafka.max_message_bytes * (2 if record.topic.endswith(".dead") else 1)
        if len(record.key) + len(record.value) + _OVERHEAD <= limit:
            return record
        return refused(record, MessageSizeTooLargeError(f"allowed are {limit:,} (kafka.max_message_bytes)"))

    def _one_by_one(self, records: list[Record], refused: Callable[[Record, Exception], Record]) -> list[Record]:
        """What is left after each has been sent alone, with what stands for the refused ones.

        The broker takes less than the settings say. After one refusal the client (kafka-python 3.0.12, idempotent)
        answers every later record with the same error, so each refusal is only believed of a new producer.
        """
        left: list[Record] = []
        for record in records:
            producer = self._connected()
            again, failure = _send(producer, [record])
            if not isinstance(failure, REFUSALS):
                left += again
                continue
            self._discard(producer)
            instead = refused(record, failure)
            if instead.topic == record.topic:
                raise FatalError(
                    f"Topic {record.topic} takes no message of {len(record.value):,} bytes.",
                    hint="Give the topic the max.message.bytes that wiredesk topics would give it.",
                )
            left.append(instead)
        return left

    def _connected(self) -> Any:
        with self._lock:
            if self._producer is None:
                self._producer = open_producer(
                    **kafka_options(self._kafka),
                    client_id="wiredesk-connectors",
                    acks="all",
                    enable_idempotence=True,
                    linger_ms=5,
                    batch_size=min(262_144, self._kafka.max_message_bytes // 2),
                    compression_type=None if self._kafka.compression == "none" else self._kafka.compression,
                    max_request_size=2 * self._kafka.max_message_bytes,
                    delivery_timeout_ms=30_000,
                    request_timeout_ms=15_000,
                    max_block_ms=10_000,
                    bootstrap_timeout_ms=5_000,
                )
            return self._producer

    def _discard(self, failed: Any) -> None:
        """Close a producer that has failed, unless another thread has done so and made a new one."""
        with self._lock:
            if failed is None or self._producer is not failed:
                return
            self._producer = None
            failed.close(timeout=2)

    def close(self) -> None:
        """Close the producer; the next record makes a new one."""
        self._discard(self._producer)


def _send(producer: Any, records: Sequence[Record]) -> tuple[list[Record], Exception | None]:
    """What is left to publish, and what has hindered it."""
    futures: list[Any] = []
    for record in records:
        try:
            sent = producer.send(record.topic, key=record.key, value=record.value, partition=record.partition)
        except REFUSALS as error:
            sent = error
        futures.append(sent)
    left: list[Record] = []
    failure: Exception | None = None
    for record, future in zip(records, futures, strict=True):
        try:
            _result(future)
        except KafkaError as error:
            # What was sent after a failed record may now stand before its repetition. Items do not depend on each
            # other's order, and the versions of one item are ordered by the wire, not by arrival.
            left.append(record)
            failure = failure or error
    return left, failure


def _result(future: Any) -> None:
    if isinstance(future, Exception):
        raise future
    try:
        future.get(timeout=45)
    except TimeoutError as error:
        raise KafkaTimeoutError("no acknowledgement within 45 s") from error
