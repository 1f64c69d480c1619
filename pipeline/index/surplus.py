"""Quotations of older versions that a story leaves which was written half before and half after a change of indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from elasticsearch import Elasticsearch

from pipeline.index.documents import quote_id
from pipeline.index.mapping import Base

_AT_ONCE = 500


def surplus_quotes(es: Elasticsearch, indices: dict[Base, str], ids: Sequence[str]) -> list[dict[str, Any]]:
    """Deletes for the quotations whose place is beyond the number of their story, with the story's version."""
    deletes: list[dict[str, Any]] = []
    for start in range(0, len(ids), _AT_ONCE):
        part = list(ids[start : start + _AT_ONCE])
        stories = es.mget(index=indices["stories"], ids=part, source_includes=["index_version", "quote_count"])["docs"]
        facts = {found["_id"]: found["_source"] for found in stories if found.get("found")}
        for id_, source in facts.items():
            beyond: dict[str, Any] = {
                "bool": {
                    "filter": [{"term": {"story_id": id_}}, {"range": {"position": {"gte": source["quote_count"]}}}]
                }
            }
            found = es.search(index=indices["quotes"], query=beyond, size=1000, source_includes=["position"])
            for hit in found["hits"]["hits"]:
                target = {"_index": indices["quotes"], "_id": quote_id(id_, hit["_source"]["position"])}
                deletes.append({"delete": {**target, "version": source["index_version"], "version_type": "external"}})
    return deletes
