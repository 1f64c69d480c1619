"""Runs one connector: poll, parse, publish, store the state, settle the payloads, in this order.

Every step may be repeated from the start: intake drops what was published twice, and what was not settled is polled
again. All state is in ``wire.connectors``.
"""

from __future__ import annotations

import random
import threading
from collections import Counter, deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from connectors.config import ConnectorConfig
from connectors.full_text import FullText
from connectors.memory import seen_with_pushed, updated_seen
from connectors.outcome import PollOutcome
from connectors.parse_pool import ParseInProcess, PayloadParser
from connectors.poll_metrics import count_poll, count_push, count_rules, report_state
from connectors.publishing import PollPublisher
from connectors.reading import Reading
from connectors.records import RecordMaker
from connectors.schedule import PollFacts, interval_after, next_wait
from connectors.state import ReadPushes
from connectors.transports.base import Payload, Poll, PollContext
from connectors.transports.large import BodyPlace, NoPlaceError
from connectors.usual_rate import observe
from pipeline.broker.killable import NotStartedError
from pipeline.broker.messages import OutgoingMessage
from pipeline.broker.publisher import Publisher
from pipeline.events import ConnectorState, PushesRead
from pipeline.events.errors import ParseError, UnreachableError
from pipeline.settings import Settings
from pipeline.settings.redaction import redact
from pipeline.settings.version import user_agent

log = structlog.get_logger("wiredesk.connectors")

#: Transports of files and mails, of which nobody knows the size before.
_OF_FILES = frozenset({"folder", "ftp", "sftp", "imap"})

#: The state after polls that found nothing new is stored at most this often.
_STORE_SECONDS = 60

#: Polls further apart than three intervals, and than this, tell nothing of the time between them.
_SHORTEST_GAP_SECONDS = 3600

