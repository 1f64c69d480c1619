"""What the guard tells of its work, and what it hands on: counts, metrics, log lines, offsets, dead letters."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from pipeline.broker import delivery as delivery_module
from pipeline.broker.delivery import FATAL_EXIT_CODE, Done, Guard, Outcome
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.events import MessageRef
from pipeline.events.errors import FatalError, RejectError
from tests.broker.test_guard import SETTINGS, Broker, Group, Handler, acknowledged, deliver, deliveries, raising


@dataclass
class Remembering(Handler):
    """Remembers its calls."""

    worked: list[list[bytes | None]] = field(default_factory=list)
    told: list[tuple[list[bytes], list[int]]] = field(default_factory=list)

    async def work(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        self.worked.append([one.value for one in batch])
        return await super().work(batch)

    async def published(self, sends: Sequence[OutgoingMessage], offsets: Sequence[int]) -> None:
        self.told.append(([send.value for send in sends], list(offsets)))


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"wiredesk_messages_{name}_total", labels) or 0.0


def sends(*values: bytes) -> Done:
    return Done(tuple(OutgoingMessage("out", b"key", value) for value in values))


def test_offsets_are_handed_on_in_the_order_of_the_messages_that_were_sent() -> None:
    """Also where some were sent later than others, because Kafka did not take them at first."""
    for failures in range(3):
        handler, broker = Remembering({b"two": lambda: sends(b"1", b"2")}), Broker(failures=failures)
        guard = deliver(broker, handler, b"a", b"two", b"b")
        ((values, offsets),) = handler.told
        assert values == [b"a", b"1", b"2", b"b"]
        assert [broker.taken[offset].value for offset in offsets] == values
        assert guard.monitor.counters.received == 3
        assert guard.monitor.counters.sent == 4


def test_what_was_replaced_by_its_dead_letter_has_no_offset() -> None:
    handler, label = Remembering(), {"stage": "intake", "error": "MessageSizeTooLargeError"}
    before = metric("rejected", **label)
    guard = deliver(Broker({"out": 10}), handler, b"a", b"x" * 11)
    assert handler.told == [([b"a", b"x" * 11], [0, -1])]
    assert guard.monitor.counters.rejected == 1
    assert metric("rejected", **label) == before + 1


def test_each_message_is_counted_once_by_what_it_came_to() -> None:
    names = [("passed", "passed"), ("passed", "indexed"), ("dropped", "unchanged"), ("rejected", "rejected")]
    before = {outcome: metric("finished", stage="intake", outcome=outcome) for outcome, _ in names}
    errors = {error: metric("rejected", stage="intake", error=error) for error in ("ValueError", "RejectError")}
    acts = {
        b"indexed": lambda: Done(reason="indexed"), b"unchanged": lambda: Done(reason="unchanged"),
        b"bad": lambda: RejectError("bad"), b"worse": raising(ValueError("worse")),
    }  # fmt: skip
    guard = deliver(Broker(), Handler(acts), b"a", b"indexed", b"unchanged", b"unchanged", b"bad", b"worse")
    assert guard.monitor.counters.reasons == {"passed": 1, "indexed": 1, "unchanged": 2, "rejected": 2}
    after = {outcome: metric("finished", stage="intake", outcome=outcome) for outcome, _ in names}
    assert {name: after[name] - before[name] for name in after} == {"passed": 2, "dropped": 2, "rejected": 2}
    for error, count in errors.items():
        assert metric("rejected", stage="intake", error=error) == count + 1
    assert guard.monitor.in_progress() == 6


def test_a_rejected_message_is_logged_and_kept_with_its_place() -> None:
    broker = Broker()
    with capture_logs() as lines:
        deliver(broker, Handler({b"x": raising(ZeroDivisionError("no parts"))}), b"a", b"x")
    (line,) = [line for line in lines if line["event"] == "message_rejected"]
    place = {"topic": "in", "partition": 0, "offset": 1}
    assert line == {
        "event": "message_rejected", "log_level": "warning", "stage": "intake",
        "reason": "ZeroDivisionError: no parts", "message": place,
    }  # fmt: skip
    (letter,) = broker.dead_letters()
    assert (letter.stage, letter.key, letter.original) == ("intake", b"k1", b"x")
    assert letter.origin == MessageRef(**place)
    assert (letter.error, "no parts" in letter.reason) == ("ZeroDivisionError", True)
    assert broker.taken[-1].key == b"k1"


def test_a_message_without_a_value_is_rejected_with_an_empty_original() -> None:
    broker = Broker()
    guard = Guard("intake", Handler({b"": lambda: RejectError("empty")}), broker.publish, "wire.dead", SETTINGS)
    asyncio.run(guard.deliver([Delivery(MessageRef(topic="in", partition=0, offset=0), b"k", None)]))
    assert [letter.original for letter in broker.dead_letters()] == [b""]


def test_a_refused_message_is_logged_and_the_dead_letter_keeps_what_caused_it() -> None:
    broker = Broker({"out": 10})
    with capture_logs() as lines:
        deliver(broker, Handler({b"x": lambda: sends(b"y" * 20)}), b"x")
    (line,) = [line for line in lines if line["event"] == "message_refused"]
    assert (line["stage"], line["topic"], line["bytes"]) == ("intake", "out", 20)
    assert line["message"] == {"topic": "in", "partition": 0, "offset": 0}
    assert "MessageSizeTooLargeError" in line["error"]
    assert [letter.original for letter in broker.dead_letters()] == [b"x"], "not what it caused"
    nothing = Guard("intake", Handler({b"": lambda: sends(b"y" * 20)}), broker.publish, "wire.dead", SETTINGS)
    asyncio.run(nothing.deliver([Delivery(MessageRef(topic="in", partition=0, offset=1), b"k", None)]))
    assert broker.dead_letters()[-1].original == b""


@pytest.mark.parametrize(
    ("values", "tries"),
    [
        ([b"x"], [[b"x"]] * 2),
        ([b"a", b"x"], [[b"a", b"x"], [b"a"], [b"x"], [b"x"]]),
    ],
)
def test_a_message_is_tried_as_often_as_the_settings_say(values: list[bytes], tries: list[list[bytes]]) -> None:
    assert SETTINGS.reject_attempts == 2
    handler = Remembering({b"x": raising(TypeError("x"))})
    deliver(Broker(), handler, *values)
    assert handler.worked == tries


@pytest.mark.parametrize(("values", "tries"), [([b"x"], [[b"x"]]), ([b"a", b"x"], [[b"a", b"x"], [b"a"], [b"x"]])])
def test_what_is_proven_to_be_bad_is_not_tried_again(values: list[bytes], tries: list[list[bytes]]) -> None:
    handler, broker = Remembering({b"x": raising(RejectError("bad"))}), Broker()
    deliver(broker, handler, *values)
    assert handler.worked == tries
    assert [letter.reason for letter in broker.dead_letters()] == ["bad"]


def test_a_run_of_equal_failures_names_the_stage() -> None:
    with pytest.raises(FatalError, match=r"cannot be processed by the intake stage"):
        deliver(Broker(), Handler({b"x": raising(TypeError("x"))}), *[b"x"] * 5)


def test_kafka_is_named_while_it_is_waited_for_and_not_afterwards() -> None:
    broker = Broker(failures=1)
    seen: list[tuple[str | None, str | None]] = []

    async def publish(message: OutgoingMessage) -> Any:
        seen.append((guard.waiting_for, guard.monitor.status().waiting_for))
        return await broker.publish(message)

    class Watching(Handler):
        async def published(self, sends: Sequence[OutgoingMessage], offsets: Sequence[int]) -> None:
            seen.append((guard.waiting_for, guard.monitor.status().waiting_for))

    guard = Guard("intake", Watching(), publish, "wire.dead", SETTINGS)
    with capture_logs() as lines:
        asyncio.run(guard.deliver(deliveries(b"a")))
    assert seen.pop() == (None, None), "once Kafka has taken it"
    (first, (system, reason)) = seen
    assert first == (None, None)
    assert system == "kafka"
    assert reason is not None
    assert "Kafka did not take a message for out: KafkaTimeoutError" in reason
    assert (guard.waiting_for, guard.monitor.status().waiting_for) == (None, None)
    assert [line["event"] for line in lines] == ["kafka_unreachable", "kafka_reachable"]
    assert "Kafka did not take a message for out" in lines[0]["reason"]
    assert lines[0]["waiting"] == ["intake"]


def test_an_unreadable_record_of_state_becomes_a_dead_letter_of_its_own() -> None:
    broker, where = Broker(failures=1), MessageRef(topic="wire.items", partition=1, offset=7)
    guard = Guard("intake", Handler(), broker.publish, "wire.dead", SETTINGS)
    asyncio.run(guard.put_aside(where, b"key", b"\xff", RejectError("unreadable")))
    (letter,) = broker.dead_letters()
    assert (letter.origin, letter.key, letter.original, letter.reason) == (where, b"key", b"\xff", "unreadable")


def test_an_unreadable_record_that_is_too_large_is_cut() -> None:
    broker, where = Broker({"wire.dead": 20_000}), MessageRef(topic="wire.items", partition=1, offset=7)
    guard = Guard("intake", Handler(), broker.publish, "wire.dead", SETTINGS)
    with capture_logs() as lines:
        asyncio.run(guard.put_aside(where, b"key", b"\xff" * 50_000, RejectError("unreadable")))
    (letter,) = broker.dead_letters()
    assert (letter.origin, letter.original_size) == (where, 50_000)
    assert lines[0]["message"] == where.model_dump()


class Forgetful(Handler):
    """Answers for one message fewer than it got."""

    async def work(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        return (await super().work(batch))[1:]


def test_a_handler_that_answers_for_fewer_messages_loses_none() -> None:
    broker = Broker()
    with pytest.raises(FatalError, match="answered for 1 of 2 messages"):
        deliver(broker, Forgetful(), b"a", b"b")
    assert broker.taken == []


def test_the_only_worker_owns_every_partition() -> None:
    batch = deliveries(b"a", b"b")
    guard = Guard("intake", Handler(), Broker().publish, "wire.dead", SETTINGS)
    assert acknowledged(guard, batch) == batch
    assert guard.monitor.counters.acknowledged == 2
    assert guard.monitor.in_progress() == 0


class Moved(Group):
    """Confirms its first batch no more, and every later one."""

    async def confirms(self, term: tuple[int, int]) -> bool:
        self.away += 1
        return self.away > 1


def test_after_a_batch_that_went_elsewhere_the_stream_goes_on() -> None:
    broker, first, second = Broker(), deliveries(b"a", b"b"), deliveries(b"c")
    guard = Guard("intake", Handler(), broker.publish, "wire.dead", SETTINGS)
    guard.membership = Moved([(1, 0)])
    with capture_logs() as lines:
        assert acknowledged(guard, first, second) == second
    assert [one.value for one in broker.taken] == [b"c"]
    assert lines == [{"event": "batch_abandoned", "log_level": "warning", "stage": "intake", "messages": 2}]


class EndedError(BaseException):
    """In the place of the end of the process."""


@pytest.mark.parametrize(
    ("error", "told", "traced"),
    [
        (FatalError("The alias is missing."), "The alias is missing.", False),
        (KeyError("story"), "KeyError: 'story'", True),
    ],
)
def test_what_goes_wrong_for_good_ends_the_process_with_one_line(
    monkeypatch: pytest.MonkeyPatch, error: Exception, told: str, *, traced: bool
) -> None:
    def end(code: int) -> NoReturn:
        raise EndedError(code)

    monkeypatch.setattr(delivery_module.os, "_exit", end)

    class Failing(Handler):
        async def published(self, sends: Sequence[OutgoingMessage], offsets: Sequence[int]) -> None:
            raise error

    guard, batch = Guard("index", Failing(), Broker().publish, "wire.dead", SETTINGS), deliveries(b"a")
    with capture_logs() as lines, pytest.raises(EndedError) as ended:
        acknowledged(guard, batch)
    assert ended.value.args == (FATAL_EXIT_CODE,) == (70,)
    (line,) = lines
    assert (line["event"], line["log_level"]) == ("worker_stopped_without_acknowledging", "critical")
    assert (line["stage"], line["error"]) == ("index", told)
    assert line["exc_info"] is (error if traced else None)
    assert guard.monitor.counters.acknowledged == 0


@pytest.mark.parametrize(("values", "tries"), [([b"x"], [[b"x"]]), ([b"a", b"x"], [[b"a", b"x"], [b"a"], [b"x"]])])
def test_one_attempt_is_one_attempt(values: list[bytes], tries: list[list[bytes]]) -> None:
    handler, once = Remembering({b"x": raising(TypeError("x"))}), SETTINGS.model_copy(update={"reject_attempts": 1})
    asyncio.run(Guard("intake", handler, Broker().publish, "wire.dead", once).deliver(deliveries(*values)))
    assert handler.worked == tries
