"""Copies the texts of versions from their topic to the index, for a rebuild."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka import ConsumerRecord

from pipeline.events import VersionText
from pipeline.events.errors import RejectError
from pipeline.index.enriched import EnrichedReader
from pipeline.index.writer import Writer

#: Calls something until the server answers.
UntilReached = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]


@dataclass(frozen=True)
class Copied:
    """How far the copy has come, and the server's reasons for refusing some of the last texts."""

    offsets: dict[int, int]
    refused: tuple[str, ...]


class TextCopier:
    """Copies texts.

    Args:
        reader: of ``wire.versions``, open.
        writer: of the new indices.
        oldest: texts received earlier are left out; ``None``: none is.
    """

    def __init__(self, reader: EnrichedReader, writer: Writer, oldest: datetime | None) -> None:
        self._reader = reader
        self._writer = writer
        self._oldest = oldest

    async def run(self, batch: int, until_reached: UntilReached) -> AsyncIterator[Copied]:
        """Copy up to the end of the topic as it is now; yields after each batch.

        Args:
            batch: texts at a time, at most.
            until_reached: waits for a server that does not answer.
        """
        ends = await until_reached(self._reader.ends)
        while any(at < ends[partition] for partition, at in (await self._reader.positions()).items()):
            texts = self._wanted(await until_reached(lambda: self._reader.read(batch)))
            refused = await self._write(texts, until_reached) if texts else ()
            yield Copied(await self._reader.positions(), refused)

    async def _write(self, texts: Sequence[VersionText], until_reached: UntilReached) -> tuple[str, ...]:
        refused = await until_reached(lambda: self._writer.write_texts(texts))
        return tuple(f"{texts[place].story_id}: {error}" for place, error in refused.items())

    def _wanted(self, records: Sequence[ConsumerRecord]) -> list[VersionText]:
        """The texts that can be read and are not too old; the index stage has sent the others to the dead letters."""
        texts = []
        for record in records:
            try:
                text = VersionText.decode(record.value)
            except RejectError:
                continue
            if not self._oldest or text.received >= self._oldest:
                texts.append(text)
        return texts
