"""The register of a story's quotations: a hidden document that says how many positions were ever announced. Pure.

Whoever writes a newer version hides all of them first (see :mod:`pipeline.index.writer`). A register is written only on
condition that it did not change since it was read, so the number of positions never gets smaller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.index.bulk import Condition


@dataclass(frozen=True)
class Register:
    """A register as read; ``condition``: what must still be true of it when it is written.

    Attributes:
        version: of the newest version that was announced; 0: none.
        places: positions of quotations that were ever announced.
        sequence: its sequence number and primary term; ``None``: it does not exist yet.
    """

    version: int = 0
    places: int = 0
    sequence: tuple[int, int] | None = field(default=None, compare=False)

    def announcing(self, version: int, places: int) -> Register:
        """The register when a version with so many quotations is announced."""
        return Register(max(self.version, version), max(self.places, places), self.sequence)

    def condition(self) -> Condition:
        """The condition on which it may be replaced."""
        return Condition(sequence=self.sequence, absent=self.sequence is None)

    def document(self, story_id: str) -> dict[str, Any]:
        """The register's document."""
        return {"story_id": story_id, "index_version": self.version, "places": self.places, "hidden": True}


def register_id(story_id: str) -> str:
    """``_id`` of a story's register, which no quotation has: theirs end in a number."""
    return f"{story_id}:register"


def read_register(document: Mapping[str, Any], *, places_without: int = 0) -> Register:
    """A register from an answer to a read.

    Args:
        document: with ``found``, ``_source``, ``_seq_no`` and ``_primary_term``.
        places_without: positions if there is no register yet.
    """
    if not document["found"]:
        return Register(places=places_without)
    source = document["_source"]
    return Register(source["index_version"], source["places"], (document["_seq_no"], document["_primary_term"]))


def hidden_document(story_id: str, version: int, position: int) -> dict[str, Any]:
    """The document of a position that has no quotation in a version."""
    return {"story_id": story_id, "index_version": version, "position": position, "hidden": True}
