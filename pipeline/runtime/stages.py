"""Each stage put together: its topic, its handler, and what happens when partitions or the process go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from pipeline.broker.app import StageShape
from pipeline.broker.delivery import Handler
from pipeline.broker.elasticsearch_client import async_elasticsearch_client
from pipeline.broker.restore import RestoredPartitions
from pipeline.broker.retry import RetryPolicy, until_reached
from pipeline.broker.topics import Topics
from pipeline.cluster.handler import ClusterHandler
from pipeline.enrich.handler import EnrichHandler
from pipeline.enrich.pool import AnalysisPool, PoolLimits
from pipeline.events import Stage
from pipeline.index.handler import IndexHandler
from pipeline.index.writer import Writer
from pipeline.intake.content_pool import ContentPool
from pipeline.intake.handler import IntakeHandler, merge_states
from pipeline.intake.meanings import MeaningPool
from pipeline.meaning.encoder import require
from pipeline.runtime.analysers import analyser_of
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.worker")

#: What a stage does when partitions are taken from it, and when the process ends.
Revoked = Callable[[set[int]], None]
Closing = Callable[[], Awaitable[None]]


async def _nothing() -> None:
    return None


def _nothing_to_forget(_: set[int]) -> None:
    return None


@dataclass(frozen=True)
class BuiltStage:
    """One stage, ready to be attached to an application.

    Attributes:
        shape: what it reads.
        handler: its work.
        revoked: called with the partitions that were taken from it.
        closing: called once at the end, also where ``prepare`` was interrupted.
        states: restored state that needs a way to put unreadable records aside.
        prepare: what takes long and must be done before the first message.
    """

    shape: StageShape
    handler: Handler
    revoked: Revoked
    closing: Closing
    states: RestoredPartitions | None = None
    prepare: Callable[[], Awaitable[None]] = _nothing


def build_stage(stage: Stage, settings: Settings, topics: Topics, directory: Path) -> BuiltStage:
    """Put a stage together.

    Args:
        stage: which one.
        settings: of the installation.
        topics: of the installation.
        directory: of this process's local state.
    """
    match stage:
        case "intake":
            return _intake(settings, topics, directory)
        case "cluster":
            return _cluster(settings, topics, directory)
        case "enrich":
            return _enrich(settings, topics)
        case "index":
            return _index(settings, topics)
    raise ValueError(f"the stage {stage} does not run in a worker")


def _intake(settings: Settings, topics: Topics, directory: Path) -> BuiltStage:
    states = RestoredPartitions(
        settings.kafka,
        topics.items.name,
        directory / "intake",
        merge_states,
    )
    contents = ContentPool()
    if settings.meaning.enabled:
        require()
    meanings = MeaningPool() if settings.meaning.enabled else None
    handler = IntakeHandler(states, topics, settings.intake, contents, settings.kafka.max_message_bytes, meanings)

    async def close() -> None:
        contents.close()
        if meanings:
            meanings.close()
        states.forget()

    return BuiltStage(StageShape("intake", topics.raw, 64, 0.05), handler, states.forget, close, states)


def _cluster(settings: Settings, topics: Topics, directory: Path) -> BuiltStage:
    name = Path("cluster", "window.npz")
    handler = ClusterHandler(
        settings.kafka, topics, settings.cluster, directory / name, lambda: directory.parent.glob(f"*/{name}")
    )

    async def restore() -> None:
        await until_reached(handler.prepare, RetryPolicy.of(settings.worker), "cluster")

    def revoked(partitions: set[int]) -> None:
        if partitions:
            handler.forget()

    shape = StageShape("cluster", topics.stories, 64, 0.05)
    return BuiltStage(shape, handler, revoked, handler.close, prepare=restore)


def _enrich(settings: Settings, topics: Topics) -> BuiltStage:
    enrich = settings.enrich
    pool = AnalysisPool(
        analyser_of(enrich),
        PoolLimits(enrich.process_count(), enrich.story_timeout_seconds, enrich.stories_per_process),
    )

    async def load() -> None:
        log.info("language_models_loading", models=enrich.models, processes=enrich.process_count())
        await pool.start()

    async def close() -> None:
        pool.stop()

    shape = StageShape("enrich", topics.clustered, enrich.batch_size * enrich.process_count(), enrich.batch_seconds)
    return BuiltStage(shape, EnrichHandler(pool, topics), _nothing_to_forget, close, prepare=load)


def _index(settings: Settings, topics: Topics) -> BuiltStage:
    client = async_elasticsearch_client(settings.elasticsearch)
    handler = IndexHandler(Writer(client, settings.elasticsearch, settings.index), topics.versions.name)
    shape = StageShape("index", topics.enriched, 256, settings.index.bulk_seconds, also=(topics.versions,))
    return BuiltStage(shape, handler, _nothing_to_forget, client.close)
