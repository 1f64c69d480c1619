"""Runs connectors: look, read, publish, remember, settle, in this order and no other.

Each step is safe to repeat from the start: what was published twice is dropped by intake, what was not settled is taken
again. The runner holds no state that is not in ``wire.connectors``.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import structlog

from connectors.config import ConnectorConfig
from connectors.memory import mark, remembered, stable_bytes
from connectors.reading import Reading, read_payload
from connectors.schedule import PollFacts, interval_after, next_wait
from connectors.transports.base import Payload, Poll, Surroundings
from pipeline.broker.publisher import Publisher, Record
from pipeline.broker.topics import topics_of
from pipeline.events import ConnectorState
from pipeline.events.dead_letter import dead_letter
from pipeline.events.errors import ParseError, RejectError
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.connectors")

#: Records are published in batches of about so many and so many bytes, so that an archive needs no more memory.
_BATCH_RECORDS = 500
_BATCH_BYTES = 4 * 1024 * 1024
#: What is remembered of a look that brought nothing is written so often at most.
_STORE_SECONDS = 60
_LEAST_WAIT_SECONDS = 0.05


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
        self._stored = state

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
        outcome = _Outcome(self._poll(now))
        self._carry(outcome, now)
        self.state = self._next_state(outcome, now)
        self._store(now)
        for payload in outcome.poll.payloads:
            payload.settle(payload.name not in outcome.failed)
        self._report(outcome)

    def _carry(self, outcome: _Outcome, now: datetime) -> None:
        """Publish what is new, part by part: no more than one part and one batch is held at once."""
        seen = frozenset(self.state.seen)
        waiting: list[Record] = []
        size = 0
        for payload in outcome.poll.payloads:
            for part, reading in self._readings(payload, now):
                outcome.read(payload, reading)
                for shown, record in self._records(part, reading, seen, now):
                    if record is not None and shown not in outcome.shown:
                        waiting.append(record)
                        size += len(record.value)
                        outcome.new += record.topic == self._topics.raw.name
                    outcome.shown[shown] = None
                if len(waiting) >= _BATCH_RECORDS or size >= _BATCH_BYTES:
                    self._publisher.publish(waiting, self.refused)
                    waiting, size = [], 0
        self._publisher.publish(waiting, self.refused)

    def _readings(self, payload: Payload, now: datetime) -> Iterator[tuple[Payload, Reading | ParseError]]:
        """What each part of a payload holds; an error where it cannot be taken apart any further."""
        try:
            for part in payload.parts():
                yield part, self._read(part, now)
        except ParseError as error:
            yield payload, error

    def take(self, payload: Payload, now: datetime, patience_seconds: float) -> Reading | ParseError:
        """Publish what somebody has sent us, without a look; intake drops what comes twice.

        Raises:
            UnreachableError: Kafka did not take it in time; nothing was promised.
        """
        reading = self._read(payload, now)
        records = [record for _, record in self._records(payload, reading, frozenset(), now) if record]
        self._publisher.publish(records, self.refused, patience_seconds)
        return reading

    def failed(self, error: BaseException, now: datetime) -> None:
        """A look ended in a fault of ours: try again later, as after any failure."""
        poll = Poll(self.state, error=f"{type(error).__name__}: {error}", weight=1)
        self.state = self._next_state(_Outcome(poll), now)
        self.health = replace(self.health, failures=self.state.failures, last_error=poll.error)

    def unstored(self) -> Record | None:
        """The state as a record, if it is not the one that is durable."""
        if self.state == self._stored:
            return None
        return Record(self._topics.connectors.name, self.config.name.encode(), self.state.encode())

    def _store(self, now: datetime) -> None:
        """Make the state durable. A look that brought nothing may wait for the next one, for a minute."""
        record = self.unstored()
        times = {"next_poll": None, "last_success": None, "interval_seconds": None}
        before, after = self._stored.model_copy(update=times), self.state.model_copy(update=times)
        written = self._stored.last_success
        if record is None or (before == after and written and (now - written).total_seconds() < _STORE_SECONDS):
            return
        state = self.state
        self._publisher.publish([record], self.refused)
        self._stored = state

    def _poll(self, now: datetime) -> Poll:
        try:
            return self.config.transport.poll(self.state, surroundings(self._settings, now))
        except Exception as error:  # a transport's fault is this connector's, not the process's
            log.exception("transport_failed", connector=self.config.name)
            return Poll(self.state, error=f"The transport failed: {type(error).__name__}: {error}.", weight=1)

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
        self, payload: Payload, reading: Reading | ParseError, seen: frozenset[str], now: datetime
    ) -> Iterator[tuple[str, Record | None]]:
        """What a payload holds, each part with its mark, and with a record where it is new."""
        if isinstance(reading, ParseError):
            # Of a feed that is polled again nothing is lost by a bad answer; a file or message is all there is.
            if payload.url is None:
                shown = mark(payload.name.encode(), payload.data)
                yield shown, None if shown in seen else self._dead(reading, payload.data, payload, None, now)
            return
        for raw in reading.items:
            shown = mark(raw.key, stable_bytes(raw))
            yield shown, None if shown in seen else Record(self._topics.raw.name, raw.key, raw.encode())
        for part in reading.rejected:
            shown = mark(part.original, part.original)
            error = ParseError(f"{payload.name}: {part.position}: {part.reason}.")
            yield shown, None if shown in seen else self._dead(error, part.original, payload, part.position, now)

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

    def refused(self, record: Record, error: Exception) -> Record:
        """What is published instead of a record that Kafka will never take."""
        reason = RejectError(f"Kafka refuses an item of {len(record.value):,} bytes: {type(error).__name__}.")
        payload = Payload(b"", f"item for {record.topic}")
        return self._dead(reason, record.value, payload, None, datetime.now(UTC))

    def _next_state(self, outcome: _Outcome, now: datetime) -> ConnectorState:
        poll = outcome.poll
        comes_again = any(payload.url for payload in poll.payloads)
        broken = next((error for payload, error in outcome.errors if payload.url), None)
        error = poll.error or (str(broken) if broken else None)
        failures = self.state.failures + (poll.weight or 1) if error else 0.0
        facts = PollFacts(
            interval_seconds=self.config.interval_seconds,
            previous_seconds=self.state.interval_seconds,
            failures=failures,
            server_seconds=max([poll.wait_seconds, outcome.ttl_seconds]),
            items=outcome.items,
            new_items=outcome.new,
            adaptive=self.config.schedule.adaptive,
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
                "seen": remembered(self.state.seen, tuple(outcome.shown), comes_again=comes_again),
                "items_published": self.state.items_published + outcome.new,
            }
        )

    def _report(self, outcome: _Outcome) -> None:
        health, state = self.health, self.state
        self.health = replace(
            health,
            polls=health.polls + 1,
            items=health.items + outcome.items,
            published=health.published + outcome.new,
            failures=state.failures,
            last_error=state.last_error,
            last_success=state.last_success,
            next_poll=state.next_poll,
        )
        name = self.config.name
        if state.last_error:
            log.warning("poll_failed", connector=name, reason=state.last_error)
        elif outcome.new or not outcome.poll.unchanged:
            log.info(
                "polled", connector=name, items=outcome.items, new=outcome.new, payloads=len(outcome.poll.payloads)
            )


@dataclass
class _Outcome:
    """What one look comes to: ``new`` of ``items`` are published; ``shown`` are the marks of all, in order."""

    poll: Poll
    items: int = 0
    new: int = 0
    ttl_seconds: int = 0
    errors: list[tuple[Payload, ParseError]] = field(default_factory=list)
    shown: dict[str, None] = field(default_factory=dict)

    @property
    def failed(self) -> set[str]:
        """The names of payloads that could not be read, or not wholly."""
        return {payload.name for payload, _ in self.errors}

    def read(self, payload: Payload, reading: Reading | ParseError) -> None:
        """Count what a part of a payload holds."""
        if isinstance(reading, ParseError):
            self.errors.append((payload, reading))
        else:
            self.items += len(reading.items)
            self.ttl_seconds = max(self.ttl_seconds, reading.feed.ttl_seconds or 0)


def surroundings(settings: Settings, now: datetime, *, peek: bool = False) -> Surroundings:
    """What transports may use of this installation."""
    connectors = settings.connectors
    return Surroundings(
        now=now,
        max_body_bytes=connectors.max_body_bytes,
        timeout_seconds=connectors.timeout_seconds,
        user_agent=f"Wiredesk/0.1 ({connectors.user_agent_contact})",
        peek=peek,
    )


def wait_until_due(runs: Sequence[ConnectorRun], stopping: threading.Event, at_most_seconds: float) -> None:
    """Sleep until the next connector is due, a stop is asked for, or the time is up.

    One that is due may have to wait for another of its host: a short sleep is never left out.
    """
    now = datetime.now(UTC)
    waits = [
        max((run.state.next_poll - now).total_seconds(), 0.0) if run.state.next_poll else 0.0
        for run in runs
        if run.config.enabled and not run.state.gone
    ]
    stopping.wait(min(max(min(waits, default=at_most_seconds), _LEAST_WAIT_SECONDS), at_most_seconds))
