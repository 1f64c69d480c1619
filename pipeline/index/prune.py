"""Deletes stories that were first seen too long ago, with their versions and quotations.

By id, in bulks: no server plug-in is needed. Quotations and versions go first and the story last, so that a run
that was stopped can be repeated. ``wire.enriched`` keeps every story: a rebuild leaves out what was pruned with
``--keep-days``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError
from elasticsearch.helpers import scan

from pipeline.events.errors import UnreachableError
from pipeline.index.admin import current_index
from pipeline.index.mapping import Base, IndexNames
from pipeline.settings import ElasticsearchSettings

_BATCH = 500


@dataclass
class Pruned:
    """How many documents were deleted."""

    stories: int = 0
    versions: int = 0
    quotes: int = 0
    failed: int = 0


def count_older(client: Elasticsearch, settings: ElasticsearchSettings, cutoff: datetime) -> int:
    """How many stories ``prune`` would delete."""
    alias = IndexNames(settings.prefix).alias("stories")
    client.indices.refresh(index=alias)
    return int(client.count(index=alias, query=_older(cutoff))["count"])


def prune(client: Elasticsearch, settings: ElasticsearchSettings, cutoff: datetime) -> Pruned:
    """Delete the stories first seen before ``cutoff``.

    Raises:
        UnreachableError: the server stopped answering; run it again.
    """
    names, result = IndexNames(settings.prefix), Pruned()
    stories = names.alias("stories")
    try:
        client.indices.refresh(index=[names.alias("stories"), names.alias("stories-history"), names.alias("quotes")])
        for ids in _batches(_ids(client, stories, _older(cutoff))):
            result.quotes += _delete_of(client, names, "quotes", ids, result)
            result.versions += _delete_of(client, names, "stories-history", ids, result)
            result.stories += _delete(client, stories, ids, result)
    except (ApiError, TransportError) as error:
        raise UnreachableError(f"Elasticsearch: {error}.", hint="Run it again: it continues.") from error
    return result


def _older(cutoff: datetime) -> dict[str, Any]:
    return {"range": {"first_seen": {"lt": cutoff.isoformat()}}}


def _ids(client: Elasticsearch, index: str, query: dict[str, Any]) -> Iterator[str]:
    for hit in scan(client, index=index, query={"query": query, "_source": False}, size=1000):
        yield hit["_id"]


def _batches(ids: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(ids, _BATCH)):
        yield batch


def _delete_of(client: Elasticsearch, names: IndexNames, base: Base, stories: Sequence[str], result: Pruned) -> int:
    # The index itself: the aliases do not show registers and hidden places.
    index = current_index(client, names, base) or names.alias(base)
    found = _ids(client, index, {"terms": {"story_id": list(stories)}})
    return sum(_delete(client, index, ids, result) for ids in _batches(found))


def _delete(client: Elasticsearch, index: str, ids: Sequence[str], result: Pruned) -> int:
    answer = client.bulk(operations=[{"delete": {"_index": index, "_id": id_}} for id_ in ids])
    statuses = [item["delete"]["status"] for item in answer["items"]]
    result.failed += sum(status not in {200, 404} for status in statuses)
    return statuses.count(200)
