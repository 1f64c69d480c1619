"""From items and errors to the records that are published: ``wire.raw``, and dead letters for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import structlog

from connectors.config import ConnectorConfig
from connectors.reading import Reading
from connectors.transports.base import Payload
from pipeline.broker.messages import OutgoingMessage
from pipeline.broker.refusals import DeadLetters
from pipeline.broker.topics import topics_of
from pipeline.events import RawItem
from pipeline.events.errors import ParseError, RejectError
from pipeline.events.item import RejectedItem
from pipeline.settings import Settings
from pipeline.settings.redaction import redact

log = structlog.get_logger("wiredesk.connectors")


#: Records are published in batches of about this size, so that an archive of any size needs no more memory.
_BATCH_RECORDS = 500
_BATCH_BYTES = 4 * 1024 * 1024


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
        self.topics = topics_of(settings)
        self._dead_letters = DeadLetters(self.topics.dead.name, "connector", config.name, config.provider)
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
        """The dead letter of a part of a payload that is not an item."""
        error = ParseError(f"{payload.name}: {rejected.position}: {rejected.reason}.")
        return self._dead_letter(error, rejected.original, payload.name, rejected.position, now)

    def unreadable(self, payload: Payload, error: ParseError, now: datetime) -> OutgoingMessage:
        """The dead letter of a payload that could not be parsed."""
        return self._dead_letter(error, payload.data, payload.name, None, now)

    def replace_refused(self, record: OutgoingMessage, error: Exception) -> OutgoingMessage:
        """The dead letter to publish instead of a record that Kafka refuses for good."""
        self._note_rejected(f"Kafka refuses an item of {len(record.value):,} bytes.")
        return self._dead_letters.refused(record, error, failed_at=datetime.now(UTC))

    def _dead_letter(
        self, error: RejectError, original: bytes, name: str, position: str | None, now: datetime
    ) -> OutgoingMessage:
        self._note_rejected(str(error))
        return self._dead_letters.rejected(
            error, key=None, original=original, failed_at=now, url=redact(name), position=position
        )

    def _note_rejected(self, reason: str) -> None:
        log.warning("item_rejected", connector=self._config.name, reason=reason)
        self.rejected += 1


class Batch:
    """Records that are published together, so that memory holds no more than one batch.

    Args:
        publish: makes records durable.
    """

    def __init__(self, publish: Callable[[list[OutgoingMessage]], None]) -> None:
        self._publish = publish
        self._records: list[OutgoingMessage] = []
        self._size = 0

    def add(self, record: OutgoingMessage) -> None:
        """Add one."""
        self._records.append(record)
        self._size += len(record.value)

    def publish_if_full(self) -> None:
        """Publish them if there are many."""
        if len(self._records) >= _BATCH_RECORDS or self._size >= _BATCH_BYTES:
            self.publish()

    def publish(self) -> None:
        """Publish all."""
        self._publish(self._records)
        self._records, self._size = [], 0
