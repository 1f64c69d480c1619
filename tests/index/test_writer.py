"""The three indices on the real Elasticsearch: newest wins in any order, quotations follow their story."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from pipeline.broker.elasticsearch_client import async_elasticsearch_client, elasticsearch_client
from pipeline.events import Cluster, Content, EnrichedStory, Enrichment, Entity, HistoryEntry, Quote
from pipeline.events.errors import FatalError
from pipeline.index import admin
from pipeline.index.mapping import BASES, IndexNames
from pipeline.index.writer import Writer, Written
from pipeline.settings import ElasticsearchSettings, IndexSettings
from tests.indices import own_indices

pytestmark = pytest.mark.stack

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def settings(stack: Any) -> Iterator[ElasticsearchSettings]:
    with own_indices(stack.elasticsearch) as settings:
        yield settings


@pytest.fixture
def client(settings: ElasticsearchSettings) -> Iterator[Elasticsearch]:
    with elasticsearch_client(settings) as client:
        admin.init(client, settings)
        yield client


def story(version: int, quotes: int = 1, *, story_id: str = "orb-1", **changes: Any) -> EnrichedStory:
    fields: dict[str, Any] = {
        "story_id": story_id,
        "provider": "Orbis",
        "item_id": "1",
        "index_version": 1_000_000 + version,
        "version_rank": version,
        "first_seen": NOON,
        "first_created": NOON,
        "version_created": NOON + timedelta(minutes=version),
        "received": NOON,
        "content": Content(headline=f"Harbour café opens, take {version}", body="The minister said so. " * 3),
        "history": (HistoryEntry(story_id=story_id, version_id=f"v{version}", version_rank=version, kind="new",
                                 received=NOON, headline=f"take {version}"),),
        "cluster": Cluster(cluster_id=story_id),
        "enrichment": Enrichment(
            language="en",
            model="test",
            entities=(Entity(label="PERSON", name="Zoë Märker"),),
            quotes=tuple(
                Quote(type="direct", text=f"It is [wholly] true, {n}", start=0, end=5, speaker="Zoë Märker", resolved=True)
                for n in range(quotes)
            ),
        ),
    }  # fmt: skip
    return EnrichedStory(**(fields | changes))


def write(settings: ElasticsearchSettings, *batches: list[EnrichedStory]) -> list[Written]:
    async def run() -> list[Written]:
        client = async_elasticsearch_client(settings)
        try:
            writer = Writer(client, settings, IndexSettings())
            return [await writer.write(batch) for batch in batches]
        finally:
            await client.close()

    return asyncio.run(run())


def contents(client: Elasticsearch, settings: ElasticsearchSettings) -> dict[str, dict[str, Any]]:
    names = IndexNames(settings.prefix)
    found = {}
    for base in BASES:
        client.indices.refresh(index=names.alias(base))
        hits = client.search(index=names.alias(base), size=1000)["hits"]["hits"]
        found[base] = {hit["_id"]: hit["_source"] for hit in hits}
    return found


def test_init_twice_changes_nothing(client: Elasticsearch, settings: ElasticsearchSettings) -> None:
    again = admin.init(client, settings)
    assert again.created == []
    assert len(again.present) == 3
    assert again.differences == []


def test_every_order_of_arrival_ends_the_same(client: Elasticsearch, settings: ElasticsearchSettings) -> None:
    versions = [story(1, quotes=5), story(2, quotes=1), story(3, quotes=3)]
    ends = []
    for number, order in enumerate(itertools.permutations(versions)):
        moved = [event.model_copy(update={"story_id": f"s{number}"}) for event in order]
        write(settings, *[[event] for event in moved])
        found = contents(client, settings)
        quotes = sorted(source["position"] for source in found["quotes"].values() if source["story_id"] == f"s{number}")
        ends.append((found["stories"][f"s{number}"]["headline"], quotes))
    assert ends == [("Harbour café opens, take 3", [0, 1, 2])] * 6


def test_redelivery_and_one_batch_with_all_versions(client: Elasticsearch, settings: ElasticsearchSettings) -> None:
    batch = [story(1, quotes=2), story(3, quotes=1), story(2, quotes=4)]
    write(settings, batch, batch, [batch[0]])
    found = contents(client, settings)
    assert [source["version_rank"] for source in found["stories"].values()] == [3]
    assert len(found["quotes"]) == 1
    assert set(found["stories-history"]) == {"orb-1:v1", "orb-1:v2", "orb-1:v3"}


def test_kill_withdraws_quotations_and_leaves_the_public_alias(
    client: Elasticsearch, settings: ElasticsearchSettings
) -> None:
    kill = story(2, quotes=0, killed=True, kind="kill", pubstatus="canceled",
                 enrichment=Enrichment(status="withdrawn"))  # fmt: skip
    write(settings, [story(1, quotes=3)], [kill], [story(1, quotes=3)])
    found = contents(client, settings)
    assert found["quotes"] == {}
    assert found["stories"]["orb-1"]["killed"] is True
    assert "people" not in found["stories"]["orb-1"]
    public = client.count(index=IndexNames(settings.prefix).public("stories"))["count"]
    assert public == 0


@pytest.mark.parametrize(
    ("changes", "visible"),
    [
        ({}, 1),
        ({"content": Content(headline="Later", embargoed=datetime(2100, 1, 1, tzinfo=UTC))}, 0),
        ({"content": Content(headline="Now", embargoed=datetime(2020, 1, 1, tzinfo=UTC))}, 1),
        ({"advisory": True}, 0),
        ({"test": True}, 0),
        ({"pubstatus": "withheld"}, 0),
    ],
)
def test_what_the_public_sees(
    client: Elasticsearch, settings: ElasticsearchSettings, changes: dict[str, Any], visible: int
) -> None:
    write(settings, [story(1, **changes)])
    contents(client, settings)
    assert client.count(index=IndexNames(settings.prefix).public("stories"))["count"] == visible
    assert client.count(index=IndexNames(settings.prefix).public("quotes"))["count"] == visible


def test_names_without_accents_and_quotations_without_brackets(
    client: Elasticsearch, settings: ElasticsearchSettings
) -> None:
    write(settings, [story(1)])
    contents(client, settings)
    names = IndexNames(settings.prefix)
    assert client.count(index=names.alias("stories"), query={"match": {"names": "zoe MARKER"}})["count"] == 1
    assert client.count(index=names.alias("stories"), query={"match": {"headline.plain": "cafe"}})["count"] == 1
    wanted = {"match_phrase": {"words": "it is wholly true"}}
    assert client.count(index=names.alias("quotes"), query=wanted)["count"] == 1


def test_a_document_the_server_refuses_is_rejected_with_its_reason(
    client: Elasticsearch, settings: ElasticsearchSettings
) -> None:
    bad = story(1, story_id="x" * 600)  # an _id has at most 512 bytes
    (written,) = write(settings, [story(1), bad])
    assert list(written.rejected) == [1]
    assert "512" in str(written.rejected[1])
    assert list(contents(client, settings)["stories"]) == ["orb-1"]


def test_without_its_aliases_the_worker_stops(settings: ElasticsearchSettings) -> None:
    with pytest.raises(FatalError, match="wiredesk index init"):
        write(settings, [story(1)])
