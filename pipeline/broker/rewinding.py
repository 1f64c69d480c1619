"""Faust's consumer with two changes: nothing is passed over at the start, and no partition waits for the others.

It reads a partition again from its start while nothing in it was acknowledged.

While a group is balanced Faust 0.15.3 drops what was just fetched and then seeks to the last acknowledged offset of
each partition. Where there is none yet, as in a new installation or in partitions that were added, aiokafka 0.14.0
seeks nothing: it goes on behind what was dropped, and the next acknowledgement passes over messages that no stage saw.

And it asks the broker again after a fifth of a second. aiokafka has one request at a time on the way to a broker, and
leaves out partitions whose messages Faust has not taken yet, which happens whenever the event loop is busy for a tenth
of a second. The broker holds a request until one of its partitions has a message, or as long as the client allows, in
Faust 1.5 s: for so long nobody asks for the partitions that were left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import faust
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer
from faust.types import TP

#: The longest that the broker holds a request for which there are no messages.
_FETCH_WAIT_MS = 200


class _PromptThread(AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer: Any = super()._create_worker_consumer(transport)
        # Read when the consumer starts. Faust has no setting for it, and the versions are pinned.
        consumer._fetch_max_wait_ms = _FETCH_WAIT_MS  # noqa: SLF001
        return consumer


class RewindingConsumer(Consumer):
    """Seeks to the start of a partition in which nothing was acknowledged, and asks for new messages often."""

    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        return _PromptThread(self, loop=self.loop, beacon=self.beacon)

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
