"""What the desk says where Elasticsearch is busy, refuses, or is not ready: never a page without advice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig, ObjectApiResponse
from elasticsearch import ApiError, ConnectionTimeout

from pipeline.desk import app
from pipeline.index.mapping import IndexNames
from pipeline.settings import Settings

SETTINGS = Settings()
NAMES = IndexNames(SETTINGS.elasticsearch.prefix)
PATHS = [
    "/",
    "/quotes",
    "/story/orbis-1",
    "/story/orbis-1/changes",
    "/events",
    "/event/1",
    "/arrivals?after=2026-03-02T06:00:00Z",
    "/stories.csv",
    "/quotes.json",
    "/stories.rss",
    "/events.rss",
]


def meta(status: int) -> ApiResponseMeta:
    return ApiResponseMeta(status, "1.1", HttpHeaders(), 0.0, NodeConfig("http", "127.0.0.1", 9200))


class Searched:
    """Elasticsearch as far as the desk asks it: each search has the answer of its index, or all fail.

    Args:
        answer: to every search, or by index; an exception is raised.
    """

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def msearch(self, *, searches: list[Mapping[str, Any]]) -> ObjectApiResponse[Any]:
        if isinstance(self._answer, Exception):
            raise self._answer
        indices = [str(line["index"]) for line in searches[::2]]
        answers = [self._answer if "error" in self._answer or "hits" in self._answer else self._answer[index]
                   for index in indices]  # fmt: skip
        return ObjectApiResponse({"responses": answers}, meta(200))


def ask(monkeypatch: pytest.MonkeyPatch, answer: Any, paths: Sequence[str] = PATHS) -> list[tuple[str, httpx.Response]]:
    """What the desk answers at each path."""
    monkeypatch.setattr(app, "elasticsearch_client", lambda _: Searched(answer))

    async def run() -> list[tuple[str, httpx.Response]]:
        transport = httpx.ASGITransport(app.make_desk(SETTINGS), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return [(path, await client.get(path)) for path in paths]

    return asyncio.run(run())


def refused(status: int, kind: str, reason: str) -> dict[str, Any]:
    return {"error": {"type": kind, "reason": reason}, "status": status}


def results(*documents: Mapping[str, Any]) -> dict[str, Any]:
    hits = [{"_source": document, "_id": str(n), "sort": [n]} for n, document in enumerate(documents)]
    return {"hits": {"hits": hits, "total": {"value": len(hits)}}, "took": 1, "_shards": {"failed": 0}}


BUSY = [
    ("the whole request is refused", ApiError("too many requests", meta(429), {}), "answers 429"),
    ("no answer in time", ConnectionTimeout("timed out"), "does not answer"),
    ("one search is refused", refused(429, "es_rejected_execution_exception", "queue is full"), "answers 429: queue"),
    ("one search takes too long", results() | {"timed_out": True}, "did not finish"),
    ("a shard fails", results() | {"_shards": {"failed": 1}}, "left out 1 shards"),
    ("an index is being created", refused(503, "no_shard_available_action_exception", "no shard"), "answers 503"),
]


@pytest.mark.parametrize(("state", "answer", "words"), BUSY, ids=[state for state, *_ in BUSY])
def test_a_server_that_cannot_answer_now_is_asked_again_later(
    monkeypatch: pytest.MonkeyPatch, state: str, answer: Any, words: str
) -> None:
    for path, got in ask(monkeypatch, answer):
        assert (got.status_code, int(got.headers["retry-after"]) > 0) == (503, True), path
        assert words in got.text
        assert "Load this page again" in got.text
        assert "wiredesk status" in got.text


def test_a_missing_index_is_named_with_the_command_that_makes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for path, got in ask(monkeypatch, refused(404, "index_not_found_exception", "no such index")):
        assert got.status_code == 503, path
        assert "wiredesk index init" in got.text


def test_a_search_that_is_too_much_is_the_readers_to_change(monkeypatch: pytest.MonkeyPatch) -> None:
    for path, got in ask(monkeypatch, refused(400, "search_phase_execution_exception", "too many clauses")):
        assert got.status_code == 400, path
        assert "too many clauses" in got.text
        assert "fewer words" in got.text
        assert "retry-after" not in got.headers


STORY = {"story_id": "orbis-1", "item_id": "1", "index_version": 2, "cluster_id": "orbis-1", "headline": "Fire", "version_created": "2026-03-02T06:00:00+00:00",
         "provider": "Orbis", "versions": {"items": [{"id": "v1", "kind": "new"}, {"id": "v2", "kind": "update"}],
                                           "dropped": 0}}  # fmt: skip


def version(id_: str, **more: Any) -> dict[str, Any]:
    return {"story_id": "orbis-1", "version_id": id_, "kind": "new", **more}


def of_story(*versions: Mapping[str, Any]) -> dict[str, Any]:
    empty = results() | {"aggregations": {"groups": {"buckets": []}}}
    return {NAMES.alias("stories"): results(STORY) | {"aggregations": {"groups": {"buckets": []}}},
            NAMES.alias("stories-history"): results(*versions), NAMES.alias("quotes"): empty}  # fmt: skip


TEXT = {"received": "2026-03-02T06:00:00+00:00", "headline": "Fire", "body": "A fire."}


@pytest.mark.parametrize(
    ("state", "versions", "query", "status"),
    [
        ("the story is searchable before its versions", (), "", 503),
        ("before one of them", (version("v1", **TEXT),), "?version=v2", 503),
        ("the place of a version before its text", (version("v2"),), "", 503),
        ("there is no such version", (version("v1", **TEXT),), "?version=v9", 404),
        ("all is there", (version("v1", **TEXT),), "", 200),
    ],
)
def test_versions_that_are_not_searchable_yet_are_no_wrong_address(
    monkeypatch: pytest.MonkeyPatch, state: str, versions: tuple[Any, ...], query: str, status: int
) -> None:
    ((_, got),) = ask(monkeypatch, of_story(*versions), [f"/story/orbis-1/changes{query}"])
    assert got.status_code == status, state
    if status == 503:
        assert int(got.headers["retry-after"]) > 0
        assert "not searchable yet" in got.text
        assert "wiredesk index check" in got.text
