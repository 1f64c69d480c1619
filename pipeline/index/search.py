"""Searches the indices: stories, quotations, one story with all that belongs to it.

One search is two or three small requests: what is found with its facets, the copies of what is found, and the
counts over time, whose bars are as wide as the span of time asks for. Blocking; the desk calls it from threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from pipeline.errors import ConfigurationError, UnreachableError
from pipeline.index.found import (
    MARK_BEGIN,
    MARK_END,
    Copy,
    Count,
    Histogram,
    Hit,
    Piece,
    QuoteHit,
    QuoteResults,
    Results,
    StoryPage,
    pieces,
)
from pipeline.index.mapping import Base, IndexNames
from pipeline.index.query import (
    FACETS,
    MOST_BY_PAGE,
    QUOTE_FACETS,
    Query,
    QuoteQuery,
    facet_aggregations,
    first_hit,
    histogram_width,
    named,
    quote_query,
    sort_order,
    story_query,
)
from pipeline.index.words import QUOTE_FIELDS, STORY_FIELDS, read_words, words_query
from pipeline.settings import ElasticsearchSettings

__all__ = [
    "Query",
    "QuoteQuery",
    "Results",
    "arrivals",
    "each_quote",
    "each_story",
    "quotes",
    "search",
    "story",
    "version",
]

_HEAVY = ["body", "body_html", "entities", "quotes", "media", "links", "names", "usageterms", "copyrightnotice"]
_COPY_FIELDS = ["story_id", "provider", "headline", "version_created", "leading", "killed", "cluster_id", "first_seen"]
_FACET_SIZE = 12
_EXPORT_PAGE = 500
_MOST_COPIES = 500


def search(client: Elasticsearch, settings: ElasticsearchSettings, query: Query) -> Results:
    """Search the stories.

    Raises:
        ConfigurationError: the indices are not there.
        UnreachableError: the server does not answer or refuses.
    """
    index = _index(settings, "stories", public=query.public)
    wanted = story_query(query, _speakers(client, settings, query))
    aggregations = facet_aggregations(FACETS, _FACET_SIZE)
    if query.collapse:
        aggregations["groups"] = {"cardinality": {"field": "cluster_id"}}
    answer = _ask(
        client,
        index=index,
        query=wanted,
        size=query.size,
        from_=first_hit(query.page, query.size),
        sort=sort_order(query.sort, "story_id"),
        **_shown(query),
        aggs=aggregations,
    )
    found = [_head(hit) for hit in answer["hits"]["hits"]]
    copies = _copies(client, index, [hit["_source"]["cluster_id"] for hit in found]) if query.collapse else {}
    total = answer["hits"]["total"]["value"]
    counts = answer["aggregations"]
    return Results(
        hits=tuple(_hit(hit, copies.get(hit["_source"]["cluster_id"], ())) for hit in found),
        total=total,
        groups=counts["groups"]["value"] if query.collapse else total,
        took_ms=answer["took"],
        facets=_facets(counts, FACETS),
        histogram=_histogram(client, index, wanted, counts),
    )


def quotes(client: Elasticsearch, settings: ElasticsearchSettings, query: QuoteQuery) -> QuoteResults:
    """Search the quotations; raises as :func:`search`."""
    index = _index(settings, "quotes", public=query.public)
    wanted = quote_query(query)
    answer = _ask(
        client,
        index=index,
        query=wanted,
        size=query.size,
        from_=first_hit(query.page, query.size),
        sort=[*sort_order(query.sort, "story_id"), {"position": "asc"}],
        highlight=_highlight(query.words, QUOTE_FIELDS, {"words": 0}),
        aggs=facet_aggregations(QUOTE_FACETS, _FACET_SIZE),
    )
    return QuoteResults(
        hits=tuple(_quote_hit(hit) for hit in answer["hits"]["hits"]),
        total=answer["hits"]["total"]["value"],
        took_ms=answer["took"],
        facets=_facets(answer["aggregations"], QUOTE_FACETS),
        histogram=_histogram(client, index, wanted, answer["aggregations"]),
    )


def story(
    client: Elasticsearch, settings: ElasticsearchSettings, story_id: str, *, public: bool = False
) -> StoryPage | None:
    """One story with its versions (without their text), quotations and copies; ``None`` where there is none.

    Raises as :func:`search`.
    """
    stories = _index(settings, "stories", public=public)
    this = {"term": {"story_id": story_id}}
    found = _ask(client, index=stories, query=this, size=1)["hits"]["hits"]
    if not found:
        return None
    document = found[0]["_source"]
    history = _ask(
        client,
        index=_index(settings, "stories-history", public=public),
        query=this,
        size=200,
        source_excludes=["body", "diff"],
        sort=[{"version_rank": "desc"}, {"received": "desc"}],
    )
    said = _ask(
        client, index=_index(settings, "quotes", public=public), query=this, size=500, sort=[{"position": "asc"}]
    )
    copies = _copies(client, stories, [document["cluster_id"]]).get(document["cluster_id"], ())
    return StoryPage(
        story=document,
        history=[hit["_source"] for hit in history["hits"]["hits"]],
        quotes=[hit["_source"] for hit in said["hits"]["hits"]],
        copies=tuple(copy for copy in copies if copy.story_id != story_id),
    )


def version(
    client: Elasticsearch, settings: ElasticsearchSettings, story_id: str, version_id: str, *, public: bool = False
) -> Mapping[str, Any] | None:
    """One version of a story with its text; ``None`` where there is none; raises as :func:`search`."""
    index = _index(settings, "stories-history", public=public)
    this = [{"term": {"story_id": story_id}}, {"term": {"version_id": version_id}}]
    found = _ask(client, index=index, query={"bool": {"filter": this}}, size=1)["hits"]["hits"]
    return found[0]["_source"] if found else None


def arrivals(
    client: Elasticsearch, settings: ElasticsearchSettings, query: Query, since: datetime, limit: int = 100
) -> tuple[Hit, ...]:
    """What of a search reached us since a moment, newest first, not what a backfill brought; raises as search."""
    index = _index(settings, "stories", public=query.public)
    came = [{"range": {"received": {"gte": since.isoformat()}}}, {"term": {"lane": "live"}}]
    wanted = {"bool": {"must": [story_query(query, _speakers(client, settings, query))], "filter": came}}
    answer = _ask(
        client,
        index=index,
        query=wanted,
        size=limit,
        sort=[{"received": "desc"}, {"story_id": "asc"}],
        **_shown(query),
    )
    found = [_head(hit) for hit in answer["hits"]["hits"]]
    copies = _copies(client, index, list({hit["_source"]["cluster_id"] for hit in found}))
    return tuple(_hit(hit, copies.get(hit["_source"]["cluster_id"], ())) for hit in found)


def each_story(
    client: Elasticsearch, settings: ElasticsearchSettings, query: Query, limit: int = MOST_BY_PAGE
) -> Iterator[Mapping[str, Any]]:
    """Every story of a search, copies too, as documents without the stored parts; newest first; raises as search."""
    wanted = story_query(query, _speakers(client, settings, query))
    return _each(client, _index(settings, "stories", public=query.public), wanted, ["story_id"], limit)


def each_quote(
    client: Elasticsearch, settings: ElasticsearchSettings, query: QuoteQuery, limit: int = MOST_BY_PAGE
) -> Iterator[Mapping[str, Any]]:
    """Every quotation of a search, newest first; raises as search."""
    index = _index(settings, "quotes", public=query.public)
    return _each(client, index, quote_query(query), ["story_id", "position"], limit)


def _each(
    client: Elasticsearch, index: str, query: dict[str, Any], ties: Sequence[str], limit: int
) -> Iterator[Mapping[str, Any]]:
    after: list[Any] | None = None
    while limit > 0:
        answer = _ask(
            client,
            index=index,
            query=query,
            size=min(limit, _EXPORT_PAGE),
            sort=[{"version_created": "desc"}, *({tie: "asc"} for tie in ties)],
            search_after=after,
            track_total_hits=False,
            source_excludes=[name for name in _HEAVY if name != "body"],
        )
        found = answer["hits"]["hits"]
        yield from (hit["_source"] for hit in found)
        if len(found) < _EXPORT_PAGE:
            return
        limit -= len(found)
        after = found[-1]["sort"]


def _index(settings: ElasticsearchSettings, base: Base, *, public: bool) -> str:
    names = IndexNames(settings.prefix)
    return names.public(base) if public else names.alias(base)


def _ask(client: Elasticsearch, **request: Any) -> Mapping[str, Any]:
    request.setdefault("track_total_hits", True)
    request.setdefault("timeout", "20s")
    try:
        answer = client.search(**{name: value for name, value in request.items() if value is not None})
    except NotFoundError as error:
        raise ConfigurationError(
            f"The index {request['index']} is not there.", hint="Create it: wiredesk index init."
        ) from error
    except ApiError as error:
        raise UnreachableError(f"Elasticsearch answers {error.status_code}: {str(error)[:300]}.") from error
    except TransportError as error:
        raise UnreachableError(f"Elasticsearch does not answer: {str(error)[:200]}.") from error
    body: Mapping[str, Any] = answer.body
    return body


def _speakers(client: Elasticsearch, settings: ElasticsearchSettings, query: Query) -> list[str] | None:
    """The canonical names that a part of a speaker's name stands for."""
    if not query.speaker:
        return None
    answer = _ask(
        client,
        index=_index(settings, "quotes", public=query.public),
        query={"bool": {"filter": [named("speaker.words", query.speaker)]}},
        size=0,
        aggs={"speakers": {"terms": {"field": "speaker", "size": 100}}},
    )
    return [query.speaker, *(bucket["key"] for bucket in answer["aggregations"]["speakers"]["buckets"])]


