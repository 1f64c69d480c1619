"""The condition of an installation, as values, and what of it needs a person. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipeline.events import Stage
from pipeline.events.problem import Problem


@dataclass(frozen=True)
class Worker:
    """A member of a consumer group: a process that runs a stage or connectors.

    Attributes:
        client: id that the client gives itself.
        host: from which it is connected.
        partitions: those that it holds.
    """

    client: str
    host: str
    partitions: tuple[int, ...]


@dataclass(frozen=True)
class StageStatus:
    """One stage's position in its topics.

    Attributes:
        stage: its name.
        topic: the topic that it reads, or the first one.
        messages: in all its topics.
        lag: messages of all its topics that it has not acknowledged.
        partitions: of the (first) topic, as the broker has them.
        workers: that run it.
        waiting_since: time of the oldest message that it has not acknowledged.
    """

    stage: Stage
    topic: str
    messages: int
    lag: int
    partitions: int
    workers: tuple[Worker, ...] = ()
    waiting_since: datetime | None = None

    @property
    def members(self) -> int:
        """How many workers run it."""
        return len(self.workers)

    @property
    def unassigned(self) -> tuple[int, ...]:
        """Partitions that no worker holds although there are workers."""
        held = {partition for worker in self.workers for partition in worker.partitions}
        return tuple(sorted(set(range(self.partitions)) - held)) if self.workers else ()


@dataclass(frozen=True)
class FeedStatus:
    """One connector.

    Attributes:
        name: of the connector, or of its file where that cannot be read.
        condition: ok, new, failing, quiet, disabled, gone (connectors/condition.py), or broken: its file has an error.
        reason: why, in a sentence; empty where nothing is wrong.
        published: items published so far.
        last_success: when a poll last succeeded.
    """

    name: str
    condition: str
    reason: str = ""
    published: int = 0
    last_success: datetime | None = None

    @property
    def needs_person(self) -> bool:
        """Whether somebody should look at it."""
        return self.condition in {"failing", "quiet", "gone", "broken"}


@dataclass(frozen=True)
class AlertStatus:
    """One enabled alert, or a file of an alert with an error.

    Attributes:
        name: of the alert.
        checked: up to when it has searched; ``None``: never.
        error: what is wrong with its file.
    """

    name: str
    checked: datetime | None = None
    error: str | None = None


@dataclass(frozen=True)
class Status:
    """The whole installation.

    Attributes:
        stages: in the order in which a story passes them.
        dead_letters: open ones, with those claimed by a replay that has not ended.
        dead_letters_since: when the oldest open one failed.
        documents: by base of the index; ``None``: Elasticsearch does not answer, or has no indices.
        expected_partitions: kafka.partitions of the settings.
        connectors: processes that run connectors; ``None``: not read.
        feeds: connectors; those that need a person first.
        alerts: enabled alerts.
    """

    stages: tuple[StageStatus, ...]
    dead_letters: int
    documents: dict[str, int] | None
    dead_letters_since: datetime | None = None
    expected_partitions: int | None = None
    connectors: tuple[Worker, ...] | None = None
    feeds: tuple[FeedStatus, ...] = field(default=())
    alerts: tuple[AlertStatus, ...] = field(default=())

    @property
    def caught_up(self) -> bool:
        """Whether every stage has worked through its topic."""
        return all(stage.lag == 0 for stage in self.stages)


def problems(status: Status, now: datetime, late_seconds: float) -> tuple[Problem, ...]:
    """Everything that needs a person, the most urgent first.

    Args:
        status: as read.
        now: the time of the reading.
        late_seconds: a message that waits longer is late; an alert that has not searched for so long, too.
    """
    late = timedelta(seconds=late_seconds)
    return (
        *_stage_problems(status, now, late),
        *_server_problems(status),
        *_feed_problems(status),
        *_alert_problems(status, now, late),
        *_dead_letter_problems(status),
    )


def _stage_problems(status: Status, now: datetime, late: timedelta) -> Iterator[Problem]:
    for stage in status.stages:
        name, waiting = stage.stage, f"{stage.lag:,} message{'' if stage.lag == 1 else 's'}"
        if stage.lag and not stage.workers:
            start = f"Start one: wiredesk worker --stage {name}, or wiredesk up."
            yield Problem("no_worker", name, f"No worker runs this stage; {waiting} waiting. {start}")
        elif stage.waiting_since and now - stage.waiting_since > late:
            since = f"{waiting} waiting, the oldest for {ago(stage.waiting_since, now)}."
            yield Problem("late", name, f"{since} See the workers' logs: one hangs or waits, or there are too few.")
        if stage.unassigned:
            numbers = ", ".join(map(str, stage.unassigned))
            advice = "If it stays so for a minute, restart the workers of this stage."
            yield Problem("unassigned", name, f"No worker holds partition {numbers}. {advice}")
        expected = 1 if name == "cluster" else status.expected_partitions
        if expected is not None and stage.partitions != expected:
            settings = f"kafka.partitions is {status.expected_partitions}. Set it to what the topics have."
            yield Problem("partitions_differ", name, f"{stage.topic} has {stage.partitions} partitions, but {settings}")


def _server_problems(status: Status) -> Iterator[Problem]:
    if status.documents is None:
        advice = "Start it (elasticsearch.url), or create them: wiredesk index init."
        yield Problem(
            "elasticsearch_unreachable", "Elasticsearch", f"It does not answer, or has no indices yet. {advice}"
        )


def _feed_problems(status: Status) -> Iterator[Problem]:
    running = [feed for feed in status.feeds if feed.condition not in {"disabled", "broken"}]
    if status.connectors == () and running:
        enabled = "1 enabled connector" if len(running) == 1 else f"{len(running)} enabled connectors"
        start = "Start one: wiredesk connectors run, or wiredesk up."
        yield Problem("no_connectors", "connectors", f"No process runs the {enabled}. {start}")
    for feed in status.feeds:
        if feed.needs_person:
            yield Problem(f"feed_{feed.condition}", feed.name, _feed_message(feed))


def _feed_message(feed: FeedStatus) -> str:
    what = {"failing": "The feed fails", "broken": "Its file has an error"}.get(
        feed.condition, f"The feed is {feed.condition}"
    )
    advice = f"wiredesk connectors {'check' if feed.condition == 'broken' else 'try'} {feed.name}"
    return f"{what}{': ' if feed.reason else ''}{feed.reason.rstrip('.')}. See {advice}."


def _alert_problems(status: Status, now: datetime, late: timedelta) -> Iterator[Problem]:
    for alert in status.alerts:
        if alert.error:
            yield Problem("alert_broken", alert.name, alert.error)
    stopped = [one for one in status.alerts if not one.error and (one.checked is None or now - one.checked > late)]
    if stopped and status.documents is not None:
        checked = stopped[0].checked
        since = f"Not searched for {ago(checked, now)}." if checked else "Not searched yet."
        advice = "Start: wiredesk alerts, or wiredesk up; if it runs, see its log."
        yield Problem("alerts_late", ", ".join(one.name for one in stopped), f"{since} {advice}")


def _dead_letter_problems(status: Status) -> Iterator[Problem]:
    if status.dead_letters:
        count = f"{status.dead_letters:,} dead letter{'' if status.dead_letters == 1 else 's'}"
        yield Problem(
            "dead_letters", "dead letters", f"{count} open. See them: wiredesk dead list; then replay or drop them."
        )


def ago(time: datetime, now: datetime) -> str:
    """How long ago, in one unit: ``40 s``, ``3 min``, ``5 h``, ``2 days``."""
    seconds = max((now - time).total_seconds(), 0)
    for limit, unit, size in ((120, "s", 1), (7200, "min", 60), (172_800, "h", 3600)):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86_400:.0f} days"


def status_object(status: Status, found: tuple[Problem, ...]) -> dict[str, Any]:
    """The status as an object for JSON; times in ISO 8601, UTC."""
    return {
        "ok": not found,
        "problems": [{"kind": one.kind, "subject": one.subject, "message": one.message} for one in found],
        "stages": {stage.stage: _stage_object(stage) for stage in status.stages},
        "dead_letters": status.dead_letters,
        "dead_letters_since": _iso(status.dead_letters_since),
        "documents": status.documents,
        "connectors": {
            "processes": None if status.connectors is None else len(status.connectors),
            "feeds": [
                {
                    "name": feed.name, "condition": feed.condition, "reason": feed.reason or None,
                    "published": feed.published, "last_success": _iso(feed.last_success),
                }
                for feed in status.feeds
            ],
        },
        "alerts": [{"name": one.name, "checked": _iso(one.checked), "error": one.error} for one in status.alerts],
    }  # fmt: skip


def _stage_object(stage: StageStatus) -> dict[str, Any]:
    return {
        "lag": stage.lag,
        "waiting_since": _iso(stage.waiting_since),
        "workers": stage.members,
        "assigned": [
            {"client": worker.client, "host": worker.host, "partitions": list(worker.partitions)}
            for worker in stage.workers
        ],
        "partitions": stage.partitions,
        "unassigned": list(stage.unassigned),
    }


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
