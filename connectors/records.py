"""From items and errors to the records that are published: ``wire.raw``, and dead letters for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import structlog

from connectors.config import ConnectorConfig
from connectors.reading import Reading
from connectors.transports.base import Payload
from pipeline.broker.messages import OutgoingMessage
from pipeline.broker.topics import topics_of
from pipeline.events import RawItem
from pipeline.events.dead_letter import dead_letter
from pipeline.events.errors import ParseError, RejectError
from pipeline.events.item import RejectedItem
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.connectors")


class RecordMaker:
    """Makes the records of one connector.

    Args:
        config: the connector.
        settings: of the installation.

    Attributes:
        topics: the installation's topics.
        rejected: how many dead letters were made.
    """

    def __init__(self, config: ConnectorConfig, settings: Settings) -> None:
        self._config = config
        self._max_original_bytes = settings.kafka.max_message_bytes // 2
        self.topics = topics_of(settings)
        self.rejected = 0

    def of_reading(self, payload: Payload, reading: Reading, now: datetime) -> Iterator[OutgoingMessage]:
        """The records of everything in a payload: items, then dead letters of what was rejected."""
        for raw in reading.items:
            yield self.item(raw)
        for rejected in reading.rejected:
            yield self.rejected_item(payload, rejected, now)

    def item(self, raw: RawItem) -> OutgoingMessage:
        """The record of an item."""
        return OutgoingMessage(self.topics.raw.name, raw.key, raw.encode())

    def rejected_item(self, payload: Payload, rejected: RejectedItem, now: datetime) -> OutgoingMessage:
        """The dead letter of a part of a payload that is no item."""
        error = ParseError(f"{payload.name}: {rejected.position}: {rejected.reason}.")
        return self._dead_letter(error, rejected.original, payload.name, rejected.position, now)

    def unreadable(self, payload: Payload, error: ParseError, now: datetime) -> OutgoingMessage:
        """The dead letter of a payload that could not be parsed."""
        return self._dead_letter(error, payload.data, payload.name, None, now)

    def replace_refused(self, record: OutgoingMessage, error: Exception) -> OutgoingMessage:
        """The dead letter to publish instead of a record that Kafka refuses for good."""
        reason = RejectError(f"Kafka refuses an item of {len(record.value):,} bytes: {type(error).__name__}.")
        return self._dead_letter(reason, record.value, f"item for {record.topic}", None, datetime.now(UTC))

    def _dead_letter(
        self, error: RejectError, original: bytes, name: str, position: str | None, now: datetime
    ) -> OutgoingMessage:
        event = dead_letter(
            stage="connector", error=error, key=None, original=original[: self._max_original_bytes], failed_at=now,
            connector=self._config.name, provider=self._config.provider, url=name, position=position,
        )  # fmt: skip
        log.warning("item_rejected", connector=self._config.name, reason=str(error))
        self.rejected += 1
        return OutgoingMessage(self.topics.dead.name, self._config.name.encode(), event.encode())
