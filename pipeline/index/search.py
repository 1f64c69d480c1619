"""Searches the indices for stories and quotations.

One search is two requests of several parts, which the server works on in parallel: the results and the counts of their
facets; then the head and the copies of each group, and the counts over time, whose bars fit the span of time.
Blocking; the desk calls it from threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch

from pipeline.index.highlight import MARK_BEGIN, quote_highlight, story_highlight
from pipeline.index.persons import WRITTEN, spellings_of, with_spellings
from pipeline.index.query import (
    FACETS,
    HEAVY,
    MOST_BY_PAGE,
    QUOTE_FACETS,
    Query,
    QuoteQuery,
    arrived_query,
    bars,
    copies_of,
    counts_of,
    first_hit,
    heads_of,
    quote_query,
    sort_order,
    spoken_by,
    story_query,
    unscored,
)
from pipeline.index.requests import Answer, run_search, run_searches, search_alias
from pipeline.index.results import Copy, Count, Histogram, Hit, Piece, QuoteHit, QuoteResults, Results, counted, pieces
from pipeline.settings import ElasticsearchSettings

__all__ = ["Query", "QuoteQuery", "Results", "arrivals", "each_quote", "each_story", "quotes", "search", "speakers_of"]

_EXPORT_PAGE = 500


def search(client: Elasticsearch, settings: ElasticsearchSettings, query: Query) -> Results:
    """Search the stories.

    Raises:
        ConfigurationError: the indices do not exist.
        UnreachableError: the server does not answer or refuses.
    """
    index = search_alias(settings, "stories", public=query.public)
    wanted = story_query(query, speakers_of(client, settings, query))
    hits, counts = run_searches(
        client,
        index,
        [
            {
                "query": wanted,
                "size": query.size,
                "from": first_hit(query.page, query.size),
                "sort": sort_order(query.sort, "story_id"),
                "track_total_hits": False,
                **_shown(query),
            },
            counts_of(wanted, FACETS, groups=query.group_field if query.collapse else None),
        ],
    )
    found, total = hits["hits"]["hits"], counts["hits"]["total"]["value"]
    more = _more(client, index, wanted, counts["aggregations"], FACETS, _groups(wanted, query, found))
    return Results(
        hits=_hits(query.group_field, found, more.groups)
        if query.collapse and found
        else tuple(_hit(hit) for hit in found),
        total=total,
        groups=counts["aggregations"]["groups"]["value"] if query.collapse else total,
        took_ms=max(hits["took"], counts["took"]) + more.took_ms,
        facets=more.facets,
        histogram=more.histogram,
    )


def quotes(client: Elasticsearch, settings: ElasticsearchSettings, query: QuoteQuery) -> QuoteResults:
    """Search the quotations; raises as :func:`search`."""
    index = search_alias(settings, "quotes", public=query.public)
    wanted = quote_query(query)
    hits, counts = run_searches(
        client,
        index,
        [
            {
                "query": wanted,
                "size": query.size,
                "from": first_hit(query.page, query.size),
                "sort": [*sort_order(query.sort, "story_id"), {"position": "asc"}],
                "track_total_hits": False,
                "highlight": quote_highlight(query.words),
            },
            counts_of(wanted, QUOTE_FACETS),
        ],
    )
    more = _more(client, index, wanted, counts["aggregations"], QUOTE_FACETS)
    return QuoteResults(
        hits=tuple(_quote_hit(hit) for hit in hits["hits"]["hits"]),
        total=counts["hits"]["total"]["value"],
        took_ms=max(hits["took"], counts["took"]) + more.took_ms,
        facets=more.facets,
        histogram=more.histogram,
    )


@dataclass(frozen=True)
class _More:
    """What is asked when the first answers are there: groups, facets with spellings, counts over time."""

    groups: Sequence[Answer]
    facets: dict[str, tuple[Count, ...]]
    histogram: Histogram
    took_ms: int


def _more(
    client: Elasticsearch,
    index: str,
    wanted: dict[str, Any],
    counts: Mapping[str, Any],
    facets: Mapping[str, str],
    groups: Sequence[dict[str, Any]] = (),
) -> _More:
    drawn = bars(wanted, counts)
    people = next(name for name, field in facets.items() if field in WRITTEN)
    buckets = counts[people]["buckets"]
    spelt = spellings_of(unscored(wanted), facets[people], buckets)
    requests = [*groups, *([drawn[1]] if drawn else []), *([spelt] if spelt else [])]
    answers = run_searches(client, index, requests)
    named = with_spellings(buckets, answers[-1]) if spelt else buckets
    return _More(
        answers[: len(groups)],
        _facets({**counts, people: {"buckets": named}}, facets),
        _histogram(drawn[0], answers[len(groups)]) if drawn else Histogram(),
        max((answer["took"] for answer in answers), default=0),
    )


def arrivals(
    client: Elasticsearch, settings: ElasticsearchSettings, query: Query, since: datetime, limit: int = 100
) -> tuple[Hit, ...]:
    """Results that became searchable since a moment, newest first, without backfills; raises as :func:`search`."""
    index = search_alias(settings, "stories", public=query.public)
    wanted = arrived_query(story_query(query, speakers_of(client, settings, query)), since)
    first = run_search(
        client,
        index,
        query=wanted,
        size=limit,
        sort=[{"indexed": "desc"}, {"story_id": "asc"}],
        **_shown(query),
    )
    found = first["hits"]["hits"]
    if not query.collapse or not found:
        return tuple(_hit(hit) for hit in found)
    return _hits(query.group_field, found, run_searches(client, index, _groups(wanted, query, found)))


def each_story(
    client: Elasticsearch, settings: ElasticsearchSettings, query: Query, limit: int = MOST_BY_PAGE
) -> Iterator[Mapping[str, Any]]:
    """Every story of a search, with copies, without the stored parts; newest first; raises as :func:`search`."""
    wanted = story_query(query, speakers_of(client, settings, query))
    return _each(client, search_alias(settings, "stories", public=query.public), wanted, ["story_id"], limit)


def each_quote(
    client: Elasticsearch, settings: ElasticsearchSettings, query: QuoteQuery, limit: int = MOST_BY_PAGE
) -> Iterator[Mapping[str, Any]]:
    """Every quotation of a search, newest first; raises as search."""
    index = search_alias(settings, "quotes", public=query.public)
    return _each(client, index, quote_query(query), ["story_id", "position"], limit)


def _each(
    client: Elasticsearch, index: str, query: dict[str, Any], ties: Sequence[str], limit: int
) -> Iterator[Mapping[str, Any]]:
    after: list[Any] | None = None
    while limit > 0:
        size = min(limit, _EXPORT_PAGE)
        found = run_search(
            client,
            index,
            query=query,
            size=size,
            sort=[{"version_created": "desc"}, *({tie: "asc"} for tie in ties)],
            search_after=after,
            track_total_hits=False,
            _source={"excludes": [name for name in HEAVY if name != "body"]},
        )["hits"]["hits"]
        yield from (hit["_source"] for hit in found)
        if len(found) < size:
            return
        limit -= len(found)
        after = found[-1]["sort"]


def speakers_of(client: Elasticsearch, settings: ElasticsearchSettings, query: Query) -> list[str] | None:
    """The names of those whose name is like a speaker's, in all spellings; ``None``: the search names no speaker."""
    if not query.speaker:
        return None
    answer = run_search(
        client,
        search_alias(settings, "quotes", public=query.public),
        query={"bool": {"should": spoken_by(query.speaker), "minimum_should_match": 1}},
        size=0,
        aggs={field: {"terms": {"field": field, "size": 100}} for field in ("speaker", "person")},
    )
    found = [bucket["key"] for part in answer["aggregations"].values() for bucket in part["buckets"]]
    return list(dict.fromkeys([query.speaker, *found]))


