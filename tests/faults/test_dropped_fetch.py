"""What Faust fetches and drops while the group is balanced is fetched again, also where nothing was acknowledged yet."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest

from pipeline.broker.app import StageShape, attach, make_app
from pipeline.broker.delivery import Done, Outcome
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.broker.topics import topics_of

pytestmark = pytest.mark.stack


class Noting:
    """Notes the messages that reach it."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    async def work(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        self.numbers += [json.loads(delivery.value or b"")["n"] for delivery in batch]
        return [Done() for _ in batch]

    async def published(self, sends: Sequence[OutgoingMessage], offsets: Sequence[int]) -> None:
        return None


def drop_next_fetch(app: Any) -> tuple[asyncio.Event, asyncio.Event]:
    """Let a rebalance begin when the next records are on their way.

    Returns:
        Two events: every fetch from now on may be dropped; the first that brought records was dropped.
    """
    consumer, armed, dropped = app.consumer, asyncio.Event(), asyncio.Event()
    fetch, seek = consumer._getmany, consumer.perform_seek

    async def fetch_late(*args: Any, **named: Any) -> Any:
        armed.set()
        records = await fetch(*args, **named)
        if records and consumer._getmany is fetch_late:
            consumer._getmany, consumer.perform_seek = fetch, seek_and_tell
            consumer.stop_flow()
            app.flow_control.suspend()
        return records

    async def seek_and_tell() -> None:
        consumer.perform_seek = seek
        await seek()
        dropped.set()

    consumer._getmany = fetch_late
    return armed, dropped


@pytest.mark.parametrize("before", [0, 3])
def test_what_was_dropped_in_a_rebalance_is_read_again(lab: Any, before: int) -> None:
    asyncio.run(drop_and_go_on(lab, before))


async def drop_and_go_on(lab: Any, before: int) -> None:
    topics, handler = topics_of(lab.settings), Noting()
    app = make_app(lab.settings, "intake", lab.directory)
    attach(app, StageShape("intake", topics.raw, 5, 0.05), handler, lab.settings)
    app.finalize()
    await app.start()
    try:
        await asyncio.to_thread(lab.feed, *[{"n": n} for n in range(before)], partition=0)
        await asyncio.to_thread(lab.wait_for, lambda: lab.committed() == before)
        armed, dropped = drop_next_fetch(app)
        await asyncio.wait_for(armed.wait(), 30)
        await asyncio.to_thread(lab.feed, *[{"n": before + n} for n in range(5)], partition=0)
        await asyncio.wait_for(dropped.wait(), 30)
        app.flow_control.resume()
        app.consumer.resume_flow()
        await asyncio.to_thread(lab.feed, {"n": before + 5}, partition=0)
        await asyncio.to_thread(lab.wait_for, lambda: before + 5 in handler.numbers)
        assert set(handler.numbers) == set(range(before + 6))
    finally:
        await app.stop()
