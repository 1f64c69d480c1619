"""Indices that a test has for itself, on an Elasticsearch that other tests use too."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from elasticsearch import Elasticsearch

from pipeline.broker.elasticsearch_client import async_elasticsearch_client, elasticsearch_client
from pipeline.events import EnrichedStory
from pipeline.index import admin
from pipeline.index.writer import Writer
from pipeline.settings import ElasticsearchSettings, IndexSettings


@contextmanager
def own_indices(url: str, prefix: str = "t") -> Iterator[ElasticsearchSettings]:
    """Settings with a prefix of which nothing is there yet; afterwards everything under it is deleted.

    Args:
        url: of Elasticsearch.
        prefix: how the prefix begins.
    """
    settings = ElasticsearchSettings(url=url, prefix=f"{prefix}{uuid.uuid4().hex[:8]}-")
    try:
        yield settings
    finally:
        with elasticsearch_client(settings) as client:
            delete_all(client, settings.prefix)


@contextmanager
def made_indices(url: str, prefix: str = "t") -> Iterator[tuple[ElasticsearchSettings, Elasticsearch]]:
    """As :func:`own_indices`, with the indices made, and a client."""
    with own_indices(url, prefix) as settings, elasticsearch_client(settings) as client:
        admin.init(client, settings)
        yield settings, client


def write_stories(settings: ElasticsearchSettings, *stories: EnrichedStory) -> None:
    """Write stories, none of which is rejected, and make them searchable."""

    async def run() -> None:
        client = async_elasticsearch_client(settings)
        try:
            written = await Writer(client, settings, IndexSettings()).write(stories)
            assert not written.rejected, written.rejected
            await client.indices.refresh(index=f"{settings.prefix}*")
        finally:
            await client.close()

    asyncio.run(run())


def delete_all(client: Elasticsearch, prefix: str) -> None:
    """Delete the indices and templates whose names begin so."""
    if found := list(client.indices.get(index=f"{prefix}*", expand_wildcards="all")):
        client.indices.delete(index=found, ignore_unavailable=True)
    client.options(ignore_status=404).indices.delete_index_template(name=f"{prefix}*")