def _shown(query: Query) -> dict[str, Any]:
    """The fields returned for each result: for groups of copies only their id."""
    if query.collapse:
        return {"_source": [query.group_field], "collapse": {"field": query.group_field}}
    return {"_source": {"excludes": HEAVY}, "highlight": story_highlight(query.words)}


def _groups(wanted: dict[str, Any], query: Query, found: Sequence[Answer]) -> list[dict[str, Any]]:
    """The requests for the heads and the copies of the groups."""
    if not query.collapse or not found:
        return []
    field = query.group_field
    groups = [hit["_source"][field] for hit in found]
    return [heads_of(wanted, field, groups, query.words), copies_of(groups, field)]


def _hits(field: str, found: Sequence[Answer], answers: Sequence[Answer]) -> tuple[Hit, ...]:
    """Groups of copies in the order of the results, each with its head and its copies."""
    heads = {hit["_source"][field]: hit for hit in answers[0]["hits"]["hits"]}
    copies = group_copies(answers[1], field)
    result = []
    for hit in found:
        group = hit["_source"][field]
        if group in heads:  # it may have been killed or moved between the two requests
            result.append(_hit({**heads[group], "_score": hit.get("_score")}, copies.get(group, ())))
    return tuple(result)


def _hit(hit: Answer, group: Sequence[Copy] = ()) -> Hit:
    source, marked = hit["_source"], hit.get("highlight", {})
    headline = source.get("headline") or source.get("slugline") or source["item_id"]
    body = marked.get("body", [])
    # Without a mark it is not a match but the beginning of the text.
    found = [text for text in body if MARK_BEGIN in text] or _in_its_language(marked)
    return Hit(
        story=source,
        headline=pieces(marked["headline"][0]) if "headline" in marked else (Piece(headline),),
        snippets=tuple(pieces(text) for text in found or marked.get("description", [])),
        lead=source.get("description") or (_beginning(body[0]) if body and not found else ""),
        copies=tuple(copy for copy in group if copy.story_id != source["story_id"]),
        score=hit.get("_score"),
    )


