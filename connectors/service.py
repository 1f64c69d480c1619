"""The long-lived process: which connectors are ours, and running them.

A Kafka consumer group over ``wire.connectors`` shares the connectors out; there is no lock service of our own. Files
are read again every few seconds: added, changed and removed connectors are taken over while running, and of a broken
file the last good one stays in force.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka.errors import KafkaError

from connectors.config import ConnectorConfig, load_directory
from connectors.publisher import Publisher
from connectors.runner import ConnectorRun, Health, wait_until_due
from connectors.state import partition_of, read_states
from pipeline.clients import kafka_options
from pipeline.errors import UnreachableError
from pipeline.events import ConnectorState
from pipeline.settings import Settings
from pipeline.topics import topics_of

log = structlog.get_logger("wiredesk.connectors")

_THREADS = 8


class ConnectorService:
    """Runs the connectors of a directory that fall to this process.

    Args:
        settings: of the installation.
        directory: of the connectors' files; ``None``: as the settings say.
        stopping: set it to end ``run``.
    """

    def __init__(
        self, settings: Settings, directory: Path | None = None, stopping: threading.Event | None = None
    ) -> None:
        self._settings = settings
        self._directory = directory or settings.connectors.directory
        self.stopping = stopping or threading.Event()
        self._publisher = Publisher(settings.kafka, self.stopping)
        self._configs: dict[str, ConnectorConfig] = {}
        self._errors: dict[Path, str] = {}
        self._runs: dict[str, ConnectorRun] = {}
        self._busy: dict[str, Future[None]] = {}
        self._partitions: set[int] = set()
        self._topic = topics_of(settings).connectors

    def health(self) -> list[Health]:
        """All connectors that run here, and broken files, by name."""
        broken = [Health(path.stem, last_error=error) for path, error in self._errors.items()]
        return sorted([*(run.health for run in self._runs.values()), *broken], key=lambda health: health.name)

    def run(self) -> None:
        """Run until ``stopping`` is set. Kafka is waited for."""
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="connector") as pool:
            while not self.stopping.is_set():
                try:
                    self._run_in_group(pool)
                except (KafkaError, OSError, ValueError) as error:
                    log.warning(
                        "waiting_for_kafka", servers=self._settings.kafka.bootstrap_servers, reason=repr(error)[:200]
                    )
                    self.stopping.wait(2)
            self._finish_polls()
        self._publisher.close()

    def _run_in_group(self, pool: ThreadPoolExecutor) -> None:
        consumer = KafkaConsumer(
            **kafka_options(self._settings.kafka),
            group_id=f"{self._settings.kafka.group_prefix}-connectors",
            enable_auto_commit=False,
            session_timeout_ms=int(self._settings.kafka.session_timeout_seconds * 1000),
            heartbeat_interval_ms=int(self._settings.kafka.session_timeout_seconds * 1000 / 6),
            max_poll_interval_ms=300_000,
        )
        try:
            consumer.subscribe([self._topic.name], listener=_Listener(self._assigned, self._revoked))
            rescan_at = 0.0
            while not self.stopping.is_set():
                # Only to stay in the group and to learn of rebalances: what the topic says is read in _assigned.
                consumer.poll(timeout_ms=100)
                now = datetime.now(UTC)
                if now.timestamp() >= rescan_at:
                    self._rescan()
                    rescan_at = now.timestamp() + self._settings.connectors.rescan_seconds
                self._start_due(pool, now)
                wait_until_due([run for name, run in self._runs.items() if name not in self._busy], self.stopping, 0.4)
        finally:
            self._revoked(self._partitions)
            consumer.close()

    # sharing out

    def _assigned(self, partitions: set[int]) -> None:
        self._partitions |= partitions
        states = read_states(self._settings.kafka, self._topic.name, partitions)
        self._rescan()
        for name, config in self._configs.items():
            if partition_of(name, self._topic.partitions) in partitions:
                self._runs[name] = self._new_run(config, states.get(name))
        log.info("connectors_assigned", partitions=sorted(partitions), connectors=sorted(self._runs))

    def _revoked(self, partitions: set[int]) -> None:
        lost = [name for name in self._runs if partition_of(name, self._topic.partitions) in partitions]
        for name in lost:
            self._finish_poll(name)  # so that the one who takes over finds its state
            self._runs.pop(name, None)
        self._partitions = self._partitions - partitions

    def _new_run(self, config: ConnectorConfig, state: ConnectorState | None) -> ConnectorRun:
        return ConnectorRun(config, state or ConnectorState(connector=config.name), self._settings, self._publisher)

    # polling

    def _start_due(self, pool: ThreadPoolExecutor, now: datetime) -> None:
        for name in [name for name, future in self._busy.items() if future.done()]:
            self._finish_poll(name)
        for name, run in self._runs.items():
            if name not in self._busy and run.due(now):
                self._busy[name] = pool.submit(run.step, now)

    def _finish_poll(self, name: str) -> None:
        future = self._busy.pop(name, None)
        if future is None:
            return
        try:
            future.result(timeout=120)
        except UnreachableError as error:
            log.warning("poll_given_up", connector=name, reason=str(error))
        except Exception as error:
            log.error("poll_crashed", connector=name, reason=f"{type(error).__name__}: {error}", exc_info=error)
            if run := self._runs.get(name):
                run.health = replace(run.health, last_error=f"{type(error).__name__}: {error}")

    def _finish_polls(self) -> None:
        for name in list(self._busy):
            self._finish_poll(name)

    # files

    def _rescan(self) -> None:
        """Take over what has changed in the directory."""
        files = load_directory(self._directory)
        errors = {file.path: file.error for file in files if file.error}
        for path, error in errors.items():
            if self._errors.get(path) != error:
                log.error("connector_file_broken", reason=error)
        self._errors = errors
        found = {file.config.name: file.config for file in files if file.config}
        kept = {name for name in self._configs if self._directory_names(errors) & {name}}
        for name in set(self._configs) - set(found) - kept:
            self._configs.pop(name)
            self._finish_poll(name)
            if self._runs.pop(name, None):
                log.info("connector_removed", connector=name)
        for name, config in found.items():
            if self._configs.get(name) != config:
                self._configs[name] = config
                self._replace(name, config)

    def _directory_names(self, errors: dict[Path, str]) -> set[str]:
        return {path.stem for path in errors}

    def _replace(self, name: str, config: ConnectorConfig) -> None:
        if partition_of(name, self._topic.partitions) not in self._partitions:
            return
        self._finish_poll(name)
        before = self._runs.get(name)
        state = before.state if before else read_states(
            self._settings.kafka, self._topic.name, {partition_of(name, self._topic.partitions)}
        ).get(name)  # fmt: skip
        if state is not None and before is not None and before.config.transport != config.transport:
            # Another address: what was remembered of the old one's answers does not hold.
            state = ConnectorState(connector=name, seen=state.seen, items_published=state.items_published)
        if state is not None:
            state = state.model_copy(update={"next_poll": None})
        self._runs[name] = self._new_run(config, state)
        log.info("connector_loaded", connector=name, transport=config.transport.type, enabled=config.enabled)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, assigned: Callable[[set[int]], None], revoked: Callable[[set[int]], None]) -> None:
        self._assigned, self._revoked = assigned, revoked

    def on_partitions_assigned(self, assigned: Any) -> None:
        self._assigned({pair.partition for pair in assigned})

    def on_partitions_revoked(self, revoked: Any) -> None:
        self._revoked({pair.partition for pair in revoked})
