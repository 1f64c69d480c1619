"""What connectors and archives need of Kafka: to make messages durable. The fake is in ``pipeline.testing``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from pipeline.broker.messages import OutgoingMessage

#: Makes the message to publish instead of one that the broker will never take.
Replace = Callable[[OutgoingMessage, Exception], OutgoingMessage]


class Publisher(Protocol):
    """Makes messages durable."""

    def publish(
        self, messages: Sequence[OutgoingMessage], refused: Replace, patience_seconds: float = float("inf")
    ) -> None:
        """Return once all messages are durable, in the order given.

        Args:
            messages: to publish; none is fine.
            refused: makes the message to publish instead of one that the broker will never take (too large).
            patience_seconds: how long to retry at most, where somebody waits for the answer.

        Raises:
            UnreachableError: the broker could not be reached in time, or the publisher was closed.
            FatalError: the replacement of a refused message was refused, too.
        """
        ...

    def close(self) -> None:
        """End: what waits and what comes later raises ``UnreachableError``."""
        ...