#: What was pushed is taken over this often at most, as each time the state is stored.
_PUSHES_INTERVAL = timedelta(seconds=30)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Health:
    """What a list of connectors shows about one of them."""

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
    """One connector; polls one at a time.

    Args:
        config: the connector's file.
        state: as restored from ``wire.connectors``.
        settings: of the installation.
        publisher: shared by all connectors of the process.
        parser: shared by all connectors of the process; ``None``: parse here, without a limit that can be enforced.

    Attributes:
        config: as given.
        state: after the last poll.
        health: for lists of connectors.
    """

    def __init__(
        self,
        config: ConnectorConfig,
        state: ConnectorState,
        settings: Settings,
        publisher: Publisher,
        parser: PayloadParser | None = None,
    ) -> None:
        self.config = config
        self.state = state
        self.health = Health(config.name, failures=state.failures, last_error=state.last_error)
        self._settings = settings
        self._publisher = publisher
        self._parser = parser or ParseInProcess(settings.connectors)
        self._records = RecordMaker(config, settings)
        self._stored = state
        self._abandoned = threading.Event()
        self._pushes: deque[ReadPushes] = deque()
        self._pushes_taken: datetime | None = None

    def abandon(self) -> None:
        """Publish nothing more and store no state: another process may run this connector by now."""
        self._abandoned.set()

    def due(self, now: datetime) -> bool:
        """Whether it is time to poll."""
        return (
            self.config.enabled
            and not self.state.gone
            and (self.state.next_poll is None or self.state.next_poll <= now)
        )

    def next_due(self) -> datetime | None:
        """When ``due`` or ``has_pushes`` becomes true; ``None``: not before something happens."""
        times = [self.state.next_poll or _EPOCH] if self.config.enabled and not self.state.gone else []
        if self._pushes:
            times.append(self._pushes_taken + _PUSHES_INTERVAL if self._pushes_taken else _EPOCH)
        return min(times, default=None)

    def poll_once(self, now: datetime) -> None:
        """Poll, publish what is new, store the state, settle the payloads.

        Raises:
            UnreachableError: the process is stopping while Kafka is unreachable or a payload is parsed; nothing is
                settled.
        """
        with BodyPlace() as place:
            self._poll_and_publish(now, place)

    def _poll_and_publish(self, now: datetime, place: BodyPlace) -> None:
        self.take_pushes(now)
        outcome = PollOutcome(self._poll(now, place))
        if self._abandoned.is_set():
            return
        try:
            self._publish_new(outcome, now, place)
        except NotStartedError as error:
            log.error("parser_not_started", connector=self.config.name, reason=str(error))
            self.record_failure(error, now)
            return
        if self._abandoned.is_set():
            return
        self.state = self._next_state(outcome, now)
        self._store_state(now)
        for payload in outcome.finished:
            payload.settle(payload.name not in outcome.failed_names)
        self._report(outcome)

    def note_pushes(self, pushes: ReadPushes) -> None:
        """Remember what any process received for this connector, until ``store_pushes``."""
        self._pushes.append(pushes)

    def has_pushes(self, now: datetime) -> bool:
        """Whether it is time for ``store_pushes``."""
        last = self._pushes_taken
        return bool(self._pushes) and (last is None or now - last >= _PUSHES_INTERVAL)

    def store_pushes(self, now: datetime) -> None:
        """Take what was pushed into the state and store it.

        Raises:
            UnreachableError: the process is stopping while Kafka is unreachable.
        """
        self.take_pushes(now)
        if not self._abandoned.is_set():
            report_state(self.config, self.state)
            self._store_state(now)

    def take_pushes(self, now: datetime) -> None:
        """Take what was pushed into the state: its rate, and the marks that a poll need not publish again."""
        marks: dict[str, None] = {}
        new, until = 0, self.state.pushes_read
        while self._pushes:
            read = self._pushes.popleft()
            marks |= dict.fromkeys(read.pushes.marks)
            new += read.pushes.more
            until = PushesRead(partition=read.partition, end=read.offset + 1)
        if until == self.state.pushes_read:
            return
        self._pushes_taken = now
        new += len(marks.keys() - set(self.state.seen))
        wait = self.state.interval_seconds or self.config.interval_seconds
        self.state = self.state.model_copy(
            update={
                "seen": seen_with_pushed(self.state.seen, tuple(marks)),
                "items_published": self.state.items_published + new,
                "usual_rate": observe(self.state.usual_rate, now, new, longest_gap=_longest_gap(wait)),
                "pushes_read": until,
            }
        )

    def publish_pushed(self, payload: Payload, now: datetime, timeout_seconds: float) -> Reading | ParseError:
        """Parse and publish a payload that was sent to us; the state is not used, intake drops what comes twice.

        Raises:
            UnreachableError: Kafka did not accept it in time; it may or may not be published.
        """
        reading = self._read(payload, now)
        if isinstance(reading, ParseError):
            records = [self._records.unreadable(payload, reading, now)] if payload.url is None else []
        else:
            records = list(self._records.of_reading(payload, reading, now))
            names = [*(part.rule for part in reading.dropped), *(name for rules in reading.set_by for name in rules)]
            count_rules(self.config.name, Counter(names))
        self._publish(records, timeout_seconds)
        items = 0 if isinstance(reading, ParseError) else len(reading.items)
        count_push(self.config.name, items, self._records.rejected)
        return reading

    def record_failure(self, error: BaseException, now: datetime) -> None:
        """Plan the next poll after an error of our own code, as after any failure."""
        poll = Poll(self.state, error=redact(f"{type(error).__name__}: {error}"), weight=1)
        self.state = self._next_state(PollOutcome(poll), now)
        self.health = replace(self.health, failures=self.state.failures, last_error=poll.error)

    def publish_state(self) -> None:
        """Store the state if it differs from the stored one.

        Raises:
            UnreachableError: the process is stopping while Kafka is unreachable.
        """
        if self.state == self._stored:
            return
        state = self.state
        self._publish(
            [OutgoingMessage(self._records.topics.connectors.name, self.config.name.encode(), state.encode())]
        )
        self._stored = state

    def _publish_new(self, outcome: PollOutcome, now: datetime, place: BodyPlace) -> None:
        most = self._settings.connectors.max_items_per_poll
        complete = None
        if self.config.full_text:
            context = self._context(now, place)
            complete = FullText(self.config, context, self._parser, self._abandoned).complete
        PollPublisher(outcome, self.state, self._records, most, now, complete).publish(
            lambda part: self._read(part, now), self._publish
        )

    def _publish(self, records: list[OutgoingMessage], timeout_seconds: float = float("inf")) -> None:
        self._publisher.publish(records, self._records.replace_refused, timeout_seconds)

    def _store_state(self, now: datetime) -> None:
        """Store the state. After polls without news once a minute is enough."""
        times = {"next_poll": None, "last_success": None, "interval_seconds": None, "usual_rate": None}
        before, after = self._stored.model_copy(update=times), self.state.model_copy(update=times)
        stored_at = self._stored.last_success
        if before == after and stored_at and (now - stored_at).total_seconds() < _STORE_SECONDS:
            return
        self.publish_state()

    def _context(self, now: datetime, place: BodyPlace) -> PollContext:
        context = poll_context(self._settings, now)
        return replace(context, grown=partial(place.grown, seconds=context.poll_seconds))

    def _poll(self, now: datetime, place: BodyPlace) -> Poll:
        context = self._context(now, place)
        try:
            if self.config.transport.type in _OF_FILES:
                context.grown(context.max_body_bytes)
            return self.config.transport.poll(self.state, context)
        except NoPlaceError as error:
            return Poll(self.state, error=str(error), weight=0.25)
        except Exception as error:  # an error in a transport fails this connector, not the process
            log.exception("transport_failed", connector=self.config.name)
            return Poll(self.state, error=f"The transport failed: {type(error).__name__}: {error}.", weight=1)

    def _read(self, payload: Payload, now: datetime) -> Reading | ParseError:
        try:
            return self._parser.parse(payload, self.config, now)
        except UnreachableError:
            raise
        except ParseError as error:
            return error
        except Exception as error:  # noqa: BLE001 - an error in a parser fails this payload, not the process
            failure = ParseError(f"{payload.name}: the parser failed: {type(error).__name__}: {error}.")
            failure.__cause__ = error
            return failure

    def _next_state(self, outcome: PollOutcome, now: datetime) -> ConnectorState:
        poll, error = outcome.poll, outcome.error
        failures = self.state.failures + (poll.weight or 1) if error else 0.0
        facts = PollFacts(
            interval_seconds=self.config.interval_seconds,
            previous_seconds=self.state.interval_seconds,
            failures=failures,
            server_seconds=max([poll.wait_seconds, outcome.ttl_seconds]),
            parse_seconds=outcome.parse_seconds,
            items=outcome.items,
            new_items=outcome.new,
            adaptive=self.config.schedule.adaptive,
            jitter=self.config.schedule.jitter,
        )
        interval = interval_after(facts)
        wait = next_wait(facts, interval, random.random())  # noqa: S311 - jitter, not a secret
        rate, longest_gap = self.state.usual_rate, _longest_gap(wait)
        return outcome.transport_state(self.state).model_copy(
            update={
                "next_poll": now + timedelta(seconds=wait),
                "interval_seconds": interval,
                "failures": failures,
                "last_error": error and redact(error),
                "last_success": self.state.last_success if error else now,
                "seen": updated_seen(self.state.seen, tuple(outcome.marks), repeats=outcome.repeats),
                "resume_at": outcome.resume_at,
                "resume": outcome.resume,
                "items_published": self.state.items_published + outcome.new,
                "failing_since": (self.state.failing_since or now) if error else None,
                "usual_rate": rate if error else observe(rate, now, outcome.new, longest_gap=longest_gap),
            }
        )

    def _report(self, outcome: PollOutcome) -> None:
        health, state = self.health, self.state
        self.health = replace(
            health,
            polls=health.polls + 1,
            items=health.items + outcome.items,
            published=health.published + outcome.new,
            rejected=self._records.rejected,
            failures=state.failures,
            last_error=state.last_error,
            last_success=state.last_success,
            next_poll=state.next_poll,
        )
        name = self.config.name
        count_poll(name, outcome, self._records.rejected - health.rejected)
        report_state(self.config, state)
        if outcome.left:
            most = self._settings.connectors.max_items_per_poll
            log.warning("items_postponed", connector=name, limit=most, published=outcome.new, **outcome.postponed)
        if state.last_error:
            log.warning("poll_failed", connector=name, reason=state.last_error)
        elif outcome.new or not outcome.poll.unchanged:
            log.info(
                "polled", connector=name, items=outcome.items, new=outcome.new, payloads=len(outcome.poll.payloads)
            )


def _longest_gap(wait_seconds: float) -> timedelta:
    return timedelta(seconds=max(3 * wait_seconds, _SHORTEST_GAP_SECONDS))


def poll_context(settings: Settings, now: datetime, *, peek: bool = False) -> PollContext:
    """What transports may know of this installation at this time."""
    connectors = settings.connectors
    return PollContext(
        now=now,
        max_body_bytes=connectors.max_body_bytes,
        timeout_seconds=connectors.timeout_seconds,
        user_agent=user_agent(connectors.user_agent_contact),
        peek=peek,
    )
