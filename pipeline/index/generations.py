"""The generations of the three indices: which are there, which one is searched, and how far a new one has come.

A rebuild's progress stands in the ``_meta`` of the ``stories`` index that it builds: the two
cannot be told apart, and go together.
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
    """How far a rebuild has come.

    Attributes:
        run: of the process that works on it; ``beat`` changes with every write.
        offsets: by partition, the next one to read: everything before it is in the new indices.
        instead_of: by base, the index that is to be replaced.
        refused, reasons: stories that the server did not take, and the first few reasons.
        unreadable: messages that are no story.
        expired: stories left out because they are too old.
    """

    model_config = ConfigDict(frozen=True)

    run: str
    beat: int = 0
    phase: Literal["building", "done"] = "building"
    topic: str
    offsets: dict[int, int] = {}
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
        raise ValueError(f"{index} is no generation of ours")
    return int(match[1])


def generations(client: Elasticsearch, names: IndexNames, base: Base) -> list[int]:
    """The generations of a base that exist, lowest first."""
    found = client.indices.get(index=names.pattern(base), features=["aliases"], expand_wildcards="all")
    return sorted(generation_of(index) for index in found if _NUMBER.search(index))


def behind_alias(client: Elasticsearch, names: IndexNames, base: Base) -> list[str]:
    """The indices behind a base's alias: one, or none before ``index init``."""
    if not client.indices.exists_alias(name=names.alias(base)):
        return []
    return sorted(client.indices.get_alias(name=names.alias(base)))


def unused(client: Elasticsearch, names: IndexNames) -> list[str]:
    """Old generations: neither searched nor being built."""
    found = []
    for base in BASES:
        searched = max((generation_of(index) for index in behind_alias(client, names, base)), default=0)
        found += [names.index(base, number) for number in generations(client, names, base) if number < searched]
    return found


def read_progress(client: Elasticsearch, index: str) -> Progress | None:
    """What stands in an index of a rebuild; ``None`` where none made it."""
    mapping = client.indices.get_mapping(index=index)[index]["mappings"]
    stored = mapping.get("_meta", {}).get(_META)
    try:
        return Progress.model_validate(stored) if stored else None
    except ValidationError:
        return None  # of another release: it is begun anew


def write_progress(client: Elasticsearch, index: str, progress: Progress) -> None:
    """Write it down; the index's documents are not touched."""
    document: dict[str, Any] = progress.model_dump(mode="json")
    client.indices.put_mapping(index=index, meta={_META: document})
