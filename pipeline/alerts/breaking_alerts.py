"""Finds the events that are breaking: reads how events grow, and learns from the last days what is fast."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

from pipeline.alerts.breaking import Breaking, Growth, Pace, breaking, learned_limit, told
from pipeline.alerts.message import Notice
from pipeline.index.event_results import EventLine
from pipeline.index.events import read_agencies, read_growing, read_hours, read_lines
from pipeline.settings import ElasticsearchSettings

_LEARNED = timedelta(days=8)
#: What is learned is learned again after so long; an event of the last day may still grow and teaches nothing.
_FRESH = timedelta(hours=1)
_ENDED = timedelta(days=1)
#: An event lasts so long at most (pipeline/cluster/same_event.py).
_LONGEST = timedelta(days=4)
#: From which on it is looked at what was told of.
_DAYS_BEFORE = timedelta(days=2)


class BreakingEvents:
    """Finds them.

    Args:
        client: one that does not retry.
        settings: names.
    """

    def __init__(self, client: Elasticsearch, settings: ElasticsearchSettings) -> None:
        self._client = client
        self._settings = settings
        self._lock = threading.Lock()
        self._known: tuple[datetime, Pace, float] | None = None

    def since(self, begin: datetime, now: datetime) -> list[tuple[Breaking, EventLine]]:
        """The events that became breaking since a moment, the earliest first.

        Raises:
            ConfigurationError: the indices do not exist.
            UnreachableError: the server does not answer or refuses.
        """
        events = read_growing(self._client, self._settings, begin)
        if not events:
            return []
        pace, limit = self._learned(now)
        agencies = read_agencies(self._client, self._settings, events, begin - _LONGEST)
        found = [breaking(Growth.of(event, firsts), pace, limit) for event, firsts in agencies.items()]
        if not any(one is not None and one.since >= begin for one in found):
            return []
        # What was told of in the days before decides how strict to be.
        days = read_agencies(self._client, self._settings, None, begin - _DAYS_BEFORE - _LONGEST)
        growths = [Growth.of(event, firsts) for event, firsts in {**days, **agencies}.items()]
        new = [one for one in told(growths, pace, limit) if one.since >= begin]
        lines = read_lines(self._client, self._settings, [one.event_id for one in new])
        return [(one, lines[one.event_id]) for one in new if one.event_id in lines]

    def notices(self, alert: str, begin: datetime, now: datetime) -> list[Notice]:
        """The same as notices of an alert: the story whose headline stands for the event, with what makes it news."""
        return [Notice(alert, "breaking", story_of(one, line)) for one, line in self.since(begin, now)]

    def _learned(self, now: datetime) -> tuple[Pace, float]:
        with self._lock:
            if self._known is None or not timedelta(0) <= now - self._known[0] < _FRESH:
                self._known = (now, *self._learn(now))
            return self._known[1:]

    def _learn(self, now: datetime) -> tuple[Pace, float]:
        begin = now - _LEARNED
        hours = read_hours(self._client, self._settings, begin)
        days = max((now - min(hours, default=now)) / timedelta(days=1), 1.0)
        pace = Pace.of(hours, days)
        past = read_agencies(self._client, self._settings, None, begin, now - _ENDED)
        return pace, learned_limit([Growth.of(*one) for one in past.items()], pace, days - 1)


def story_of(found: Breaking, line: EventLine) -> dict[str, Any]:
    """What a notice shows of an event. Its group is the event: an event is told once."""
    minutes = max(round((found.since - found.first).total_seconds() / 60), 1)
    return {
        **line.best.story,
        "headline": line.headline,
        "cluster_id": line.id,
        "event_id": line.id,
        "version_created": found.since.isoformat(),
        "description": f"{_listed(found.agencies)} within {minutes} {'minute' if minutes == 1 else 'minutes'}, each "
        f"with a text of its own. {line.best.lead}",
        "people": [person.shown for person in line.people],
        "places": list(line.places),
    }


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
