"""Whether a process is alive and ready: pure functions over what its stages say of themselves.

Alive means that restarting would not help: a process that waits for a server is alive, one that makes no progress
although it could is not. Ready means that it consumes, its state is restored and its servers answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

#: A stage that has work and acknowledges nothing is hung after so many times its usual time for a batch …
_USUAL_TIMES = 50
#: … but never sooner than this.
_LEAST_SECONDS = 120.0
#: How long a consumer may be outside its group; a rebalance takes up to two minutes.
_GROUP_SECONDS = 180.0
#: How long the event loop may be silent.
_LOOP_SECONDS = 60.0


@dataclass(frozen=True)
class StageStatus:
    """What a stage says of itself at one moment.

    Attributes:
        stage: its name.
        assigned: partitions that it holds.
        lag: messages in them that are not acknowledged.
        idle_seconds: since the last acknowledgement, or since work came when there was none, or since a server that
            was away could be reached again.
        usual_seconds: the slow end of what a batch usually takes.
        waiting_for: the server that is waited for; ``None``: none.
        outside_group_seconds: how long it has been outside its consumer group while Kafka could be reached; ``None``:
            it is a member.
        restored: whether its state is complete.
    """

    stage: str
    assigned: int = 0
    lag: int = 0
    idle_seconds: float = 0
    usual_seconds: float = 0
    waiting_for: str | None = None
    outside_group_seconds: float | None = None
    restored: bool = True


def stage_problems(status: StageStatus, *, servers_reachable: bool = True) -> list[str]:
    """Why a stage is not alive; empty: it is.

    Args:
        status: of the stage.
        servers_reachable: whether Kafka answers; while it does not, nobody is a member and no restart would help.
    """
    problems = []
    limit = max(_LEAST_SECONDS, _USUAL_TIMES * status.usual_seconds)
    stuck = status.assigned and status.lag and status.idle_seconds > limit
    if stuck and status.waiting_for is None and servers_reachable:
        problems.append(
            f"{status.stage}: {status.lag:,} messages wait and none was acknowledged for {status.idle_seconds:.0f} s"
        )
    outside = status.outside_group_seconds
    if servers_reachable and outside is not None and outside > _GROUP_SECONDS:
        problems.append(f"{status.stage}: outside its consumer group for {outside:.0f} s")
    return problems


def stage_obstacles(status: StageStatus) -> list[str]:
    """Why a stage is not ready; empty: it is. A stage without partitions is ready: it is there to take over."""
    obstacles = []
    if status.outside_group_seconds is not None:
        obstacles.append(f"{status.stage}: not in its consumer group")
    if not status.restored:
        obstacles.append(f"{status.stage}: restoring its state")
    if status.waiting_for:
        obstacles.append(f"{status.stage}: waiting for {status.waiting_for}")
    return obstacles


@dataclass(frozen=True)
class Report:
    """The answer to a probe: ``problems`` is empty where all is well."""

    problems: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        return not self.problems

    def text(self) -> str:
        """One line a problem, or ``ok``."""
        return "\n".join(self.problems or ("ok",)) + "\n"


#: Answers why a part of the process is not alive, or not ready.
Check = Callable[[], list[str]]


@dataclass
class Health:
    """The checks of one process, asked by the endpoint's threads.

    A check that raises is a separate problem: a probe never fails silently.
    """

    _live: list[Check] = field(default_factory=list)
    _ready: list[Check] = field(default_factory=list)

    def add(self, *, live: Check | None = None, ready: Check | None = None) -> None:
        """Ask these checks from now on."""
        if live:
            self._live.append(live)
        if ready:
            self._ready.append(ready)

    def live(self) -> Report:
        """Whether the process makes progress, as far as it can."""
        return _ask(self._live)

    def ready(self) -> Report:
        """Whether the process is at work; one that is not alive is not ready either."""
        return Report(_ask(self._live).problems + _ask(self._ready).problems)


def _ask(checks: list[Check]) -> Report:
    problems: list[str] = []
    for check in list(checks):
        try:
            problems += check()
        except Exception as error:  # noqa: BLE001 - told to whoever probes
            problems.append(f"a check failed: {type(error).__name__}: {error}")
    return Report(tuple(problems))


class Heartbeat:
    """The pulse of an event loop or a main loop: whoever runs beats, whoever probes reads the age of the last beat.

    Args:
        name: of the loop, for the message.
        limit_seconds: a silence longer than this is a problem.
        clock: seconds, monotonic.
    """

    def __init__(
        self, name: str, limit_seconds: float = _LOOP_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._limit = limit_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._last = clock()

    def beat(self) -> None:
        """Say that the loop runs."""
        with self._lock:
            self._last = self._clock()

    def problems(self) -> list[str]:
        """The problem, where the last beat is too old."""
        with self._lock:
            age = self._clock() - self._last
        return [f"{self._name} has not run for {age:.0f} s"] if age > self._limit else []
