"""One stage in a process of its own, on the real broker, whose handler does what each message tells it to do.

A message is JSON: ``{"n": 3, "do": "pass"}``. ``do`` is one of pass, raise, reject, sleep, write (to the compacted topic, after a
pause), hang (the server is away for
ever), exit (fatal once, marked by a file), big (its result is more than the broker takes).

Run: ``python stage_process.py SETTINGS.json STATE_DIRECTORY [MAX_POLL_SECONDS]``; it prints ``ready`` when it has its partitions.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from pipeline.broker.app import StageShape, attach, make_app
from pipeline.broker.delivery import Done, Outcome
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.broker.topics import topics_of
from pipeline.events.errors import FatalError, RejectError, UnreachableError
from pipeline.settings import Settings


class ObedientHandler:
    """Does what it is told; every message that passes is sent on under its number."""

    def __init__(self, out: str, compacted: str, directory: Path, too_big: int) -> None:
        self._out = out
        self._compacted = compacted
        self._directory = directory
        self._too_big = too_big

    async def work(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        return [await self._one(delivery) for delivery in batch]

    async def _one(self, delivery: Delivery) -> Outcome:
        try:
            told: dict[str, Any] = json.loads(delivery.value or b"")
        except ValueError as error:
            return RejectError(f"not JSON: {error}")
        number = told["n"]
        match told["do"]:
            case "raise":
                raise ZeroDivisionError(f"message {number}")
            case "reject":
                return RejectError(f"message {number} is bad")
            case "sleep":
                await asyncio.sleep(told.get("seconds", 0.2))
            case "write":
                await asyncio.sleep(told.get("seconds", 0))
                return Done((OutgoingMessage(self._compacted, told["key"].encode(), b"%d" % number, 0),))
            case "hang":
                if not (self._directory / "server-is-back").exists():
                    raise UnreachableError("the server is away")
            case "exit":
                marker = self._directory / f"exited-{number}"
                if not marker.exists():
                    marker.touch()
                    raise FatalError("the index is missing")
            case "big":
                return Done((OutgoingMessage(self._out, b"%d" % number, b"x" * self._too_big),))
        return Done((OutgoingMessage(self._out, b"%d" % number, b"%d" % number),))

    async def published(self, sends: Sequence[OutgoingMessage], offsets: Sequence[int]) -> None:
        return None


async def main(settings: Settings, directory: Path, max_poll_seconds: float | None) -> None:
    logging.basicConfig(level=logging.WARNING)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    topics = topics_of(settings)
    app = make_app(settings, "intake", directory)
    if max_poll_seconds:
        app.conf.broker_max_poll_interval = max_poll_seconds
    handler = ObedientHandler(
        topics.stories.name, topics.enriched.name, directory, 2 * settings.kafka.max_message_bytes + 1_000_000
    )
    attach(app, StageShape("intake", topics.raw, 5, 0.05), handler, settings)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    app.finalize()
    await app.start()
    print("ready", flush=True)
    await stopping.wait()
    await app.stop()


if __name__ == "__main__":
    asyncio.run(
        main(
            Settings.model_validate_json(Path(sys.argv[1]).read_text()),
            Path(sys.argv[2]),
            float(sys.argv[3]) if len(sys.argv) > 3 else None,
        )
    )
