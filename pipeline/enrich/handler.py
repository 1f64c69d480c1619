"""The enrich stage's work on a batch: clustered stories in, whole documents out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

import xxhash

from pipeline.broker.delivery import Done, Outcome
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.broker.topics import Topics
from pipeline.events import ClusteredStory, Content, EnrichedStory, Enrichment
from pipeline.events.errors import RejectError

#: Analyses remembered; copies of a story arrive within minutes of one another.
_REMEMBERED = 4000


class Analyses(Protocol):
    """Where stories are analysed: the pool of worker processes."""

    async def analyse(self, stories: Sequence[Content]) -> list[Enrichment | RejectError]: ...


class EnrichHandler:
    """Adds language, entities and quotations.

    The same text has the same analysis, so one that was analysed already (a copy, a redelivery, an update of other
    fields) takes the result that is remembered. A withdrawn story has none.
    """

    def __init__(self, analyses: Analyses, topics: Topics) -> None:
        self._analyses = analyses
        self._topics = topics
        self._remembered: OrderedDict[bytes, Enrichment] = OrderedDict()

    async def work(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        """One outcome for each story, in order."""
        stories: list[ClusteredStory | RejectError] = []
        for delivery in batch:
            try:
                stories.append(ClusteredStory.decode(delivery.value))
            except RejectError as error:
                stories.append(error)
        found = await self._analyse([story for story in stories if isinstance(story, ClusteredStory)])
        return [
            story if isinstance(story, RejectError) else self._outcome(story, found[_text_key(story.content)])
            for story in stories
        ]

    def _outcome(self, story: ClusteredStory, found: Enrichment | RejectError) -> Outcome:
        if isinstance(found, RejectError):
            return found
        if _withdrawn(story):
            found = Enrichment(status="withdrawn")
        enriched = EnrichedStory.of(story, enrichment=found)
        return Done((OutgoingMessage(self._topics.enriched.name, enriched.key, enriched.encode()),), found.status)

    async def _analyse(self, stories: Sequence[ClusteredStory]) -> dict[bytes, Enrichment | RejectError]:
        """The analysis of each different text, by its key."""
        wanted: dict[bytes, Content] = {}
        found: dict[bytes, Enrichment | RejectError] = {}
        for story in stories:
            key = _text_key(story.content)
            if _withdrawn(story):
                found.setdefault(key, Enrichment(status="withdrawn"))
            elif key in self._remembered:
                self._remembered.move_to_end(key)
                found[key] = self._remembered[key]
            else:
                wanted[key] = story.content
        if wanted:
            results = await self._analyses.analyse(list(wanted.values()))
            for key, result in zip(wanted, results, strict=True):
                found[key] = result
                if isinstance(result, Enrichment):
                    self._remembered[key] = result
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return found

    async def published(self, sends: Sequence[OutgoingMessage], offsets: Sequence[int]) -> None:
        """Nothing is remembered of what was sent."""


def _withdrawn(story: ClusteredStory) -> bool:
    return story.killed or story.pubstatus == "withheld"


def _text_key(content: Content) -> bytes:
    """What the analysis depends on: the text, and the names that are next to it."""
    parts = (
        content.language,
        content.headline,
        content.subheadline,
        content.description,
        content.body,
        content.located,
        content.source,
    )
    return xxhash.xxh3_128_digest("\x1f".join(part or "" for part in parts).encode("utf-8", "surrogatepass"))
