"""Carries over to a new generation of the indices what the generation in use has in a newer version, or alone.

``wire.enriched`` may hold less than the index: a suspended worker's late message is the last one of its story, and the
topic keeps only the last. A rebuild from it must not bring an old version back, least of all a killed story. The same
for registers (see :mod:`pipeline.index.registers`): a worker that announced quotations in the old generation and writes
them late, into the new one, must find its places hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import scan

from pipeline.events.errors import UnreachableError
from pipeline.index.bulk import Condition, read_documents
from pipeline.index.documents import quote_id
from pipeline.index.mapping import Base, fields
from pipeline.index.registers import Register, hidden_document, read_register, register_id

_PAGE = 500
_ATTEMPTS = 10
Indices = Mapping[Base, str]


@dataclass(frozen=True)
class _Side:
    """A story in one generation: its document's facts (empty: absent) and its register."""

    story: Mapping[str, Any]
    register: Register

    @property
    def version(self) -> int:
        return int(self.story.get("index_version", 0))


def carry_over(es: Elasticsearch, old: Indices, new: Indices, oldest: datetime | None) -> int:
    """Copy stories that are newer in the old generation, with versions and quotations; returns how many.

    Args:
        es: a client.
        old: the generation in use so far.
        new: the generation that replaces it; both are refreshed here.
        oldest: stories first seen earlier are left out; ``None``: none is.

    Raises:
        UnreachableError: the server could not read or write some of it.
    """
    es.indices.refresh(index=[*old.values(), *new.values()])
    every = {"query": {"match_all": {}}, "_source": ["first_seen"]}
    # A shard that does not answer is an error: what it holds is not absent.
    stories = scan(es, index=old["stories"], query=every, size=1000, allow_partial_search_results=False)
    wanted = (
        hit["_id"]
        for hit in stories
        if oldest is None or datetime.fromisoformat(hit["_source"]["first_seen"]) >= oldest
    )
    carried = 0
    while page := list(islice(wanted, _PAGE)):
        carried += _carry_page(es, old, new, page)
    return carried


def _carry_page(es: Elasticsearch, old: Indices, new: Indices, ids: Sequence[str]) -> int:
    before = _read(es, old, ids)
    newer = _merge_registers(es, new, before)
    # The actions of one bulk request are not done in order: the story first, then its quotations.
    for id_ in newer:
        _carry_versions(es, old, new, id_)
    _write(es, [line for id_ in newer for line in _story_lines(es, old, new, id_)])
    _write(es, [line for id_ in newer for line in _quote_lines(es, old, new, id_, before[id_].version)])
    return len(newer)


def _merge_registers(es: Elasticsearch, new: Indices, before: Mapping[str, _Side]) -> list[str]:
    """Announce in the new generation what was announced in the old one; returns the stories that are newer there."""
    newer: list[str] = []
    pending = list(before)
    for _ in range(_ATTEMPTS):
        after = _read(es, new, pending)
        lines: list[Any] = []
        for id_ in pending:
            new_side, old_side = after[id_], before[id_]
            version = max(old_side.version, old_side.register.version)
            merged = new_side.register.announcing(version, old_side.register.places)
            if old_side.version > new_side.version:
                newer.append(id_)
            if merged != new_side.register or new_side.register.sequence is None:
                lines += _register_lines(new, id_, replace(merged, version=max(merged.version, new_side.version)))
        conflicts = _write(es, lines)
        pending = [id_ for id_ in pending if register_id(id_) in conflicts]
        newer = [id_ for id_ in newer if id_ not in pending]
        if not pending:
            return newer
    raise UnreachableError(f"Other workers change the same stories again and again: {', '.join(pending)}.")


def _register_lines(new: Indices, id_: str, register: Register) -> list[dict[str, Any]]:
    """The register, and its places hidden. A conflict of the register means: read and try again."""
    condition = register.condition()
    kind = "create" if condition.absent else "index"
    lines = [
        {kind: {"_index": new["quotes"], "_id": register_id(id_), **condition.header()}},
        register.document(id_),
    ]
    for position in range(register.places):
        lines += [
            _head(new["quotes"], quote_id(id_, position), 2 * register.version),
            hidden_document(id_, register.version, position),
        ]
    return lines


