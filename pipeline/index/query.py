"""Searches as values, and the Elasticsearch requests for them. Pure: nothing is sent here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pipeline.index.highlight import story_highlight
from pipeline.index.meaning import nearest
from pipeline.index.persons import person_filter
from pipeline.index.search_text import (
    QUOTE_FIELDS,
    STORY_FIELDS,
    SearchText,
    excluded_queries,
    parse_search_text,
    story_words_query,
    words_query,
)

Sort = Literal["relevance", "newest"]
#: Elasticsearch pages no further than this; an export continues with a cursor.
MOST_BY_PAGE = 10_000

#: Fields that a list of results does not need: long, or stored only.
HEAVY = [
    "body", "body_html", "by_language", "entities", "quotes", "media", "links", "names", "usageterms",
    "copyrightnotice", "meaning",
]  # fmt: skip
_COPY_FIELDS = [
    "story_id", "provider", "headline", "version_created", "leading", "killed", "cluster_id", "event_id", "first_seen",
]  # fmt: skip
_MOST_COPIES = 500
_NOT_WITHDRAWN: dict[str, Any] = {"bool": {"must_not": [{"term": {"killed": True}}, {"term": {"withheld": True}}]}}
#: A story received longer ago than the topics keep it is not news, whenever it is indexed.
_LATEST = timedelta(days=7)
_FACET_SIZE = 12

#: Facets by their field; a story has one value of a single one, several of the others.
SINGLE_FACETS: dict[str, str] = {"provider": "provider", "language": "language", "urgency": "urgency"}
SEVERAL_FACETS: dict[str, str] = {
    "person": "persons",
    "organisation": "organisations",
    "place": "places",
    "nationality": "nationalities",
    "subject": "subjects",
}
FACETS: dict[str, str] = SINGLE_FACETS | SEVERAL_FACETS
QUOTE_FACETS: dict[str, str] = {"speaker": "person", "role": "role", "provider": "provider", "type": "type"}


@dataclass(frozen=True)
class Query:
    """A search for stories. Several values of provider, language or urgency mean any of them; of another facet, all.

    Attributes:
        words: the search text (syntax: pipeline/index/search_text.py).
        speaker: who is quoted; a part of the name is enough.
        entity: a person, organisation or place by part of its name, or its id ("Q159").
        since, until: limits of the version's time; ``until`` is excluded.
        person: names in any spelling, or ids ("person:sergei-lavrov").
        page: from 1; only an export goes past the first 10,000 results.
        event: only stories of the event with this id.
        collapse: one story of each group of copies.
        by_event: with ``collapse``, one story of each event; stories of no event are left out.
        public: only what readers may see.
        notices: include advisories and tests.
        meaning: vector of what the words say: stories that say alike are found too, in any language.
    """

    words: str = ""
    speaker: str | None = None
    entity: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    provider: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    urgency: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    organisation: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    nationality: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    size: int = 20
    page: int = 1
    event: str | None = None
    collapse: bool = True
    by_event: bool = False
    public: bool = False
    notices: bool = False
    sort: Sort = "relevance"
    meaning: tuple[int, ...] = ()

    @property
    def group_field(self) -> str:
        """The field by which stories are grouped."""
        return "event_id" if self.by_event else "cluster_id"


@dataclass(frozen=True)
class QuoteQuery:
    """A search for quotations.

    Attributes:
        words: in the quotation, its speaker or the story's headline.
        speaker: a part of a name is enough; also matches the printed attribution of an unresolved speaker.
        speakers: names in any spelling or ids, any of them.
        type: direct, indirect, mixed.
        copies: include quotations of copies.
    """

    words: str = ""
    speaker: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    speakers: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    provider: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    size: int = 20
    page: int = 1
    copies: bool = False
    public: bool = False
    sort: Sort = "newest"


def named(field: str, name: str) -> dict[str, Any]:
    """Match a part of a name, ignoring case and accents."""
    return {"match_phrase": {field: {"query": name, "slop": 1}}}


def story_query(query: Query, speakers: Sequence[str] | None = None) -> dict[str, Any]:
    """The query of a search for stories.

    Args:
        query: the search.
        speakers: names that match ``query.speaker``; ``None``: use it unchanged.
    """
    filters = _times(query.since, query.until)
    for facet, field in SINGLE_FACETS.items():
        filters += _any_of(field, getattr(query, facet))
    for facet, field in SEVERAL_FACETS.items():
        filters += [_one_value(field, value) for value in getattr(query, facet)]
    if query.speaker:
        quoted = {field: list(speakers or [query.speaker]) for field in ("speakers", "persons_quoted")}
        filters.append({"bool": {"should": [{"terms": {field: names}} for field, names in quoted.items()]}})
    if query.event:
        filters.append({"term": {"event_id": query.event}})
    if query.by_event:
        filters += [{"exists": {"field": "event_id"}}, _NOT_WITHDRAWN]
    if query.entity:
        either = [named("names", query.entity), {"term": {"entity_ids": query.entity}}]
        filters.append({"bool": {"should": either}})
    hidden = [] if query.notices else [{"term": {"advisory": True}}, {"term": {"test": True}}]
    words = parse_search_text(query.words)
    newer = [{"distance_feature": {"field": "version_created", "origin": "now", "pivot": "7d", "boost": 0.5}}]
    return {
        "bool": {
            "must": [_asked(query, words, filters)],
            "filter": filters,
            "must_not": hidden,
            "should": [] if words.empty else newer,
        }
    }


def _asked(query: Query, words: SearchText, filters: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The query for the words, or what says alike. Phrases and beginnings ask for words as they are written."""
    by_words = story_words_query(words)
    if not query.meaning or not words.terms or words.phrases or words.prefixes:
        return by_words
    without = [{"bool": {"must_not": excluded_queries(words, STORY_FIELDS)}}] if words.excluded else []
    return {"bool": {"should": [by_words, nearest(query.meaning, [*filters, *without])], "minimum_should_match": 1}}


