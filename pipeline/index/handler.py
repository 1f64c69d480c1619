"""The index stage: writes a batch of enriched stories and returns one outcome for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from pipeline.broker.delivery import Done, Outcome
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.broker.monitoring import metrics
from pipeline.events import EnrichedStory, VersionText
from pipeline.events.errors import RejectError
from pipeline.index.writer import Written


class Indexer(Protocol):
    """Where stories are written; the fake is in ``pipeline.testing``."""

    async def write(self, batch: Sequence[EnrichedStory], indexed: Sequence[datetime] | None = None) -> Written:
        """Write a batch; see :meth:`pipeline.index.writer.Writer.write`."""
        ...

    async def write_texts(self, texts: Sequence[VersionText]) -> Mapping[int, RejectError]:
        """Write texts of versions; see :meth:`pipeline.index.writer.Writer.write_texts`."""
        ...


class IndexHandler:
    """Writes enriched stories, and the texts of their versions, to the index.

    Args:
        indexer: where they are written.
        versions: the topic of the texts; all other messages are stories.
    """

    def __init__(self, indexer: Indexer, versions: str = "") -> None:
        self._indexer = indexer
        self._versions = versions

    async def work(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        """One outcome for each message, in order. Texts are written before stories, which say where they belong."""
        outcomes: list[Outcome] = [Done(reason="indexed") for _ in batch]
        stories: dict[int, EnrichedStory] = {}
        texts: dict[int, VersionText] = {}
        for place, delivery in enumerate(batch):
            try:
                if delivery.message.topic == self._versions:
                    texts[place] = VersionText.decode(delivery.value)
                else:
                    stories[place] = EnrichedStory.decode(delivery.value)
            except RejectError as error:
                outcomes[place] = error
        if texts:
            _refuse(outcomes, list(texts), await self._indexer.write_texts(list(texts.values())))
        if stories:
            written = await self._indexer.write(list(stories.values()))
            _refuse(outcomes, list(stories), written.rejected)
            now = datetime.now(UTC)
            for place, story in stories.items():
                if story.lane == "live" and isinstance(outcomes[place], Done):
                    metrics.SEARCHABLE.observe(max(0.0, (now - story.received).total_seconds()))
        return outcomes

    async def published(self, sends: Sequence[OutgoingMessage], offsets: Sequence[int]) -> None:
        """Nothing is remembered here."""


def _refuse(outcomes: list[Outcome], places: Sequence[int], refused: Mapping[int, RejectError]) -> None:
    for place, error in refused.items():
        outcomes[places[place]] = error
