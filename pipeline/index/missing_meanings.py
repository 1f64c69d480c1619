"""Vectors of stories from before ``meaning.enabled``, computed while indices are rebuilt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from pipeline.events import EnrichedStory
from pipeline.meaning.encoder import Encoder, content_text


class _Encodes(Protocol):
    def encoded(self, texts: Sequence[str]) -> list[str | None]: ...


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
        found = list(stories)
        lacking = [at for at, story in enumerate(stories) if story.meaning is None and story.pubstatus == "usable"]
        if self._enabled and lacking:
            texts = [content_text(stories[at].content) for at in lacking]
            vectors = await asyncio.to_thread(self._encoded, texts)
            for at, vector in zip(lacking, vectors, strict=True):
                found[at] = stories[at].model_copy(update={"meaning": vector})
        return found

    def _encoded(self, texts: Sequence[str]) -> list[str | None]:
        self._encoder = self._encoder or self._make()
        return self._encoder.encoded(texts)
