"""What the guard does with errors, without a broker; that nothing is lost on a real one is in tests/faults."""

from __future__ import annotations

import asyncio
import base64
import errno
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import pytest
from aiokafka.errors import KafkaTimeoutError, MessageSizeTooLargeError
from structlog.testing import capture_logs

from pipeline.broker.delivery import Done, Guard, Outcome
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.events import DeadLetter, MessageRef
from pipeline.events.errors import FatalError, RejectError, UnreachableError
from pipeline.settings import WorkerSettings

SETTINGS = WorkerSettings(retry_initial_seconds=0.001, retry_max_seconds=0.002, max_equal_rejections=3)


@dataclass
class Broker:
    """Takes messages; what is larger than its topic's limit is refused."""

    limits: dict[str, int] = field(default_factory=dict)
    failures: int = 0
    taken: list[OutgoingMessage] = field(default_factory=list)

    async def publish(self, message: OutgoingMessage) -> Awaitable[int]:
        async def answer() -> int:
            if self.failures:
                self.failures -= 1
                raise KafkaTimeoutError
            if len(message.value) > self.limits.get(message.topic, 10**9):
                raise MessageSizeTooLargeError
            self.taken.append(message)
            return len(self.taken) - 1

        return answer()

    def dead_letters(self) -> list[DeadLetter]:
        return [DeadLetter.decode(one.value) for one in self.taken if one.topic == "wire.dead"]


@dataclass
class Handler:
    """Does to each message what its value says."""

    acts: dict[bytes, Callable[[], Outcome]] = field(default_factory=dict)

    async def work(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        return [
            self.acts.get(one.value or b"", lambda one=one: Done((OutgoingMessage("out", b"same", one.value),)))()
            for one in batch
        ]

    async def published(self, sends: Sequence[OutgoingMessage], offsets: Sequence[int]) -> None:
        assert len(sends) == len(offsets)


def deliveries(*values: bytes) -> list[Delivery]:
    return [Delivery(MessageRef(topic="in", partition=0, offset=n), b"k%d" % n, v) for n, v in enumerate(values)]


def deliver(broker: Broker, handler: Handler, *values: bytes) -> Guard:
    guard = Guard("intake", handler, broker.publish, "wire.dead", SETTINGS)
    asyncio.run(guard.deliver(deliveries(*values)))
    return guard


def raising(error: Exception) -> Callable[[], Outcome]:
    def act() -> Outcome:
        raise error

    return act


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        PermissionError("state"),
        MemoryError(),
        FatalError("an analysis process does not start"),
    ],
)
def test_a_fault_of_the_machine_ends_the_process_and_rejects_nothing(error: Exception) -> None:
    broker = Broker()
    with pytest.raises(FatalError):
        deliver(broker, Handler({b"x": raising(error)}), b"a", b"x", b"b")
    assert broker.taken == []


def test_a_connection_that_breaks_is_waited_for() -> None:
    answers = iter([raising(ConnectionResetError()), raising(TimeoutError()), Done])

    def act() -> Outcome:
        return next(answers)()

    guard = deliver(Broker(), Handler({b"x": act}), b"x")
    assert guard.monitor.counters.retried == 2
    assert guard.monitor.counters.rejected == 0
    assert guard.waiting_for is None


def test_a_run_of_equal_failures_ends_the_process_before_any_of_it_is_rejected() -> None:
    broker = Broker()
    with pytest.raises(FatalError, match="3 messages in a row"):
        deliver(broker, Handler({b"x": raising(TypeError("string indices must be integers"))}), *[b"x"] * 5)
    assert broker.taken == []


def test_fewer_than_that_cost_themselves() -> None:
    broker = Broker()
    deliver(broker, Handler({b"x": raising(TypeError("x"))}), b"x", b"a", b"x", b"b", b"x")
    assert [one.value for one in broker.taken if one.topic == "out"] == [b"a", b"b"]
    assert [letter.error for letter in broker.dead_letters()] == ["TypeError"] * 3


def test_a_refused_message_is_the_dead_letter_of_the_delivery_that_caused_it() -> None:
    broker = Broker({"out": 10})
    deliver(broker, Handler(), b"a", b"x" * 11, b"b")
    (record,) = broker.dead_letters()
    assert record.origin == MessageRef(topic="in", partition=0, offset=1)
    assert record.original == b"x" * 11
    assert record.key == b"k1"
    assert "refuses" in record.reason
    assert [one.value for one in broker.taken if one.topic == "out"] == [b"a", b"b"]


