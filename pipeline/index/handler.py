"""The index stage: writes a batch of enriched stories and returns one outcome for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from pipeline.broker.delivery import Done, Outcome
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.broker.monitoring import metrics
from pipeline.events import EnrichedStory
from pipeline.events.errors import RejectError
from pipeline.index.writer import Written


class Indexer(Protocol):
    """Where stories are written; the fake is in ``pipeline.testing``."""

    async def write(self, batch: Sequence[EnrichedStory], indexed: Sequence[datetime] | None = None) -> Written:
        """Write a batch; see :meth:`pipeline.index.writer.Writer.write`."""
        ...


class IndexHandler:
    """Writes enriched stories to the index."""

    def __init__(self, indexer: Indexer) -> None:
        self._indexer = indexer

    async def work(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        """One outcome for each story, in order."""
        outcomes: list[Outcome] = [Done(reason="indexed") for _ in batch]
        stories: list[EnrichedStory] = []
        places: list[int] = []
        for place, delivery in enumerate(batch):
            try:
                stories.append(EnrichedStory.decode(delivery.value))
                places.append(place)
            except RejectError as error:
                outcomes[place] = error
        if stories:
            written = await self._indexer.write(stories)
            for place, refusal in written.rejected.items():
                outcomes[places[place]] = refusal
            now = datetime.now(UTC)
            for place, story in enumerate(stories):
                if story.lane == "live" and place not in written.rejected:
                    metrics.SEARCHABLE.observe(max(0.0, (now - story.received).total_seconds()))
        return outcomes

    async def published(self, sends: Sequence[OutgoingMessage], offsets: Sequence[int]) -> None:
        """Nothing is remembered here."""
