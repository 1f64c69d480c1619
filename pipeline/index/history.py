"""The documents of a story's history: texts that are written once, and places that are corrected. Pure.

A document is made of two parts with different fields. The *text* of a version comes from ``wire.versions`` and never
changes. Its *place* (kind, neighbours, flags) comes from the story's event and changes with every version next to it,
with a kill and with an embargo. A text without a place is withheld: whether it may be shown is not known yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.events import EnrichedStory, VersionEntry, VersionText

#: What a place says of every version of a story alike.
FLAGS = ("killed", "withheld", "embargoed")


@dataclass(frozen=True)
class IndexedStory:
    """What the document of a story says of its versions.

    Attributes:
        index_version: 0: there is no document.
        flags: killed, withheld and embargoed.
        versions: ids of its versions and their kinds, lowest first; ``None``: not all places were corrected after its
            flags changed, or a release wrote it that did not say.
        dropped: versions no longer remembered.
    """

    index_version: int = 0
    flags: tuple[Any, ...] = (None, None, None)
    versions: tuple[tuple[str, str], ...] | None = ()
    dropped: int = 0


def history_id(story_id: str, version_id: str) -> str:
    """``_id`` of a version."""
    return f"{story_id}:{version_id}"


def text_document(text: VersionText) -> dict[str, Any]:
    """The text of a version."""
    document = text.model_dump(
        include={
            *("story_id", "provider", "version_id", "version_rank", "version", "pubstatus", "versioncreated"),
            *("received", "headline", "body", "ednote"),
        },
        mode="json",
    )
    document["signals"] = [signal.value for signal in text.signals]
    return {name: value for name, value in document.items() if value not in (None, [], "")}


def versions_of(story: EnrichedStory) -> Sequence[VersionEntry]:
    """The versions of a story; events of release 0.1 name them with their texts."""
    return story.versions or [VersionEntry(id=entry.version_id, kind=entry.kind) for entry in story.history]


def texts_of(story: EnrichedStory) -> list[VersionText]:
    """The texts in an event of release 0.1."""
    return [
        VersionText(
            provider=story.provider,
            **entry.model_dump(
                include={
                    *("story_id", "version_id", "version_rank", "version", "pubstatus", "signals", "versioncreated"),
                    *("received", "headline", "body", "ednote"),
                }
            ),
        )
        for entry in story.history
    ]


def versions_field(story: EnrichedStory) -> dict[str, Any]:
    """What the document of a story keeps of its versions, to know later which places changed."""
    items = [{"id": entry.id, "kind": entry.kind} for entry in versions_of(story)]
    return {"items": items, "dropped": story.versions_dropped}


def places(story: EnrichedStory) -> dict[str, dict[str, Any]]:
    """By ``_id``, the places of a story's versions; what is unknown is absent, what is empty is ``None``."""
    entries = versions_of(story)
    found = {}
    for at, entry in enumerate(entries):
        place: dict[str, Any] = {
            **_flags(story),
            "kind": entry.kind,
            "advisory": entry.kind == "advisory",
            "test": entry.kind == "test",
        }
        # Between the first two there may be versions that are no longer remembered: their links stay as they are.
        if not (story.versions_dropped and at == 1):
            place["supersedes"] = entries[at - 1].id if at else None
        if not (story.versions_dropped and at == 0):
            place["superseded_by"] = entries[at + 1].id if at + 1 < len(entries) else None
        found[history_id(story.story_id, entry.id)] = place
    return found


def _flags(story: EnrichedStory) -> dict[str, Any]:
    return {
        "killed": story.killed,
        "withheld": story.pubstatus == "withheld",
        "embargoed": story.content.embargoed.isoformat() if story.content.embargoed else None,
        "index_version": story.index_version,
    }


def flags_changed(story: EnrichedStory, indexed: IndexedStory) -> bool:
    """Whether a story is killed, withheld or embargoed now and was not, or the reverse; of an absent one: ``False``."""
    flags = _flags(story)
    return bool(indexed.index_version) and tuple(flags[name] for name in FLAGS) != indexed.flags


def is_changing(story: EnrichedStory, indexed: IndexedStory) -> bool:
    """Whether the story is written before its places: all of them change, or were not all corrected the last time."""
    unfinished = bool(indexed.index_version) and indexed.versions is None
    return indexed.index_version <= story.index_version and (unfinished or flags_changed(story, indexed))


def needs_all(story: EnrichedStory, indexed: IndexedStory) -> bool:
    """Whether every version in the index must be corrected, also those that the story does not name.

    A withdrawn story that is not in the index yet may have versions there: a worker died before it wrote the story.
    """
    if indexed.index_version:
        return is_changing(story, indexed)
    withdrawn = story.killed or story.pubstatus == "withheld" or story.content.embargoed is not None
    return withdrawn and (len(versions_of(story)) > 1 or bool(story.versions_dropped))


def forgotten(story: EnrichedStory, placed: Mapping[str, bool]) -> dict[str, dict[str, Any]]:
    """By ``_id``, corrections of versions that are in the index and that the story does not name.

    Args:
        story: the newest.
        placed: by ``_id``, whether a version has a place; a text without one stays withheld.
    """
    remembered = places(story)
    no_version = {**_flags(story), "kind": None, "withheld": True}
    return {
        id_: _flags(story) if has_place and story.versions_dropped else no_version
        for id_, has_place in placed.items()
        if id_ not in remembered
    }


def changed_places(story: EnrichedStory, indexed: IndexedStory) -> dict[str, dict[str, Any]]:
    """The places that differ from what the index has.

    Args:
        story: newer than what is indexed, or the same again.
        indexed: what its document says.
    """
    now = places(story)
    if indexed.versions is None:
        return now
    before = _neighbours(story.story_id, indexed.versions)
    after = _neighbours(story.story_id, [(entry.id, entry.kind) for entry in versions_of(story)])
    all_change = story.index_version <= indexed.index_version or flags_changed(story, indexed)
    changed = now if all_change else {id_: now[id_] for id_, around in after.items() if before.get(id_) != around}
    removed = before.keys() - after.keys()
    if len(removed) > story.versions_dropped - indexed.dropped:
        # Not forgotten, but no version any more: the words were sent again, with nothing between.
        changed |= {id_: {**_flags(story), "kind": None, "withheld": True} for id_ in removed}
    return changed


def _neighbours(story_id: str, versions: Sequence[tuple[str, str]]) -> dict[str, tuple[str, str | None, str | None]]:
    return {
        history_id(story_id, id_): (
            kind,
            versions[at - 1][0] if at else None,
            versions[at + 1][0] if at + 1 < len(versions) else None,
        )
        for at, (id_, kind) in enumerate(versions)
    }


def read_indexed(document: Mapping[str, Any]) -> IndexedStory:
    """What a story's document says, from an answer to a read with ``found`` and ``_source``."""
    if not document["found"]:
        return IndexedStory()
    source = document["_source"]
    kept = source.get("versions")
    versions = tuple((item["id"], item["kind"]) for item in kept["items"]) if kept else None
    flags = (bool(source.get("killed")), bool(source.get("withheld")), source.get("embargoed"))
    return IndexedStory(source["index_version"], flags, versions, kept["dropped"] if kept else 0)
