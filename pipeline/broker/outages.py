"""One log line when a server goes away, at most one a minute while it is away, and one when it is back.

Several parts of a process notice the same outage: four stages, the watch over the brokers, the publisher. They report
it here, so that the log tells of an outage, not of every attempt. The event names the system: ``kafka_unreachable``,
``elasticsearch_unreachable`` and then ``kafka_reachable``, ``elasticsearch_reachable``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger("wiredesk.outages")

_REPEAT_SECONDS = 60.0


@dataclass
class _Outage:
    since: float
    logged_at: float
    waiting: set[str] = field(default_factory=set)


class OutageLog:
    """The outages that a process knows of; may be used from any thread.

    Args:
        clock: seconds, monotonic.
        repeat_seconds: between two lines about one outage.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, repeat_seconds: float = _REPEAT_SECONDS) -> None:
        self._clock = clock
        self._repeat_seconds = repeat_seconds
        self._outages: dict[str, _Outage] = {}
        self._lock = threading.Lock()

    def failed(self, system: str, reporter: str, reason: str) -> None:
        """``reporter`` could not reach a system (``kafka``, ``elasticsearch``) and waits for it."""
        with self._lock:
            now = self._clock()
            outage = self._outages.get(system)
            if outage is None:
                outage = self._outages[system] = _Outage(now, now - self._repeat_seconds)
            outage.waiting.add(reporter)
            if now - outage.logged_at < self._repeat_seconds:
                return
            outage.logged_at = now
            waiting, seconds = sorted(outage.waiting), round(now - outage.since, 1)
        event = f"{system}_unreachable"
        log.warning(event, reason=reason, waiting=waiting, seconds=seconds)

    def reached(self, system: str, reporter: str) -> None:
        """``reporter`` reached the system; the outage ends with the last one that waited."""
        with self._lock:
            outage = self._outages.get(system)
            if outage is None or not self._gone(system, reporter):
                return
            seconds = round(self._clock() - outage.since, 1)
        event = f"{system}_reachable"
        log.info(event, after_seconds=seconds)

    def forget(self, reporter: str) -> None:
        """``reporter`` no longer waits for anything, without having reached it: it stops."""
        with self._lock:
            for system in list(self._outages):
                self._gone(system, reporter)

    def waits_for(self, system: str, reporter: str) -> bool:
        """Whether ``reporter`` could not reach the system when it tried last."""
        with self._lock:
            outage = self._outages.get(system)
            return outage is not None and reporter in outage.waiting

    def _gone(self, system: str, reporter: str) -> bool:
        """Take a reporter off an outage; whether that ended it."""
        outage = self._outages[system]
        if reporter not in outage.waiting:
            return False
        outage.waiting.discard(reporter)
        if outage.waiting:
            return False
        del self._outages[system]
        return True


#: The outages of this process.
OUTAGES = OutageLog()
