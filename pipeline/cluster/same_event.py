"""Stories of one event, told in different words: a second level over the clusters of copies, off by default.

Two stories tell of one event when they came within two days and have names and weighty terms in common. A term's
weight grows with its count in the story and falls with the number of the last stories that have it (Spärck Jones
1972); names, which are words that a story writes with a capital letter only, weigh twice. What is compared is the
cosine of the weightiest terms, and a story joins the event of the one most like it.

Entities as the enrich stage finds them come later and are therefore not used: an event id that changed afterwards
would be worse than one that is missing. Texts that only share a background paragraph are the measured weakness.
"""

from __future__ import annotations

import math
import re
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.cluster.clusterer import language_code
from pipeline.events import Cluster

_REACH = timedelta(hours=48)
#: Only the top of a text says what it is about.
_TOP = 3000
#: Terms kept of a story.
_TERMS = 32
#: Stories remembered by term; more have it in common by chance.
_STORIES_OF_TERM = 48
_MOST_STORIES = 50_000
_MOST_TERMS = 500_000
#: A term of more stories than so many, and such a part of all, tells no event: the words of a template, of politics.
_COMMON_STORIES = 4
_COMMON_PART = 0.003
#: Before so many stories have passed, nobody knows which terms are rare.
_LEARNING = 50
_LEAST_COSINE = 0.4
_LEAST_COMMON = 4
_LEAST_NAMES = 2
_NAME_WEIGHT = 2.0
_WORD = re.compile(r"[^\W\d_][\w’'-]{2,}")


@dataclass(frozen=True, slots=True)
class _Told:
    time: datetime
    language: int
    event: str
    terms: Mapping[str, float]


class Events:
    """The events of the last two days: a function of the stories placed so far."""

    def __init__(self) -> None:
        self._stories: OrderedDict[int, _Told] = OrderedDict()
        self._by_term: defaultdict[str, deque[int]] = defaultdict(lambda: deque(maxlen=_STORIES_OF_TERM))
        self._events: OrderedDict[str, str] = OrderedDict()
        self._having: Counter[str] = Counter()
        self._count = 0

    def place(self, cluster_id: str, text: str | None, language: str | None, time: datetime) -> str:
        """The event of a cluster of copies; it never changes.

        Args:
            cluster_id: of the story.
            text: of its first story; ``None``: withdrawn before it was seen.
            language: BCP 47; only stories of one language are compared.
            time: when it came, with a time zone.

        Returns:
            The id of the event: that of the first cluster seen of it.
        """
        known = self._events.get(cluster_id)
        if known is not None:
            return known
        counts = _counts(text or "")
        terms = self._weighted(counts)
        self._having.update(counts.keys())
        self._count += 1
        self._expire(time)
        code = language_code(language)
        event = self._event_like(terms, code, time) if self._count > _LEARNING else None
        event = event or cluster_id
        self._remember(cluster_id, _Told(time, code, event, terms))
        return event

    def state(self) -> dict[str, Any]:
        """All that is remembered, as JSON."""
        return {
            "stories": [
                [number, story.time.isoformat(), story.language, story.event, dict(story.terms)]
                for number, story in self._stories.items()
            ],
            "events": list(self._events.items()),
            "having": dict(self._having),
            "count": self._count,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over what ``state`` gave."""
        for number, time, language, event, terms in state["stories"]:
            self._stories[number] = _Told(datetime.fromisoformat(time), language, event, terms)
            for term in terms:
                self._by_term[term].append(number)
        self._events = OrderedDict(state["events"])
        self._having = Counter(state["having"])
        self._count = state["count"]

    def _weighted(self, counts: Mapping[str, int]) -> dict[str, float]:
        """The weightiest terms of a story, as a vector of length one."""
        weights = {
            term: (1 + math.log(count))
            * math.log((self._count + 1) / (self._having[term] + 1) + 1)
            * (_NAME_WEIGHT if _is_name(term) else 1)
            for term, count in counts.items()
            if self._having[term] <= _COMMON_STORIES + _COMMON_PART * self._count
        }
        top = sorted(weights, key=lambda term: (-weights[term], term))[:_TERMS]
        length = math.sqrt(sum(weights[term] ** 2 for term in top)) or 1.0
        return {term: weights[term] / length for term in top}

    def _event_like(self, terms: Mapping[str, float], language: int, time: datetime) -> str | None:
        common: Counter[int] = Counter(number for term in terms for number in self._by_term.get(term, ()))
        best: tuple[float, int] | None = None
        for number, shared in common.items():
            told = self._stories.get(number)
            if told is None or shared < _LEAST_COMMON or told.language != language or time - told.time > _REACH:
                continue
            both = terms.keys() & told.terms.keys()
            if sum(map(_is_name, both)) < _LEAST_NAMES:
                continue
            cosine = sum(terms[term] * told.terms[term] for term in both)
            if cosine >= _LEAST_COSINE and (best is None or (cosine, -number) > best):
                best = (cosine, -number)
        return self._stories[-best[1]].event if best else None

    def _remember(self, cluster_id: str, told: _Told) -> None:
        self._stories[self._count] = told
        self._events[cluster_id] = told.event
        for term in told.terms:
            self._by_term[term].append(self._count)

    def _expire(self, now: datetime) -> None:
        while self._stories:
            number, oldest = next(iter(self._stories.items()))
            if now - oldest.time <= _REACH and len(self._stories) <= _MOST_STORIES:
                break
            del self._stories[number]
            for term in oldest.terms:
                of_term = self._by_term.get(term)
                if of_term is not None and of_term[-1] <= number:
                    del self._by_term[term]
        while len(self._events) > 4 * _MOST_STORIES:
            self._events.popitem(last=False)
        if len(self._having) > _MOST_TERMS:
            self._having = Counter({term: count for term, count in self._having.items() if count > 1})


def with_event(
    events: Events | None, cluster: Cluster, text: str | None, language: str | None, time: datetime
) -> Cluster:
    """The cluster with its event, where events are grouped."""
    if events is None:
        return cluster
    return cluster.model_copy(update={"event_id": events.place(cluster.cluster_id, text, language, time)})


def _counts(text: str) -> Counter[str]:
    """How often each term is in the top of a text; names begin with ``^``."""
    words = _WORD.findall(text[:_TOP])
    small = {word for word in words if word[0].islower()}
    return Counter(
        "^" + word.lower() if word[0].isupper() and word.lower() not in small else word.lower() for word in words
    )


def _is_name(term: str) -> bool:
    return term[0] == "^"
