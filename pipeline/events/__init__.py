"""The typed messages of all topics, exchanged between the stages.

JSON, UTF-8, one object for each message. Each event has ``schema_version``; a reader keeps fields it does not know,
so that a newer writer can be rolled out first. ``wiredesk schema`` exports the JSON Schemas.

    RawItem          wire.raw        one item as a connector read it
    StoryVersion     wire.stories    the current state of a story after an item, cleaned, with its versions by reference
    VersionText      wire.versions   the text of one version of a story
    ClusteredStory   wire.clustered  the same, with the cluster it belongs to
    EnrichedStory    wire.enriched   the same, with language, entities and quotations: the document as indexed
    ItemState        wire.items      what intake remembers of an item
    ConnectorState   wire.connectors the position and validators of a connector
    ConnectorPushes  wire.connectors what a process received for a connector that another one runs
    DeadLetter       wire.dead       what could not be processed, with the original whole
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.events.lazy import lazy_names

if TYPE_CHECKING:
    from pipeline.events.base import Event, Id, Lane, MessageRef
    from pipeline.events.dead_letter import DeadLetter, Stage
    from pipeline.events.enrichment import EnrichedStory, Enrichment, Entity, EntityLabel, Mention, Quote
    from pipeline.events.raw import HASHED_ID, RawItem, VersionOrder, item_key
    from pipeline.events.state import (
        ConnectorPushes,
        ConnectorState,
        ItemState,
        KnownVersion,
        PushesRead,
        ResumePoint,
        UsualRate,
    )
    from pipeline.events.story import (
        Cluster,
        ClusteredStory,
        Content,
        HistoryEntry,
        StoryVersion,
        VersionEntry,
        VersionKind,
        VersionText,
    )
    from pipeline.events.topics import TOPIC_EVENTS

__all__ = [
    "HASHED_ID", "TOPIC_EVENTS", "Cluster", "ClusteredStory", "ConnectorPushes", "ConnectorState", "Content",
    "DeadLetter", "EnrichedStory", "Enrichment", "Entity", "EntityLabel", "Event", "HistoryEntry", "Id", "ItemState",
    "KnownVersion", "Lane", "Mention", "MessageRef", "PushesRead", "Quote", "RawItem", "ResumePoint", "Stage",
    "StoryVersion", "UsualRate", "VersionEntry", "VersionKind", "VersionOrder", "VersionText", "item_key",
]  # fmt: skip

#: Where each name is; a module is imported when one of its names is first used, so that a command that needs no
#: messages does not wait for their types.
_MODULES = {
    "base": ("Event", "Id", "Lane", "MessageRef"),
    "dead_letter": ("DeadLetter", "Stage"),
    "enrichment": ("EnrichedStory", "Enrichment", "Entity", "EntityLabel", "Mention", "Quote"),
    "raw": ("HASHED_ID", "RawItem", "VersionOrder", "item_key"),
    "state": (
        "ConnectorPushes", "ConnectorState", "ItemState", "KnownVersion", "PushesRead", "ResumePoint", "UsualRate",
    ),
    "story": (
        "Cluster", "ClusteredStory", "Content", "HistoryEntry", "StoryVersion", "VersionEntry", "VersionKind",
        "VersionText",
    ),
    "topics": ("TOPIC_EVENTS",),
}  # fmt: skip
__getattr__ = lazy_names(__name__, _MODULES)
