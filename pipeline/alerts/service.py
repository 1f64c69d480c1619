"""Runs the alerts: searches again and again, and sends each story once.

An alert looks at what became searchable since it looked last, however long it was delayed, with an overlap of an hour,
but never at what is older than the alert. What was sent before, in any version or copy, is not sent again, except for
its kill. What was sent is recorded after each delivery: a failed one is tried again; if the process dies between a
delivery and its record, the same message is sent once more with the same key, by which the receiver recognises it.

Alerts do not affect each other: each has its own errors and back-off, and a slow receiver delays no other alert. Files
are read again while this runs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from elasticsearch import Elasticsearch

from pipeline.alerts.breaking_alerts import BreakingEvents
from pipeline.alerts.config import Alert, Channel, read_alerts
from pipeline.alerts.delivery import desk_address, post, send_mail
from pipeline.alerts.message import Notice, mail, payload
from pipeline.alerts.problem_alerts import ProblemAlerts, ProblemSource
from pipeline.alerts.state import AlertState, Cursor
from pipeline.broker.monitoring import metrics
from pipeline.events.errors import ConfigurationError, WiredeskError
from pipeline.index.query import released_query, story_query
from pipeline.index.requests import run_search, search_alias
from pipeline.index.search import speakers_of
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.alerts")

OVERLAP = timedelta(hours=1)
_SECONDS = 5.0
_MOST_SECONDS = 300.0
_AT_ONCE = 8
_STOP_SECONDS = 5.0
_PAGE = 500
_FIELDS_LEFT_OUT = ["body_html", "entities", "quotes", "media", "links", "names"]


@dataclass
class _Backoff:
    """After a failure: how long to wait, and until when."""

    seconds: float = _SECONDS
    until: datetime = field(default_factory=lambda: datetime.min.replace(tzinfo=UTC))

    def failed(self, now: datetime) -> float:
        """Wait, twice as long as the last time; returns the seconds."""
        waiting = self.seconds
        self.until = now + timedelta(seconds=waiting)
        self.seconds = min(self.seconds * 2, _MOST_SECONDS)
        return waiting


class WatchedAlerts:
    """The alerts of a directory, read again when its files change. A wrong file keeps its alert as it was."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen: dict[Path, tuple[int, int]] | None = None
        self._errors: dict[Path, str] = {}
        self._by_path: dict[Path, Alert] = {}

    def current(self) -> list[Alert]:
        """The enabled alerts as they are now; logs what changed and what is wrong, once."""
        seen = {path: _signature(path) for path in self._directory.glob("*.yaml")}
        if seen != self._seen:
            self._seen = seen
            self._read()
        return [alert for alert in self._by_path.values() if alert.enabled]

    def _read(self) -> None:
        files = read_alerts(self._directory)
        before = self._by_path
        kept = {path: before[path] for path in files.errors if path in before}
        self._by_path = {**kept, **files.alerts}
        for path, error in files.errors.items():
            if self._errors.get(path) != str(error):
                log.error("alert_file_rejected", error=str(error), keeps_former=path in kept)
        self._errors = {path: str(error) for path, error in files.errors.items()}
        for path, alert in self._by_path.items():
            if before.get(path) != alert:
                log.info("alert_loaded", alert=alert.name, enabled=alert.enabled)
        for path in before.keys() - self._by_path.keys():
            log.info("alert_removed", alert=before[path].name)


