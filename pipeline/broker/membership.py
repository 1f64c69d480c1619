"""Keeps a stage in its consumer group while it waits, and ends the process where its consumer has failed for good.

While a server is away the buffers of a stage fill, and Faust 0.15.3 stops asking aiokafka for messages. aiokafka 0.14.0
takes that for a dead consumer after ``broker_max_poll_interval``: it leaves the group and joins again only when it is
asked for messages, which Faust does only once partitions are assigned. Neither moves again, and nothing is logged. A
stage that waits on purpose therefore reports that it is alive, from its event loop: one that hangs still leaves.

A Faust application whose consumer has crashed goes on as a process that does nothing; a supervisor can restart only
what has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import faust

_MOST_SECONDS = 5.0
_CRASH_SECONDS = 0.5


async def stay_in_group(app: faust.App) -> None:
    """Count as polling for as long as this event loop runs and the application is not stopped."""
    pause = min(_MOST_SECONDS, float(app.conf.broker_max_poll_interval) / 4)
    while not app.should_stop:
        faust_consumer: Any = app.consumer
        thread = faust_consumer._thread  # noqa: SLF001 - there is no public way, and the versions are pinned
        consumer = thread._consumer  # noqa: SLF001
        if consumer is not None:
            thread.thread_loop.call_soon_threadsafe(_count_as_polling, consumer._subscription)  # noqa: SLF001
        await asyncio.sleep(pause)


def _count_as_polling(subscription: Any) -> None:
    with subscription.fetch_context():
        pass


async def report_crash(app: faust.App, crashed: Callable[[BaseException], None]) -> None:
    """Wait until the application has crashed, and say so; returns when it is stopped."""
    while not app.crashed:
        if app.should_stop:
            return
        await asyncio.sleep(_CRASH_SECONDS)
    crashed(app.crash_reason or RuntimeError("its consumer has crashed"))
