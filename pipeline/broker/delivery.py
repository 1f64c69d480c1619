"""The guard through which all agents run, and which alone acknowledges.

A batch of messages is worked on, everything it causes is made durable, and only then is it acknowledged, strictly in
order. What the guard promises (each line is a test on a real broker, tests/faults):

- No exception leaves it: Faust would acknowledge the message that caused it.
- A message that cannot be processed goes to the dead letters with its original bytes, and the stream goes on. In a
  batch with one bad message only that one goes there: the batch is taken apart and worked on one by one.
- A server that cannot be reached is waited for, with back-off, one line in the log, and without losing the place.
- Whatever happens between work and acknowledgement (SIGTERM, kill -9, a lost partition) leads to redelivery, and every
  effect is the same the second time.
- Every message is counted: received, and then passed on, dropped, rejected or retried.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import structlog
from aiokafka.errors import MessageSizeTooLargeError

from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.events import Stage
from pipeline.events.dead_letter import dead_letter
from pipeline.events.errors import FatalError, RejectError, UnreachableError
from pipeline.settings import WorkerSettings

log = structlog.get_logger("wiredesk.delivery")

T = TypeVar("T")

#: What a supervisor sees when a worker stops on purpose without acknowledging (sysexits.h EX_SOFTWARE).
FATAL_EXIT_CODE = 70


@dataclass(frozen=True)
class Done:
    """A message was processed: publish ``sends``, then it may be acknowledged. ``reason`` is counted."""

    sends: tuple[OutgoingMessage, ...] = ()
    reason: str = "passed"


#: How a message ended: processed, or rejected with the error that says why.
Outcome = Done | RejectError


class Handler(Protocol):
    """A stage's work. One outcome for each delivery, in order.

    ``work`` raises ``UnreachableError`` where a server must be waited for; any other exception is taken for a fault
    of one of the messages. ``published`` is called after every send of the batch is durable, before anything is
    acknowledged; it gets the offsets that the sends were given, in order.
    """

    async def work(self, batch: Sequence[Delivery]) -> Sequence[Outcome]: ...

    async def published(self, sends: Sequence[OutgoingMessage], offsets: Sequence[int]) -> None: ...


@dataclass
class Counters:
    """What a stage did since the process started."""

    received: int = 0
    sent: int = 0
    rejected: int = 0
    retried: int = 0
    acknowledged: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def count(self, reason: str) -> None:
        self.reasons[reason] = self.reasons.get(reason, 0) + 1


#: Publishes one message and returns a future of its offset.
Publish = Callable[[OutgoingMessage], Awaitable[Awaitable[int]]]


class Guard:
    """Runs one stage's handler over a stream of batches.

    Args:
        stage: name for logs, counters and dead letters.
        handler: the stage's work.
        publish: how messages leave.
        dead_topic: where rejected messages go.
        settings: retries and back-off.
    """

    def __init__(
        self, stage: Stage, handler: Handler, publish: Publish, dead_topic: str, settings: WorkerSettings
    ) -> None:
        self.stage = stage
        self.counters = Counters()
        self._handler = handler
        self._publish = publish
        self._dead_topic = dead_topic
        self._settings = settings

    async def run(
        self,
        batches: AsyncIterator[Sequence[Any]],
        read: Callable[[Any], Delivery],
        ack: Callable[[Any], Awaitable[Any]],
    ) -> None:
        """Work through a stream for ever.

        Args:
            batches: lists of the stream's events, unacknowledged.
            read: an event's delivery.
            ack: acknowledges one event.
        """
        async for events in batches:
            try:
                await self.deliver([read(event) for event in events])
            except Exception as error:  # noqa: BLE001 - whatever it is, going on would acknowledge past it
                stop_without_acknowledging(self.stage, error)
            for event in events:
                await ack(event)
                self.counters.acknowledged += 1

    async def deliver(self, batch: Sequence[Delivery]) -> None:
        """Make everything durable that ``batch`` causes; returns only when it may be acknowledged."""
        self.counters.received += len(batch)
        outcomes = await self._outcomes(batch)
        sends: list[OutgoingMessage] = []
        for delivery, outcome in zip(batch, outcomes, strict=True):
            sends.extend(self._sends(delivery, outcome))
        offsets: dict[int, int] = {}
        await self._until_reached(lambda: self._send_all(sends, batch, offsets))
        await self._until_reached(lambda: self._handler.published(sends, [offsets[at] for at in range(len(sends))]))
        self.counters.sent += len(sends)

    def _sends(self, delivery: Delivery, outcome: Outcome) -> tuple[OutgoingMessage, ...]:
        if isinstance(outcome, Done):
            self.counters.count(outcome.reason)
            return outcome.sends
        self.counters.rejected += 1
        self.counters.count("rejected")
        log.warning("message_rejected", stage=self.stage, reason=str(outcome), message=delivery.message.model_dump())
        return (self._dead(delivery, outcome),)

    def _dead(self, delivery: Delivery, error: Exception) -> OutgoingMessage:
        letter = dead_letter(
            stage=self.stage,
            error=error,
            origin=delivery.message,
            key=delivery.key,
            original=delivery.value or b"",
            failed_at=datetime.now(UTC),
        )
        return OutgoingMessage(self._dead_topic, delivery.key, letter.encode())

    async def _outcomes(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """The handler's outcomes; where the batch as a whole fails, each message is tried by itself."""
        try:
            return list(await self._until_reached(lambda: self._handler.work(batch)))
        except FatalError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of one message must not take the others along
            if len(batch) == 1:
                return [await self._alone(batch[0], error)]
        return [await self._alone(delivery, None) for delivery in batch]

    async def _alone(self, delivery: Delivery, failed: Exception | None) -> Outcome:
        attempts = self._settings.reject_attempts - (1 if failed else 0)
        error: Exception | None = failed
        for _ in range(max(attempts, 0 if failed else 1)):
            if isinstance(error, RejectError):
                break
            try:
                return (await self._until_reached(lambda: self._handler.work([delivery])))[0]
            except FatalError:
                raise
            except Exception as again:  # noqa: BLE001 - counted, logged and kept as a dead letter
                error = again
        assert error is not None
        if isinstance(error, RejectError):
            return error
        rejected = RejectError(f"{type(error).__name__}: {error}")
        rejected.__cause__ = error
        return rejected

    async def _send_all(
        self, sends: Sequence[OutgoingMessage], batch: Sequence[Delivery], offsets: dict[int, int]
    ) -> None:
        """Publish what has no offset yet and await every delivery; gathered, so that they share round trips."""
        open_ = [at for at in range(len(sends)) if at not in offsets]
        results = await asyncio.gather(*[self._published_at(sends[at]) for at in open_], return_exceptions=True)
        failed: list[tuple[OutgoingMessage, BaseException, int]] = []
        for at, result in zip(open_, results, strict=True):
            if isinstance(result, asyncio.CancelledError):
                raise result
            if isinstance(result, BaseException):
                failed.append((sends[at], result, at))
            else:
                offsets[at] = result
        for send, error, at in failed:
            offsets[at] = await self._refused(send, error, batch)

    async def _refused(self, send: OutgoingMessage, error: BaseException, batch: Sequence[Delivery]) -> int:
        """A message that the broker will never take becomes a dead letter of the message that caused it."""
        if not is_refusal(error) or send.topic == self._dead_topic:
            raise UnreachableError(f"Kafka did not take a message for {send.topic}: {error!r}.") from error
        cause = next((delivery for delivery in batch if delivery.key == send.key), batch[0])
        refusal = RejectError(
            f"Kafka refuses {len(send.value)} bytes for {send.topic}: {type(error).__name__}: {error}"
        )
        self.counters.rejected += 1
        log.warning("send_refused", stage=self.stage, topic=send.topic, bytes=len(send.value), error=str(error))
        await self._published_at(self._dead(cause, refusal))
        return -1

    async def _published_at(self, send: OutgoingMessage) -> int:
        return await (await self._publish(send))

    async def _until_reached(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try until the server answers: exponential back-off with jitter, one line when it starts and when it ends."""
        wait, failures = self._settings.retry_initial_seconds, 0
        while True:
            try:
                result = await attempt()
            except UnreachableError as error:
                failures += 1
                self.counters.retried += 1
                if failures == 1:
                    log.warning("waiting", stage=self.stage, reason=str(error))
                await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
                wait = min(wait * 2, self._settings.retry_max_seconds)
            else:
                if failures:
                    log.info("reached_again", stage=self.stage, attempts=failures)
                return result


def is_refusal(error: BaseException) -> bool:
    """Whether the broker will refuse the same message for ever (it is too large), not just for now.

    Faust wraps what the producer raises before it sends; what the broker answers comes as it is.
    """
    return isinstance(error, MessageSizeTooLargeError) or isinstance(error.__cause__, MessageSizeTooLargeError)


def stop_without_acknowledging(stage: str, error: BaseException) -> None:
    """End the process at once. Faust would acknowledge on any other way out; a supervisor starts it again."""
    log.critical("worker_stopped", stage=stage, error=f"{type(error).__name__}: {error}", exc_info=error)
    os._exit(FATAL_EXIT_CODE)