def _story_lines(es: Elasticsearch, old: Indices, new: Indices, id_: str) -> Iterator[dict[str, Any]]:
    """A story."""
    story = es.get(index=old["stories"], id=id_)["_source"]
    yield _head(new["stories"], id_, story["index_version"])
    yield _known("stories", story)


def _carry_versions(es: Elasticsearch, old: Indices, new: Indices, id_: str) -> None:
    """The versions of a story, over older ones only (see :mod:`pipeline.index.history_writer`)."""
    index = new["stories-history"]
    pending = {hit["_id"]: hit["_source"] for hit in _of_story(es, old["stories-history"], id_)}
    for _ in range(_ATTEMPTS):
        if not pending:
            return
        wanted = [{"_index": index, "_id": name, "_source": ["index_version"]} for name in pending]
        there = read_documents(es.mget(docs=wanted, realtime=True), len(wanted))
        lines: list[dict[str, Any]] = []
        for (name, source), document in zip(pending.items(), there, strict=True):
            head = {"_index": index, "_id": name}
            if not document["found"]:
                lines += [{"create": head}, _known("stories-history", source)]
            elif document["_source"].get("index_version", 0) <= source.get("index_version", 0):
                condition = Condition(sequence=(document["_seq_no"], document["_primary_term"]))
                lines += [{"index": {**head, **condition.header()}}, _known("stories-history", source)]
        conflicts = _write(es, lines)
        pending = {name: source for name, source in pending.items() if name in conflicts}
    raise UnreachableError(f"Other workers change the same versions again and again: {', '.join(pending)}.")


def _quote_lines(es: Elasticsearch, old: Indices, new: Indices, id_: str, version: int) -> Iterator[dict[str, Any]]:
    """The quotations of a version; of releases without registers they do not name old_side."""
    for hit in _of_story(es, old["quotes"], id_):
        quote = hit["_source"]
        if not quote.get("hidden") and quote.get("index_version", version) == version and not quote.get("killed"):
            yield _head(new["quotes"], hit["_id"], 2 * version + 1)
            yield _known("quotes", {**quote, "index_version": version})


def _of_story(es: Elasticsearch, index: str, id_: str) -> Iterator[dict[str, Any]]:
    query = {"query": {"term": {"story_id": id_}}, "version": True}
    yield from scan(es, index=index, query=query, allow_partial_search_results=False)


def _head(index: str, id_: str, version: int) -> dict[str, Any]:
    return {"index": {"_index": index, "_id": id_, "version": version, "version_type": "external"}}


def _known(base: Base, document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without the fields that this release no longer has."""
    return {name: value for name, value in document.items() if name in fields(base)}


def _read(es: Elasticsearch, indices: Indices, ids: Sequence[str]) -> dict[str, _Side]:
    wanted: list[dict[str, Any]] = []
    for id_ in ids:
        wanted += [
            {"_index": indices["stories"], "_id": id_, "_source": ["index_version", "quote_count"]},
            {"_index": indices["quotes"], "_id": register_id(id_)},
        ]
    documents = read_documents(es.mget(docs=wanted, realtime=True), len(wanted))
    sides = {}
    for id_, story, register in zip(ids, documents[::2], documents[1::2], strict=True):
        source = story["_source"] if story["found"] else {}
        sides[id_] = _Side(source, read_register(register, places_without=source.get("quote_count", 0)))
    return sides


def _write(es: Elasticsearch, lines: Sequence[dict[str, Any]]) -> set[str]:
    """Write, and return the ids that had a newer version or changed meanwhile."""
    conflicts: set[str] = set()
    for start in range(0, len(lines), 2 * _PAGE):
        for item in es.bulk(operations=lines[start : start + 2 * _PAGE])["items"]:
            (answer,) = item.values()
            if answer["status"] == 409:
                conflicts.add(answer["_id"])
            elif answer["status"] not in {200, 201}:
                raise UnreachableError(f"Elasticsearch cannot write {answer['_id']}: {answer.get('error')}.")
    return conflicts
