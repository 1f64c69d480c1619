"""One input through parsing, identity, cluster, enrichment and documents, in this process, with no broker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.config import connector_of_options
from connectors.parse_pool import PayloadParser
from connectors.transports.base import Payload
from pipeline.events import Cluster, EnrichedStory, Enrichment, ItemState, MessageRef, RawItem, StoryVersion
from pipeline.index.documents import quote_documents, story_document
from pipeline.intake.identity import read, story_id
from pipeline.intake.lifecycle import receive
from pipeline.runtime.analysers import analyser_of
from pipeline.settings import Settings


@dataclass(frozen=True)
class TriedStory:
    """What one story of the input would become."""

    raw: RawItem
    enriched: EnrichedStory

    def documents(self) -> dict[str, Any]:
        """The documents as they would be indexed."""
        return {
            "story": story_document(self.enriched),
            "quotes": [document for _, document in quote_documents(self.enriched)],
        }


@dataclass(frozen=True)
class Tried:
    """The result: stories, parts that would be dead letters (with the reason), warnings of the parser."""

    stories: tuple[TriedStory, ...]
    rejected: tuple[str, ...]
    warnings: tuple[str, ...]
    parser: str | None


def try_payload(
    payload: Payload,
    settings: Settings,
    reader: PayloadParser,
    *,
    parser: str,
    now: datetime,
    limit: int,
    mapping: str = "wire",
) -> Tried:
    """Run one payload through.

    Args:
        payload: the bytes.
        settings: of the installation (models, limits).
        reader: parses it.
        parser: a parser's name, or ``auto``.
        now: when it is said to have been received.
        limit: so many stories at most are enriched.
        mapping: a preset's name.

    Raises:
        ConfigurationError: there is no such parser or mapping, or the table of namesakes is wrong.
        ParseError: the bytes are not the format, or take more than the limits.
    """
    config = connector_of_options("trial", "trial", parser=parser, mapping=mapping)
    reading = reader.parse(payload, config, now)
    stories = _versions(reading.items[:limit], settings)
    found = analyser_of(settings.enrich)().analyse([story.content for story in stories])
    raws: Mapping[str, RawItem] = {story_id(raw.provider, raw.item_id): raw for raw in reading.items}
    return Tried(
        tuple(
            TriedStory(raws[story.story_id], _enriched(story, one)) for story, one in zip(stories, found, strict=True)
        ),
        tuple(f"{part.position}: {part.reason}" for part in reading.rejected),
        reading.warnings,
        reading.parser if reading.items else None,
    )


def _versions(items: tuple[RawItem, ...], settings: Settings) -> list[StoryVersion]:
    """The current state of each story after all its items in the input."""
    states: dict[str, ItemState] = {}
    stories: dict[str, StoryVersion] = {}
    for place, raw in enumerate(items):
        name = story_id(raw.provider, raw.item_id)
        verdict = receive(
            states.get(name),
            raw,
            read(raw, settings.intake.max_text_chars),
            MessageRef(topic="trial", partition=0, offset=place),
            name,
            max_versions=settings.intake.max_versions,
        )
        states[name] = verdict.state
        if verdict.story is not None:
            stories[name] = verdict.story
    return list(stories.values())


def _enriched(story: StoryVersion, found: Enrichment) -> EnrichedStory:
    if story.killed or story.pubstatus == "withheld":
        found = Enrichment(status="withdrawn")
    return EnrichedStory(**story.model_dump(), cluster=Cluster(cluster_id=story.story_id), enrichment=found)
