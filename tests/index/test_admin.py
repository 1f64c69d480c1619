"""Creating the indices on a server that several workers reach at once, that is full, or that does not answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError, ConnectionError, ConnectionTimeout, Elasticsearch  # noqa: A004 - its name there

from pipeline.broker.elasticsearch_client import async_elasticsearch_client, elasticsearch_client
from pipeline.events.errors import ConfigurationError, UnreachableError
from pipeline.index import admin
from pipeline.index.mapping import IndexNames
from pipeline.index.writer import Writer
from pipeline.settings import ElasticsearchSettings, IndexSettings
from tests.index.site import story
from tests.indices import own_indices


@pytest.fixture
def settings(stack: Any) -> Iterator[ElasticsearchSettings]:
    with own_indices(stack.elasticsearch) as settings:
        yield settings


@pytest.mark.stack
def test_workers_that_start_together_create_the_indices_once(settings: ElasticsearchSettings) -> None:
    start, results = threading.Barrier(4), list[Any]()

    def run() -> None:
        with elasticsearch_client(settings) as client:
            start.wait()
            try:
                results.append(admin.init(client, settings))
            except Exception as error:  # noqa: BLE001 - shown by the assertion
                results.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result for result in results if isinstance(result, Exception)] == []
    with elasticsearch_client(settings) as client:
        assert admin.init(client, settings).created == []
        assert admin.init(client, settings).changed == []


@pytest.mark.stack
def test_a_server_that_accepts_no_writes_is_waited_for(settings: ElasticsearchSettings) -> None:
    """As with a full disk: the server protects all indices, or the cluster is set to read-only."""
    with elasticsearch_client(settings) as client:
        admin.init(client, settings)
        try:
            client.cluster.put_settings(persistent={"cluster.blocks.read_only": True})
            with pytest.raises(UnreachableError, match=r"accepts no changes.*Free disk space"):
                admin.init(client, settings.model_copy(update={"prefix": f"{settings.prefix}other-"}))
            with pytest.raises(UnreachableError, match="cluster_block_exception"):
                write(settings)
        finally:
            client.cluster.put_settings(persistent={"cluster.blocks.read_only": None})
        names = IndexNames(settings.prefix)
        block = {"index.blocks.read_only_allow_delete": True}
        client.indices.put_settings(index=names.alias("stories"), settings=block)
        with pytest.raises(UnreachableError, match="cluster_block_exception"):
            write(settings)
        unblock(client, names)
    write(settings)


def unblock(client: Elasticsearch, names: IndexNames) -> None:
    client.indices.put_settings(index=names.alias("stories"), settings={"index.blocks.read_only_allow_delete": None})


def write(settings: ElasticsearchSettings) -> None:
    async def run() -> None:
        client = async_elasticsearch_client(settings)
        try:
            await Writer(client, settings, IndexSettings()).write([story(1)])
        finally:
            await client.close()

    asyncio.run(run())


def answer(status: int, kind: str) -> ApiError:
    meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.1, NodeConfig("http", "127.0.0.1", 9200))
    return ApiError(kind, meta, {"error": {"type": kind, "reason": kind}})


ERRORS = [
    (ConnectionTimeout("read timed out"), UnreachableError, "did not answer in time"),
    (ConnectionError("refused"), UnreachableError, "does not answer"),
    (answer(503, "master_not_discovered_exception"), UnreachableError, "answers 503"),
    (answer(429, "cluster_block_exception"), UnreachableError, "Free disk space"),
    (answer(403, "cluster_block_exception"), UnreachableError, "Free disk space"),
    (answer(403, "security_exception"), ConfigurationError, "refuses"),
    (answer(401, "security_exception"), ConfigurationError, "refuses"),
    (answer(400, "illegal_argument_exception"), ConfigurationError, "refuses"),
]


@pytest.mark.parametrize(("error", "kind", "text"), ERRORS)
def test_what_is_waited_for_and_what_is_a_setting(error: Any, kind: type[Exception], text: str) -> None:
    made = admin.server_error(error, "http://search.example:9200")
    assert isinstance(made, kind)
    assert text in str(made)