def test_a_dead_letter_that_is_refused_is_cut_until_it_is_taken() -> None:
    broker, original = Broker({"wire.dead": 20_000}), bytes(range(256)) * 1000
    with capture_logs() as lines:
        deliver(broker, Handler({original: raising(RejectError("bad"))}), b"a", original, b"b")
    (record,) = broker.dead_letters()
    assert record.original_size == len(original)
    assert original.startswith(record.original)
    assert len(record.original) > 5_000
    assert f"{len(original):,} bytes" in record.reason
    assert record.reason.startswith("bad ")
    assert "message_refused" in [line["event"] for line in lines]
    assert len([one for one in broker.taken if one.topic == "out"]) == 2
    assert base64.urlsafe_b64encode(record.original)[:20] in broker.taken[-1].value


def test_a_dead_letter_topic_that_takes_nothing_ends_the_process() -> None:
    with pytest.raises(FatalError, match=r"max\.message\.bytes"):
        deliver(Broker({"wire.dead": 10}), Handler({b"x": raising(RejectError("bad"))}), b"x")


def test_what_kafka_does_not_take_for_now_is_published_again() -> None:
    broker = Broker(failures=3)
    guard = deliver(broker, Handler(), b"a", b"b")
    assert sorted(one.value for one in broker.taken) == [b"a", b"b"]
    assert guard.monitor.counters.retried >= 1


def test_a_server_that_is_away_is_named() -> None:
    seen: list[str | None] = []

    def act() -> Outcome:
        seen.append(guard.waiting_for)
        if len(seen) < 3:
            raise UnreachableError("no answer", system="elasticsearch")
        return Done()

    guard = Guard("index", Handler({b"x": act}), Broker().publish, "wire.dead", SETTINGS)
    with capture_logs() as lines:
        asyncio.run(guard.deliver(deliveries(b"x")))
    assert seen == [None, "elasticsearch", "elasticsearch"]
    assert [line["event"] for line in lines] == ["elasticsearch_unreachable", "elasticsearch_reachable"]


@dataclass
class Group:
    """A consumer group as the guard sees it."""

    terms: list[tuple[int, int]]
    owned: set[int] = field(default_factory=lambda: {0})
    away: int = 0

    def term(self) -> tuple[int, int]:
        return self.terms[0]

    def owns(self, partition: int) -> bool:
        return partition in self.owned

    async def confirms(self, term: tuple[int, int]) -> bool:
        if self.away:
            self.away -= 1
            raise UnreachableError("no coordinator", system="kafka")
        return term == self.terms[-1]


def run(group: Group, broker: Broker, *batches: list[Delivery]) -> list[Delivery]:
    """What is acknowledged of these batches."""
    guard = Guard("intake", Handler(), broker.publish, "wire.dead", SETTINGS)
    guard.membership = group
    return acknowledged(guard, *batches)


def acknowledged(guard: Guard, *batches: list[Delivery]) -> list[Delivery]:
    """What a guard acknowledges of these batches."""
    taken: list[Delivery] = []

    async def stream() -> AsyncIterator[list[Delivery]]:
        for batch in batches:
            yield batch

    async def ack(delivery: Delivery) -> None:
        taken.append(delivery)

    asyncio.run(guard.run(stream(), lambda delivery: delivery, ack))
    return taken


def test_a_batch_whose_partitions_went_elsewhere_is_neither_published_nor_acknowledged() -> None:
    broker, batch = Broker(), deliveries(b"a", b"b")
    assert run(Group([(1, 0), (2, 1)]), broker, batch) == []
    assert broker.taken == []
    assert run(Group([(1, 0)]), broker, batch) == batch
    assert len(broker.taken) == 2


def test_messages_of_a_partition_that_is_not_owned_are_left_to_its_owner() -> None:
    broker, batch = Broker(), deliveries(b"a", b"b")
    other = Delivery(MessageRef(topic="in", partition=1, offset=0), b"k", b"c")
    assert run(Group([(1, 0)]), broker, [batch[0], other, batch[1]]) == batch
    assert [one.value for one in broker.taken] == [b"a", b"b"]


def test_a_coordinator_that_does_not_answer_is_waited_for() -> None:
    broker, batch = Broker(), deliveries(b"a")
    assert run(Group([(1, 0)], away=3), broker, batch) == batch
