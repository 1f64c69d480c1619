"""The two kinds of messages that code of Wiredesk handles: delivered to it by Kafka, and to be published by it."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.events import MessageRef


@dataclass(frozen=True)
class Delivery:
    """One message as Kafka delivered it; ``timestamp`` is when it was written to the topic, Unix time in seconds."""

    message: MessageRef
    key: bytes | None
    value: bytes | None
    timestamp: float | None = None


@dataclass(frozen=True)
class OutgoingMessage:
    """One message to publish. Without ``partition`` its key decides (Kafka's own hash)."""

    topic: str
    key: bytes | None
    value: bytes
    partition: int | None = None
