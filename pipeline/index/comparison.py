"""Compares the documents of a story with its event, and with each other. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.events import EnrichedStory, VersionText
from pipeline.index.documents import quote_count, quote_documents
from pipeline.index.history import FLAGS, places, text_document
from pipeline.index.registers import Register

Kind = Literal[
    "story missing",
    "story outdated",
    "quotations differ",
    "versions differ",
    "text missing",
    "text differs",
    "quotation of another version",
    "quotation without story",
    "version without story",
    "topic outdated",
]
#: What ``index check --repair`` cannot change: the topic is only written by the stages.
NOT_REPAIRABLE: frozenset[Kind] = frozenset({"topic outdated"})


@dataclass(frozen=True)
class Difference:
    """One difference; ``detail`` names what is there and what should be."""

    story_id: str
    kind: Kind
    detail: str = ""

    @property
    def text(self) -> str:
        """The difference in one line."""
        return f"{self.story_id}: {self.kind}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True)
class Documents:
    """What the indices hold of a story; absent documents are ``None``.

    Attributes:
        story: version and flags of its document.
        register: of its quotations; ``None``: it has none.
        places: documents of the positions from 0, hidden or not.
        versions: documents of the history, by id.
    """

    story: Mapping[str, Any] | None
    register: Register | None
    places: Sequence[Mapping[str, Any] | None]
    versions: Mapping[str, Mapping[str, Any] | None]


def places_to_read(event: EnrichedStory, register: Register | None) -> int:
    """How many positions of quotations must be read for a comparison."""
    return max(quote_count(event), register.places if register else 0)


def compare_story(event: EnrichedStory, found: Documents) -> Difference | None:
    """The first difference between a story's event and its documents; ``None``: they agree, or the index is newer."""
    id_, version = event.story_id, event.index_version
    if found.story is None:
        return Difference(id_, "story missing")
    there = found.story["index_version"]
    if there > version:
        return None
    if there < version:
        return Difference(id_, "story outdated", f"index {there}, topic {version}")
    wrong = _wrong_places(event, found)
    if wrong:
        return Difference(id_, "quotations differ", wrong)
    if not found.story.get("versions"):
        return Difference(id_, "versions differ", "not all of them were corrected")
    for version_id, wanted in places(event).items():
        document = found.versions.get(version_id)
        if document is None or any((document.get(name) or None) != (wanted[name] or None) for name in FLAGS):
            return Difference(id_, "versions differ", version_id)
    return None


def _wrong_places(event: EnrichedStory, found: Documents) -> str:
    if found.register is None:
        return "written by a release without registers"
    if found.register.version < event.index_version:
        return "not announced"
    quotes = quote_documents(event)
    for position, document in enumerate(found.places):
        if document is None or document.get("index_version") != event.index_version:
            return f"position {position} is of another version"
        if bool(document.get("hidden")) != (position >= len(quotes)):
            return f"position {position} is {'hidden' if document.get('hidden') else 'visible'}"
    return ""


def compare_text(text: VersionText, document: Mapping[str, Any] | None) -> Difference | None:
    """Whether a document of the history has the text of its version; it may have a place only, or be absent."""
    wanted = text_document(text)
    if document is None or "version_rank" not in document:
        return Difference(text.story_id, "text missing", text.version_id)
    differing = [name for name, value in wanted.items() if document.get(name) != value]
    if differing:
        return Difference(text.story_id, "text differs", f"{text.version_id}: {', '.join(differing)}")
    return None


def compare_quote(quote: Mapping[str, Any], story: Mapping[str, Any] | None) -> Difference | None:
    """Whether a visible quotation may be visible.

    Args:
        quote: its document.
        story: ``index_version``, ``quote_count`` and ``killed`` of its story; ``None``: absent.
    """
    id_, position = quote["story_id"], quote.get("position", 0)
    if story is None:
        return Difference(id_, "quotation without story", f"position {position}")
    if story.get("killed"):
        return Difference(id_, "quotation of another version", f"position {position}, the story is killed")
    version = quote.get("index_version")
    if version is None:  # of a release without registers
        beyond = position >= story.get("quote_count", 0)
        return Difference(id_, "quotation of another version", f"position {position}") if beyond else None
    if version == story["index_version"]:
        return None
    return Difference(
        id_, "quotation of another version", f"position {position}, {version} of {story['index_version']}"
    )
