"""The Kafka publisher where there is no broker."""

from __future__ import annotations

import threading
import time

import pytest
from kafka.errors import KafkaConnectionError, KafkaTimeoutError

from pipeline.broker import kafka_publisher
from pipeline.broker.kafka_publisher import KafkaPublisher
from pipeline.broker.messages import OutgoingMessage
from pipeline.events.errors import UnreachableError
from pipeline.settings import KafkaSettings

NOWHERE = KafkaSettings(bootstrap_servers="127.0.0.1:1")
MESSAGE = OutgoingMessage("wire.raw", b"k", b"v")


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    # The client's own failed attempts leave sockets to the garbage collector, whose warnings would fail other tests.
    def refuse(**_: object) -> None:
        raise KafkaConnectionError("no broker")

    monkeypatch.setattr(kafka_publisher, "open_producer", refuse)


def _same(message: OutgoingMessage, _error: Exception) -> OutgoingMessage:
    return message


def test_patience_ends_as_unreachable() -> None:
    publisher = KafkaPublisher(NOWHERE)
    with pytest.raises(UnreachableError):
        publisher.publish([MESSAGE], _same, patience_seconds=0.1)
    publisher.close()


def test_closing_ends_what_waits_as_unreachable_and_so_does_what_comes_later() -> None:
    publisher, errors = KafkaPublisher(NOWHERE), list[BaseException]()

    def wait() -> None:
        try:
            publisher.publish([MESSAGE], _same)
        except BaseException as error:  # noqa: BLE001 - looked at below
            errors.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.5)
    publisher.close()
    waiting.join(30)
    assert [type(error) for error in errors] == [UnreachableError]
    with pytest.raises(UnreachableError):
        publisher.publish([MESSAGE], _same)


class Stuck:
    """A producer whose broker answers nothing: it cannot be closed before it is forced to, as kafka-python 3.0.12."""

    def __init__(self) -> None:
        self._sender = self
        self.forced = self.closed = False

    def send(self, *_: object, **__: object) -> object:
        return self

    def get(self, timeout: float) -> None:
        raise KafkaTimeoutError(f"no answer within {timeout} s")

    def force_close(self) -> None:
        self.forced = True

    def close(self, timeout: float) -> None:
        if not self.forced:
            raise KafkaTimeoutError(f"not closed within {timeout} s")
        self.closed = True


def test_a_producer_that_cannot_be_closed_is_no_fault_of_the_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    producer = Stuck()
    monkeypatch.setattr(kafka_publisher, "open_producer", lambda **_: producer)
    publisher = KafkaPublisher(NOWHERE)
    with pytest.raises(UnreachableError, match="no answer"):
        publisher.publish([MESSAGE], _same, patience_seconds=0.0)
    assert producer.closed
    publisher.close()
