"""Quotations of an older version or of a killed story are never shown: not after a crash between two requests of a write,
not by a worker that was suspended and goes on later, not when the server reports an error inside an answer of status 200.

The requests of two writers are interleaved on the real server; after each request the documents are read in real time.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from elasticsearch import AsyncElasticsearch, Elasticsearch

from pipeline.broker.elasticsearch_client import async_elasticsearch_client, elasticsearch_client
from pipeline.events import EnrichedStory, Enrichment, Quote
from pipeline.events.errors import FatalError, UnreachableError
from pipeline.index import admin
from pipeline.index.mapping import IndexNames
from pipeline.index.search import QuoteQuery, quotes
from pipeline.index.story import story as story_page
from pipeline.index.writer import Writer
from pipeline.settings import ElasticsearchSettings, IndexSettings
from tests.index.site import story
from tests.indices import made_indices

pytestmark = pytest.mark.stack

#: Positions that any version of a story here may have.
POSITIONS = range(6)
#: More than the requests of one write.
MOST_REQUESTS = 8


@pytest.fixture(scope="module")
def settings(stack: Any) -> Iterator[ElasticsearchSettings]:
    with made_indices(stack.elasticsearch) as (settings, _):
        yield settings


def version(id_: str, number: int, quotations: int, *, killed: bool = False) -> EnrichedStory:
    said = tuple(Quote(type="direct", text=f"Version {number}", start=0, end=4) for _ in range(quotations))
    enrichment = Enrichment(status="withdrawn" if killed else "done", quotes=said)
    return story(1, 1, story_id=id_, index_version=1000 + number, version_rank=number, killed=killed,
                 enrichment=enrichment, history=())  # fmt: skip


@dataclass
class Gate:
    """A client whose requests wait until they are allowed, one by one."""

    client: AsyncElasticsearch
    permits: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    async def _send(self, name: str, **arguments: Any) -> Any:
        self.waiting.set()
        await self.permits.acquire()
        try:
            return await getattr(self.client, name)(**arguments)
        finally:
            self.waiting.clear()

    def __getattr__(self, name: str) -> Any:
        """Requests of other kinds do not wait."""
        return getattr(self.client, name)

    async def bulk(self, **arguments: Any) -> Any:
        return await self._send("bulk", **arguments)

    async def mget(self, **arguments: Any) -> Any:
        return await self._send("mget", **arguments)


class Interleaving:
    """Two writers of one story; ``turns`` says whose request is next. A writer without turns left is dead."""

    def __init__(self, settings: ElasticsearchSettings, versions: Sequence[EnrichedStory]) -> None:
        self.settings, self.versions = settings, versions
        self.names = IndexNames(settings.prefix)

    async def run(self, turns: Sequence[int]) -> None:
        client = async_elasticsearch_client(self.settings)
        gates = [Gate(client) for _ in self.versions]
        tasks = [
            asyncio.create_task(Writer(gate, self.settings, IndexSettings()).write([event]))  # type: ignore[arg-type]
            for gate, event in zip(gates, self.versions, strict=True)
        ]
        try:
            for turn in turns:
                await self._settled(gates[turn], tasks[turn])
                if not tasks[turn].done():
                    gates[turn].waiting.clear()
                    gates[turn].permits.release()
                    await self._settled(gates[turn], tasks[turn])
                    await self._check(client)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await client.close()

    @staticmethod
    async def _settled(gate: Gate, task: asyncio.Task[Any]) -> None:
        waiting = asyncio.create_task(gate.waiting.wait())
        await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()

    async def _check(self, client: AsyncElasticsearch) -> None:
        """What is visible now is of the story's version now."""
        id_ = self.versions[0].story_id
        wanted = [{"_index": self.names.alias("stories"), "_id": id_}]
        wanted += [{"_index": self.names.alias("quotes"), "_id": f"{id_}:{place}"} for place in POSITIONS]
        found, *places = (await client.mget(docs=wanted, realtime=True))["docs"]
        visible = [place["_source"] for place in places if place["found"] and not place["_source"].get("hidden")]
        if not found["found"]:
            assert visible == []
            return
        assert not (visible and found["_source"]["killed"]), "quotations of a killed story"
        rank = found["_source"]["version_rank"]
        assert {quote["text"] for quote in visible} <= {f"Version {rank}"}


def shown(settings: ElasticsearchSettings, id_: str) -> list[str]:
    """The quotations of a story that readers find, by every way."""
    names = IndexNames(settings.prefix)
    with elasticsearch_client(settings) as client:
        client.indices.refresh(index=[names.alias("quotes"), names.alias("stories")])
        query = {"term": {"story_id": id_}}
        answers = {
            tuple(sorted(hit["_source"]["text"] for hit in client.search(index=alias, query=query)["hits"]["hits"]))
            for alias in (names.alias("quotes"), names.public("quotes"))
        }
        page = story_page(client, settings, id_)
        answers.add(tuple(sorted(quote["text"] for quote in page.quotes)) if page else ())
    assert len(answers) == 1
    return list(answers.pop())


CHANGES = [("kill", 0, True), ("update with fewer", 1, False), ("update with more", 5, False)]
#: The first writer sends ``cut`` requests and is suspended; the second one works; the first goes on or is dead.
CUTS = [(cut, goes_on) for cut in range(MOST_REQUESTS) for goes_on in (True, False)]


