"""Runs connectors: look, read, publish, remember, settle, in this order and no other.

Each step is safe to repeat from the start: what was published twice is dropped by intake, what was not settled is taken
again. The runner holds no state that is not in ``wire.connectors``.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog
import xxhash

from connectors.config import ConnectorConfig
from connectors.publisher import Publisher, Record
from connectors.reading import Reading, read_payload
from connectors.schedule import PollFacts, interval_after, next_wait
from connectors.transports.base import Payload, Poll, Surroundings
from pipeline.dead.record import dead_letter
from pipeline.errors import ParseError, RejectError
from pipeline.events import ConnectorState, RawItem
from pipeline.settings import Settings
from pipeline.topics import topics_of

log = structlog.get_logger("wiredesk.connectors")

#: Hashes of items kept to know what was published already; a feed shows some dozens to some hundreds.
_SEEN_ITEMS = 2000


@dataclass(frozen=True)
class Health:
    """What a list of connectors shows of one."""

    name: str
    polls: int = 0
    items: int = 0
    published: int = 0
    rejected: int = 0
    failures: float = 0
    last_error: str | None = None
    last_success: datetime | None = None
    next_poll: datetime | None = None


class ConnectorRun:
    """One connector, one look at a time.

    Args:
        config: its file.
        state: as restored.
        settings: of the installation.
        publisher: shared by all.
    """

    def __init__(
        self, config: ConnectorConfig, state: ConnectorState, settings: Settings, publisher: Publisher
    ) -> None:
        self.config = config
        self.state = state
        self.health = Health(config.name, failures=state.failures, last_error=state.last_error)
        self._settings = settings
        self._publisher = publisher
        self._topics = topics_of(settings)

    def due(self, now: datetime) -> bool:
        """Whether it is time to look."""
        return (
            self.config.enabled
            and not self.state.gone
            and (self.state.next_poll is None or self.state.next_poll <= now)
        )

    def step(self, now: datetime) -> None:
        """Look once and carry everything through.

        Raises:
            UnreachableError: the process is stopping while Kafka is away; nothing is settled.
        """
        poll = self.config.transport.poll(self.state, self._around(now))
        fresh: list[str] = []
        readings: list[tuple[Payload, Reading | ParseError]] = []
        for payload in poll.payloads:
            readings.append((payload, self._read(payload, now)))
        records, total = [], 0
        for payload, reading in readings:
            made, hashes, count = self._records(payload, reading, now)
            records += made
            fresh += hashes
            total += count
        self._publisher.publish(records, self._refused)
        self.state = self._next_state(poll, readings, fresh, total, now)
        self._remember()
        for payload, reading in readings:
            payload.settle(not isinstance(reading, ParseError))
        self._report(poll, readings, len(fresh), total)

    def _around(self, now: datetime) -> Surroundings:
        connectors = self._settings.connectors
        return Surroundings(
            now=now,
            max_body_bytes=connectors.max_body_bytes,
            timeout_seconds=connectors.timeout_seconds,
            user_agent=f"Wiredesk/0.1 ({connectors.user_agent_contact})",
            requests_per_host=connectors.requests_per_host,
        )

    def _read(self, payload: Payload, now: datetime) -> Reading | ParseError:
        connectors = self._settings.connectors
        try:
            return read_payload(
                payload,
                self.config,
                now=now,
                max_body_bytes=connectors.max_body_bytes,
                max_original_bytes=connectors.max_original_bytes,
            )
        except ParseError as error:
            return error
        except Exception as error:  # noqa: BLE001 - a parser's fault is this payload's, not the process's
            failure = ParseError(f"{payload.name}: the parser failed: {type(error).__name__}: {error}.")
            failure.__cause__ = error
            return failure

    def _records(
        self, payload: Payload, reading: Reading | ParseError, now: datetime
    ) -> tuple[list[Record], list[str], int]:
        """What a payload publishes, the hashes of its new items, and how many items it holds."""
        if isinstance(reading, ParseError):
            # Of a feed that is polled again nothing is lost by a bad answer; a file or message is all there is.
            if payload.url is not None:
                return [], [], 0
            return [self._dead(reading, payload.data, payload, None, now)], [], 0
        seen = set(self.state.seen)
        records, hashes = [], []
        for raw in reading.items:
            digest = item_hash(raw)
            if digest not in seen:
                records.append(Record(self._topics.raw.name, raw.key, raw.encode()))
                hashes.append(digest)
        for part in reading.rejected:
            error = ParseError(f"{payload.name}: {part.position}: {part.reason}.")
            digest = xxhash.xxh3_64_hexdigest(part.original + part.reason.encode())
            if digest not in seen:
                records.append(self._dead(error, part.original, payload, part.position, now))
                hashes.append(digest)
        return records, hashes, len(reading.items)

    def _dead(
        self, error: RejectError, original: bytes, payload: Payload, position: str | None, now: datetime
    ) -> Record:
        letter = dead_letter(
            stage="connector", error=error, key=None, original=original[: self._settings.kafka.max_message_bytes // 2],
            failed_at=now, connector=self.config.name, provider=self.config.provider,
            url=payload.name, position=position,
        )  # fmt: skip
        log.warning("item_rejected", connector=self.config.name, reason=str(error))
        self.health = replace(self.health, rejected=self.health.rejected + 1)
        return Record(self._topics.dead.name, self.config.name.encode(), letter.encode())

    def _refused(self, record: Record, error: Exception) -> Record:
        reason = RejectError(f"Kafka refuses an item of {len(record.value):,} bytes: {type(error).__name__}.")
        payload = Payload(b"", f"item for {record.topic}")
        return self._dead(reason, record.value, payload, None, datetime.now(UTC))

    def _next_state(
        self,
        poll: Poll,
        readings: Sequence[tuple[Payload, Reading | ParseError]],
        fresh: list[str],
        total: int,
        now: datetime,
    ) -> ConnectorState:
        broken = next(
            (reading for payload, reading in readings if isinstance(reading, ParseError) and payload.url), None
        )
        error = poll.error or (str(broken) if broken else None)
        failures = self.state.failures + (poll.weight or 1) if error else 0.0
        ttl = max((r.feed.ttl_seconds or 0 for _, r in readings if not isinstance(r, ParseError)), default=0)
        facts = PollFacts(
            interval_seconds=self.config.schedule.interval_seconds,
            previous_seconds=self.state.interval_seconds,
            failures=failures,
            server_seconds=max(poll.wait_seconds, ttl),
            items=total,
            new_items=len(fresh),
            adaptive=self.config.schedule.adaptive and poll.error is None,
            jitter=self.config.schedule.jitter,
        )
        interval = interval_after(facts)
        wait = next_wait(facts, interval, random.random())  # noqa: S311 - jitter, not a secret
        # Validators of an answer that could not be read must not be kept: the server would say "unchanged" to them.
        base = self.state if broken else poll.state
        return base.model_copy(
            update={
                "next_poll": now + timedelta(seconds=wait),
                "interval_seconds": interval,
                "failures": failures,
                "last_error": error,
                "last_success": self.state.last_success if error else now,
                "seen": (*self.state.seen, *fresh)[-_SEEN_ITEMS:],
                "items_published": self.state.items_published + len(fresh),
            }
        )

    def _remember(self) -> None:
        record = Record(self._topics.connectors.name, self.config.name.encode(), self.state.encode())
        self._publisher.publish([record], self._refused)

    def _report(
        self, poll: Poll, readings: Sequence[tuple[Payload, Reading | ParseError]], new_items: int, items: int
    ) -> None:
        health = self.health
        self.health = replace(
            health,
            polls=health.polls + 1,
            items=health.items + items,
            published=health.published + new_items,
            failures=self.state.failures,
            last_error=self.state.last_error,
            last_success=self.state.last_success,
            next_poll=self.state.next_poll,
        )
        if self.state.last_error:
            log.warning("poll_failed", connector=self.config.name, reason=self.state.last_error)
        elif new_items or not poll.unchanged:
            log.info("polled", connector=self.config.name, items=items, new=new_items, payloads=len(readings))


def item_hash(raw: RawItem) -> str:
    """64 bits over an item without the time it was received: the same item in two polls has the same."""
    plain = raw.model_copy(update={"received": datetime(1970, 1, 1, tzinfo=UTC), "original": None})
    return xxhash.xxh3_64_hexdigest(plain.encode())


def wait_until_due(runs: Sequence[ConnectorRun], stopping: threading.Event, at_most_seconds: float) -> None:
    """Sleep until the next connector is due, a stop is asked for, or the time is up."""
    now = datetime.now(UTC)
    waits = [
        max((run.state.next_poll - now).total_seconds(), 0.0) if run.state.next_poll else 0.0
        for run in runs
        if run.config.enabled and not run.state.gone
    ]
    stopping.wait(min([*waits, at_most_seconds]))
