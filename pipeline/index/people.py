"""The people whom the indexed stories name, with their roles: what namesakes are learnt from."""

from __future__ import annotations

from collections.abc import Iterator

from elasticsearch import ApiError, Elasticsearch, TransportError
from elasticsearch.helpers import scan

from pipeline.events.errors import UnreachableError
from pipeline.index.mapping import IndexNames

_SOURCE = [f"entities.items.{name}" for name in ("label", "name", "roles")]


def people_of_stories(client: Elasticsearch, names: IndexNames) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and roles of each person of each story that readers may see.

    Raises:
        UnreachableError: the server stopped answering.
    """
    query = {"query": {"exists": {"field": "people"}}, "_source": _SOURCE}
    try:
        for hit in scan(client, index=names.public("stories"), query=query, size=1000):
            for entity in hit["_source"].get("entities", {}).get("items", ()):
                if entity["label"] == "PERSON":
                    yield entity["name"], tuple(entity.get("roles") or ())
    except (ApiError, TransportError) as error:
        raise UnreachableError(f"Elasticsearch: {error}.", hint="Run it again.") from error
