"""One long-lived process as its operators see it: role, health, stages, and the endpoint that tells them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Literal, Self

from prometheus_client import REGISTRY, CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from pipeline.broker.monitoring import metrics
from pipeline.broker.monitoring.endpoint import Endpoint
from pipeline.broker.monitoring.health import Health, Heartbeat, stage_obstacles, stage_problems
from pipeline.broker.monitoring.stage import StageMonitor
from pipeline.broker.watch import answers, kafka_away
from pipeline.settings import Settings
from pipeline.settings.version import version

Role = Literal["connectors", "worker", "desk", "alerts", "up"]

_BEAT_SECONDS = 1.0

#: What is read at the moment of a scrape: name, labels, meaning.
SCRAPED: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("wiredesk_alive", (), "Whether /livez would answer 200."),
    ("wiredesk_ready", (), "Whether /readyz would answer 200."),
    ("wiredesk_messages_waiting", ("stage",), "Messages taken from the topic and not acknowledged."),
    (
        "wiredesk_partition_lag_messages",
        ("stage", "partition"),
        "Messages of an assigned partition that are not acknowledged.",
    ),
    (
        "wiredesk_oldest_waiting_seconds",
        ("stage", "partition"),
        "Age of the oldest message taken from an assigned partition and not acknowledged; 0: none waits.",
    ),
)


class ProcessMonitor(Collector):
    """Health and metrics of this process; as a context, its endpoint answers.

    Args:
        role: what the process does.
        settings: of the installation.
        registry: of the metrics; another one in tests.
    """

    def __init__(self, role: Role, settings: Settings, registry: CollectorRegistry = REGISTRY) -> None:
        self.health = Health()
        self.endpoint: Endpoint | None = None
        self._role = role
        self._settings = settings
        self._registry = registry
        self._stages: list[StageMonitor] = []
        self._started = False
        self.health.add(ready=lambda: [] if self._started else [f"{role}: starting"])
        metrics.BUILD.info({"version": version()})
        metrics.PROCESS.labels(role).set(1)

    def __enter__(self) -> Self:
        self._registry.register(self)
        if self._settings.monitoring.enabled:
            self.endpoint = Endpoint(self._settings.monitoring, self.health, self._registry)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._registry.unregister(self)
        if self.endpoint is not None:
            self.endpoint.stop()

    def started(self) -> None:
        """The process has begun its work: no longer "starting" for the readiness probe."""
        self._started = True

    def watch_stage(self, stage: StageMonitor) -> None:
        """Answer for this stage from now on."""
        self._stages.append(stage)
        self.health.add(
            live=lambda: stage_problems(stage.status(), servers_reachable=answers(self._settings.kafka)),
            ready=lambda: stage_obstacles(stage.status()),
        )

    async def beat(self) -> None:
        """Show that the event loop runs, until cancelled; watches the stages' membership as well."""
        heartbeat = Heartbeat("the event loop")
        self.health.add(live=heartbeat.problems)
        while True:
            heartbeat.beat()
            for stage in self._stages:
                stage.observe(kafka_away=kafka_away())
            await asyncio.sleep(_BEAT_SECONDS)

    def collect(self) -> Iterable[Metric]:
        """What is read at the moment of a scrape."""
        alive, ready, waiting, lag, oldest = (
            GaugeMetricFamily(name, meaning, labels=labels) for name, labels, meaning in SCRAPED
        )
        alive.add_metric([], float(self.health.live().well))
        ready.add_metric([], float(self.health.ready().well))
        now = time.time()
        for stage in self._stages:
            waiting.add_metric([stage.stage], stage.in_progress())
            for partition, messages in stage.lags().items():
                lag.add_metric([stage.stage, str(partition)], messages)
            for partition, seconds in stage.oldest_waiting(now).items():
                oldest.add_metric([stage.stage, str(partition)], seconds)
        yield from (alive, ready, waiting, lag, oldest)
