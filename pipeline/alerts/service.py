"""Looks for what alerts ask for, again and again, and tells once a story.

An alert looks at what can be found since it last looked, however long it was on its way, with an hour's overlap. What
was told of before, in any version or copy, is not told again, but for its kill. A notice is remembered after it was
delivered: one that failed is tried again, one whose delivery was cut off may come twice (with the same key). The first
look of a new alert finds nothing: it begins now.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from elasticsearch import Elasticsearch

from pipeline.alerts.config import Alert, load_alerts
from pipeline.alerts.delivery import deliver
from pipeline.alerts.message import Notice
from pipeline.alerts.state import Memory
from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.broker.monitoring import metrics
from pipeline.events.errors import UnreachableError, WiredeskError
from pipeline.index.query import released_query, story_query
from pipeline.index.requests import run_search, search_alias
from pipeline.index.search import speakers_of
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.alerts")

OVERLAP = timedelta(hours=1)
_SECONDS = 5.0
_MOST_SECONDS = 300.0
_PAGE = 500
_FIELDS_LEFT_OUT = ["body_html", "entities", "quotes", "media", "links", "names"]


@dataclass
class _Trouble:
    """Since a delivery failed: how long to wait, and until when."""

    seconds: float = _SECONDS
    until: datetime = field(default_factory=lambda: datetime.min.replace(tzinfo=UTC))


class AlertService:
    """All alerts of one installation.

    Args:
        settings: of the installation.
        client: of its Elasticsearch.
        alerts: ``None``: those of alerts.directory.

    Raises:
        ConfigurationError: a file of an alert is wrong.
    """

    def __init__(self, settings: Settings, client: Elasticsearch, alerts: Sequence[Alert] | None = None) -> None:
        self._settings = settings
        self._client = client
        self.alerts = [
            alert for alert in (load_alerts(settings.alerts.directory) if alerts is None else alerts) if alert.enabled
        ]
        self._memory = Memory(client, settings.elasticsearch)
        self._trouble: dict[str, _Trouble] = {}

    def run(self, stopping: threading.Event) -> None:
        """Look until told to stop; a server that is away is waited for."""
        while not stopping.is_set():
            try:
                self._memory.prepare()
                break
            except UnreachableError as error:
                log.warning("alerts_wait", error=str(error))
                stopping.wait(_SECONDS)
        while not stopping.wait(_SECONDS):
            for alert in self.alerts:
                self._look(alert, datetime.now(UTC))

    def _look(self, alert: Alert, now: datetime) -> None:
        trouble = self._trouble.get(alert.name)
        if trouble and now < trouble.until:
            return
        try:
            sent = self.check(alert, now)
        except WiredeskError as error:
            trouble = trouble or _Trouble()
            trouble.until = now + timedelta(seconds=trouble.seconds)
            trouble.seconds = min(trouble.seconds * 2, _MOST_SECONDS)
            self._trouble[alert.name] = trouble
            log.warning("alert_failed", alert=alert.name, error=str(error), again_in=trouble.seconds)
            return
        self._trouble.pop(alert.name, None)
        if sent:
            log.info("alert_sent", alert=alert.name, stories=sent)

    def check(self, alert: Alert, now: datetime) -> int:
        """Look once and tell what is new; how many stories that were.

        Raises:
            UnreachableError: the index or a receiver does not answer; nothing is forgotten.
        """
        self._memory.prepare()
        cursor = self._memory.cursor(alert.name)
        if cursor is None:
            self._memory.move(alert.name, now)
            return 0
        query = alert.query()
        wanted = story_query(query, speakers_of(self._client, self._settings.elasticsearch, query))
        since = cursor - OVERLAP
        sent = 0
        for stories in self._pages(released_query(wanted, since, now), public=alert.only_public):
            sent += self._tell(alert, self._matches(alert, stories), now)
        if alert.report_kills:
            # A killed story has lost the text that was asked for: all kills are looked at, for those told of before.
            for stories in self._pages(released_query({"term": {"killed": True}}, since, now), public=False):
                sent += self._tell(alert, self._kills(alert, stories), now)
        self._memory.move(alert.name, now)
        return sent

    def _tell(self, alert: Alert, notices: Sequence[Notice], now: datetime) -> int:
        if notices:
            try:
                deliver(alert, notices, self._settings)
            except WiredeskError:
                metrics.ALERT_DELIVERIES.labels(alert.name, "failed").inc()
                raise
            metrics.ALERT_DELIVERIES.labels(alert.name, "sent").inc(len(notices))
            self._memory.remember(notices, now)
        return len(notices)

    def _matches(self, alert: Alert, stories: Sequence[Mapping[str, Any]]) -> list[Notice]:
        """Stories of which nothing was told, in any version or copy; of copies that came together the first."""
        usable = [story for story in stories if not story.get("killed") and not story.get("withheld")]
        known = self._memory.known(alert.name, usable)
        notices: dict[str, Notice] = {}
        for story in usable:
            if known[story["story_id"]] == (None, None):
                notices.setdefault(story["cluster_id"], Notice(alert.name, "match", story))
        return list(notices.values())

    def _kills(self, alert: Alert, stories: Sequence[Mapping[str, Any]]) -> list[Notice]:
        """Kills of stories that were told of, themselves or by a copy; each once."""
        known = self._memory.known(alert.name, stories)
        return [
            Notice(alert.name, "kill", story)
            for story in stories
            for group, own in [known[story["story_id"]]]
            if (group or own) and "killed" not in (own or {})
        ]

    def _pages(self, query: dict[str, Any], *, public: bool) -> Iterator[list[Mapping[str, Any]]]:
        """All stories that a query finds, oldest first, page by page."""
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


def alerts_in_background(settings: Settings) -> Callable[[], None]:
    """Run the alerts in a thread; call the result to stop it.

    Raises:
        ConfigurationError: a file of an alert is wrong.
    """
    client = elasticsearch_client(settings.elasticsearch)
    service = AlertService(settings, client)
    stopping = threading.Event()
    thread = threading.Thread(target=service.run, args=(stopping,), name="alerts", daemon=True)
    thread.start()

    def stop() -> None:
        stopping.set()
        thread.join(30)
        client.close()

    return stop


def run_alerts(settings: Settings) -> None:
    """Run the alerts until interrupted; raises as :func:`alerts_in_background`."""
    stop = alerts_in_background(settings)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        stop()
