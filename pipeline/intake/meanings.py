"""The vector of what a story says, computed where the story is made: later stages only read it.

So the cluster stage stays a function of its topic alone: what it reads back after a restart has the same vectors.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog
import xxhash

from pipeline.broker.killable import KillablePool, NotStartedError, OverrunError, ProcessLimits
from pipeline.events import StoryVersion
from pipeline.events.errors import FatalError
from pipeline.meaning.encoder import Encoder, content_text, has_words

log = structlog.get_logger("wiredesk.intake")

#: Of a batch; one text takes some milliseconds.
_LIMITS = ProcessLimits(processes=1, seconds=20.0, memory_bytes=1024**3)
#: Vectors remembered: copies and updates of a story arrive within minutes of one another.
_REMEMBERED = 4000

_Texts = tuple[str, ...]
_Vectors = list[str | None]


class MeaningReader(Protocol):
    """Computes vectors of texts."""

    async def read(self, texts: Sequence[str]) -> list[str | None]:
        """The vector of each text, as text, in order; ``None``: it has none."""
        ...


async def with_meanings(
    reader: MeaningReader | None, stories: Sequence[StoryVersion | None]
) -> list[StoryVersion | None]:
    """The stories with their vectors, in order. What is withdrawn has none.

    Args:
        reader: computes them; ``None``: no story has one.
        stories: to pass on; ``None``: nothing is passed on.
    """
    found = list(stories)
    shown = [(place, story) for place, story in enumerate(stories) if story and story.pubstatus == "usable"]
    if reader is None or not shown:
        return found
    texts = [content_text(story.content) for _, story in shown]
    for (place, story), text, vector in zip(shown, texts, await reader.read(texts), strict=True):
        if vector is None and has_words(text):
            log.warning("story_without_meaning", story_id=story.story_id, headline=story.content.headline)
        found[place] = story.model_copy(update={"meaning": vector})
    return found


class MeaningPool:
    """Computes vectors in a process with limits. A text that is over one has no vector, and its story goes on.

    Args:
        limits: of the process.
        make: makes the function that the process runs.
    """

    def __init__(
        self, limits: ProcessLimits = _LIMITS, make: Callable[[], Callable[[_Texts], _Vectors]] | None = None
    ) -> None:
        self._pool = KillablePool(make or _make, limits, "meaning")
        self._remembered: OrderedDict[bytes, str | None] = OrderedDict()

    async def read(self, texts: Sequence[str]) -> list[str | None]:
        """See :meth:`MeaningReader.read`.

        Raises:
            FatalError: no process can be started; no text is at fault.
        """
        keys = [xxhash.xxh3_128_digest(text.encode("utf-8", "surrogatepass")) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._remembered}
        if new:
            vectors = await asyncio.to_thread(self._read, tuple(new.values()))
            self._remembered.update(zip(new, vectors, strict=True))
        found = [self._remembered[key] for key in keys]
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return found

    def _read(self, texts: _Texts) -> _Vectors:
        try:
            vectors: _Vectors = self._pool.run(texts)
        except NotStartedError as error:
            raise FatalError(str(error)) from error
        except OverrunError as error:
            if len(texts) > 1:
                return [vector for text in texts for vector in self._read((text,))]
            log.warning("meaning_not_computed", reason=str(error), text=texts[0][:100])
            return [None]
        return vectors

    def close(self) -> None:
        """End the process."""
        self._pool.close()


def _make() -> Callable[[_Texts], _Vectors]:
    return Encoder().encoded
