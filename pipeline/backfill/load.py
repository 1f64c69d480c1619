"""Publish an archive to ``wire.raw`` without delaying live items.

The items pass the same stages as all others, marked ``lane: backfill``; dashboards and live views filter by the lane
``live``. Each stage has one queue, so an archive published at once would delay the next live story. Publishing is
therefore paced by the lag of the stages: a few items at a time, and only while fewer than ``max_lag`` messages are
unprocessed, so that a live story waits for no more than those. Run again, it publishes the same items; intake drops
them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from connectors.config import ConnectorConfig
from connectors.parse_pool import PayloadParser
from connectors.reading import Reading
from connectors.records import RecordMaker
from connectors.transports.base import Payload
from connectors.transports.files import file_payload
from connectors.transports.http import HttpTransport
from pipeline.backfill.archive import http_transport, next_page, numbered, page
from pipeline.broker.messages import OutgoingMessage
from pipeline.broker.publisher import Publisher
from pipeline.events.errors import ConfigurationError, ParseError, UnreachableError
from pipeline.settings import Settings

Report = Callable[[str], None]

_CHUNK = 25


@dataclass
class LoadCounts:
    """The counts of one archive; seconds are of waiting for the stages."""

    payloads: int = 0
    items: int = 0
    rejected: int = 0
    waited_seconds: float = 0.0


class LagPace:
    """Wait while too many messages are unprocessed, or while their number cannot be determined.

    Args:
        lag: number of messages that the stages have not processed, in total.
        max_lag: how many may be unprocessed.
        report: called with a line of text while waiting takes long.
        sleep: waits so many seconds.
    """

    def __init__(
        self, lag: Callable[[], int], max_lag: int, report: Report, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._lag = lag
        self._max = max_lag
        self._report = report
        self._sleep = sleep
        self.waited = 0.0

    def wait(self) -> None:
        """Return once more may be published."""
        begun, told = time.monotonic(), 0.0
        while reason := self._blocking_reason():
            self._sleep(0.2)
            waiting = time.monotonic() - begun
            if waiting - told > 15:
                told = waiting
                self._report(f"waiting: {reason}")
        self.waited += time.monotonic() - begun

    def _blocking_reason(self) -> str | None:
        """Why nothing may be published now; ``None`` if something may."""
        try:
            lag = self._lag()
        except UnreachableError as error:
            return str(error)
        if lag < self._max:
            return None
        return f"{lag:,} messages are unprocessed (is a worker running? See wiredesk status)"


class Backfill:
    """One archive.

    Args:
        settings: of the installation.
        config: how to read it; its lane becomes ``backfill``.
        publisher: to Kafka.
        parser: parses the files and pages.
        pace: asked before every few items; ``None``: without pacing.
        report: called with short lines about progress.
    """

    def __init__(
        self,
        settings: Settings,
        config: ConnectorConfig,
        publisher: Publisher,
        parser: PayloadParser,
        pace: LagPace | None,
        report: Report,
    ) -> None:
        self._settings = settings
        self._config = config.model_copy(update={"lane": "backfill"})
        self._publisher = publisher
        self._parser = parser
        self._pace = pace
        self._report = report
        self._records = RecordMaker(self._config, settings)
        # Relative links in a file of a feed are relative to the feed's address, as when it is polled: the same ids.
        self._base = config.transport.url if isinstance(config.transport, HttpTransport) else None
        self.loaded = LoadCounts()

    def files(self, paths: Iterable[Path]) -> LoadCounts:
        """Publish files.

        Raises:
            ConfigurationError: a file cannot be read.
        """
        limit = self._settings.connectors.max_body_bytes
        charset = getattr(self._config.transport, "charset", None)
        content_type = getattr(self._config.transport, "content_type", None)
        for path in paths:
            try:
                payload = file_payload(path, limit, content_type, charset, self._base)
            except OSError as error:
                raise ConfigurationError(f"The file {path} cannot be read: {error}.") from error
            self.publish_payload(payload)
        return self.loaded

    def pages(self, max_pages: int, template: str | None = None, pause_seconds: float = 1.0) -> LoadCounts:
        """Publish the earlier pages of the connector's feed, following its links or by page number.

        Args:
            max_pages: how many pages at most.
            template: address with ``{page}``; ``None``: follow the feed's links.
            pause_seconds: between two requests.

        Raises:
            UnreachableError: a page cannot be fetched now.
        """
        addresses = numbered(template) if template else None
        url = next(addresses) if addresses else http_transport(self._config).url
        seen: set[str] = set()
        following: str | None = url
        while following and len(seen) < max_pages:
            url = following
            if seen:
                time.sleep(pause_seconds)
            payload = page(self._config, self._settings, url)
            if payload is None:
                break
            seen.add(url)
            before = self.loaded.items
            reading = self.publish_payload(payload)
            if reading is None or (addresses and self.loaded.items == before):
                break  # beyond the last page servers answer with an empty one, or with something else
            following = next(addresses) if addresses else next_page(self._config, url, reading.feed.next_link, seen)
        return self.loaded

    def publish_payload(self, payload: Payload) -> Reading | None:
        """Publish one payload, part by part.

        Returns:
            The last part as parsed; ``None`` if the payload or its last part could not be parsed.
        """
        self.loaded.payloads += 1
        last = None
        try:
            for part in payload.parts():
                last = self._part(part)
        except ParseError as error:
            self._unreadable(payload, error)
            return None
        return last

    def _unreadable(self, payload: Payload, error: ParseError) -> None:
        self._report(f"unreadable: {error}")
        self._publish([self._records.unreadable(payload, error, datetime.now(UTC))])

    def _part(self, payload: Payload) -> Reading | None:
        try:
            reading = self._parser.parse(payload, self._config, datetime.now(UTC))
        except ParseError as error:
            self._unreadable(payload, error)
            return None
        self._publish(list(self._records.of_reading(payload, reading, datetime.now(UTC))))
        self.loaded.items += len(reading.items)
        return reading

    def _publish(self, records: Sequence[OutgoingMessage]) -> None:
        for chunk in _chunks(records):
            if self._pace:
                self._pace.wait()
                self.loaded.waited_seconds = self._pace.waited
            self._publisher.publish(chunk, self._records.replace_refused)
        self.loaded.rejected = self._records.rejected


def _chunks(records: Sequence[OutgoingMessage]) -> Iterator[list[OutgoingMessage]]:
    left = iter(records)
    while chunk := list(islice(left, _CHUNK)):
        yield chunk
