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
from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError, RecordListTooLargeError

from pipeline.clients import kafka_options
from pipeline.errors import ConfigurationError, UnreachableError
from pipeline.settings import KafkaSettings

log = structlog.get_logger("wiredesk.publisher")

#: What the broker refuses for ever; anything else is tried again.
REFUSALS = (MessageSizeTooLargeError, RecordListTooLargeError)


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
        self._producer: KafkaProducer | None = None
        self._lock = threading.Lock()

    def publish(self, records: Sequence[Record], refused: Callable[[Record, Exception], Record]) -> None:
        """Make all records durable, however long the broker is away.

        Args:
            records: in the order in which they shall stand.
            refused: gives the record to publish instead of one that the broker will never take.

        Raises:
            UnreachableError: the process is stopping and the broker could not be reached.
        """
        pending, wait, told = list(records), 0.5, False
        while pending:
            try:
                pending = self._attempt(pending, refused)
                told = False
            except (KafkaError, OSError, ValueError) as error:
                if not told:
                    log.warning("waiting_for_kafka", servers=self._kafka.bootstrap_servers, reason=repr(error)[:200])
                    told = True
                self.close()
                if self._stopping.wait(wait):
                    raise UnreachableError(f"Kafka at {self._kafka.bootstrap_servers}: {error!r}.") from error
                wait = min(wait * 2, 15)

    def _attempt(self, records: list[Record], refused: Callable[[Record, Exception], Record]) -> list[Record]:
        producer = self._connected()
        futures = []
        for record in records:
            try:
                futures.append(
                    producer.send(record.topic, key=record.key, value=record.value, partition=record.partition)
                )
            except REFUSALS as error:
                futures.append(error)
        left: list[Record] = []
        failure: Exception | None = None
        for record, future in zip(records, futures, strict=True):
            try:
                _result(future)
            except REFUSALS as error:
                left.append(refused(record, error))
            except KafkaError as error:
                # What was sent after a failed record may now stand before its repetition. Items do not depend on each
                # other's order, and the versions of one item are ordered by the wire, not by arrival.
                left.append(record)
                failure = error
        if failure is not None:
            self.close()
            time.sleep(0.2)
        return left

    def _connected(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                self._producer = KafkaProducer(
                    **kafka_options(self._kafka),
                    client_id="wiredesk-connectors",
                    acks="all",
                    enable_idempotence=True,
                    linger_ms=5,
                    batch_size=262_144,
                    compression_type=None if self._kafka.compression == "none" else self._kafka.compression,
                    max_request_size=2 * self._kafka.max_message_bytes,
                    delivery_timeout_ms=30_000,
                    request_timeout_ms=15_000,
                    max_block_ms=10_000,
                )
            return self._producer

    def close(self) -> None:
        """Close the producer; the next record makes a new one."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            producer.close(timeout=2)


def _result(future: Any) -> None:
    if isinstance(future, Exception):
        raise future
    try:
        future.get(timeout=45)
    except TimeoutError as error:
        raise KafkaTimeoutError("no acknowledgement within 45 s") from error
