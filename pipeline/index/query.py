"""Searches as values, and the requests they are. Pure: no server is asked here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pipeline.index.words import QUOTE_FIELDS, read_words, story_words_query, words_query

Sort = Literal["relevance", "newest"]
#: Elasticsearch gives no more results than this by page; an export goes on with a cursor.
MOST_BY_PAGE = 10_000

#: Facets by their field; a story has one value of a single one, several of the others.
SINGLE_FACETS: dict[str, str] = {"provider": "provider", "language": "language", "urgency": "urgency"}
SEVERAL_FACETS: dict[str, str] = {
    "person": "people",
    "organisation": "organisations",
    "place": "places",
    "nationality": "nationalities",
    "subject": "subjects",
}
FACETS: dict[str, str] = SINGLE_FACETS | SEVERAL_FACETS
QUOTE_FACETS: dict[str, str] = {"speaker": "speaker", "role": "role", "provider": "provider", "type": "type"}


@dataclass(frozen=True)
class Query:
    """A search for stories. Of a facet with several values chosen, provider, language and urgency mean any of them,
    the others all of them.

    Attributes:
        words: as typed (pipeline/index/words.py says how they are read).
        speaker: who is quoted; part of the name is enough.
        entity: a person, organisation or place by part of its name, or its id ("Q159").
        since, until: by the time of the version, the second not included.
        page: from 1; results after the first 10,000 are reached by an export only.
        collapse: show one story of each group of copies.
        public: what readers may see, instead of everything.
        notices: advisories and tests too.
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
    collapse: bool = True
    public: bool = False
    notices: bool = False
    sort: Sort = "relevance"


@dataclass(frozen=True)
class QuoteQuery:
    """A search for quotations.

    Attributes:
        words: in what was said, who said it or the headline over it.
        speaker: part of a name is enough; else the words that name the speaker in print.
        speakers: whole canonical names, any of them.
        type: direct, indirect, mixed.
        copies: quotations from copies of a story too.
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
    """Matches a part of a name, without case and accents."""
    return {"match_phrase": {field: {"query": name, "slop": 1}}}


def story_query(query: Query, speakers: Sequence[str] | None = None) -> dict[str, Any]:
    """The query of a search for stories.

    Args:
        query: the search.
        speakers: canonical names that ``query.speaker`` stands for; ``None``: taken as it is.
    """
    filters = _times(query.since, query.until)
    for facet, field in SINGLE_FACETS.items():
        filters += _any_of(field, getattr(query, facet))
    for facet, field in SEVERAL_FACETS.items():
        filters += [{"term": {field: value}} for value in getattr(query, facet)]
    if query.speaker:
        filters.append({"terms": {"speakers": list(speakers if speakers is not None else [query.speaker])}})
    if query.entity:
        either = [named("names", query.entity), {"term": {"entity_ids": query.entity}}]
        filters.append({"bool": {"should": either}})
    hidden = [] if query.notices else [{"term": {"advisory": True}}, {"term": {"test": True}}]
    words = read_words(query.words)
    newer = [{"distance_feature": {"field": "version_created", "origin": "now", "pivot": "7d", "boost": 0.5}}]
    return {
        "bool": {
            "must": [story_words_query(words)],
            "filter": filters,
            "must_not": hidden,
            "should": [] if words.empty else newer,
        }
    }


def quote_query(query: QuoteQuery) -> dict[str, Any]:
    """The query of a search for quotations."""
    filters = _times(query.since, query.until)
    filters += _any_of("speaker", query.speakers) + _any_of("role", query.role)
    filters += _any_of("provider", query.provider) + _any_of("type", query.type)
    if query.speaker:
        either = [
            named("speaker.words", query.speaker),
            {"term": {"speaker_id": query.speaker}},
            {"bool": {"must": [named("source", query.speaker)], "must_not": [{"exists": {"field": "speaker"}}]}},
        ]
        filters.append({"bool": {"should": either}})
    if not query.copies:
        filters.append({"term": {"leading": True}})
    hidden = [{"term": {flag: True}} for flag in ("killed", "withheld", "advisory", "test")]
    return {
        "bool": {
            "must": [words_query(read_words(query.words), QUOTE_FIELDS)],
            "filter": filters,
            "must_not": hidden,
        }
    }


def _times(since: datetime | None, until: datetime | None) -> list[dict[str, Any]]:
    limits = {"gte": since.isoformat() if since else None, "lt": until.isoformat() if until else None}
    limits = {name: limit for name, limit in limits.items() if limit}
    return [{"range": {"version_created": limits}}] if limits else []


def _any_of(field: str, values: Sequence[str]) -> list[dict[str, Any]]:
    if field == "urgency":
        values = [value for value in values if value.isascii() and value.isdigit() and len(value) < 3] or ["-1"] * bool(
            values
        )
    return [{"terms": {field: list(values)}}] if values else []


def sort_order(sort: Sort, tie: str) -> list[dict[str, Any]]:
    """The order of results, with a last word that no two share."""
    newest = [{"version_created": "desc"}, {tie: "asc"}]
    return newest if sort == "newest" else [{"_score": "desc"}, *newest]


def first_hit(page: int, size: int) -> int:
    """``from`` of a page; a page past what the server gives is the last one it gives."""
    return max(0, min((page - 1) * size, MOST_BY_PAGE - size))


def facet_aggregations(facets: dict[str, str], size: int) -> dict[str, Any]:
    """Counts of the most frequent values of each facet, and the first and last time found."""
    counts: dict[str, Any] = {name: {"terms": {"field": field, "size": size}} for name, field in facets.items()}
    return counts | {
        "first_time": {"min": {"field": "version_created"}},
        "last_time": {"max": {"field": "version_created"}},
    }


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
    """The narrowest bar with which the times (milliseconds) fit into sixty bars."""
    for name, width in _WIDTHS:
        if (last - first) / width < _MOST_BARS:
            return name, width
    return _WIDTHS[-1]