def spoken_by(speaker: str) -> list[dict[str, Any]]:
    """What quotations are by somebody: part of a name in the speaker's or the story's spelling, or an id."""
    words = [named(field, speaker) for field in ("speaker.words", "person.words")]
    return [*words, {"term": {"speaker_id": speaker}}]


def quote_query(query: QuoteQuery) -> dict[str, Any]:
    """The query of a search for quotations."""
    filters = _times(query.since, query.until)
    if query.speakers:
        filters.append(person_filter(query.speakers, "person"))
    filters += _any_of("role", query.role)
    filters += _any_of("provider", query.provider) + _any_of("type", query.type)
    if query.speaker:
        either = [
            *spoken_by(query.speaker),
            {"bool": {"must": [named("source", query.speaker)], "must_not": [{"exists": {"field": "speaker"}}]}},
        ]
        filters.append({"bool": {"should": either}})
    if not query.copies:
        filters.append({"term": {"leading": True}})
    hidden = [{"term": {flag: True}} for flag in ("killed", "withheld", "advisory", "test")]
    return {
        "bool": {
            "must": [words_query(parse_search_text(query.words), QUOTE_FIELDS)],
            "filter": filters,
            "must_not": hidden,
        }
    }


def _times(since: datetime | None, until: datetime | None) -> list[dict[str, Any]]:
    limits = {"gte": since.isoformat() if since else None, "lt": until.isoformat() if until else None}
    limits = {name: limit for name, limit in limits.items() if limit}
    return [{"range": {"version_created": limits}}] if limits else []


def _one_value(field: str, value: str) -> dict[str, Any]:
    if field == "persons":
        return person_filter([value], field)
    return {"term": {field: value}}


def _any_of(field: str, values: Sequence[str]) -> list[dict[str, Any]]:
    if field == "urgency":
        values = [value for value in values if value.isascii() and value.isdigit() and len(value) < 3] or ["-1"] * bool(
            values
        )
    return [{"terms": {field: list(values)}}] if values else []


def sort_order(sort: Sort, tie: str) -> list[dict[str, Any]]:
    """The order of results, with a unique field as tie-breaker."""
    newest = [{"version_created": "desc"}, {tie: "asc"}]
    return newest if sort == "newest" else [{"_score": "desc"}, *newest]


def first_hit(page: int, size: int) -> int:
    """``from`` of a page; a page past the limit is the last one within it."""
    return max(0, min((page - 1) * size, MOST_BY_PAGE - size))


