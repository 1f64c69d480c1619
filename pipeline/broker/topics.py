"""The topics: names, keys, partitions and retention, and the one command that creates them.

The partition of a message is a function of its key (Kafka's own hash); `wire.stories` has one partition because
every copy of a story, whatever its feed, must meet every other in the cluster stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.settings import Settings

DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True)
class Topic:
    """One topic. ``retention_ms`` is ``None`` for compacted topics."""

    name: str
    partitions: int
    policy: Literal["delete", "compact"]
    retention_ms: int | None
    about: str


@dataclass(frozen=True)
class Topics:
    """All topics of an installation."""

    raw: Topic
    stories: Topic
    versions: Topic
    clustered: Topic
    enriched: Topic
    items: Topic
    connectors: Topic
    dead: Topic

    def all(self) -> tuple[Topic, ...]:
        return (
            self.raw,
            self.stories,
            self.versions,
            self.clustered,
            self.enriched,
            self.items,
            self.connectors,
            self.dead,
        )


def topics_of(settings: Settings) -> Topics:
    """The topics under the prefix and with the partitions of the settings."""
    prefix, p = settings.kafka.topic_prefix, settings.kafka.partitions
    # Twice the window: a restored cluster stage must see the lead of every copy that is still in the window.
    window_ms = int((2 * settings.cluster.window_days + 2) * DAY_MS)

    def deleted(name: str, partitions: int, retention_ms: int, about: str) -> Topic:
        return Topic(f"{prefix}.{name}", partitions, "delete", retention_ms, about)

    def compacted(name: str, about: str) -> Topic:
        return Topic(f"{prefix}.{name}", p, "compact", None, about)

    return Topics(
        raw=deleted("raw", p, 7 * DAY_MS, "items as the connectors read them"),
        stories=deleted("stories", 1, window_ms, "story versions, cleaned; one partition"),
        versions=compacted("versions", "the text of each version of a story"),
        clustered=deleted("clustered", p, 7 * DAY_MS, "the same with their cluster"),
        enriched=compacted("enriched", "whole documents as indexed"),
        items=compacted("items", "what intake remembers of each item"),
        connectors=compacted("connectors", "the state of each connector"),
        dead=deleted("dead", p, 30 * DAY_MS, "what could not be processed"),
    )