@pytest.mark.parametrize(("what", "quotations", "killed"), CHANGES)
def test_a_worker_that_dies_or_is_suspended_between_two_requests(
    settings: ElasticsearchSettings, what: str, quotations: int, killed: bool
) -> None:
    for cut, goes_on in CUTS:
        id_ = f"cut-{what}-{cut}-{goes_on}"
        versions = version(id_, 1, 3), version(id_, 2, quotations, killed=killed)
        turns = [0] * cut + [1] * MOST_REQUESTS + [0] * MOST_REQUESTS * goes_on
        asyncio.run(Interleaving(settings, versions).run(turns))
        assert shown(settings, id_) == ["Version 2"] * quotations, (cut, goes_on)


@pytest.mark.parametrize(("what", "quotations", "killed"), CHANGES)
def test_any_interleaving_of_two_workers(
    settings: ElasticsearchSettings, what: str, quotations: int, killed: bool
) -> None:
    for seed in range(12):
        id_ = f"mixed-{what}-{seed}"
        turns = [0, 1] * MOST_REQUESTS
        random.Random(seed).shuffle(turns)
        versions = version(id_, 1, 3), version(id_, 2, quotations, killed=killed)
        if seed % 2:  # over a version that was written before
            asyncio.run(Interleaving(settings, [version(id_, 0, 2)]).run([0] * MOST_REQUESTS))
        asyncio.run(Interleaving(settings, versions).run([*turns, *[0, 1] * MOST_REQUESTS]))
        assert shown(settings, id_) == ["Version 2"] * quotations, seed


def test_the_same_message_again_after_a_crash_completes_it(settings: ElasticsearchSettings) -> None:
    for cut in range(MOST_REQUESTS):
        id_ = f"again-{cut}"
        first, second = version(id_, 1, 3), version(id_, 2, 2)
        asyncio.run(Interleaving(settings, [first]).run([0] * MOST_REQUESTS))
        asyncio.run(Interleaving(settings, [second, second]).run([0] * cut + [1] * MOST_REQUESTS + [0] * MOST_REQUESTS))
        assert shown(settings, id_) == ["Version 2"] * 2, cut


class Answers:
    """A client whose real-time reads report an error for each document, with status 200."""

    def __init__(self, client: AsyncElasticsearch) -> None:
        self._client = client
        self.bulk = client.bulk

    async def mget(self, **arguments: Any) -> Any:
        answer = await self._client.mget(**arguments)
        error = {"type": "no_shard_available_action_exception", "reason": "all shards failed"}
        return {"docs": [{"_index": doc["_index"], "_id": doc["_id"], "error": error} for doc in answer["docs"]]}


def test_an_error_inside_an_answer_is_unreachable_and_not_absent(settings: ElasticsearchSettings) -> None:
    async def write() -> None:
        client = async_elasticsearch_client(settings)
        try:
            writer = Writer(Answers(client), settings, IndexSettings())  # type: ignore[arg-type]
            await writer.write([version("error", 2, 0, killed=True)])
        finally:
            await client.close()

    asyncio.run(Interleaving(settings, [version("error", 1, 3)]).run([0] * MOST_REQUESTS))
    with pytest.raises(UnreachableError, match="all shards failed"):
        asyncio.run(write())
    assert shown(settings, "error") == ["Version 1"] * 3


def test_a_search_leaves_out_what_a_killed_story_said(settings: ElasticsearchSettings) -> None:
    asyncio.run(Interleaving(settings, [version("gone", 1, 3)]).run([0] * MOST_REQUESTS))
    asyncio.run(Interleaving(settings, [version("gone", 2, 3, killed=True)]).run([0] * MOST_REQUESTS))
    assert shown(settings, "gone") == [], "whatever its event carries"
    with elasticsearch_client(settings) as client:
        found = quotes(client, settings, QuoteQuery(words="version", size=500))
        assert "gone" not in {hit.quote["story_id"] for hit in found.hits}


def test_an_index_of_an_older_release_is_prepared_at_the_start(stack: Any) -> None:
    """Without the new field, writing stops before anything is rejected; ``init`` adds the field and the filters."""
    with made_indices(stack.elasticsearch) as (older, client):
        names = IndexNames(older.prefix)
        index = names.index("quotes", 1)
        body = client.indices.get_mapping(index=index)[index]["mappings"]
        for name in ("hidden", "places", "index_version"):
            del body["properties"][name]
        client.indices.delete(index=index)
        client.indices.delete_index_template(name=names.template("quotes"))
        client.indices.create(index=index, mappings=body, settings={"analysis": {"analyzer": {"folded": {
            "type": "custom", "tokenizer": "standard", "filter": ["lowercase", "asciifolding"]}}}})  # fmt: skip
        client.indices.update_aliases(actions=[{"add": {"index": index, "alias": names.alias("quotes")}},
                                               {"add": {"index": index, "alias": names.public("quotes")}}])  # fmt: skip
        before = {"story_id": "old", "position": 0, "text": "Version 0", "headline": "x"}
        client.index(index=index, id="old:0", version=900, version_type="external", document=before, refresh=True)
        its_story = {"story_id": "old", "index_version": 900, "version_rank": 0, "quote_count": 1, "killed": False}
        client.index(
            index=names.index("stories", 1), id="old", version=900, version_type="external", document=its_story
        )
        with pytest.raises(FatalError, match="wiredesk index diff"):
            asyncio.run(Interleaving(older, [version("old", 1, 1)]).run([0] * MOST_REQUESTS))
        admin.init(client, older)
        assert count(client, names.public("quotes")) == 1, "what is there stays visible"
        asyncio.run(Interleaving(older, [version("old", 1, 1)]).run([0] * MOST_REQUESTS))
        assert shown(older, "old") == ["Version 1"]


def count(client: Elasticsearch, alias: str) -> int:
    return int(client.count(index=alias)["count"])