def _signature(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return status.st_mtime_ns, status.st_size


class AlertService:
    """All alerts of one installation.

    Args:
        settings: of the installation.
        client: of its Elasticsearch.
        alerts: ``None``: those of the files in alerts.directory, as they are at each moment.
        problems: what needs a person now, for alerts of the installation.
    """

    def __init__(
        self,
        settings: Settings,
        client: Elasticsearch,
        alerts: Sequence[Alert] | None = None,
        problems: ProblemSource = tuple,
    ) -> None:
        self._settings = settings
        self._client = client
        self._given = None if alerts is None else [alert for alert in alerts if alert.enabled]
        self._files = WatchedAlerts(settings.alerts.directory)
        self._state = AlertState(client, settings.elasticsearch)
        self._breaking = BreakingEvents(client, settings.elasticsearch)
        self._problems = ProblemAlerts(settings, self._state, problems)
        self._backoff: dict[str, _Backoff] = {}
        self._running: dict[str, threading.Thread] = {}
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._prepared = False

    @property
    def alerts(self) -> list[Alert]:
        """The enabled alerts."""
        return self._files.current() if self._given is None else self._given

    def run(self, stopping: threading.Event) -> None:
        """Look until told to stop; whatever fails is tried again.

        What is running then gets a few seconds. A delivery that is cut off is repeated with its key at the next start.
        """
        while True:
            for alert in self._waiting():
                thread = threading.Thread(target=self._look_in_turn, args=(alert, stopping), daemon=True)
                self._running[alert.name] = thread
                thread.start()
            if stopping.wait(_SECONDS):
                break
        deadline = time.monotonic() + _STOP_SECONDS
        for thread in self._running.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def _waiting(self) -> list[Alert]:
        """The alerts whose last look has ended."""
        try:
            alerts = self.alerts
        except OSError as error:
            log.error("alert_files_unreadable", error=str(error))
            return []
        self._running = {name: thread for name, thread in self._running.items() if thread.is_alive()}
        return [alert for alert in alerts if alert.name not in self._running]

    def _look_in_turn(self, alert: Alert, stopping: threading.Event) -> None:
        with self._turns:
            if not stopping.is_set():
                self._look(alert, datetime.now(UTC))

    def _look(self, alert: Alert, now: datetime) -> None:
        """Check one alert; nothing that fails here reaches another one."""
        backoff = self._backoff.get(alert.name, _Backoff())
        if now < backoff.until:
            return
        try:
            sent = self.check(alert, now)
        except Exception as error:
            self._prepared = False  # the index may have been deleted
            seconds = backoff.failed(now)
            self._backoff[alert.name] = backoff
            unexpected = None if isinstance(error, WiredeskError) else error
            log.warning("alert_failed", alert=alert.name, error=str(error) or repr(error), again_in=seconds,
                        exc_info=unexpected)  # fmt: skip
            return
        self._backoff.pop(alert.name, None)
        if sent:
            log.info("alert_sent", alert=alert.name, stories=sent)

    def check(self, alert: Alert, now: datetime) -> int:
        """Look once and send what is new; returns how many stories that were.

        Raises:
            UnreachableError: the index or a receiver does not answer; nothing is forgotten.
            ConfigurationError: a secret or the mail server is not set.
        """
        if alert.watch == "installation":
            sent = self._problems.check(alert, now)
            if not any(problem.kind == "elasticsearch_unreachable" for problem in self._problems.current()):
                self._state.move(alert.name, Cursor(now, now, alert.search_id))
            return sent
        if not self._prepared:
            self._state.prepare()
            self._prepared = True
        cursor = self._state.cursor(alert.name)
        if cursor is None:
            self._state.move(alert.name, Cursor(now, now, alert.search_id))
            return 0
        # An edited search is a new one: what it would have found before it looked last, it does not send.
        edited = cursor.search not in {"", alert.search_id}
        born = max(cursor.born, cursor.looked) if edited else cursor.born
        since = max(cursor.looked - OVERLAP, born)
        sent = 0
        if alert.watch == "events":
            sent += self._send(alert, self._new(alert, self._breaking.notices(alert.name, since, now)), now)
        else:
            for stories in self._matching(alert, since, now):
                sent += self._send(alert, self._matches(alert, stories), now)
        if alert.report_kills:
            # A killed story has lost the text that was searched for: every kill is compared with what was sent.
            for stories in self._pages(released_query({"term": {"killed": True}}, since, now), public=False):
                sent += self._send(alert, self._kills(alert, stories), now)
        self._state.move(alert.name, Cursor(now, born, alert.search_id))
        return sent

    def preview(self, alert: Alert, since: datetime, now: datetime) -> list[Notice]:
        """What an alert would have sent since a moment, the oldest first; nothing is sent or recorded."""
        if alert.watch == "events":
            return self._breaking.notices(alert.name, since, now)
        notices: dict[str, Notice] = {}
        for stories in self._matching(alert, since, now):
            for story in _usable(stories):
                notices.setdefault(story["cluster_id"], Notice(alert.name, "match", story))
        return list(notices.values())

    def send_test(self, alert: Alert, notice: Notice, now: datetime) -> None:
        """Send one notice in every way, without recording it; raises as :meth:`check`."""
        for channel in alert.channels:
            for _ in self._deliver(alert, channel, [notice], now):
                pass

    def _matching(self, alert: Alert, since: datetime, now: datetime) -> Iterator[list[Mapping[str, Any]]]:
        query = alert.query()
        wanted = story_query(query, speakers_of(self._client, self._settings.elasticsearch, query))
        return self._pages(released_query(wanted, since, now), public=alert.only_public)

    def _send(self, alert: Alert, notices: Sequence[Notice], now: datetime) -> int:
        """Send notices in every way that has not sent them yet, and record each as soon as it is delivered."""
        if not notices:
            return 0
        problems: list[WiredeskError] = []
        for channel in alert.channels:
            try:
                for delivered in self._deliver(alert, channel, self._state.unsent(channel, notices), now):
                    self._state.record_sent(channel, delivered, now)
                    metrics.ALERT_DELIVERIES.labels(alert.name, "sent").inc(len(delivered))
            except WiredeskError as error:
                metrics.ALERT_DELIVERIES.labels(alert.name, "failed").inc()
                problems.append(error)
        for problem in problems:
            raise problem
        self._state.record(notices, now)
        return len(notices)

    def _deliver(
        self, alert: Alert, channel: Channel, notices: Sequence[Notice], now: datetime
    ) -> Iterator[Sequence[Notice]]:
        """Deliver notices in one way; yields those that were, after each delivery."""
        if channel == "webhook" and alert.webhook:
            for notice in notices:
                post(alert.webhook, payload(notice, desk_address(self._settings), now), notice.key)
                yield [notice]
        elif channel == "email" and alert.email and notices:
            sender = self._settings.alerts.mail_from or ""
            message = mail(notices, sender, alert.email.to, desk_address(self._settings), now)
            send_mail(message, self._settings.alerts)
            yield notices

    def _matches(self, alert: Alert, stories: Sequence[Mapping[str, Any]]) -> list[Notice]:
        """Stories that were not sent in any version or copy; of copies that came together the first."""
        usable = _usable(stories)
        known = self._state.known(alert.name, usable)
        notices: dict[str, Notice] = {}
        for story in usable:
            if known[story["story_id"]] == (None, None):
                notices.setdefault(story["cluster_id"], Notice(alert.name, "match", story))
        return list(notices.values())

    def _new(self, alert: Alert, notices: Sequence[Notice]) -> list[Notice]:
        """Events that were not told of."""
        known = self._state.known(alert.name, [notice.story for notice in notices])
        return [notice for notice in notices if known[notice.story["story_id"]][0] is None]

    def _kills(self, alert: Alert, stories: Sequence[Mapping[str, Any]]) -> list[Notice]:
        """Kills of stories that were sent, themselves or a copy; each once."""
        known = self._state.known(alert.name, stories)
        return [
            Notice(alert.name, "kill", story)
            for story in stories
            for group, own in [known[story["story_id"]]]
            if (group or own) and "killed" not in (own or {})
        ]

    def _pages(self, query: dict[str, Any], *, public: bool) -> Iterator[list[Mapping[str, Any]]]:
        """All stories that match a query, oldest first, page by page."""
        index = search_alias(self._settings.elasticsearch, "stories", public=public)
        after: list[Any] | None = None
        while True:
            hits = run_search(
                self._client,
                index,
                query=query,
                size=_PAGE,
                sort=[{"received": "asc"}, {"story_id": "asc"}],
                search_after=after,
                track_total_hits=False,
                _source={"excludes": _FIELDS_LEFT_OUT},
            )["hits"]["hits"]
            if hits:
                yield [hit["_source"] for hit in hits]
            if len(hits) < _PAGE:
                return
            after = hits[-1]["sort"]


def _usable(stories: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [story for story in stories if not story.get("killed") and not story.get("withheld")]


def find_alert(settings: Settings, name: str) -> Alert:
    """The alert with a name.

    Raises:
        ConfigurationError: there is none, or its file is wrong.
    """
    path = settings.alerts.directory / f"{name}.yaml"
    files = read_alerts(settings.alerts.directory)
    if path in files.errors:
        raise files.errors[path]
    if path not in files.alerts:
        known = ", ".join(alert.name for alert in files.alerts.values()) or "none"
        raise ConfigurationError(f"No alert {name} in {settings.alerts.directory}.", hint=f"There are: {known}.")
    return files.alerts[path]
