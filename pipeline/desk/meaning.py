"""What a typed text or a shown story says, as the vector that stories are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any

from pipeline.index.meaning import vector_of
from pipeline.meaning.encoder import Encoder, require, story_text
from pipeline.settings import Settings


class Meanings:
    """Computes vectors; the model is loaded at the first of them, once.

    Args:
        settings: of the installation.

    Raises:
        ConfigurationError: ``meaning.enabled`` is on, and the extra is not installed.
    """

    def __init__(self, settings: Settings) -> None:
        self.enabled = settings.meaning.enabled
        if self.enabled:
            require()
        self._encoder: Encoder | None = None
        self._loading = Lock()

    def of_text(self, text: str) -> tuple[int, ...]:
        """The vector of a text; empty where there is none."""
        if not self.enabled:
            return ()
        with self._loading:
            self._encoder = self._encoder or Encoder()
        vector = self._encoder.vector(text)
        return () if vector is None else tuple(int(number) for number in vector)

    def of_story(self, story: Mapping[str, Any]) -> tuple[int, ...]:
        """The vector of a story's document; empty where there is none, as for one that is withdrawn."""
        if not self.enabled or story.get("killed") or story.get("withheld"):
            return ()
        # A story that was indexed without one, and is not rebuilt yet, is read now.
        text = story_text(story.get("headline"), story.get("description"), story.get("body"))
        return vector_of(story) or self.of_text(text)
