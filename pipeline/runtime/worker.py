"""The long-lived process of the stages: builds each stage's application and handler, runs them until told to stop.

SIGTERM and SIGINT end it in order: no new batch is taken, nothing unfinished is acknowledged. Several stages may run in
one process (``wiredesk up`` runs all), each in a consumer group of its own.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import faust
import structlog
from platformdirs import user_data_path

from pipeline.broker.app import StageShape, attach, make_app, revoked_partitions
from pipeline.broker.delivery import Counters, Guard, Handler
from pipeline.broker.elasticsearch_client import async_elasticsearch_client
from pipeline.broker.local_state import ClaimedDirectory
from pipeline.broker.monitoring.process import ProcessMonitor
from pipeline.broker.restore import RestoredPartitions
from pipeline.broker.topics import topics_of
from pipeline.broker.watch import watch
from pipeline.cluster.clusterer import Clusterer
from pipeline.cluster.handler import ClusterHandler
from pipeline.enrich.analyse import Analyser
from pipeline.enrich.handler import EnrichHandler
from pipeline.enrich.pool import AnalysisPool, PoolLimits
from pipeline.events import Stage
from pipeline.index.handler import IndexHandler
from pipeline.index.writer import Writer
from pipeline.intake.content_pool import ContentPool
from pipeline.intake.handler import IntakeHandler, merge_states
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.worker")

STAGES: tuple[Stage, ...] = ("intake", "cluster", "enrich", "index")

#: What a stage does when partitions are taken from it, and when the process ends.
Revoked = Callable[[set[int]], None]
Closing = Callable[[], Awaitable[None]]


@dataclass
class RunningStage:
    """One stage at work."""

    stage: Stage
    app: faust.App
    guard: Guard
    closing: Closing

    @property
    def counters(self) -> Counters:
        return self.guard.counters


@dataclass(frozen=True)
class _Built:
    shape: StageShape
    handler: Handler
    revoked: Revoked
    closing: Closing
    states: RestoredPartitions | None = None


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
        self.running: list[RunningStage] = []

    def stop(self) -> None:
        """Ask the worker to end; may be called from a signal handler of its loop."""
        self._stopping.set()

    async def run(self, *, signals: bool = True) -> None:
        """Run until stopped. ``signals`` installs handlers for SIGTERM and SIGINT."""
        if signals:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.stop)
        watching = asyncio.create_task(watch(self._settings.kafka))
        beating = asyncio.create_task(self._monitor.beat()) if self._monitor else None
        try:
            await asyncio.gather(*[self._start(stage) for stage in self._stages])
            if self._monitor:
                self._monitor.started()
            log.info("worker_ready", stages=self._stages)
            await self._stopping.wait()
        finally:
            watching.cancel()
            if beating:
                beating.cancel()
            await self._stop_all()

    async def _start(self, stage: Stage) -> None:
        builders: dict[Stage, Callable[[], Awaitable[_Built]]] = {
            "intake": self._intake,
            "cluster": self._cluster,
            "enrich": self._enrich,
            "index": self._index,
        }
        built = await builders[stage]()
        app = make_app(self._settings, stage, self._directory.path)
        guard = attach(app, built.shape, built.handler, self._settings)
        if built.states:
            built.states.put_aside = guard.put_aside
        if self._monitor:
            self._monitor.watch_stage(guard.monitor)

        async def on_revoked(_app: Any, /, *args: Any, signal: Any = None, **_: Any) -> None:  # noqa: ARG001 - Faust's form
            (revoked,) = args
            partitions = revoked_partitions(built.shape.source.name, list(revoked))
            guard.monitor.revoked(partitions)
            built.revoked(partitions)

        app.on_partitions_revoked.connect(on_revoked, weak=False)
        app.finalize()
        self.running.append(RunningStage(stage, app, guard, built.closing))
        await app.start()

    async def _stop_all(self) -> None:
        log.info("worker_stopping")
        await asyncio.gather(*[self._stop_stage(running) for running in self.running])
        self._directory.release()
        log.info("worker_stopped")

    async def _stop_stage(self, running: RunningStage) -> None:
        # Faust waits for its consumer's threads; a broker that is away must not keep us from ending.
        try:
            async with asyncio.timeout(30):
                await running.app.stop()
        except TimeoutError:
            log.warning("stage_did_not_stop", stage=running.stage)
        await running.closing()

    async def _intake(self) -> _Built:
        states = RestoredPartitions(
            self._settings.kafka,
            self._topics.items.name,
            self._directory.path / "intake",
            merge_states,
        )
        contents = ContentPool()
        handler = IntakeHandler(states, self._topics, self._settings.intake, contents)

        async def close() -> None:
            contents.close()
            states.forget()

        return _Built(StageShape("intake", self._topics.raw, 64, 0.05), handler, states.forget, close, states)

    async def _cluster(self) -> _Built:
        cluster = self._settings.cluster
        handler = ClusterHandler(
            self._settings.kafka,
            self._topics,
            partial(
                Clusterer,
                cluster.window_items,
                cluster.window_days,
                cluster.jaccard_threshold,
                cluster.containment_threshold,
            ),
            group_events=cluster.group_events,
        )

        def revoked(partitions: set[int]) -> None:
            if partitions:
                handler.forget()

        return _Built(StageShape("cluster", self._topics.stories, 64, 0.05), handler, revoked, _nothing)

    async def _enrich(self) -> _Built:
        enrich = self._settings.enrich
        pool = AnalysisPool(
            partial(Analyser, enrich.models, enrich.default_language, enrich.max_chars),
            PoolLimits(enrich.processes, enrich.story_timeout_seconds, enrich.stories_per_process),
        )
        await pool.start()

        async def close() -> None:
            pool.stop()

        shape = StageShape("enrich", self._topics.clustered, enrich.batch_size * enrich.processes, enrich.batch_seconds)
        return _Built(shape, EnrichHandler(pool, self._topics), _nothing_to_forget, close)

    async def _index(self) -> _Built:
        client = async_elasticsearch_client(self._settings.elasticsearch)
        handler = IndexHandler(Writer(client, self._settings.elasticsearch, self._settings.index))
        shape = StageShape("index", self._topics.enriched, 256, self._settings.index.bulk_seconds)
        return _Built(shape, handler, _nothing_to_forget, client.close)


async def _nothing() -> None:
    return None


def _nothing_to_forget(_: set[int]) -> None:
    return None
