"""Vectors of stories from before ``meaning.enabled``, computed while indices are rebuilt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from pipeline.events import EnrichedStory
from pipeline.meaning.encoder import Encoder, story_text
from pipeline.meaning.vectors import Vector, to_text


class _Encodes(Protocol):
    def vectors(self, texts: Sequence[str]) -> list[Vector | None]: ...


class MissingMeanings:
    """Adds vectors to stories that have none; in a thread, some 3 ms each.

    Args:
        enabled: ``meaning.enabled``; without it nothing is added.
        make: loads the model, at the first story that needs it.
    """

    def __init__(self, *, enabled: bool, make: Callable[[], _Encodes] = Encoder) -> None:
        self._enabled = enabled
        self._make = make
        self._encoder: _Encodes | None = None

    async def added(self, stories: Sequence[EnrichedStory]) -> list[EnrichedStory]:
        """The stories in order, with vectors; what is withdrawn has none.

        Raises:
            ConfigurationError: the extra is not installed.
        """
        lacking = [story for story in stories if story.meaning is None and story.pubstatus == "usable"]
        if not self._enabled or not lacking:
            return list(stories)
        vectors = iter(await asyncio.to_thread(self._vectors, lacking))
        return [
            story.model_copy(update={"meaning": next(vectors)})
            if story.meaning is None and story.pubstatus == "usable"
            else story
            for story in stories
        ]

    def _vectors(self, stories: Sequence[EnrichedStory]) -> list[str | None]:
        self._encoder = self._encoder or self._make()
        contents = [story.content for story in stories]
        read = [story_text(content.headline, content.description, content.body) for content in contents]
        return [None if vector is None else to_text(vector) for vector in self._encoder.vectors(read)]
