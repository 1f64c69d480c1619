"""Searches for events, and the Elasticsearch requests for them. Pure: nothing is sent here.

An event is no document: it is computed from the stories that have its ``event_id`` (decision 0020). All requests are
for the public alias: a story that is killed, withheld, under embargo, an advisory or a test counts for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pipeline.index.persons import counted_people
from pipeline.index.query import HEAVY
from pipeline.index.search_text import parse_search_text, story_words_query

EventSort = Literal["largest", "newest"]
#: Events of a search at most: a front page, not an archive. They are chosen among more, which may be copies only.
MOST_EVENTS = 200
_CANDIDATES = 500
#: Tellings shown of one event.
MOST_TELLINGS = 40
#: Stories of one event whose versions are compared with each other, and characters of each version.
MOST_COMPARED, COMPARED_CHARS = 25, 6_000
_NAMED = 4
_AGENCIES = 50
#: Earliest tellings among which the headline is chosen.
_EARLIEST = 5
_LEAD_CHARS = 240
#: Events whose growth is looked at together.
_MOST_GROWING = 1_000
_OF_EVENT: dict[str, Any] = {"exists": {"field": "event_id"}}
_ROW_FIELDS = ["story_id", "provider", "headline", "slugline", "item_id", "first_seen", "language", "urgency"]


@dataclass(frozen=True)
class EventQuery:
    """A search for events: those with a story that matches.

    Attributes:
        words: the search text (syntax: pipeline/index/search_text.py).
        since, until: limits of the time at which a matching story was received; ``until`` is excluded.
        provider, language: any of them.
        sort: largest: most stories that match first; newest: the newest of them first.
        page: from 1.
    """

    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    provider: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    sort: EventSort = "largest"
    size: int = 20
    page: int = 1


def candidates(query: EventQuery) -> dict[str, Any]:
    """The request for the ids of events with matching stories, the largest or the newest first."""
    limits = {name: time.isoformat() for name, time in (("gte", query.since), ("lt", query.until)) if time is not None}
    filters: list[dict[str, Any]] = [{"exists": {"field": "event_id"}}, {"term": {"lane": "live"}}]
    filters += [{"range": {"received": limits}}] if limits else []
    filters += [
        {"terms": {field: list(values)}}
        for field, values in (("provider", query.provider), ("language", query.language))
        if values
    ]
    words = parse_search_text(query.words)
    if not words.empty:
        filters.append(story_words_query(words))
    narrow = not words.empty or query.provider or query.language
    order = {"_count": "desc"} if query.sort == "largest" else {"latest": "desc"}
    terms = {"field": "event_id", "size": _CANDIDATES, "min_doc_count": 1 if narrow else 2, "order": order}
    newest = {} if query.sort == "largest" else {"aggs": {"latest": {"max": {"field": "received"}}}}
    return {
        "query": {"bool": {"filter": filters}},
        "size": 0,
        "track_total_hits": False,
        "aggs": {"events": {"terms": terms, **newest}},
    }


def sizes_of(events: Sequence[str]) -> dict[str, Any]:
    """The request for how many different texts each event has."""
    return _each(events, {"tellings": {"cardinality": {"field": "cluster_id"}}})


def lines_of(events: Sequence[str]) -> dict[str, Any]:
    """The request for what a line about each event shows."""
    return _each(events, {**_FACTS, "earliest": {"top_hits": _earliest(_EARLIEST)}})


def _each(events: Sequence[str], facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "query": {"bool": {"filter": [{"terms": {"event_id": list(events)}}]}},
        "size": 0,
        "track_total_hits": False,
        "aggs": {"events": {"terms": {"field": "event_id", "size": len(events)}, "aggs": facts}},
    }


def _earliest(size: int) -> dict[str, Any]:
    return {
        "size": size,
        "sort": [{"leading": "desc"}, {"first_seen": "asc"}, {"story_id": "asc"}],
        "_source": _ROW_FIELDS,
        # The beginning of the text: short, however long the text is.
        "highlight": {
            "highlight_query": {"match_none": {}},
            "fields": {"body": {"number_of_fragments": 1, "no_match_size": _LEAD_CHARS}},
        },
    }


_GROWTH: dict[str, Any] = {"date_histogram": {"field": "first_seen", "fixed_interval": "10m", "min_doc_count": 1}}


def _top(field: str, size: int) -> dict[str, Any]:
    return {"terms": {"field": field, "size": size}}


_FACTS: dict[str, Any] = {
    "tellings": {"cardinality": {"field": "cluster_id"}},
    # Copies of one text are not independent: only who leads a group of copies counts.
    "independent": {
        "filter": {"term": {"leading": True}},
        "aggs": {"agencies": {"cardinality": {"field": "provider"}}},
    },
    "agencies": _top("provider", _AGENCIES),
    "languages": _top("language", 10),
    "people": counted_people("persons", _NAMED),
    "places": _top("places", _NAMED),
    "first": {"min": {"field": "first_seen"}},
    "latest": {"max": {"field": "received"}},
    "growth": _GROWTH,
}


def tellings_of(event_id: str, language: str | None) -> list[dict[str, Any]]:
    """The requests for the page of one event: its facts, and its different texts, the earliest first."""
    of_event: list[dict[str, Any]] = [{"term": {"event_id": event_id}}]
    agencies = {
        **_top("provider", _AGENCIES),
        "aggs": {
            "first": {"min": {"field": "first_seen"}},
            "latest": {"max": {"field": "received"}},
            "growth": _GROWTH,
        },
    }
    texts = {
        "query": {"bool": {"filter": [*of_event, *(_in(language) if language else [])]}},
        "size": MOST_TELLINGS,
        "track_total_hits": False,
        "collapse": {"field": "cluster_id"},
        **{name: part for name, part in _earliest(0).items() if name not in {"size", "_source"}},
        "_source": {"excludes": HEAVY},
    }
    return [lines_of([event_id]), _each([event_id], {"agencies": agencies}), texts]


def _in(language: str) -> list[dict[str, Any]]:
    """A language with any region."""
    return [{"bool": {"should": [{"term": {"language": language}}, {"prefix": {"language": f"{language}-"}}]}}]


def compared_stories(event_id: str) -> dict[str, Any]:
    """The request for the stories whose versions are compared with each other: the earliest of each text, English."""
    return {
        "query": {"bool": {"filter": [{"term": {"event_id": event_id}}, {"prefix": {"language": "en"}}]}},
        "size": MOST_COMPARED,
        "track_total_hits": False,
        "collapse": {"field": "cluster_id"},
        "sort": [{"first_seen": "asc"}, {"story_id": "asc"}],
        "_source": ["story_id"],
    }


def compared_versions(stories: Sequence[str]) -> dict[str, Any]:
    """The request for the versions of stories, for the history's public alias, each up to a limit."""
    return {
        "query": {"bool": {"filter": [{"terms": {"story_id": list(stories)}}, {"exists": {"field": "kind"}}]}},
        "size": 2 * MOST_COMPARED,
        "track_total_hits": False,
        "sort": [{"received": "asc"}, {"version_rank": "asc"}],
        "_source": ["story_id", "provider", "headline", "received"],
        "highlight": {
            "highlight_query": {"match_none": {}},
            "fields": {"body": {"number_of_fragments": 1, "no_match_size": COMPARED_CHARS}},
        },
    }


