"""The generations of the three indices: which exist, which one is searched, and the progress of a rebuild.

A rebuild's progress is stored in the ``_meta`` of the ``stories`` index that it builds: both are deleted together.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from elasticsearch import Elasticsearch
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.index.mapping import BASES, Base, IndexNames

_NUMBER = re.compile(r"-(\d{6})$")
_META = "rebuild"


class Progress(BaseModel):
    """The progress of a rebuild.

    Attributes:
        run: id of the process that works on it; ``beat`` changes with every write.
        offsets: by partition, the next offset to read: everything up to it is in the new indices.
        text_offsets: the same of the topic with the texts of versions.
        instead_of: by base, the index to replace.
        refused, reasons: stories that the server refused, and the first few reasons.
        unreadable: messages that are not stories.
        expired: stories left out because they are too old.
    """

    model_config = ConfigDict(frozen=True)

    run: str
    beat: int = 0
    phase: Literal["building", "done"] = "building"
    topic: str
    offsets: dict[int, int] = {}
    text_offsets: dict[int, int] = {}
    instead_of: dict[Base, str] = {}
    stories: int = 0
    refused: int = 0
    unreadable: int = 0
    expired: int = 0
    reasons: tuple[str, ...] = ()


def generation_of(index: str) -> int:
    """The number of an index's generation."""
    match = _NUMBER.search(index)
    if match is None:
        raise ValueError(f"{index} is not the name of an index generation")
    return int(match[1])


def generations(client: Elasticsearch, names: IndexNames, base: Base) -> list[int]:
    """The generations of a base that exist, lowest first."""
    found = client.indices.get(index=names.pattern(base), features=["aliases"], expand_wildcards="all")
    return sorted(generation_of(index) for index in found if _NUMBER.search(index))


def indices_of_alias(client: Elasticsearch, names: IndexNames, base: Base) -> list[str]:
    """The indices that a base's alias points to: one, or none before ``index init``."""
    if not client.indices.exists_alias(name=names.alias(base)):
        return []
    return sorted(client.indices.get_alias(name=names.alias(base)))


def unused(client: Elasticsearch, names: IndexNames) -> list[str]:
    """Old generations: neither searched nor being built."""
    found = []
    for base in BASES:
        searched = max((generation_of(index) for index in indices_of_alias(client, names, base)), default=0)
        found += [names.index(base, number) for number in generations(client, names, base) if number < searched]
    return found


def read_progress(client: Elasticsearch, index: str) -> Progress | None:
    """The progress stored in an index; ``None``: no rebuild created it."""
    mapping = client.indices.get_mapping(index=index)[index]["mappings"]
    stored = mapping.get("_meta", {}).get(_META)
    try:
        return Progress.model_validate(stored) if stored else None
    except ValidationError:
        return None  # of another release: the rebuild starts again


def write_progress(client: Elasticsearch, index: str, progress: Progress) -> None:
    """Store the progress; the index's documents are not touched."""
    document: dict[str, Any] = progress.model_dump(mode="json")
    client.indices.put_mapping(index=index, meta={_META: document})
