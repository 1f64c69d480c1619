"""The guard through which all agents run, and which alone acknowledges.

A batch of messages is processed, everything it causes is made durable, and only then is it acknowledged, strictly in
order. What the guard promises (each line is a test on a real broker, tests/faults):

- No exception leaves it: Faust would acknowledge the message that caused it.
- A message that cannot be processed goes to the dead letters with its original bytes, and the stream goes on. In a
  batch with one bad message only that one goes there: the messages are then processed one by one.
- A server that cannot be reached is waited for, with back-off, without losing the place in the stream.
- A fault of this machine (a full disk, a process that cannot start) ends the process without acknowledging; so does a
  run of equal rejections, which is a fault that the messages only seem to have.
- Whatever happens between work and acknowledgement (SIGTERM, kill -9, a lost partition) leads to redelivery, and every
  effect is the same the second time.
- Every message is counted: received, and then passed on, dropped, rejected or retried.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import structlog

from pipeline.broker.breaker import Breaker
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.broker.monitoring.stage import StageMonitor
from pipeline.broker.refusals import DeadLetters, is_refusal
from pipeline.broker.retry import RetryPolicy, until_reached
from pipeline.events import MessageRef, Stage
from pipeline.events.errors import FatalError, RejectError, UnreachableError, WiredeskError, infrastructure_error
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
    """A stage's work. One outcome for each delivery, in order; that of a message may depend on those before it in the
    batch with the same key. The same deliveries again have the same outcomes.

    ``work`` raises ``UnreachableError`` where a server must be waited for; any other exception is taken for a fault
    of one of the messages. ``published`` is called after every send of the batch is durable, before anything is
    acknowledged; it gets the offsets that the sends were given, in order.
    """

    async def work(self, batch: Sequence[Delivery]) -> Sequence[Outcome]: ...

    async def published(self, sends: Sequence[OutgoingMessage], offsets: Sequence[int]) -> None: ...


#: Publishes one message and returns a future of its offset.
Publish = Callable[[OutgoingMessage], Awaitable[Awaitable[int]]]


class Membership(Protocol):
    """Whether this worker may still write for what it was given; see :mod:`pipeline.broker.membership`."""

    def term(self) -> tuple[int, int]: ...

    def owns(self, partition: int) -> bool: ...

    async def confirms(self, term: tuple[int, int]) -> bool: ...


class PartitionsLostError(Exception):
    """The partitions of a batch went to another worker before anything was published."""


@dataclass(frozen=True)
class _Caused:
    """A message to publish, with the delivery that caused it."""

    delivery: Delivery
    message: OutgoingMessage


class Guard:
    """Runs one stage's handler over a stream of batches.

    Args:
        stage: name for logs, counters and dead letters.
        handler: the stage's work.
        publish: how messages leave.
        dead_topic: where rejected messages go.
        settings: retries and back-off.

    Attributes:
        membership: of the consumer group; ``None``: the only worker there can be.
        monitor: counts what is done.
        waiting_for: the system that is waited for now; ``None``: none.
    """

    def __init__(
        self, stage: Stage, handler: Handler, publish: Publish, dead_topic: str, settings: WorkerSettings
    ) -> None:
        self.stage = stage
        self.membership: Membership | None = None
        self.waiting_for: str | None = None
        self.monitor = StageMonitor(stage)
        self._handler = handler
        self._publish = publish
        self._dead_letters = DeadLetters(dead_topic, stage)
        self._attempts = settings.reject_attempts
        self._retry = RetryPolicy.of(settings)
        self._breaker = Breaker(stage, settings.max_equal_rejections)

    async def run(
        self,
        batches: AsyncIterator[Sequence[Any]],
        read: Callable[[Any], Delivery],
        ack: Callable[[Any], Awaitable[Any]],
    ) -> None:
        """Process a stream for ever.

        Args:
            batches: lists of the stream's events, unacknowledged.
            read: an event's delivery.
            ack: acknowledges one event.
        """
        async for events in batches:
            # What another worker was given in the meantime is left to it, unacknowledged.
            owned = [(event, delivery) for event in events if self._owns(delivery := read(event))]
            try:
                await self.deliver([delivery for _, delivery in owned])
            except PartitionsLostError:
                log.warning("batch_abandoned", stage=self.stage, messages=len(owned))
                self.monitor.batch_done()
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is, going on would acknowledge past it
                stop_without_acknowledging(self.stage, error)
            for event, delivery in owned:
                await ack(event)
                self.monitor.acknowledged(delivery)
            self.monitor.batch_done()

    def _owns(self, delivery: Delivery) -> bool:
        return self.membership is None or self.membership.owns(delivery.message.partition)

    async def deliver(self, batch: Sequence[Delivery]) -> None:
        """Make everything durable that ``batch`` causes; returns only when it may be acknowledged.

        Raises:
            FatalError: the process must end without acknowledging.
            PartitionsLostError: another worker has the partitions; nothing was published since.
        """
        if not batch:
            return
        term = self.membership.term() if self.membership else None
        self.monitor.taken(batch)
        outcomes = await self._outcomes(batch)
        for outcome in outcomes:
            self._breaker.note(outcome)
        caused = [
            _Caused(delivery, message)
            for delivery, outcome in zip(batch, outcomes, strict=True)
            for message in self._messages(delivery, outcome)
        ]
        offsets: dict[int, int] = {}
        await self._until_reached(lambda: self._publish_all(caused, offsets, term))
        messages = [one.message for one in caused]
        ordered = [offsets[at] for at in range(len(caused))]
        await self._until_reached(lambda: self._handler.published(messages, ordered))
        self.monitor.sent(len(caused))

    async def put_aside(self, where: MessageRef, key: bytes, value: bytes, error: RejectError) -> None:
        """Make the dead letter of a record durable that is not one of the stream, such as one of restored state."""
        await self._until_reached(lambda: self._publish_all([self._aside(Delivery(where, key, value), error)], {}))

    def _aside(self, delivery: Delivery, error: RejectError) -> _Caused:
        return _Caused(delivery, self._dead_letter(delivery, error))

    def _messages(self, delivery: Delivery, outcome: Outcome) -> tuple[OutgoingMessage, ...]:
        if isinstance(outcome, Done):
            passed = outcome.sends or outcome.reason == "indexed"
            self.monitor.finished("passed" if passed else "dropped", outcome.reason)
            return outcome.sends
        self.monitor.finished("rejected", "rejected")
        self.monitor.dead_letter(type(outcome.__cause__ or outcome).__name__)
        log.warning("message_rejected", stage=self.stage, reason=str(outcome), message=delivery.message.model_dump())
        return (self._dead_letter(delivery, outcome),)

    def _dead_letter(self, delivery: Delivery, error: Exception) -> OutgoingMessage:
        return self._dead_letters.rejected(
            error,
            key=delivery.key,
            original=delivery.value or b"",
            failed_at=datetime.now(UTC),
            origin=delivery.message,
        )

    async def _outcomes(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """The handler's outcomes; where the batch as a whole fails, each message is tried by itself."""
        try:
            return list(await self._until_reached(lambda: self._work(batch)))
        except FatalError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of one message must not take the others along
            if len(batch) == 1:
                return [await self._alone(batch, error)]
        outcomes: list[Outcome] = []
        for delivery in batch:
            # What came before under the same key is not published yet, but this message follows on it.
            before = [
                one
                for one, outcome in zip(batch, outcomes, strict=False)
                if one.key == delivery.key and isinstance(outcome, Done)
            ]
            outcomes.append(await self._alone([*before, delivery], None))
        return outcomes

    async def _alone(self, batch: Sequence[Delivery], failed: Exception | None) -> Outcome:
        """The outcome of the last message of a batch, all others of which are known to be processed."""
        attempts = self._attempts - (1 if failed else 0)
        error: Exception | None = failed
        for _ in range(max(attempts, 0 if failed else 1)):
            if isinstance(error, RejectError):
                break
            try:
                return (await self._until_reached(lambda: self._work(batch)))[-1]
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

    async def _work(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        """The handler's outcomes; a fault of the machine or of a server is told from a fault of a message."""
        try:
            outcomes = await self._handler.work(batch)
        except (OSError, MemoryError) as error:
            raise infrastructure_error(error) from error
        if len(outcomes) != len(batch):
            raise FatalError(f"The {self.stage} stage answered for {len(outcomes)} of {len(batch)} messages.")
        return outcomes

    async def _publish_all(
        self, caused: Sequence[_Caused], offsets: dict[int, int], term: tuple[int, int] | None = None
    ) -> None:
        """Publish what has no offset yet and await every delivery; gathered, so that they share round trips."""
        if caused and self.membership and term and not await self.membership.confirms(term):
            raise PartitionsLostError
        open_ = [at for at in range(len(caused)) if at not in offsets]
        results = await asyncio.gather(*[self._publish_one(caused[at].message) for at in open_], return_exceptions=True)
        failed: list[tuple[int, BaseException]] = []
        for at, result in zip(open_, results, strict=True):
            if isinstance(result, asyncio.CancelledError):
                raise result
            if isinstance(result, BaseException):
                failed.append((at, result))
            else:
                offsets[at] = result
        for at, error in failed:
            offsets[at] = await self._replace_refused(caused[at], error)

    async def _replace_refused(self, caused: _Caused, error: BaseException) -> int:
        """Publish the dead letter of a message that Kafka will never take, made smaller until it is taken."""
        message, delivery = caused.message, caused.delivery
        while True:
            if not is_refusal(error):
                reason = f"Kafka did not take a message for {message.topic}: {error!r}."
                raise UnreachableError(reason, system="kafka") from error
            log.warning("message_refused", stage=self.stage, topic=message.topic, bytes=len(message.value),
                        error=str(error), message=delivery.message.model_dump())  # fmt: skip
            message = self._dead_letters.refused(
                message, error, failed_at=datetime.now(UTC), key=delivery.key, original=delivery.value or b"",
                origin=delivery.message,
            )  # fmt: skip
            try:
                await self._publish_one(message)
            except Exception as again:  # noqa: BLE001 - judged at the top of the loop
                error = again
            else:
                self.monitor.dead_letter(type(error).__name__)
                return -1

    async def _publish_one(self, message: OutgoingMessage) -> int:
        return await (await self._publish(message))

    async def _until_reached(self, attempt: Callable[[], Awaitable[T]]) -> T:
        try:
            return await until_reached(attempt, self._retry, self.stage, self._note_failure)
        finally:
            if self.waiting_for is not None:
                self.monitor.waits(None)
            self.waiting_for = None

    def _note_failure(self, error: UnreachableError) -> None:
        self.waiting_for = error.system
        self.monitor.waits(str(error))


def stop_without_acknowledging(stage: str, error: BaseException) -> None:
    """End the process at once. Faust would acknowledge on any other way out; a supervisor starts it again."""
    known = isinstance(error, WiredeskError)
    log.critical(
        "worker_stopped_without_acknowledging",
        stage=stage,
        error=str(error) if known else f"{type(error).__name__}: {error}",
        exc_info=None if known else error,
    )
    os._exit(FATAL_EXIT_CODE)
