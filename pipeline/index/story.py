"""One story with its versions, quotations and copies. Blocking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elasticsearch import Elasticsearch

from pipeline.index.query import copies_of
from pipeline.index.requests import run_search, run_searches, search_alias
from pipeline.index.results import StoryPage
from pipeline.index.search import group_copies
from pipeline.settings import ElasticsearchSettings

_MOST_VERSIONS = 200
_MOST_QUOTES = 500


def story(
    client: Elasticsearch, settings: ElasticsearchSettings, story_id: str, *, public: bool = False
) -> StoryPage | None:
    """One story with its versions (without their text), quotations and copies; ``None``: no such story.

    Raises:
        ConfigurationError: the indices do not exist.
        UnreachableError: the server does not answer or refuses.
    """
    stories = search_alias(settings, "stories", public=public)
    this = {"term": {"story_id": story_id}}
    found = run_search(client, stories, query=this, size=1)["hits"]["hits"]
    if not found:
        return None
    document = found[0]["_source"]
    cluster = document["cluster_id"]
    history = run_search(
        client,
        search_alias(settings, "stories-history", public=public),
        query={"bool": {"filter": [this, {"exists": {"field": "kind"}}]}},
        size=_MOST_VERSIONS,
        _source={"excludes": ["body"]},
        sort=[{"version_rank": "desc"}, {"received": "desc"}],
    )
    quotes = run_search(
        client,
        search_alias(settings, "quotes", public=public),
        query=_of_version(story_id, document["index_version"]),
        size=_MOST_QUOTES,
        sort=[{"position": "asc"}],
    )
    (copies,) = run_searches(client, stories, [copies_of([cluster])])
    return StoryPage(
        story=document,
        history=[hit["_source"] for hit in history["hits"]["hits"]],
        quotes=[hit["_source"] for hit in quotes["hits"]["hits"]],
        copies=tuple(copy for copy in group_copies(copies).get(cluster, ()) if copy.story_id != story_id),
    )


def _of_version(story_id: str, index_version: int) -> dict[str, Any]:
    """The quotations of a version: the two indices become searchable at different moments."""
    of_older_release = {"bool": {"must_not": [{"exists": {"field": "index_version"}}]}}
    either = [{"term": {"index_version": index_version}}, of_older_release]
    return {"bool": {"filter": [{"term": {"story_id": story_id}}, {"bool": {"should": either}}]}}


def version(
    client: Elasticsearch, settings: ElasticsearchSettings, story_id: str, version_id: str, *, public: bool = False
) -> Mapping[str, Any] | None:
    """One version of a story with its text; ``None``: no such version; raises as :func:`story`."""
    index = search_alias(settings, "stories-history", public=public)
    this = [{"term": {"story_id": story_id}}, {"term": {"version_id": version_id}}]
    found = run_search(client, index, query={"bool": {"filter": this}}, size=1)["hits"]["hits"]
    return found[0]["_source"] if found else None
