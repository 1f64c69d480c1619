"""An indexer without Elasticsearch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pipeline.events import EnrichedStory, VersionText
from pipeline.events.errors import RejectError, UnreachableError
from pipeline.index.writer import Written


class FakeIndexer:
    """Keeps the newest version of each story, as :class:`pipeline.index.handler.Indexer` promises.

    Attributes:
        stories: what a search would find, by story id.
        texts: texts of versions, by story id and version id.
        reachable: ``False``: the server is away, and every call raises ``UnreachableError``.
        refuse: ids of stories that the server will never take.
    """

    def __init__(self) -> None:
        self.stories: dict[str, EnrichedStory] = {}
        self.texts: dict[tuple[str, str], VersionText] = {}
        self.reachable = True
        self.refuse: set[str] = set()

    async def write(self, batch: Sequence[EnrichedStory], indexed: Sequence[datetime] | None = None) -> Written:  # noqa: ARG002 - not kept
        """Write a batch; an older version than the one known is stale and changes nothing."""
        if not self.reachable:
            raise UnreachableError("Elasticsearch is away.")
        written = Written()
        for place, story in enumerate(batch):
            known = self.stories.get(story.story_id)
            if story.story_id in self.refuse:
                written.rejected[place] = RejectError(f"The index refuses {story.story_id}.")
            elif known is not None and known.index_version >= story.index_version:
                written.stale += 1
            else:
                self.stories[story.story_id] = story
                written.written += 1
        return written

    async def write_texts(self, texts: Sequence[VersionText]) -> dict[int, RejectError]:
        """Keep texts of versions."""
        if not self.reachable:
            raise UnreachableError("Elasticsearch is away.")
        self.texts |= {(text.story_id, text.version_id): text for text in texts}
        return {}