def counts_of(query: dict[str, Any], facets: dict[str, str], *, groups: str | None = None) -> dict[str, Any]:
    """The request for counts: the most frequent values of each facet, the first and last time, the total.

    Args:
        query: the search.
        facets: fields by name.
        groups: also count the groups by this field.
    """
    counts: dict[str, Any] = {name: {"terms": {"field": field, "size": _FACET_SIZE}} for name, field in facets.items()}
    if groups:
        counts["groups"] = {"cardinality": {"field": groups}}
    for name, kind in (("first_time", "min"), ("last_time", "max")):
        counts[name] = {kind: {"field": "version_created"}}
    return {"query": unscored(query), "size": 0, "aggs": counts}


def unscored(query: dict[str, Any]) -> dict[str, Any]:
    """The same query without scoring: quicker, and the server can cache it (it does not contain "now")."""
    rest = {name: part for name, part in query["bool"].items() if name != "should"}
    return {"bool": {"filter": [{"bool": rest}]}}


#: Widths of a bar of the time histogram: (Elasticsearch's name, milliseconds).
_WIDTHS: tuple[tuple[str, int], ...] = (
    ("5m", 300_000),
    ("1h", 3_600_000),
    ("6h", 21_600_000),
    ("1d", 86_400_000),
    ("7d", 604_800_000),
    ("30d", 2_592_000_000),
    ("365d", 31_536_000_000),
)
_MOST_BARS = 60


def histogram_width(first: float, last: float) -> tuple[str, int]:
    """The narrowest bar width with which the times (milliseconds) fit into sixty bars."""
    for name, width in _WIDTHS:
        if (last - first) / width < _MOST_BARS:
            return name, width
    return _WIDTHS[-1]


def bars(query: dict[str, Any], aggregations: Mapping[str, Any]) -> tuple[int, dict[str, Any]] | None:
    """Width of the bars (milliseconds) and the request for the counts over time; ``None``: there are no results."""
    first, last = aggregations["first_time"]["value"], aggregations["last_time"]["value"]
    if first is None or last is None:
        return None
    name, width = histogram_width(first, last)
    histogram = {"field": "version_created", "fixed_interval": name, "min_doc_count": 0}
    return width, {
        "query": unscored(query),
        "size": 0,
        "track_total_hits": False,
        "aggs": {"bars": {"date_histogram": histogram}},
    }


def heads_of(query: dict[str, Any], field: str, groups: Sequence[str], words: str) -> dict[str, Any]:
    """The request for the head of each group: of its matching stories the leading one, or the first seen."""
    return {
        "query": {"bool": {"filter": [{"terms": {field: list(groups)}}, query]}},
        "size": len(groups),
        "track_total_hits": False,
        "collapse": {"field": field},
        "sort": [{"leading": "desc"}, {"first_seen": "asc"}],
        "_source": {"excludes": HEAVY},
        "highlight": story_highlight(words),
    }


def copies_of(groups: Sequence[str], field: str = "cluster_id") -> dict[str, Any]:
    """The request for all members of groups, the leading one first, then by the time first seen.

    A copy that was killed is a warning; a killed telling of an event is no part of it.
    """
    members = [{"terms": {field: list(groups)}}, *([] if field == "cluster_id" else [_NOT_WITHDRAWN])]
    return {
        "query": {"bool": {"filter": members}},
        "size": _MOST_COPIES,
        "track_total_hits": False,
        "sort": [{"leading": "desc"}, {"first_seen": "asc"}],
        "_source": _COPY_FIELDS,
    }


def arrived_query(query: dict[str, Any], since: datetime) -> dict[str, Any]:
    """Results of a search that became searchable since a moment and are news.

    A story that was delayed for hours by a server is news when it becomes searchable. A story from a backfill is not,
    nor is an old story that was only processed again.
    """
    return {"bool": {"must": [query], "filter": [*_searchable(since), {"term": {"lane": "live"}}]}}


def released_query(query: dict[str, Any], since: datetime, until: datetime) -> dict[str, Any]:
    """The same, and stories whose embargo ended since then."""
    either = [
        {"bool": {"filter": _searchable(since)}},
        {"range": {"embargoed": {"gte": since.isoformat(), "lte": until.isoformat()}}},
    ]
    return {"bool": {"must": [query], "filter": [{"bool": {"should": either}}, {"term": {"lane": "live"}}]}}


def _searchable(since: datetime) -> list[dict[str, Any]]:
    oldest = since - _LATEST
    return [
        {"range": {"indexed": {"gte": since.isoformat()}}},
        {"range": {"received": {"gte": oldest.isoformat()}}},
    ]
