"""Which message each topic carries."""

from __future__ import annotations

from pipeline.events.base import Event
from pipeline.events.dead_letter import DeadLetter
from pipeline.events.enrichment import EnrichedStory
from pipeline.events.raw import RawItem
from pipeline.events.state import ConnectorState, ItemState
from pipeline.events.story import ClusteredStory, StoryVersion, VersionText

TOPIC_EVENTS: dict[str, type[Event]] = {
    "raw": RawItem,
    "stories": StoryVersion,
    "versions": VersionText,
    "clustered": ClusteredStory,
    "enriched": EnrichedStory,
    "items": ItemState,
    "connectors": ConnectorState,
    "dead": DeadLetter,
}