def others_of(event_id: str, cluster_id: str) -> dict[str, Any]:
    """The request for the other tellings of a story's event, the newest first."""
    return {
        "query": {
            "bool": {
                "filter": [{"term": {"event_id": event_id}}],
                "must_not": [{"term": {"cluster_id": cluster_id}}],
            }
        },
        "size": MOST_TELLINGS,
        "track_total_hits": False,
        "collapse": {"field": "cluster_id"},
        "sort": [{"received": "desc"}, {"story_id": "asc"}],
        "_source": [*_ROW_FIELDS, "version_created"],
    }


def growing(since: datetime) -> dict[str, Any]:
    """The request for the events with a new text since a moment."""
    return _grown(since, None, {"size": _MOST_GROWING, "order": {"_count": "desc"}}, {})


def agencies_of(events: Sequence[str] | None, since: datetime, until: datetime | None = None) -> dict[str, Any]:
    """The request for when each agency first had a text of its own about events.

    Args:
        events: their ids; ``None``: those with the most texts in this span of time.
        since: of the texts.
        until: of the texts, excluded; ``None``: up to now.
    """
    order = {"size": _MOST_GROWING, "min_doc_count": 3, "order": {"_count": "desc"}}
    first = {"agencies": {**_top("provider", _AGENCIES), "aggs": {"first": {"min": {"field": "first_seen"}}}}}
    request = _grown(since, until, order, first)
    if events is not None:
        request["query"]["bool"]["filter"].append({"terms": {"event_id": list(events)}})
    return request


def _grown(since: datetime, until: datetime | None, terms: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "query": {"bool": {"filter": [*_news(since, until), {"term": {"leading": True}}, _OF_EVENT]}},
        "size": 0,
        "track_total_hits": False,
        "aggs": {"events": {"terms": {"field": "event_id", **terms}, "aggs": facts}},
    }


def hours_of(since: datetime) -> dict[str, Any]:
    """The request for the stories of each hour."""
    hours = {"date_histogram": {"field": "first_seen", "fixed_interval": "1h", "min_doc_count": 1}}
    return {
        "query": {"bool": {"filter": _news(since, None)}},
        "size": 0,
        "track_total_hits": False,
        "aggs": {"hours": hours},
    }


def _news(since: datetime, until: datetime | None) -> list[dict[str, Any]]:
    limits = {name: time.isoformat() for name, time in (("gte", since), ("lt", until)) if time is not None}
    return [{"term": {"lane": "live"}}, {"range": {"first_seen": limits}}]
