"""Faust's consumer, which reads a partition again from its start while nothing in it was acknowledged.

While a group is balanced Faust 0.15.3 drops what was just fetched and then seeks to the last acknowledged offset of
each partition. Where there is none yet, as in a new installation or in partitions that were added, aiokafka 0.14.0
seeks nothing: it goes on behind what was dropped, and the next acknowledgement passes over messages that no stage saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import faust
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP


class RewindingConsumer(Consumer):
    """Seeks to the start of a partition in which nothing was acknowledged."""

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go back in every assigned partition to what was acknowledged last.

        Returns:
            By partition, the offset after the last acknowledged message; ``None``: there is none.
        """
        committed = await super().seek_to_committed()
        untouched = [pair for pair, offset in committed.items() if not offset]
        if untouched:
            await self._thread.seek_to_beginning(*untouched)
        return committed


def use_rewinding_consumer(app: faust.App) -> None:
    """Let an application that has not started read with it."""
    transport: Any = app.transport
    transport.Consumer = RewindingConsumer
