"""Everything long-lived in one process, for one terminal: connectors, the four stages, the desk, and a live view."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Self

import structlog
from elasticsearch import Elasticsearch
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from connectors.service import ConnectorService
from pipeline.alerts.service import AlertService
from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.broker.monitoring.process import ProcessMonitor
from pipeline.events.errors import UnreachableError
from pipeline.runtime.condition import Status, ago, problems
from pipeline.runtime.monitoring import monitored
from pipeline.runtime.problem_reader import ProblemReader
from pipeline.runtime.startup import wait_for_servers
from pipeline.runtime.status import StatusReader, with_feeds_and_alerts
from pipeline.runtime.status_view import problems_view
from pipeline.runtime.worker import STAGES, Worker
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.up")

_STATUS_SECONDS = 2.0
_ALERTS_STOP_SECONDS = 10.0
_FEEDS_SECONDS = 20.0


@dataclass
class Pipeline:
    """Connectors and worker in one process; start it as an async context.

    Attributes:
        service: the connectors, in a thread of their own.
        worker: the stages, in this event loop.
    """

    service: ConnectorService
    worker: Worker
    _thread: threading.Thread = field(init=False)
    _task: asyncio.Task[None] = field(init=False)
    _error: BaseException | None = field(init=False, default=None)

    async def __aenter__(self) -> Self:
        self._thread = threading.Thread(target=self._run_connectors, name="connectors", daemon=True)
        self._task = asyncio.create_task(self.worker.run())
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.service.stopping.set()
        self.worker.stop()
        await self._task
        await asyncio.to_thread(self._thread.join, 30)
        if self._error is not None:
            raise self._error

    def _run_connectors(self) -> None:
        # A thread that dies is not noticed: stages without connectors would seem to work for ever.
        try:
            self.service.run()
        except BaseException as error:
            log.exception("connectors_failed")
            self._error = error

    @property
    def failed(self) -> bool:
        """Whether the worker or the connectors have ended by themselves."""
        return self._task.done() or self._error is not None


def run_everything(settings: Settings, console: Console, *, live: bool, desk: bool) -> None:
    """Run until interrupted (Ctrl-C) or told to stop (SIGTERM); both end it in order.

    Args:
        settings: of the installation.
        console: where the live view goes.
        live: draw it; otherwise the log lines are all there is.
        desk: serve the search page as well.
    """
    try:
        with monitored("up", settings) as monitor:
            wait_for_servers(settings, tell=lambda message: console.print(f"{message} …", highlight=False))
            asyncio.run(_run(settings, console if live else None, monitor, desk=desk))
    except KeyboardInterrupt:
        console.print("Stopped.")


async def _run(settings: Settings, console: Console | None, monitor: ProcessMonitor, *, desk: bool) -> None:
    from pipeline.desk.server import desk_in_background  # noqa: PLC0415 - only where it is wanted

    watch = StatusWatch(settings)
    stop_alerts = _alerts_in_background(settings)
    service = ConnectorService(settings)
    monitor.health.add(live=service.problems, ready=service.obstacles)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with Pipeline(service, Worker(settings, monitor=monitor)) as running:
        with watch.running():
            stop_desk = desk_in_background(settings) if desk else None
            try:
                if console is None:
                    log.info("up", desk=f"http://{settings.desk.host}:{settings.desk.port}/" if desk else None)
                    await _until_stopped(running, stopping, lambda: None)
                else:
                    with Live(console=console, refresh_per_second=4, transient=False) as view:
                        await _until_stopped(
                            running, stopping, lambda: view.update(_view(settings, running, watch, desk=desk))
                        )
            finally:
                if stop_desk:
                    stop_desk()
                stop_alerts()


def _alerts_in_background(settings: Settings) -> Callable[[], None]:
    """Run the saved alerts, also those that are added later; returns what ends it."""
    stopping = threading.Event()
    client = elasticsearch_client(settings.elasticsearch)
    problems = ProblemReader(settings, client)
    service = AlertService(settings, client, problems=problems)
    thread = threading.Thread(target=service.run, args=(stopping,), name="alerts", daemon=True)
    thread.start()

    def stop() -> None:
        stopping.set()
        thread.join(_ALERTS_STOP_SECONDS)
        problems.close()
        client.close()

    return stop


async def _until_stopped(running: Pipeline, stopping: asyncio.Event, tick: Callable[[], None]) -> None:
    while not running.failed and not stopping.is_set():
        tick()
        await asyncio.sleep(0.25)


class StatusWatch:
    """Reads the status every two seconds in a thread, so that the view never waits for a server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = threading.Event()
        self._rates: deque[tuple[float, int]] = deque(maxlen=15)
        self.status: Status | None = None
        self.error: str | None = None
        self._feeds_due = 0.0

    @property
    def stories_a_second(self) -> float:
        """Documents written a second, over the last half minute."""
        if len(self._rates) < 2:
            return 0.0
        (begin, first), (end, last) = self._rates[0], self._rates[-1]
        return (last - first) / (end - begin) if end > begin else 0.0

    def indexed(self, count: int) -> None:
        """Take note of how many stories the index stage has worked through so far."""
        self._rates.append((time.monotonic(), count))

    def running(self) -> _Watching:
        return _Watching(self)

    def watch(self) -> None:
        """Read again and again until stopped."""
        reader: StatusReader | None = None
        with elasticsearch_client(self._settings.elasticsearch) as client:
            while not self._stopping.is_set():
                try:
                    reader = reader or StatusReader(self._settings)
                    self.status, self.error = self._with_feeds(reader.read(client), client), None
                except UnreachableError as error:
                    self.error = str(error)
                    if reader:
                        reader.close()
                    reader = None
                self._stopping.wait(_STATUS_SECONDS)
        if reader:
            reader.close()

    def _with_feeds(self, status: Status, client: Elasticsearch) -> Status:
        """The status with feeds and alerts, which are read less often."""
        if self.status is None or time.monotonic() > self._feeds_due:
            self._feeds_due = time.monotonic() + _FEEDS_SECONDS
            return with_feeds_and_alerts(status, self._settings, client)
        return replace(status, feeds=self.status.feeds, alerts=self.status.alerts)

    def stop(self) -> None:
        self._stopping.set()


