"""The long-lived process: which connectors are ours, and running them.

A Kafka consumer group over ``wire.connectors`` shares the connectors out; there is no lock service of our own. Files
are read again every few seconds: added, changed and removed connectors are taken over while running, and of a broken
file the last good one stays in force.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from kafka import ConsumerRebalanceListener
from kafka.errors import KafkaError

from connectors.config import ConnectorConfig
from connectors.directory import ConnectorDirectory
from connectors.receiver import Receiver
from connectors.runner import ConnectorRun, Health, wait_until_due
from connectors.state import partition_of, read_states
from connectors.transports.push import PushTransport
from pipeline.broker.clients import kafka_options
from pipeline.broker.kafka_clients import open_consumer
from pipeline.broker.publisher import Publisher
from pipeline.broker.topics import topics_of
from pipeline.events import ConnectorState
from pipeline.events.errors import UnreachableError
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.connectors")

_THREADS = 8
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
#: A look ends by its own time limit; this is how long a process that stops or loses a connector waits for it.
_POLL_SECONDS = 120


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
        self._files = ConnectorDirectory(directory or settings.connectors.directory)
        self.stopping = stopping or threading.Event()
        self._publisher = Publisher(settings.kafka, self.stopping)
        self._runs: dict[str, ConnectorRun] = {}
        self._busy: dict[str, Future[None]] = {}
        self._partitions: set[int] = set()
        #: Whether the group has told us what is ours; between two such times it wants to be asked.
        self._member = False
        #: Of our partitions, also of connectors that do not run now; nobody else writes them while they are ours.
        self._states: dict[str, ConnectorState] = {}
        self._topic = topics_of(settings).connectors
        self.receiver = Receiver(settings, lambda: self._files.configs, self._publisher)
        self._deaf = False

    def health(self) -> list[Health]:
        """All connectors that run here, and broken files, by name."""
        broken = [Health(path.stem, last_error=error) for path, error in self._files.errors.items()]
        return sorted([*(run.health for run in self._runs.values()), *broken], key=lambda health: health.name)

    def run(self) -> None:
        """Run until ``stopping`` is set. Kafka is waited for."""
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="connector") as pool:
            while not self.stopping.is_set():
                try:
                    self._run_in_group(pool)
                except (KafkaError, OSError, ValueError) as error:
                    servers = self._settings.kafka.bootstrap_servers
                    log.warning("waiting_for_kafka", servers=servers, reason=repr(error)[:200])
                    self.stopping.wait(2)
        self.receiver.stop()
        self._publisher.close()

    def _run_in_group(self, pool: ThreadPoolExecutor) -> None:
        timeout_ms = int(self._settings.kafka.session_timeout_seconds * 1000)
        consumer = open_consumer(
            **kafka_options(self._settings.kafka),
            group_id=f"{self._settings.kafka.group_prefix}-connectors",
            enable_auto_commit=False,
            session_timeout_ms=timeout_ms,
            heartbeat_interval_ms=timeout_ms // 6,
            max_poll_interval_ms=300_000,
            # A partition not seen when the group was formed is found within seconds, not within five minutes.
            metadata_max_age_ms=10_000,
            bootstrap_timeout_ms=5_000,
        )
        try:
            consumer.subscribe([self._topic.name], listener=_Listener(self._assigned, self._revoked))
            rescan_at = 0.0
            while not self.stopping.is_set():
                # Only to stay in the group and to learn of rebalances: what the topic says is read in _assigned.
                # A member with nothing to fetch does not wait in the client (kafka-python 3.0.12 asks itself a
                # thousand times a second, and starves its own heartbeats): it waits below.
                consumer.poll(timeout_ms=0 if self._member else 1000)
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
        self._member = True
        self._states |= read_states(self._settings.kafka, self._topic.name, partitions)
        self._partitions |= partitions
        self._rescan()
        log.info("connectors_assigned", partitions=sorted(self._partitions), connectors=sorted(self._runs))

    def _revoked(self, partitions: set[int]) -> None:
        self._member = False
        self._end([name for name in self._runs if self._partition(name) in partitions])
        self._states = {name: s for name, s in self._states.items() if self._partition(name) not in partitions}
        self._partitions = self._partitions - partitions

    def _partition(self, name: str) -> int:
        return partition_of(name, self._topic.partitions)

    def _rescan(self) -> None:
        """Take over what has changed in the directory, and run what is ours."""
        self._files.scan()
        self._listen()
        ours = {name: c for name, c in self._files.configs.items() if self._partition(name) in self._partitions}
        removed = sorted(set(self._runs) - set(ours))
        if removed:
            self._end(removed)
            log.info("connectors_removed", connectors=removed)
        for name, config in ours.items():
            running = self._runs.get(name)
            if running is None or running.config != config:
                self._begin(config)

    def _listen(self) -> None:
        """Listen for what is pushed, once a connector wants it; every process does, whoever's the connector is."""
        wanted = any(isinstance(config.transport, PushTransport) for config in self._files.configs.values())
        if not wanted or self.receiver.running:
            return
        problem = self.receiver.start()
        if problem and not self._deaf:
            log.error("receiver_deaf", reason=problem)
        self._deaf = problem is not None

    def _begin(self, config: ConnectorConfig) -> None:
        """Run a connector as its file now says, from where it stands."""
        name = config.name
        before = self._runs[name].config if name in self._runs else None
        if before is not None:
            self._end([name])
        state = self._states.get(name) or ConnectorState(connector=name)
        if before is not None and before.transport != config.transport:
            # Another address: what was remembered of the old one's answers does not hold.
            state = ConnectorState(connector=name, seen=state.seen, items_published=state.items_published)
        if before is not None:
            state = state.model_copy(update={"next_poll": None})
        self._runs[name] = ConnectorRun(config, state, self._settings, self._publisher)
        log.info("connector_loaded", connector=name, transport=config.transport.type, enabled=config.enabled)

    def _end(self, names: list[str]) -> None:
        """Let connectors' looks end and make their states durable, so that whoever goes on finds them."""
        for name in names:
            self._finish_poll(name)
        ended = [self._runs.pop(name) for name in names]
        self._states |= {run.config.name: run.state for run in ended}
        try:
            for run in ended:
                if record := run.unstored():
                    self._publisher.publish([record], run.refused)
        except UnreachableError as error:
            log.warning("states_not_stored", connectors=names, reason=str(error))

    # polling

    def _start_due(self, pool: ThreadPoolExecutor, now: datetime) -> None:
        for name in [name for name, future in self._busy.items() if future.done()]:
            self._finish_poll(name)
        hosts = Counter(self._host(name) for name in self._busy)
        # Who has waited longest goes first: else the first connectors of a busy host would leave none for the others.
        waiting = sorted(self._runs.items(), key=lambda found: found[1].state.next_poll or _EVER)
        for name, run in waiting:
            host = self._host(name)
            if name in self._busy or not run.due(now):
                continue
            if host is not None and hosts[host] >= self._settings.connectors.requests_per_host:
                continue
            hosts[host] += 1
            self._busy[name] = pool.submit(run.step, now)

    def _host(self, name: str) -> str | None:
        run = self._runs.get(name)
        return getattr(run.config.transport, "host", None) if run else None

    def _finish_poll(self, name: str) -> None:
        future = self._busy.pop(name, None)
        if future is None:
            return
        try:
            future.result(timeout=_POLL_SECONDS)
        except UnreachableError as error:
            log.warning("poll_given_up", connector=name, reason=str(error))
        except Exception as error:
            log.error("poll_crashed", connector=name, reason=f"{type(error).__name__}: {error}", exc_info=error)
            if run := self._runs.get(name):
                run.failed(error, datetime.now(UTC))


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, assigned: Callable[[set[int]], None], revoked: Callable[[set[int]], None]) -> None:
        self._assigned, self._revoked = assigned, revoked

    def on_partitions_assigned(self, assigned: Any) -> None:
        self._assigned({pair.partition for pair in assigned})

    def on_partitions_revoked(self, revoked: Any) -> None:
        self._revoked({pair.partition for pair in revoked})
