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


def drop_first_fetch(app: Any) -> asyncio.Event:
    """Let a rebalance begin when the first records are on their way; returns what is set once they are dropped."""
    consumer, dropped = app.consumer, asyncio.Event()
    fetch, seek = consumer._getmany, consumer.perform_seek

    async def fetch_late(*args: Any, **named: Any) -> Any:
        records = await fetch(*args, **named)
        if records and consumer._getmany is fetch_late:
            consumer._getmany = fetch
            consumer.stop_flow()
            app.flow_control.suspend()
        return records

    async def seek_and_tell() -> None:
        await seek()
        dropped.set()

    consumer._getmany, consumer.perform_seek = fetch_late, seek_and_tell
    return dropped


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
        await until(lambda: lab.committed() == before)
        dropped = drop_first_fetch(app)
        await asyncio.to_thread(lab.feed, *[{"n": before + n} for n in range(5)], partition=0)
        await asyncio.wait_for(dropped.wait(), 30)
        app.flow_control.resume()
        app.consumer.resume_flow()
        await asyncio.to_thread(lab.feed, {"n": before + 5}, partition=0)
        await until(lambda: before + 5 in handler.numbers)
        assert set(handler.numbers) == set(range(before + 6))
    finally:
        await app.stop()


async def until(condition: Any) -> None:
    async with asyncio.timeout(30):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - a broker is asked
            await asyncio.sleep(0.1)
