"""Alerts of the installation itself: what needs a person is told once when it has lasted, and once when it is over.

What was told is remembered in the index of the alerts, so that a restart tells nothing twice. Where that index cannot
be reached, which is a problem to be told of too, the memory of this process serves until it can.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from pipeline.alerts.config import Alert, Channel
from pipeline.alerts.delivery import desk_address, post, send_mail
from pipeline.alerts.problem_message import ProblemNotice, mail, payload
from pipeline.alerts.state import AlertState
from pipeline.broker.monitoring import metrics
from pipeline.events.errors import UnreachableError, WiredeskError
from pipeline.events.problem import Problem
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.alerts")

#: What needs a person now.
ProblemSource = Callable[[], Sequence[Problem]]
_FRESH_SECONDS = 10.0


class CachedProblems:
    """A source that several alerts share: it is asked by one of them at a time, every ten seconds at most."""

    def __init__(self, source: ProblemSource) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._known: Sequence[Problem] = ()
        self._at = -_FRESH_SECONDS

    def __call__(self) -> Sequence[Problem]:
        """The problems of at most ten seconds ago."""
        with self._lock:
            if time.monotonic() - self._at >= _FRESH_SECONDS:
                self._known = self._source()
                self._at = time.monotonic()
            return self._known


@dataclass
class _Memory:
    """What this process knows of one alert.

    Attributes:
        seen: since when each problem lasts, by its id.
        gone: since when a problem that was told is over.
        told: the problems that a channel was told of.
        loaded: whether what was told before this process started is known.
    """

    seen: dict[str, datetime] = field(default_factory=dict)
    gone: dict[str, datetime] = field(default_factory=dict)
    told: dict[Channel, dict[str, Problem]] = field(default_factory=dict)
    loaded: bool = False


class ProblemAlerts:
    """Tells of problems.

    Args:
        settings: of the installation.
        state: where it is remembered what was told.
        source: what needs a person now.
    """

    def __init__(self, settings: Settings, state: AlertState, source: ProblemSource) -> None:
        self._settings = settings
        self._state = state
        self._source = CachedProblems(source)
        self._memory: dict[str, _Memory] = {}

    def check(self, alert: Alert, now: datetime) -> int:
        """Look once; returns how many notices were sent.

        Raises:
            UnreachableError: a receiver does not answer; the notice is sent later.
            ConfigurationError: a secret or the mail server is not set.
        """
        memory = self._memory.setdefault(alert.name, _Memory())
        self._load(alert, memory)
        problems = {problem.id: problem for problem in self._source()}
        memory.seen = {id_: memory.seen.get(id_, now) for id_ in problems}
        lasting = timedelta(seconds=alert.after_seconds)
        due = [problem for id_, problem in problems.items() if now - memory.seen[id_] >= lasting]
        errors: list[WiredeskError] = []
        sent = 0
        for channel in alert.channels:
            told = memory.told.setdefault(channel, {})
            new = [ProblemNotice(alert.name, "problem", one, memory.seen[one.id]) for one in due if one.id not in told]
            over = [
                ProblemNotice(alert.name, "solved", told[id_], now)
                for id_ in self._over(memory, told, problems, now, lasting)
            ]
            try:
                for notices in self._deliver(alert, channel, [*new, *over], now):
                    self._remember(alert, channel, told, notices, now)
                    sent += len(notices)
                    metrics.ALERT_DELIVERIES.labels(alert.name, "sent").inc(len(notices))
            except WiredeskError as error:
                metrics.ALERT_DELIVERIES.labels(alert.name, "failed").inc()
                errors.append(error)
        for failure in errors:
            raise failure
        return sent

    def current(self) -> Sequence[Problem]:
        """What needs a person now."""
        return self._source()

    @staticmethod
    def _over(
        memory: _Memory, told: Mapping[str, Problem], problems: Mapping[str, Problem], now: datetime, lasting: timedelta
    ) -> list[str]:
        """Problems that were told and have been over for as long as a problem must last to be told."""
        memory.gone = {id_: at for id_, at in memory.gone.items() if id_ not in problems}
        for id_ in told.keys() - problems.keys():
            memory.gone.setdefault(id_, now)
        return [id_ for id_ in told if id_ not in problems and now - memory.gone[id_] >= lasting]

    def _deliver(
        self, alert: Alert, channel: Channel, notices: Sequence[ProblemNotice], now: datetime
    ) -> Sequence[Sequence[ProblemNotice]]:
        """Deliver notices in one way; a webhook takes one at a time, a mail all of them."""
        delivered: list[Sequence[ProblemNotice]] = []
        desk = desk_address(self._settings)
        try:
            if channel == "webhook" and alert.webhook:
                for notice in notices:
                    post(alert.webhook, payload(notice, desk), notice.key)
                    delivered.append([notice])
            elif channel == "email" and alert.email and notices:
                sender = self._settings.alerts.mail_from or ""
                send_mail(mail(notices, sender, alert.email.to, desk, now), self._settings.alerts)
                delivered.append(notices)
        except WiredeskError:
            if not delivered:
                raise
        return delivered

    def _load(self, alert: Alert, memory: _Memory) -> None:
        if memory.loaded:
            return
        try:
            self._state.prepare()
            known = self._state.open_problems(alert.name)
        except UnreachableError as error:
            log.debug("problems_told_before_unknown", alert=alert.name, error=str(error))
            return
        for channel, problem in known:
            memory.told.setdefault(channel, {}).setdefault(problem.id, problem)
        memory.loaded = True

    def _remember(
        self, alert: Alert, channel: Channel, told: dict[str, Problem], notices: Sequence[ProblemNotice], now: datetime
    ) -> None:
        for notice in notices:
            if notice.event == "problem":
                told[notice.problem.id] = notice.problem
            else:
                told.pop(notice.problem.id, None)
        try:
            self._state.record_problems(alert.name, channel, notices, now)
        except UnreachableError as error:
            log.warning("problem_not_recorded", alert=alert.name, error=str(error))
