"""Stories of one event, told in different words: a second level over the clusters of copies.

A story is compared with the events of the last days: the average cosine between it and the stories of an event, which
is one product with the event's centroid. Events of a few stories need a little more likeness than large ones, whose
centroid knows the words of all, and likeness fades with the time since an event's last story. The story joins the
event that it is most like, or begins one. An event's id never changes, and two events never become one: a story
between two belongs to the one that it is more like, is counted and is logged.

Words are compared within a language. A story that begins an event of its language may take the id of one in another
language that says the same: across_languages.py.

Sentences that several stories have, such as disclaimers and background, count for nothing, and a text that opens with
one stays alone: it is a form that is filled in anew each time, such as results of matches and closing prices.

Terms and their weights: terms.py. Names as the enrich stage finds them come later and are not used: an event id that
changed afterwards would be worse than one that is missing.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from sys import intern
from typing import Any

import structlog

from pipeline.cluster.across_languages import LEAST, Meanings, agreement
from pipeline.cluster.clusterer import language_code
from pipeline.cluster.terms import Frequencies, Repeated, Vector, terms_of
from pipeline.events import Cluster
from pipeline.meaning import vectors

log = structlog.get_logger("wiredesk.cluster")

_HOUR = 3600.0
#: An event ends when nobody has told of it for so long, …
_SILENCE = 48 * _HOUR
#: … and so long after its first story: what comes later is another day's news of it.
_LONGEST = 96 * _HOUR
#: Hours without a story after which likeness counts half.
_HALF = 120 * _HOUR
_MOST_EVENTS = 30_000
_MOST_CLUSTERS = 200_000
#: Terms kept of an event; they are cut to the smaller number when there are more than the larger.
_EVENT_TERMS, _MOST_EVENT_TERMS = 200, 300
#: Entries of the index read for a story, rarest terms first; then only the likeliest events are compared in full.
_READ = 2_000
_COMPARED = 16
#: Between single link (1 of n stories is alike: 0) and average link (1).
_AVERAGE = 0.75
_LEAST = 0.27


@dataclass(slots=True)
class _Event:
    """What is remembered of an event: times in seconds since 1970, and the sum of its stories' vectors."""

    id: str
    language: int
    first: float
    latest: float
    stories: int
    terms: Vector


