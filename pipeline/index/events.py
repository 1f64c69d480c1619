"""Searches the stories for events: one line for each, one event with its tellings, the other tellings of a story.

Blocking; the desk calls it from threads. Every function raises ``ConfigurationError`` (the indices do not exist) and
``UnreachableError`` (the server does not answer or refuses).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch

from pipeline.events.differences import Difference, Text, differences
from pipeline.index.event_query import (
    MOST_EVENTS,
    EventQuery,
    agencies_of,
    candidates,
    compared_stories,
    compared_versions,
    growing,
    hours_of,
    lines_of,
    others_of,
    sizes_of,
    tellings_of,
)
from pipeline.index.event_results import EventLine, EventPage, EventResults, Telling, line_of, telling_of
from pipeline.index.event_results import agencies_of as agencies_told
from pipeline.index.requests import Answer, run_search, run_searches, search_alias
from pipeline.settings import ElasticsearchSettings

#: A group of copies alone is one text that many carry, no event.
_TELLINGS = 2


def search_events(client: Elasticsearch, settings: ElasticsearchSettings, query: EventQuery) -> EventResults:
    """The events of a search: those with two different texts or more."""
    index = search_alias(settings, "stories", public=True)
    found = run_search(client, index, **candidates(query))
    took, ids = found["took"], [bucket["key"] for bucket in _buckets(found)]
    if not ids:
        return EventResults((), 0, took)
    sizes = run_search(client, index, **sizes_of(ids))
    told = {bucket["key"] for bucket in _buckets(sizes) if bucket["tellings"]["value"] >= _TELLINGS}
    kept = [id_ for id_ in ids if id_ in told][:MOST_EVENTS]
    begin = (query.page - 1) * query.size
    shown = kept[begin : begin + query.size]
    lines = read_lines(client, settings, shown)
    return EventResults(tuple(lines[id_] for id_ in shown if id_ in lines), len(kept), took + sizes["took"])


def read_lines(client: Elasticsearch, settings: ElasticsearchSettings, ids: Sequence[str]) -> dict[str, EventLine]:
    """The lines of events, by id; one without a story that may be shown is left out."""
    if not ids:
        return {}
    found = run_search(client, search_alias(settings, "stories", public=True), **lines_of(ids))
    return {bucket["key"]: line_of(bucket) for bucket in _buckets(found)}


def read_event(
    client: Elasticsearch, settings: ElasticsearchSettings, event_id: str, language: str | None = None
) -> EventPage | None:
    """One event with its tellings; ``None``: it has no story that may be shown.

    Args:
        client: one that does not retry.
        settings: names.
        event_id: of its stories.
        language: show only tellings in this language.
    """
    index = search_alias(settings, "stories", public=True)
    line, agencies, texts = run_searches(client, index, tellings_of(event_id, language))
    if not _buckets(line):
        return None
    (event, *_), told = _buckets(line), _buckets(agencies)
    return EventPage(
        line_of(event),
        agencies_told(told[0]["agencies"]["buckets"], event["growth"]["buckets"]) if told else (),
        tuple(telling_of(hit) for hit in texts["hits"]["hits"]),
    )


def read_differences(client: Elasticsearch, settings: ElasticsearchSettings, event_id: str) -> tuple[Difference, ...]:
    """On which numbers and names the versions of an event's English stories differ."""
    found = run_search(client, search_alias(settings, "stories", public=True), **compared_stories(event_id))
    stories = [hit["_source"]["story_id"] for hit in found["hits"]["hits"]]
    if not stories:
        return ()
    index = search_alias(settings, "stories-history", public=True)
    versions = run_search(client, index, **compared_versions(stories))["hits"]["hits"]
    return differences([_text(hit) for hit in versions])


def _text(hit: Answer) -> Text:
    version = hit["_source"]
    body = "".join(hit.get("highlight", {}).get("body", []))
    return Text(version["story_id"], version["provider"], version["received"], version.get("headline") or "", body)


def other_tellings(
    client: Elasticsearch, settings: ElasticsearchSettings, story: Mapping[str, Any]
) -> tuple[Telling, ...]:
    """The other texts of a story's event, the newest first; empty if it has none, or may not be shown itself."""
    event_id = story.get("event_id")
    if not event_id or story.get("killed"):
        return ()
    index = search_alias(settings, "stories", public=True)
    found = run_search(client, index, **others_of(event_id, story["cluster_id"]))
    return tuple(Telling(hit["_source"]) for hit in found["hits"]["hits"])


def read_growing(client: Elasticsearch, settings: ElasticsearchSettings, since: datetime) -> list[str]:
    """The events with a new text since a moment."""
    index = search_alias(settings, "stories", public=True)
    return [bucket["key"] for bucket in _buckets(run_search(client, index, **growing(since)))]


def read_agencies(
    client: Elasticsearch,
    settings: ElasticsearchSettings,
    events: Sequence[str] | None,
    since: datetime,
    until: datetime | None = None,
) -> dict[str, dict[str, datetime]]:
    """By event, when each agency first had a text of its own; see :func:`pipeline.index.event_query.agencies_of`."""
    index = search_alias(settings, "stories", public=True)
    found = run_search(client, index, **agencies_of(events, since, until))
    return {
        bucket["key"]: {
            one["key"]: datetime.fromisoformat(one["first"]["value_as_string"]) for one in bucket["agencies"]["buckets"]
        }
        for bucket in _buckets(found)
    }


def read_hours(client: Elasticsearch, settings: ElasticsearchSettings, since: datetime) -> dict[datetime, int]:
    """The stories of each hour, by its begin; hours without stories are left out."""
    found = run_search(client, search_alias(settings, "stories", public=True), **hours_of(since))
    buckets = found["aggregations"]["hours"]["buckets"]
    return {datetime.fromisoformat(bucket["key_as_string"]): bucket["doc_count"] for bucket in buckets}


def _buckets(answer: Answer) -> list[dict[str, Any]]:
    return list(answer["aggregations"]["events"]["buckets"])