def _highlight(words: str, fields: Mapping[str, float], shown: Mapping[str, int]) -> dict[str, Any] | None:
    typed = read_words(words)
    if typed.empty:
        return None
    return {
        "pre_tags": [MARK_BEGIN],
        "post_tags": [MARK_END],
        "order": "score",
        "highlight_query": words_query(typed, dict(fields)),
        "fields": {
            name: {"number_of_fragments": number, "fragment_size": 180, "matched_fields": [name, f"{name}.plain"]}
            for name, number in shown.items()
        },
    }


def _shown(query: Query) -> dict[str, Any]:
    """What is read of each result: of a group of copies the leading one of those that were found."""
    source = {"excludes": _HEAVY}
    highlight = _highlight(query.words, STORY_FIELDS, {"headline": 0, "body": 2, "description": 1})
    if not query.collapse:
        return {"source": source, "highlight": highlight}
    head: dict[str, Any] = {
        "name": "head",
        "size": 1,
        "sort": [{"leading": "desc"}, {"first_seen": "asc"}],
        "_source": source,
    }
    if highlight:
        head["highlight"] = highlight
    return {"source": ["cluster_id"], "collapse": {"field": "cluster_id", "inner_hits": head}}


def _head(hit: Mapping[str, Any]) -> Mapping[str, Any]:
    if "inner_hits" not in hit:
        return hit
    head: Mapping[str, Any] = hit["inner_hits"]["head"]["hits"]["hits"][0]
    return {**head, "_score": hit.get("_score")}


