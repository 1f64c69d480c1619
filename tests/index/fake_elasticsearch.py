"""The part of Elasticsearch that the writer relies on, in memory: external versions, conditions, real-time reads.

Each request stops once before it is done, so that a test decides in which order the requests of several writers happen.
"""

from __future__ import annotations

import types
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import ConnectionError  # noqa: A004 - its name there


@dataclass
class Stored:
    version: int
    sequence: int
    source: dict[str, Any]


@types.coroutine
def pause() -> Generator[None, None, None]:
    yield


def _or_same(head: dict[str, Any]) -> bool:
    return bool(head["version_type"] == "external_gte")


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

    async def refresh(self, *, index: str) -> None:
        """Everything is read past the refresh."""

    def options(self, **_: Any) -> FakeElasticsearch:
        return self

    async def search(self, **_: Any) -> dict[str, Any]:
        """The stories of these tests have no versions in the history."""
        return {"hits": {"hits": []}}

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
        conflict = (
            (kind == "create" and there is not None)
            or ("version" in head and there is not None and there.version >= head["version"] + _or_same(head))
            or ("if_seq_no" in head and (there is None or there.sequence != head["if_seq_no"]))
        )
        if conflict:
            error = {"type": "version_conflict_engine_exception", "reason": "conflict"}
            return {kind: {"_id": head["_id"], "status": 409, "error": error}}
        self.sequence += 1
        version = head.get("version", (there.version if there else 0) + 1)
        self.documents[key] = Stored(version, self.sequence, dict(source))
        return {kind: {"_id": head["_id"], "status": 200}}