def _in_its_language(marked: Mapping[str, Sequence[str]]) -> list[str]:
    """Passages of a story that is not in English, where only its language's grammar makes them matches."""
    return [text for name, texts in marked.items() if name.startswith("by_language.") for text in texts]


def _beginning(text: str) -> str:
    """The beginning of a text, which the server cuts between words, with an ellipsis."""
    return text if text.rstrip().endswith((".", "!", "?", '"', "”", "’", "…")) else text.rstrip() + " …"


def _quote_hit(hit: Answer) -> QuoteHit:
    marked = hit.get("highlight", {}).get("words")
    return QuoteHit(quote=hit["_source"], words=pieces(marked[0]) if marked else (Piece(hit["_source"]["text"]),))


def group_copies(answer: Answer, field: str = "cluster_id") -> dict[str, tuple[Copy, ...]]:
    """The members of groups, the leading one first, then by the time first seen."""
    groups: dict[str, list[Copy]] = {}
    for hit in answer["hits"]["hits"]:
        found = hit["_source"]
        copy = Copy(
            story_id=found["story_id"],
            provider=found["provider"],
            headline=found.get("headline", ""),
            version_created=found["version_created"],
            leading=found.get("leading", False),
            killed=found.get("killed", False),
        )
        groups.setdefault(found[field], []).append(copy)
    return {cluster: tuple(copies) for cluster, copies in groups.items()}


def _facets(aggregations: Mapping[str, Any], facets: Mapping[str, str]) -> dict[str, tuple[Count, ...]]:
    return {name: tuple(counted(bucket) for bucket in aggregations[name]["buckets"]) for name in facets}


def _histogram(width: int, answer: Answer) -> Histogram:
    found = answer["aggregations"]["bars"]["buckets"]
    return Histogram(width, tuple(Count(bucket["key_as_string"], bucket["doc_count"]) for bucket in found))