def _hit(hit: Mapping[str, Any], group: Sequence[Copy]) -> Hit:
    source, marked = hit["_source"], hit.get("highlight", {})
    headline = source.get("headline") or source.get("slugline") or source["item_id"]
    snippets = marked.get("body") or marked.get("description") or []
    return Hit(
        story=source,
        headline=pieces(marked["headline"][0]) if "headline" in marked else (Piece(headline),),
        snippets=tuple(pieces(snippet) for snippet in snippets),
        copies=tuple(copy for copy in group if copy.story_id != source["story_id"]),
        score=hit.get("_score"),
    )


def _quote_hit(hit: Mapping[str, Any]) -> QuoteHit:
    marked = hit.get("highlight", {}).get("words")
    return QuoteHit(quote=hit["_source"], words=pieces(marked[0]) if marked else (Piece(hit["_source"]["text"]),))


def _copies(client: Elasticsearch, index: str, clusters: Sequence[str]) -> dict[str, tuple[Copy, ...]]:
    """All members of the groups, the leading one first, then in the order in which they reached us."""
    if not clusters:
        return {}
    answer = _ask(
        client,
        index=index,
        query={"bool": {"filter": [{"terms": {"cluster_id": list(clusters)}}]}},
        size=_MOST_COPIES,
        sort=[{"leading": "desc"}, {"first_seen": "asc"}],
        source_includes=_COPY_FIELDS,
    )
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
        groups.setdefault(found["cluster_id"], []).append(copy)
    return {cluster: tuple(copies) for cluster, copies in groups.items()}


def _facets(aggregations: Mapping[str, Any], facets: Mapping[str, str]) -> dict[str, tuple[Count, ...]]:
    return {
        name: tuple(Count(str(bucket["key"]), bucket["doc_count"]) for bucket in aggregations[name]["buckets"])
        for name in facets
    }


def _histogram(
    client: Elasticsearch, index: str, query: Mapping[str, Any], aggregations: Mapping[str, Any]
) -> Histogram:
    first, last = aggregations["first_time"]["value"], aggregations["last_time"]["value"]
    if first is None or last is None:
        return Histogram()
    name, width = histogram_width(first, last)
    bars = {"field": "version_created", "fixed_interval": name, "min_doc_count": 0}
    answer = _ask(
        client, index=index, query={"bool": {"filter": [query]}}, size=0, aggs={"bars": {"date_histogram": bars}}
    )
    found = answer["aggregations"]["bars"]["buckets"]
    return Histogram(width, tuple(Count(bucket["key_as_string"], bucket["doc_count"]) for bucket in found))
