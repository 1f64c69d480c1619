"""A publisher without a broker."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.broker.messages import OutgoingMessage
from pipeline.broker.publisher import Replace
from pipeline.events.errors import FatalError, UnreachableError


class FakePublisher:
    """Keeps what was published, in order, as :class:`pipeline.broker.publisher.Publisher` promises.

    Attributes:
        messages: what is durable.
        max_message_bytes: larger values are refused.
        reachable: ``False``: the broker is away, and every call raises ``UnreachableError`` at once.
        lose_answer: the next call makes its messages durable, and then raises as if the answer had been lost.
        calls: how often ``publish`` was called with messages.
    """

    def __init__(self, max_message_bytes: int = 8_000_000) -> None:
        self.messages: list[OutgoingMessage] = []
        self.max_message_bytes = max_message_bytes
        self.reachable = True
        self.lose_answer = False
        self.calls = 0
        self._closed = False

    def publish(
        self, messages: Sequence[OutgoingMessage], refused: Replace, patience_seconds: float = float("inf")
    ) -> None:
        """See :meth:`pipeline.broker.publisher.Publisher.publish`; never waits."""
        if not messages:
            return
        self.calls += 1
        if not self.reachable or self._closed:
            raise UnreachableError(f"Kafka: away for {patience_seconds:g} s.")
        self.messages += [self._accepted(message, refused) for message in messages]
        if self.lose_answer:
            self.lose_answer = False
            raise UnreachableError("Kafka: the answer was lost.")

    def _accepted(self, message: OutgoingMessage, refused: Replace) -> OutgoingMessage:
        if self._fits(message):
            return message
        instead = refused(message, ValueError(f"larger than {self.max_message_bytes:,} bytes"))
        if not self._fits(instead):
            raise FatalError(f"The replacement for {message.topic} is refused as well: {len(instead.value):,} bytes.")
        return instead

    def _fits(self, message: OutgoingMessage) -> bool:
        limit = self.max_message_bytes * (2 if message.topic.endswith(".dead") else 1)
        return len(message.value) <= limit

    def close(self) -> None:
        """End; later calls raise ``UnreachableError``."""
        self._closed = True

    def of(self, topic: str) -> list[OutgoingMessage]:
        """What was published to a topic, by its name or its last part (``raw``, ``dead``, ``connectors``)."""
        return [one for one in self.messages if one.topic == topic or one.topic.endswith(f".{topic}")]
