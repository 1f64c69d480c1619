"""The part of Elasticsearch that the writer relies on, in memory: external versions, conditions, real-time reads.

Each request stops once before it is done, so that a test decides in which order the requests of several writers happen.
"""

from __future__ import annotations

import types
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import ConnectionError  # noqa: A004 - its name there
from elasticsearch.serializer import JsonSerializer

_JSON = JsonSerializer()


@dataclass
class Stored:
    version: int
    sequence: int
    source: dict[str, Any]


@types.coroutine
def pause() -> Generator[None, None, None]:
    yield


@dataclass
class FakeElasticsearch:
    """All documents, by index and id.

    Attributes:
        lose_answer: the next request is done, but its answer does not arrive.
    """

    documents: dict[tuple[str, str], Stored] = field(default_factory=dict)
    sequence: int = 0
    lose_answer: bool = False

    @property
    def indices(self) -> FakeElasticsearch:
        return self

    def options(self, **_: Any) -> FakeElasticsearch:
        return self

    async def refresh(self, *, index: str) -> None:
        """What is written is searchable."""

    async def search(self, *, index: str, query: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The documents of one story."""
        await pause()
        (story_id,) = query["term"].values()
        hits = [
            {"_id": id_, "_source": dict(stored.source)}
            for (of, id_), stored in self.documents.items()
            if of == index and stored.source["story_id"] == story_id
        ]
        self._answer()
        return {"_scroll_id": "1", "_shards": {"successful": 1, "skipped": 0, "total": 1}, "hits": {"hits": hits}}

    async def scroll(self, **_: Any) -> dict[str, Any]:
        return {"_scroll_id": "1", "_shards": {"successful": 1, "skipped": 0, "total": 1}, "hits": {"hits": []}}

    async def clear_scroll(self, **_: Any) -> None:
        """Nothing is kept."""

    async def mget(self, *, docs: Sequence[dict[str, Any]], realtime: bool) -> dict[str, Any]:
        assert realtime
        await pause()
        self._answer()
        return {"docs": [self._read(doc["_index"], doc["_id"]) for doc in docs]}

    async def bulk(self, *, operations: Sequence[dict[str, Any]], require_alias: bool, refresh: bool) -> dict[str, Any]:
        assert require_alias
        await pause()
        pairs = zip(operations[::2], operations[1::2], strict=True)
        items = [self._write(*next(iter(head.items())), source) for head, source in pairs]
        self._answer()
        return {"items": items}

    def _answer(self) -> None:
        if self.lose_answer:
            self.lose_answer = False
            raise ConnectionError("the connection was cut")

    def _read(self, index: str, id_: str) -> dict[str, Any]:
        found = self.documents.get((index, id_))
        if found is None:
            return {"_index": index, "_id": id_, "found": False}
        facts = {"_seq_no": found.sequence, "_primary_term": 1, "_source": dict(found.source)}
        return {"_index": index, "_id": id_, "found": True, **facts}

    def _write(self, kind: str, head: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
        key = head["_index"], head["_id"]
        there = self.documents.get(key)
        least = head.get("version", 0) + (head.get("version_type") == "external_gte")
        conflict = (
            (kind == "create" and there is not None)
            or ("version" in head and there is not None and there.version >= least)
            or ("if_seq_no" in head and (there is None or there.sequence != head["if_seq_no"]))
        )
        if conflict:
            error = {"type": "version_conflict_engine_exception", "reason": "conflict"}
            return {kind: {"_id": head["_id"], "status": 409, "error": error}}
        self.sequence += 1
        version = head.get("version", (there.version if there else 0) + 1)
        if kind == "update":
            source = {**there.source, **source["doc"]} if there else source["upsert"]
        self.documents[key] = Stored(version, self.sequence, _JSON.loads(_JSON.dumps(source)))
        return {kind: {"_id": head["_id"], "status": 200}}
