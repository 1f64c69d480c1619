"""The index stage: writes a batch of enriched stories and returns one outcome for each."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.broker.delivery import Delivery, Done, Outcome, Send
from pipeline.events import EnrichedStory
from pipeline.events.errors import RejectError
from pipeline.index.writer import Writer


class IndexHandler:
    """Writes enriched stories to the index."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

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
            written = await self._writer.write(stories)
            for place, refusal in written.rejected.items():
                outcomes[places[place]] = refusal
        return outcomes

    async def published(self, sends: Sequence[Send], offsets: Sequence[int]) -> None:
        """Nothing is remembered here."""