class _Watching:
    """Context of the watching thread."""

    def __init__(self, watch: StatusWatch) -> None:
        self._watch = watch
        self._thread = threading.Thread(target=watch.watch, name="status", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._watch.stop()
        # A server that does not answer just now must not keep the process from ending.
        self._thread.join(2)


def _view(settings: Settings, running: Pipeline, watch: StatusWatch, *, desk: bool) -> Group:
    indexed = sum(stage.counters.acknowledged for stage in running.worker.running if stage.stage == "index")
    watch.indexed(indexed)
    head = Text.assemble(("Wiredesk", "bold"), f"  {watch.stories_a_second:.1f} stories/s")
    if desk:
        head.append(f"   the desk: http://{settings.desk.host}:{settings.desk.port}/")
    if watch.error:
        head.append(f"\n{watch.error}", style="bold red")
    now = datetime.now(UTC)
    wrong = problems(watch.status, now, settings.monitoring.late_seconds) if watch.status else ()
    parts = [head, *([problems_view(wrong)] if wrong else []), _stages(running, watch.status, now)]
    parts += [_connectors(running, now), *_totals(watch.status)]
    return Group(*parts, Text("Ctrl-C ends it.", style="dim"))


def _stages(running: Pipeline, status: Status | None, now: datetime) -> Table:
    table = Table(box=None, pad_edge=False, expand=True)
    for heading in ("stage", "waiting", "oldest", "received", "passed", "rejected"):
        table.add_column(heading, justify="left" if heading == "stage" else "right", no_wrap=True)
    table.add_column("of these", no_wrap=True, overflow="ellipsis", ratio=1)
    known = {stage.stage: stage for stage in status.stages} if status else {}
    for stage in sorted(running.worker.running, key=lambda one: STAGES.index(one.stage)):
        counters, seen = stage.counters, known.get(stage.stage)
        table.add_row(
            stage.stage,
            f"{seen.lag:,}" if seen else "?",
            ago(seen.waiting_since, now) if seen and seen.waiting_since else "-",
            f"{counters.received:,}",
            f"{counters.sent:,}",
            Text(f"{counters.rejected:,}", style="red" if counters.rejected else ""),
            ", ".join(f"{count:,} {reason}" for reason, count in sorted(counters.reasons.items())),
        )
    return table


def _totals(status: Status | None) -> list[Text]:
    if status is None:
        return []
    documents = status.documents or {}
    counts = ", ".join(f"{count:,} {base}" for base, count in documents.items()) or "Elasticsearch does not answer"
    return [Text(f"{counts}; {status.dead_letters:,} open dead letters")]


_SHOWN = 15


def _connectors(running: Pipeline, now: datetime) -> Table:
    """The connectors, those with an error first."""
    table = Table(box=None, pad_edge=False, expand=True)
    table.add_column("connector", no_wrap=True, overflow="ellipsis", max_width=24)
    for heading in ("polls", "items", "published", "rejected", "success"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("error", no_wrap=True, overflow="ellipsis", ratio=1)
    health = sorted(running.service.health(), key=lambda one: (not one.last_error, one.name))
    for one in health[:_SHOWN]:
        table.add_row(
            Text(one.name), f"{one.polls:,}", f"{one.items:,}", f"{one.published:,}", f"{one.rejected:,}",
            ago(one.last_success, now) if one.last_success else "-", Text(one.last_error or "", style="red"),
        )  # fmt: skip
    if len(health) > _SHOWN:
        table.add_row(f"… {len(health) - _SHOWN} more")
    return table
