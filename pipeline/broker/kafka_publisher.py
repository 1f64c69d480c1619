"""Publishing with kafka-python: idempotent, acknowledged by all replicas, every single future checked.

``flush`` of kafka-python does not raise for messages that failed, so each message's own future is checked. A broker
that cannot be reached is waited for; a message that the broker will never take (too large) is replaced by another that
the caller makes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from kafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError

from pipeline.broker.kafka_clients import close_producer, kafka_options, open_producer
from pipeline.broker.messages import OutgoingMessage
from pipeline.broker.publisher import Replace
from pipeline.broker.refusals import REFUSALS, smaller
from pipeline.broker.retry import RetryPolicy, until_reached_blocking
from pipeline.events.errors import ConfigurationError, FatalError, UnreachableError
from pipeline.settings import KafkaSettings

#: Between two checks whether to stop while waiting.
_PAUSE_SECONDS = 0.2
#: For what a failed producer still has to send.
_CLOSE_SECONDS = 2.0

#: What a batch of one message needs besides key and value, generously.
_OVERHEAD = 500


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


class KafkaPublisher:
    """A producer that is made when first needed and made anew after it has failed for good.

    Args:
        kafka: the broker.
        stopping: waiting ends when it is set.
        retry: how long to wait between attempts.
    """

    def __init__(
        self, kafka: KafkaSettings, stopping: threading.Event | None = None, retry: RetryPolicy | None = None
    ) -> None:
        require_crc32c()
        self._kafka = kafka
        self._stopping = stopping or threading.Event()
        self._retry = retry or RetryPolicy()
        self._closed = False
        self._producer: Any = None  # the client has no types
        self._lock = threading.Lock()

    def publish(
        self, messages: Sequence[OutgoingMessage], refused: Replace, patience_seconds: float = float("inf")
    ) -> None:
        """Make all messages durable, however long the broker is away; see :class:`pipeline.broker.publisher.Publisher`.

        Raises:
            UnreachableError: the broker could not be reached before the process stopped, this publisher was closed, or
                patience ended.
            FatalError: what replaces a refused message is refused as well.
        """
        pending = [self._fitting(message, refused) for message in messages]

        def attempt() -> None:
            nonlocal pending
            while pending:
                pending, failure = self._attempt(pending, refused)
                if failure is not None:
                    reason = f"Kafka at {self._kafka.bootstrap_servers}: {failure!r:.200}."
                    raise UnreachableError(reason, system="kafka") from failure

        reporter = f"publisher {threading.get_ident()}"
        until_reached_blocking(attempt, self._retry, reporter, seconds=patience_seconds, pause=self._pause)

    def _attempt(
        self, pending: list[OutgoingMessage], refused: Replace
    ) -> tuple[list[OutgoingMessage], Exception | None]:
        """One try: what is left to publish, and why."""
        producer = None
        failure: Exception | None
        try:
            producer = self._connected()
            pending, failure = _send(producer, pending)
            if isinstance(failure, REFUSALS):
                self._discard(producer)
                return self._one_by_one(pending, refused), None
        except (KafkaError, OSError, ValueError) as error:
            failure = error  # also what the client says of a producer that another thread has just closed
        if failure is not None:
            self._discard(producer)
        return pending, failure

    def _pause(self, seconds: float) -> bool:
        """Wait; returns early, and ``True``, once the process stops or this publisher is closed."""
        deadline = time.monotonic() + seconds
        while not self._closed and (left := deadline - time.monotonic()) > 0:
            if self._stopping.wait(min(left, _PAUSE_SECONDS)):
                return True
        return self._closed

    def _fitting(self, message: OutgoingMessage, refused: Replace) -> OutgoingMessage:
        """The message, or its replacement where it is larger than the settings allow (the topic may take even less)."""
        limit = self._kafka.max_message_bytes * (2 if _is_dead_letter(message) else 1) - _OVERHEAD
        if len(message.key or b"") + len(message.value) <= limit:
            return message
        if _is_dead_letter(message):
            return smaller(message, limit - len(message.key or b""))
        replacement = refused(message, MessageSizeTooLargeError(f"allowed are {limit:,} (kafka.max_message_bytes)"))
        if not _is_dead_letter(replacement):
            raise FatalError(
                f"{len(message.value):,} bytes for topic {message.topic} are not replaced by a dead letter."
            )
        return self._fitting(replacement, refused)

    def _one_by_one(self, messages: list[OutgoingMessage], refused: Replace) -> list[OutgoingMessage]:
        """What is left after each has been sent alone, with the replacements of the refused ones.

        The broker takes less than the settings say. After one refusal the client (kafka-python 3.0.12, idempotent)
        answers every later message with the same error, so each refusal is only believed of a new producer.
        """
        left: list[OutgoingMessage] = []
        for message in messages:
            producer = self._connected()
            again, failure = _send(producer, [message])
            if not isinstance(failure, REFUSALS):
                left += again
                continue
            self._discard(producer)
            # A dead letter that is refused is made smaller, again and again until the topic takes it.
            instead = smaller(message) if _is_dead_letter(message) else refused(message, failure)
            if not _is_dead_letter(instead):
                raise FatalError(
                    f"Topic {message.topic} takes no message of {len(message.value):,} bytes.",
                    hint="Set the topic's max.message.bytes to what wiredesk topics asks for.",
                )
            left.append(instead)
        return left

    def _connected(self) -> Any:
        with self._lock:
            if self._closed:
                raise KafkaError("the publisher is closed")
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
            close_producer(failed, _CLOSE_SECONDS)

    def close(self) -> None:
        """End: what still waits, and what comes later, raises ``UnreachableError``."""
        self._closed = True
        self._discard(self._producer)


def _is_dead_letter(message: OutgoingMessage) -> bool:
    return message.topic.endswith(".dead")


def _send(producer: Any, messages: Sequence[OutgoingMessage]) -> tuple[list[OutgoingMessage], Exception | None]:
    """What is left to publish, and what has hindered it."""
    futures: list[Any] = []
    for message in messages:
        try:
            sent = producer.send(message.topic, key=message.key, value=message.value, partition=message.partition)
        except REFUSALS as error:
            sent = error
        futures.append(sent)
    left: list[OutgoingMessage] = []
    failure: Exception | None = None
    for message, future in zip(messages, futures, strict=True):
        try:
            _result(future)
        except KafkaError as error:
            # What was sent after a failed message may now come before its repetition. Items do not depend on each
            # other's order, and the versions of one item are ordered by the wire, not by arrival.
            left.append(message)
            failure = failure or error
    return left, failure


def _result(future: Any) -> None:
    if isinstance(future, Exception):
        raise future
    try:
        future.get(timeout=45)
    except TimeoutError as error:
        raise KafkaTimeoutError("no acknowledgement within 45 s") from error
