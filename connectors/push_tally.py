"""How many items were pushed to a connector, told to the process that runs it.

A push may reach any process that receives, but one process knows how often the connector usually brings something and
whether it has gone quiet. So each process writes what it received, about once a second, to the connector's partition of
``wire.connectors``; the process that has this partition adds it up. One key serves all processes: what counts
is each message as it passes, and of the compacted topic only the time of the last one is used.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import datetime

from connectors.state import PUSHED, partition_of
from pipeline.broker.messages import OutgoingMessage
from pipeline.broker.publisher import Publisher
from pipeline.events import ConnectorState, UsualRate
from pipeline.events.errors import DecodeError, UnreachableError

_EVERY_SECONDS = 1.0
_PUBLISH_SECONDS = 2.0


class PushTally:
    """Counts what this process received; used by the threads of requests and by the main loop.

    Args:
        topic: ``wire.connectors``.
        partitions: that it has.
    """

    def __init__(self, topic: str, partitions: int) -> None:
        self._topic, self._partitions = topic, partitions
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._last: dict[str, datetime] = {}
        self._next = 0.0

    def add(self, name: str, items: int, now: datetime) -> None:
        """Count items that a push to a connector brought."""
        if items:
            with self._lock:
                self._counts[name] += items
                self._last[name] = now

    def publish(self, publisher: Publisher) -> None:
        """Tell what was counted since the last time; what Kafka does not take now is told later."""
        with self._lock:
            if not self._counts or time.monotonic() < self._next:
                return
            counts, self._counts = self._counts, Counter()
            messages = [self._message(name, items) for name, items in counts.items()]
        self._next = time.monotonic() + _EVERY_SECONDS
        try:
            publisher.publish(messages, _as_it_is, _PUBLISH_SECONDS)
        except UnreachableError:
            with self._lock:
                self._counts += counts

    def _message(self, name: str, items: int) -> OutgoingMessage:
        told = ConnectorState(connector=name, items_published=items, usual_rate=UsualRate(last_item=self._last[name]))
        key = f"{name}{PUSHED}".encode()
        return OutgoingMessage(self._topic, key, told.encode(), partition_of(name, self._partitions))


def _as_it_is(message: OutgoingMessage, _: Exception) -> OutgoingMessage:
    return message


def pushed_items(key: bytes | None, value: bytes | None) -> tuple[str, int] | None:
    """The connector and the number of items that a message of ``wire.connectors`` tells; ``None``: it tells none."""
    if key is None or value is None or not key.endswith(PUSHED.encode()):
        return None
    try:
        told = ConnectorState.decode(value)
    except DecodeError:
        return None
    return told.connector, told.items_published
