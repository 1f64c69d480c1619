"""What was pushed, told to the process that runs the connector: any process may receive, one keeps the state.

Each process publishes the marks of what it received to the connector's partition of ``wire.connectors``, under a key
of its own. The process that runs the connector reads them there. Their loss costs nothing but a figure.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import structlog

from connectors.memory import item_mark, stable_bytes
from connectors.state import partition_of, pushes_key
from pipeline.broker.messages import OutgoingMessage
from pipeline.broker.publisher import Publisher
from pipeline.broker.topics import topics_of
from pipeline.events import ConnectorPushes, RawItem
from pipeline.events.errors import UnreachableError
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.connectors")

_SEND_SECONDS = 10.0
#: Of one message, so that it stays small.
_MOST_MARKS = 1000
_KAFKA_SECONDS = 20.0


@dataclass
class _Received:
    marks: dict[str, None] = field(default_factory=dict)
    more: int = 0

    def add(self, marks: Iterable[str], more: int = 0) -> None:
        self.more += more
        for mark in marks:
            if mark in self.marks or len(self.marks) < _MOST_MARKS:
                self.marks[mark] = None
            else:
                self.more += 1


class PushReports:
    """Collects what this process received, and publishes it every ten seconds at most.

    Args:
        settings: of the installation.
        publisher: shared with the polls.
    """

    def __init__(self, settings: Settings, publisher: Publisher) -> None:
        self._topic, self._publisher = topics_of(settings).connectors, publisher
        self._partitions = settings.kafka.partitions
        self._lock = threading.Lock()
        self._received: dict[str, _Received] = {}
        self._sending: threading.Thread | None = None
        self._send_at = 0.0

    def add(self, name: str, items: Sequence[RawItem]) -> None:
        """Note items that were pushed to a connector and are durable."""
        marks = [item_mark(raw.key, stable_bytes(raw)) for raw in items]
        if marks:
            with self._lock:
                self._received.setdefault(name, _Received()).add(marks)

    def send_if_due(self) -> None:
        """Publish in a thread: whoever calls this does not wait for Kafka."""
        if not self._received or time.monotonic() < self._send_at or (self._sending and self._sending.is_alive()):
            return
        self._send_at = time.monotonic() + _SEND_SECONDS
        self._sending = threading.Thread(target=self.send, name="pushes", daemon=True)
        self._sending.start()

    def send(self, patience_seconds: float = _KAFKA_SECONDS) -> None:
        """Publish what was received since the last time; what cannot be published is kept for the next time."""
        with self._lock:
            taken, self._received = self._received, {}
        try:
            self._publisher.publish(list(self._messages(taken)), _refused, patience_seconds)
        except UnreachableError as error:
            log.debug("pushes_not_reported", connectors=sorted(taken), reason=str(error))
            with self._lock:
                for name, received in taken.items():
                    self._received.setdefault(name, _Received()).add(received.marks, received.more)

    def _messages(self, taken: dict[str, _Received]) -> Iterator[OutgoingMessage]:
        for name, received in taken.items():
            pushes = ConnectorPushes(connector=name, marks=tuple(received.marks), more=received.more)
            partition = partition_of(name, self._partitions)
            yield OutgoingMessage(self._topic.name, pushes_key(name), pushes.encode(), partition)


def _refused(message: OutgoingMessage, error: Exception) -> OutgoingMessage:
    raise UnreachableError(f"Kafka refuses {len(message.value):,} bytes: {error}.", system="kafka")
