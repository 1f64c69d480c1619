"""Reads an archive into ``wire.raw`` behind what is live.

The items go the way of all others, marked ``lane: backfill``: dashboards and live views ask for the lane ``live``.
There is one queue a stage, so an archive poured in at once would stand before the next live story. It is therefore
paced by the lag of the stages: a few items are published only while less than ``max_lag`` messages are on their way, so
that a live story never waits for more than those. Started again, it publishes the same items; intake drops them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from connectors.config import ConnectorConfig
from connectors.reading import Reading, read_payload
from connectors.transports.base import Payload
from connectors.transports.files import file_payload
from connectors.transports.http import HttpTransport
from pipeline.backfill.archive import http_transport, next_page, numbered, page
from pipeline.broker.publisher import Publisher, Record
from pipeline.broker.topics import topics_of
from pipeline.events.dead_letter import dead_letter
from pipeline.events.errors import ConfigurationError, ParseError, RejectError, UnreachableError
from pipeline.settings import Settings

Tell = Callable[[str], None]

_CHUNK = 25


@dataclass
class Loaded:
    """What an archive came to."""

    payloads: int = 0
    items: int = 0
    rejected: int = 0
    waited_seconds: float = 0.0


class LagPace:
    """Waits while too much is on its way, or while nobody can say how much is.

    Args:
        lag: messages that the stages have not worked through, all together.
        max_lag: how many may be.
        tell: told when waiting takes long.
        sleep: waits so many seconds.
    """

    def __init__(
        self, lag: Callable[[], int], max_lag: int, tell: Tell, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._lag = lag
        self._max = max_lag
        self._tell = tell
        self._sleep = sleep
        self.waited = 0.0

    def wait(self) -> None:
        """Return once there is room."""
        begun, told = time.monotonic(), 0.0
        while reason := self._hindrance():
            self._sleep(0.2)
            waiting = time.monotonic() - begun
            if waiting - told > 15:
                told = waiting
                self._tell(f"waiting: {reason}")
        self.waited += time.monotonic() - begun

    def _hindrance(self) -> str | None:
        """Why nothing may be published now; ``None`` where there is room."""
        try:
            lag = self._lag()
        except UnreachableError as error:
            return str(error)
        if lag < self._max:
            return None
        return f"{lag:,} messages are on their way (is a worker running? wiredesk status)"


class Backfill:
    """One archive.

    Args:
        settings: of the installation.
        config: how to read it; its lane becomes ``backfill``.
        publisher: to Kafka.
        pace: asked before every few items; ``None``: without pacing.
        tell: told in short lines what goes on.
    """

    def __init__(
        self, settings: Settings, config: ConnectorConfig, publisher: Publisher, pace: LagPace | None, tell: Tell
    ) -> None:
        self._settings = settings
        self._config = config.model_copy(update={"lane": "backfill"})
        self._publisher = publisher
        self._pace = pace
        self._tell = tell
        self._topics = topics_of(settings)
        # What is relative in a file of a feed is relative to the feed's address, as when it is polled: the same ids.
        self._base = config.transport.url if isinstance(config.transport, HttpTransport) else None
        self.loaded = Loaded()

    def files(self, paths: Iterable[Path]) -> Loaded:
        """Take in files.

        Raises:
            ConfigurationError: one cannot be read.
        """
        limit = self._settings.connectors.max_body_bytes
        charset = getattr(self._config.transport, "charset", None)
        content_type = getattr(self._config.transport, "content_type", None)
        for path in paths:
            try:
                payload = file_payload(path, limit, content_type, charset, self._base)
            except OSError as error:
                raise ConfigurationError(f"The file {path} cannot be read: {error}.") from error
            self.take(payload)
        return self.loaded

    def pages(self, most: int, template: str | None = None, pause_seconds: float = 1.0) -> Loaded:
        """Take in the earlier pages of the connector's feed, along its own links or by the number of the page.

        Args:
            most: how many pages at most.
            template: address with ``{page}``; ``None``: follow the feed's links.
            pause_seconds: between two requests.

        Raises:
            UnreachableError: a page cannot be had now.
        """
        addresses = numbered(template) if template else None
        url = next(addresses) if addresses else http_transport(self._config).url
        seen: set[str] = set()
        following: str | None = url
        while following and len(seen) < most:
            url = following
            if seen:
                time.sleep(pause_seconds)
            payload = page(self._config, self._settings, url)
            if payload is None:
                break
            seen.add(url)
            before = self.loaded.items
            reading = self.take(payload)
            if reading is None or (addresses and self.loaded.items == before):
                break  # servers give an empty page, or a page of something else, beyond the last one
            following = next(addresses) if addresses else next_page(self._config, url, reading.feed.next_link, seen)
        return self.loaded

    def take(self, payload: Payload) -> Reading | None:
        """Take in one payload, part by part: the last part as it was read; ``None`` where one could not be read."""
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
        self._tell(f"unreadable: {error}")
        self._publish([self._dead(error, payload.data, payload.name, None)])

    def _part(self, payload: Payload) -> Reading | None:
        connectors = self._settings.connectors
        try:
            reading = read_payload(
                payload,
                self._config,
                now=datetime.now(UTC),
                max_body_bytes=connectors.max_body_bytes,
                max_original_bytes=connectors.max_original_bytes,
            )
        except ParseError as error:
            self._unreadable(payload, error)
            return None
        self._publish(
            [
                *(Record(self._topics.raw.name, raw.key, raw.encode()) for raw in reading.items),
                *(
                    self._dead(ParseError(f"{payload.name}: {part.position}: {part.reason}."), part.original,
                               payload.name, part.position)
                    for part in reading.rejected
                ),
            ]
        )  # fmt: skip
        self.loaded.items += len(reading.items)
        return reading

    def _publish(self, records: Sequence[Record]) -> None:
        for chunk in _chunks(records):
            if self._pace:
                self._pace.wait()
                self.loaded.waited_seconds = self._pace.waited
            self._publisher.publish(chunk, self._refused)

    def _dead(self, error: RejectError, original: bytes, name: str, position: str | None) -> Record:
        self.loaded.rejected += 1
        limit = self._settings.kafka.max_message_bytes // 2
        letter = dead_letter(
            stage="connector", error=error, key=None, original=original[:limit], failed_at=datetime.now(UTC),
            connector=self._config.name, provider=self._config.provider, url=name, position=position,
        )  # fmt: skip
        return Record(self._topics.dead.name, self._config.name.encode(), letter.encode())

    def _refused(self, record: Record, error: Exception) -> Record:
        reason = RejectError(f"Kafka refuses an item of {len(record.value):,} bytes: {type(error).__name__}.")
        return self._dead(reason, record.value, f"item for {record.topic}", None)


def _chunks(records: Sequence[Record]) -> Iterator[list[Record]]:
    left = iter(records)
    while chunk := list(islice(left, _CHUNK)):
        yield chunk
