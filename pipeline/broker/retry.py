"""How to wait for a server that does not answer: one policy for everything that waits."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Self, TypeVar

from pipeline.broker.outages import OUTAGES
from pipeline.events.errors import UnreachableError
from pipeline.settings import WorkerSettings

T = TypeVar("T")


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential back-off with jitter.

    Attributes:
        initial_seconds: the first wait.
        max_seconds: the longest wait; each is twice the one before until then.
    """

    initial_seconds: float = 0.5
    max_seconds: float = 30

    @classmethod
    def of(cls, settings: WorkerSettings) -> RetryPolicy:
        """The policy that an installation's settings ask for."""
        return cls(settings.retry_initial_seconds, settings.retry_max_seconds)

    def waits(self) -> Iterator[float]:
        """The seconds to wait before each further attempt, for ever; each is between half of its step and all of it,
        so that processes which lost the same server do not come back at the same moment.
        """
        step = self.initial_seconds
        while True:
            yield step * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
            step = min(step * 2, self.max_seconds)


class _Outage:
    """One call that is tried again: the servers that failed it, which are told of while it lasts."""

    def __init__(self, policy: RetryPolicy, reporter: str) -> None:
        self._waits = policy.waits()
        self._reporter = reporter
        self._systems: set[str] = set()

    def failed(self, error: UnreachableError) -> float:
        """An attempt failed; returns the seconds to wait before the next."""
        self._systems.add(error.system)
        OUTAGES.failed(error.system, self._reporter, str(error))
        return next(self._waits)

    def over(self) -> None:
        """An attempt succeeded."""
        for system in self._systems:
            OUTAGES.reached(system, self._reporter)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if not self._systems:
            return
        # Another error than that it cannot be reached is an answer, such as that the partitions are another worker's.
        if isinstance(error, Exception) and not isinstance(error, UnreachableError):
            self.over()
        OUTAGES.forget(self._reporter)


async def until_reached(
    attempt: Callable[[], Awaitable[T]],
    policy: RetryPolicy,
    reporter: str,
    on_failure: Callable[[UnreachableError], None] = lambda _: None,
) -> T:
    """The result of ``attempt``, tried again for as long as it raises ``UnreachableError``.

    Args:
        attempt: safe to repeat.
        policy: how long to wait between attempts.
        reporter: who waits, for the log.
        on_failure: called with each failure.
    """
    with _Outage(policy, reporter) as outage:
        while True:
            try:
                result = await attempt()
            except UnreachableError as error:
                on_failure(error)
                await asyncio.sleep(outage.failed(error))
            else:
                outage.over()
                return result


def until_reached_blocking(
    attempt: Callable[[], T],
    policy: RetryPolicy,
    reporter: str,
    *,
    seconds: float = float("inf"),
    pause: Callable[[float], bool],
    on_failure: Callable[[UnreachableError], None] = lambda _: None,
) -> T:
    """As :func:`until_reached`, for threads and commands.

    Args:
        attempt: safe to repeat.
        policy: how long to wait between attempts.
        reporter: who waits, for the log.
        seconds: how long to go on trying at most.
        pause: waits so many seconds; ``True``: give up, because the process stops.
        on_failure: called with each failure.

    Raises:
        UnreachableError: of the last attempt, once the time is up or ``pause`` says so.
    """
    deadline = time.monotonic() + seconds
    with _Outage(policy, reporter) as outage:
        while True:
            try:
                result = attempt()
            except UnreachableError as error:
                on_failure(error)
                left = deadline - time.monotonic()
                if left <= 0 or pause(min(outage.failed(error), max(left, 0.01))):
                    raise
            else:
                outage.over()
                return result
