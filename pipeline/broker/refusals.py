"""Messages that Kafka will never take, and the dead letters that are published instead: one way for all publishers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka.errors import MessageSizeTooLargeError as AiokafkaTooLarge
from aiokafka.errors import RecordListTooLargeError as AiokafkaListTooLarge
from kafka.errors import MessageSizeTooLargeError, RecordListTooLargeError

from pipeline.broker.messages import OutgoingMessage
from pipeline.events import DeadLetter, MessageRef, Stage
from pipeline.events.dead_letter import dead_letter, shortened
from pipeline.events.errors import FatalError, RejectError

#: What the broker refuses for ever; anything else is tried again.
REFUSALS = (MessageSizeTooLargeError, RecordListTooLargeError, AiokafkaTooLarge, AiokafkaListTooLarge)

#: A dead letter without its original is smaller than this; a topic that refuses it takes nothing.
_LEAST_BYTES = 10_000


def is_refusal(error: BaseException) -> bool:
    """Whether the broker will refuse the same message for ever (it is too large), not just for now.

    Faust wraps what the producer raises before it sends; what the broker answers comes as it is.
    """
    return isinstance(error, REFUSALS) or isinstance(error.__cause__, REFUSALS)


@dataclass(frozen=True)
class DeadLetters:
    """Makes the messages for ``wire.dead`` of one stage, or of one connector.

    Attributes:
        topic: name of ``wire.dead``.
        stage: where messages fail.
        connector: the connector, where the stage is one.
        provider: whose items they are, where known.
    """

    topic: str
    stage: Stage
    connector: str | None = None
    provider: str | None = None

    def rejected(
        self,
        error: Exception,
        *,
        key: bytes | None,
        original: bytes,
        failed_at: datetime,
        origin: MessageRef | None = None,
        **where: Any,
    ) -> OutgoingMessage:
        """The dead letter of a message, or of a part of a connector's input, that cannot be processed.

        Args:
            error: why.
            key: of the message; ``None``: the connector's name becomes the key.
            original: the message or the part, whole.
            failed_at: when.
            origin: the message.
            where: further fields of a dead letter (``url``, ``position``, ``needs_person``).
        """
        record = dead_letter(
            stage=self.stage, error=error, key=key, original=original, failed_at=failed_at, origin=origin,
            connector=self.connector, provider=self.provider, **where,
        )  # fmt: skip
        partition_key = key if self.connector is None else self.connector.encode()
        return OutgoingMessage(self.topic, partition_key, record.encode())

    def refused(
        self,
        message: OutgoingMessage,
        error: BaseException,
        *,
        failed_at: datetime,
        key: bytes | None = None,
        original: bytes | None = None,
        origin: MessageRef | None = None,
    ) -> OutgoingMessage:
        """What to publish instead of a message that Kafka refuses for ever.

        Args:
            message: that was refused. A dead letter is shortened; anything else becomes a dead letter.
            error: as Kafka or its client raised it.
            failed_at: when.
            key: of the delivery that caused the message, where there is one.
            original: of that delivery; ``None``: the refused message itself is kept.
            origin: that delivery.

        Raises:
            FatalError: the refused message is a dead letter that cannot be made any smaller.
        """
        if message.topic == self.topic:
            return smaller(message)
        cause = error if isinstance(error, REFUSALS) else error.__cause__ or error
        reason = RejectError(
            f"Kafka refuses an item of {len(message.value):,} bytes for {message.topic}: "
            f"{type(cause).__name__}: {cause}",
            hint="Raise kafka.max_message_bytes, and the topic's max.message.bytes with it.",
        )
        kept = message.value if original is None else original
        return self.rejected(reason, key=key, original=kept, failed_at=failed_at, origin=origin)


def smaller(message: OutgoingMessage, max_bytes: int | None = None) -> OutgoingMessage:
    """A dead letter with less of its original, for a topic that takes less.

    Args:
        message: a dead letter.
        max_bytes: that the topic takes; ``None``: unknown, and half of what it was is tried.

    Raises:
        FatalError: there is nothing left to cut.
    """
    if len(message.value) <= _LEAST_BYTES:
        raise FatalError(
            f"Topic {message.topic} refuses a dead letter of {len(message.value):,} bytes.",
            hint="Set the topic's max.message.bytes to what wiredesk topics asks for.",
        )
    target = len(message.value) // 2 if max_bytes is None else max_bytes
    cut = shortened(DeadLetter.decode(message.value), target)
    return OutgoingMessage(message.topic, message.key, cut.encode(), message.partition)