class Events:
    """The events of the last days: a function of the stories placed so far.

    Attributes:
        between: number of stories that were like two events.
    """

    def __init__(self) -> None:
        # By number, the one with the oldest latest story first.
        self._events: OrderedDict[int, _Event] = OrderedDict()
        self._by_term: defaultdict[str, set[int]] = defaultdict(set)
        self._of_cluster: OrderedDict[str, str] = OrderedDict()
        self._frequencies = Frequencies()
        self._repeated = Repeated()
        self._meanings = Meanings()
        self._next = 0
        self.between = 0

    def place(
        self, cluster_id: str, text: str | None, language: str | None, time: datetime, meaning: str | None = None
    ) -> str:
        """The event of a cluster of copies; it never changes.

        Args:
            cluster_id: of the story.
            text: of its first story; ``None``: withdrawn before it was seen.
            language: BCP 47; only stories of one language are compared by their words.
            time: when it came, with a time zone.
            meaning: vector of what it says, as text; ``None``: it has none, and joins no event in another language.

        Returns:
            The id of the event: that of the first cluster seen of it.
        """
        known = self._of_cluster.get(cluster_id)
        if known is not None:
            return known
        code, now = language_code(language), time.timestamp()
        self._expire(now)
        terms, says = terms_of(self._repeated.without(text or "")), _meaning(meaning)
        vector = self._frequencies.vector(terms, code)
        # The words of the first story in a language weigh nothing; what it says does.
        known_by = vector or (terms and says is not None)
        event = self._event_of(cluster_id, vector, code, now, says) if known_by else cluster_id
        self._of_cluster[cluster_id] = event
        if len(self._of_cluster) > _MOST_CLUSTERS:
            self._of_cluster.popitem(last=False)
        return event

    def state(self) -> dict[str, Any]:
        """All that is remembered, as JSON."""
        return {
            "events": [
                [number, event.id, event.language, event.first, event.latest, event.stories, event.terms]
                for number, event in self._events.items()
            ],
            "clusters": list(self._of_cluster.items()),
            "frequencies": self._frequencies.state(),
            "repeated": self._repeated.state(),
            "meanings": self._meanings.state(),
            "next": self._next,
            "between": self.between,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over what ``state`` gave."""
        for number, *facts in state["events"]:
            event = self._events[number] = _Event(*facts)
            event.terms = {intern(term): weight for term, weight in event.terms.items()}
            for term in event.terms:
                self._by_term[term].add(number)
        self._of_cluster = OrderedDict(state["clusters"])
        self._frequencies.restore(state["frequencies"])
        self._repeated.restore(state["repeated"])
        self._meanings.restore(state.get("meanings", ()))  # older snapshots have none
        self._next, self.between = state["next"], state["between"]

    def _event_of(
        self, cluster_id: str, vector: Vector, language: int, now: float, meaning: vectors.Vector | None
    ) -> str:
        number = self._most_like(vector, language, now, cluster_id)
        if number is None:
            number = self._next
            self._next += 1
            event_id = cluster_id if meaning is None else self._elsewhere(cluster_id, vector, language, now, meaning)
            self._events[number] = _Event(event_id, language, now, now, 0, {})
        self._join(number, self._events[number], vector, now)
        if meaning is not None:
            self._meanings.add(number, meaning)
        return self._events[number].id

    def _most_like(self, vector: Vector, language: int, now: float, cluster_id: str) -> int | None:
        """The number of the event that a story is most like, if it is like one."""
        alike = []
        for number in self._candidates(vector):
            event = self._events[number]
            if event.language != language or now - event.first > _LONGEST:
                continue
            cosines = sum(weight * event.terms.get(term, 0.0) for term, weight in vector.items())
            likeness = _fading(event, now) * cosines / event.stories**_AVERAGE
            if likeness >= _LEAST:
                alike.append((-likeness, number))
        if len(alike) > 1:
            self.between += 1
            best, other = (self._events[number].id for _, number in sorted(alike)[:2])
            log.debug("story_between_events", cluster_id=cluster_id, event_id=best, other_event_id=other)
        return min(alike)[1] if alike else None

    def _elsewhere(self, cluster_id: str, vector: Vector, language: int, now: float, meaning: vectors.Vector) -> str:
        """The id of the event in another language that says the same; that of the story's cluster if there is none."""
        alike: dict[str, float] = {}
        for number, cosine in self._meanings.alike(meaning):
            event = self._events[number]
            if event.language == language or now - event.first > _LONGEST:
                continue
            agreed = _fading(event, now) * agreement(cosine, vector, event.terms)
            if agreed >= LEAST:
                alike[event.id] = max(agreed, alike.get(event.id, 0.0))
        best = sorted(alike, key=lambda event_id: (-alike[event_id], event_id))
        if len(best) > 1:
            self.between += 1
            log.debug("story_between_events", cluster_id=cluster_id, event_id=best[0], other_event_id=best[1])
        return best[0] if best else cluster_id

    def _candidates(self, vector: Vector) -> list[int]:
        """The events that share the weightiest rare terms with a story."""
        shared: defaultdict[int, float] = defaultdict(float)
        having = sorted((len(events), term) for term in vector if (events := self._by_term.get(term)))
        read = 0
        for count, term in having:
            read += count
            if read > _READ:
                break
            weight = vector[term] ** 2
            for number in self._by_term[term]:
                shared[number] += weight
        return sorted(shared, key=lambda number: (-shared[number], number))[:_COMPARED]

    def _join(self, number: int, event: _Event, vector: Vector, now: float) -> None:
        terms = event.terms
        for term, weight in vector.items():
            # One object for the same word in all events: a third of the memory.
            shared = intern(term)
            terms[shared] = terms.get(shared, 0.0) + weight
            self._by_term[shared].add(number)
        if len(terms) > _MOST_EVENT_TERMS:
            for term in sorted(terms, key=lambda term: (-terms[term], term))[_EVENT_TERMS:]:
                del terms[term]
                self._unlist(number, term)
        event.stories += 1
        event.latest = max(event.latest, now)
        self._events.move_to_end(number)

    def _expire(self, now: float) -> None:
        while self._events:
            number, oldest = next(iter(self._events.items()))
            if now - oldest.latest <= _SILENCE and len(self._events) < _MOST_EVENTS:
                return
            del self._events[number]
            self._meanings.forget(number)
            for term in oldest.terms:
                self._unlist(number, term)

    def _unlist(self, number: int, term: str) -> None:
        events = self._by_term[term]
        events.discard(number)
        if not events:
            del self._by_term[term]


def _fading(event: _Event, now: float) -> float:
    """What likeness to an event counts after a time without a story of it."""
    return float(0.5 ** (max(0.0, now - event.latest) / _HALF))


def _meaning(text: str | None) -> vectors.Vector | None:
    try:
        return vectors.from_text(text) if text else None
    except ValueError:
        return None  # of a release whose vectors have another form


def with_event(
    events: Events | None,
    cluster: Cluster,
    text: str | None,
    language: str | None,
    time: datetime,
    meaning: str | None = None,
) -> Cluster:
    """The cluster with its event, where events are grouped."""
    if events is None:
        return cluster
    return cluster.model_copy(update={"event_id": events.place(cluster.cluster_id, text, language, time, meaning)})
