"""Cleans the content of items in a process that can be killed, so that no item holds up its worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from pipeline.broker.killable import KillablePool, NotStartedError, OverrunError, ProcessLimits
from pipeline.events import Content, RawItem
from pipeline.events.errors import FatalError, RejectError
from pipeline.intake.identity import read

#: For a batch, or for one item of a batch that took longer. An item of the largest size takes less than a second.
_LIMITS = ProcessLimits(processes=1, seconds=20.0, memory_bytes=1024**3)

#: The content of a message of ``wire.raw``, or why there is none.
Cleaned = Content | RejectError


class ContentReader(Protocol):
    """Reads the cleaned content of raw items."""

    async def read(self, values: Sequence[bytes | None], max_text_chars: int) -> list[Cleaned]:
        """One result for each message, in order.

        Args:
            values: of messages of ``wire.raw``.
            max_text_chars: longer bodies are cut.
        """
        ...


class ContentInProcess:
    """Cleans at once, in this process: for dry runs and tests."""

    async def read(self, values: Sequence[bytes | None], max_text_chars: int) -> list[Cleaned]:
        """See :meth:`ContentReader.read`; nothing can end it."""
        return clean_all((tuple(values), max_text_chars))


class ContentPool:
    """Cleans in a process with limits. An item that is over one, or crashes the process twice, is rejected.

    Args:
        limits: of the process.
        make: makes the function that the process runs.
    """

    def __init__(
        self, limits: ProcessLimits = _LIMITS, make: Callable[[], Callable[[_Batch], list[Cleaned]]] | None = None
    ) -> None:
        self._pool = KillablePool(make or _make, limits, "intake")

    async def read(self, values: Sequence[bytes | None], max_text_chars: int) -> list[Cleaned]:
        """See :meth:`ContentReader.read`.

        Raises:
            FatalError: no process can be started; no item is at fault.
        """
        return await asyncio.to_thread(self._read, tuple(values), max_text_chars)

    def _read(self, values: tuple[bytes | None, ...], max_text_chars: int) -> list[Cleaned]:
        try:
            cleaned: list[Cleaned] = self._pool.run((values, max_text_chars))
        except NotStartedError as error:
            raise FatalError(str(error)) from error
        except OverrunError as error:
            if len(values) == 1:
                return [RejectError(f"The content cannot be cleaned: {error}")]
            return [found for value in values for found in self._read((value,), max_text_chars)]
        return cleaned

    def close(self) -> None:
        """End the process."""
        self._pool.close()


_Batch = tuple[tuple[bytes | None, ...], int]


def clean_all(batch: _Batch) -> list[Cleaned]:
    """The content of each message, or why it has none."""
    values, max_text_chars = batch
    cleaned: list[Cleaned] = []
    for value in values:
        try:
            cleaned.append(read(RawItem.decode(value), max_text_chars))
        except RejectError as error:
            cleaned.append(error)
    return cleaned


def _make() -> Callable[[_Batch], list[Cleaned]]:
    return clean_all
