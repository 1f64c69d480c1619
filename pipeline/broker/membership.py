"""A stage's place in its consumer group: keeping it, and writing nothing once it is lost.

A worker that was suspended, or whose partitions went to another one while it waited for a server, still has a batch in
its hands. In a compacted topic its late write would outlive the newer one of the worker that took over. Right before
anything is published the group's coordinator therefore confirms that the worker is still a member of the generation in
which the batch was taken; otherwise the batch is abandoned, unacknowledged, and is the new owner's. A confirmation
holds for half of the session timeout, in which the coordinator gives the partitions to nobody else.

While a server is away the buffers of a stage fill, and Faust 0.15.3 stops asking aiokafka for messages. aiokafka 0.14.0
takes that for a dead consumer after ``broker_max_poll_interval``: it leaves the group and joins again only when it is
asked for messages, which Faust does only once partitions are assigned. Neither moves again, and nothing is logged. A
stage that waits on purpose therefore reports that it is alive, from its event loop: one that hangs still leaves.

A Faust application whose consumer has crashed goes on as a process that does nothing; a supervisor can restart only
what has ended.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import faust
from mode.threads import ServiceThread

from pipeline.events.errors import UnreachableError

_CONFIRM_SECONDS = 10.0
_MOST_SECONDS = 5.0
_CRASH_SECONDS = 0.5


class GroupMembership:
    """Whether a stage may still write for the messages that it was given.

    Args:
        app: the stage's application.
        topic: that it reads.
    """

    def __init__(self, app: faust.App, topic: str) -> None:
        self._app = app
        self._topic = topic
        self._revocations = 0
        self._confirmed_at = float("-inf")
        self._lease_seconds = float(app.conf.broker_session_timeout) / 2

    def revoked(self) -> None:
        """Partitions were revoked: what was taken before is no longer ours."""
        self._revocations += 1

    def term(self) -> tuple[int, int]:
        """Changes whenever partitions may have gone to another worker."""
        return self._coordinator().generation, self._revocations

    def owns(self, partition: int) -> bool:
        """Whether a partition is assigned to this worker, as far as it knows."""
        return any(
            pair.topic == self._topic and pair.partition == partition for pair in self._app.consumer.assignment()
        )

    async def confirms(self, term: tuple[int, int]) -> bool:
        """Whether this worker still is in the term in which it took a batch; asks the coordinator.

        Raises:
            UnreachableError: the coordinator does not answer.
        """
        if self.term() != term:
            return False
        asked_at = time.monotonic()
        if asked_at - self._confirmed_at < self._lease_seconds:
            return True
        loop = self._thread().thread_loop
        answer = asyncio.run_coroutine_threadsafe(self._coordinator()._do_heartbeat(), loop)  # noqa: SLF001
        try:
            alive = await asyncio.wait_for(asyncio.wrap_future(answer), _CONFIRM_SECONDS)
        except TimeoutError:
            alive = False
        if self.term() != term:
            return False
        if not alive:
            raise UnreachableError("Kafka does not confirm that this worker holds its partitions.", system="kafka")
        self._confirmed_at = asked_at
        return True

    def _thread(self) -> Any:
        consumer: Any = self._app.consumer
        return consumer._thread  # noqa: SLF001 - there is no public way, and the versions are pinned

    def _coordinator(self) -> Any:
        return coordinator_of(self._app)


def coordinator_of(app: faust.App) -> Any:
    """The client's part in the group; ``None`` before the consumer has started.

    There is no public way to it, and the versions are pinned.
    """
    thread = getattr(app.consumer, "_thread", None)
    return getattr(getattr(thread, "_consumer", None), "_coordinator", None)


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


def _reported_elsewhere(*_: object, **__: object) -> None:
    """What mode prints as text, past all logging, is logged by the hook for threads and by :func:`report_crash`."""


ServiceThread.on_crash = _reported_elsewhere  # type: ignore[method-assign]


async def report_crash(app: faust.App, crashed: Callable[[BaseException], None]) -> None:
    """Wait until the application has crashed, and say so; returns when it is stopped."""
    while not app.crashed:
        if app.should_stop:
            return
        await asyncio.sleep(_CRASH_SECONDS)
    crashed(app.crash_reason or RuntimeError("its consumer has crashed"))
