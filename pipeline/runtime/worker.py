"""The long-lived process of the stages: builds each stage's application and handler, runs them until told to stop.

SIGTERM and SIGINT end it in order: no new batch is taken, nothing unfinished is acknowledged. Several stages may run in
one process (``wiredesk up`` runs all), each in its own consumer group.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faust
import structlog
from aiokafka.errors import KafkaError
from platformdirs import user_data_path

from pipeline.broker.app import attach, make_app
from pipeline.broker.delivery import Guard
from pipeline.broker.local_state import ClaimedDirectory
from pipeline.broker.monitoring.process import ProcessMonitor
from pipeline.broker.monitoring.stage import Counters
from pipeline.broker.retry import RetryPolicy, until_reached
from pipeline.broker.topics import topics_of
from pipeline.broker.watch import watch
from pipeline.events import Stage
from pipeline.events.errors import UnreachableError
from pipeline.runtime.stages import BuiltStage, Closing, build_stage
from pipeline.runtime.startup import servers_ready
from pipeline.settings import Settings
from pipeline.settings.version import version

log = structlog.get_logger("wiredesk.worker")

_STOP_SECONDS = 30

STAGES: tuple[Stage, ...] = ("intake", "cluster", "enrich", "index")


@dataclass
class RunningStage:
    """One stage at work."""

    stage: Stage
    app: faust.App
    guard: Guard

    @property
    def counters(self) -> Counters:
        return self.guard.monitor.counters


def state_directory(settings: Settings) -> Path:
    """Where local state is; it can be deleted at any time while no worker runs."""
    return settings.worker.state_directory or user_data_path("wiredesk") / "state"


class Worker:
    """Runs stages.

    Args:
        settings: of the installation.
        stages: which ones.
        monitor: of the process, which answers for the stages; ``None``: nobody does.
    """

    def __init__(
        self, settings: Settings, stages: Sequence[Stage] = STAGES, monitor: ProcessMonitor | None = None
    ) -> None:
        self._settings = settings
        self._monitor = monitor
        self._stages = tuple(stages)
        self._topics = topics_of(settings)
        self._stopping = asyncio.Event()
        self._directory = ClaimedDirectory(state_directory(settings))
        self._closings: list[Closing] = []
        self.running: list[RunningStage] = []

    def stop(self) -> None:
        """Ask the worker to end; may be called from a signal handler of its loop."""
        self._stopping.set()

    @property
    def stopping(self) -> asyncio.Event:
        """Set once the worker was asked to end."""
        return self._stopping

    def install_signals(self) -> None:
        """Let SIGTERM and SIGINT end the worker in order, also while it starts."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)

    async def run(self) -> None:
        """Run until stopped."""
        tasks: list[asyncio.Future[Any]] = [asyncio.create_task(watch(self._settings.kafka))]
        if self._monitor:
            tasks.append(asyncio.create_task(self._monitor.beat()))
        stopping = asyncio.create_task(self._stopping.wait())
        starting = asyncio.gather(*[self._start(stage) for stage in self._stages])
        tasks += [stopping, starting]
        try:
            await asyncio.wait(tasks[-2:], return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                if self._monitor:
                    self._monitor.started()
                log.info("worker_ready", stages=self._stages)
                await stopping
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            await self._stop_all()

    async def _start(self, stage: Stage) -> None:
        built = build_stage(stage, self._settings, self._topics, self._directory.path)
        self._closings.append(built.closing)
        await built.prepare()
        await until_reached(lambda: self._start_app(stage, built), RetryPolicy.of(self._settings.worker), stage)

    async def _start_app(self, stage: Stage, built: BuiltStage) -> None:
        """Start the stage's application; a new one each time, because one that failed to start cannot start again."""
        app = make_app(self._settings, stage, self._directory.path)
        guard = attach(app, built.shape, built.handler, self._settings, built.revoked)
        if built.states:
            built.states.put_aside = guard.put_aside
        app.finalize()
        running = RunningStage(stage, app, guard)
        self.running.append(running)
        try:
            await app.start()
        except (KafkaError, OSError) as error:
            self.running.remove(running)
            await _stop_app(running)
            raise UnreachableError(f"Kafka does not take the {stage} stage: {error!r}.", system="kafka") from error
        if self._monitor:
            self._monitor.watch_stage(guard.monitor)

    async def _stop_all(self) -> None:
        log.info("worker_stopping")
        await asyncio.gather(*[_stop_app(running) for running in self.running])
        for closing in self._closings:
            await closing()
        self._directory.release()
        log.info("worker_stopped")


async def _stop_app(running: RunningStage) -> None:
    # Faust waits for its consumer's threads; a broker that is away must not keep us from ending.
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await running.app.stop()
    except TimeoutError:
        log.warning("stage_stop_timed_out", stage=running.stage)


async def run_worker(settings: Settings, stages: Sequence[Stage], monitor: ProcessMonitor | None = None) -> None:
    """Wait for the servers, then run stages until SIGTERM or SIGINT.

    Args:
        settings: of the installation.
        stages: which ones.
        monitor: of the process; ``None``: nobody answers probes.

    Raises:
        ConfigurationError: what is in Kafka or Elasticsearch does not match the settings, or a server refuses us.
    """
    worker = Worker(settings, stages, monitor)
    worker.install_signals()
    log.info("worker_starting", version=version(), stages=stages, kafka=settings.kafka.bootstrap_servers)
    if await servers_ready(settings, worker.stopping, index="index" in stages):
        await worker.run()
    else:
        log.info("worker_stopped")
