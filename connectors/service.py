"""The long-lived process that runs connectors, together with others of its kind.

A Kafka consumer group over ``wire.connectors`` shares the connectors out among the processes; there is no other lock
service. Files are read again every few seconds: added, changed and removed connectors take effect while running, and
of a broken file the last good version stays in force.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from kafka import ConsumerRebalanceListener, TopicPartition
from kafka.errors import KafkaError

from connectors.directory import ConnectorDirectory
from connectors.parse_pool import ParsePool
from connectors.receiver import Receiver
from connectors.runner import Health
from connectors.state import ReadPushes, read_stored
from connectors.supervisor import ConnectorSupervisor
from connectors.transports.push import PushTransport
from pipeline.broker.kafka_clients import kafka_options, open_consumer
from pipeline.broker.kafka_publisher import KafkaPublisher
from pipeline.broker.monitoring.health import Heartbeat, StageStatus, stage_obstacles, stage_problems
from pipeline.broker.topics import topics_of
from pipeline.broker.watch import answers
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.connectors")

#: A round of the main loop that takes longer is a problem.
_ROUND_SECONDS = 240.0
#: A process that stops lets payloads be parsed for so long.
_STOP_SECONDS = 4.0
#: And that it tells what was pushed.
_REPORT_SECONDS = 2.0


class ConnectorService:
    """Runs the connectors of a directory that the group assigns to this process, and receives pushes for all.

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
        self._publisher = KafkaPublisher(settings.kafka, self.stopping)
        self._parser = ParsePool(settings.connectors)
        self._supervisor = ConnectorSupervisor(settings, self._files, self._publisher, self.stopping, self._parser)
        #: Beats with every round of ``run``; a rebalance waits for polls that are under way.
        self._heartbeat = Heartbeat("the connectors' main loop", limit_seconds=_ROUND_SECONDS)
        #: When this process was left without an assignment of the group, monotonic; ``None``: it has one.
        self._outside_since: float | None = time.monotonic()
        #: When a probe last found that Kafka does not answer, monotonic: time outside the group counts from then on.
        self._kafka_away_at = float("-inf")
        self._topic = topics_of(settings).connectors
        self.receiver = Receiver(settings, lambda: self._files.configs, self._publisher, parser=self._parser)
        self._bind_failed = False

    def problems(self) -> list[str]:
        """Why this process is not alive; empty: it is."""
        reachable = answers(self._settings.kafka)
        if not reachable:
            self._kafka_away_at = time.monotonic()
        return self._heartbeat.problems() + stage_problems(self._status(), servers_reachable=reachable)

    def obstacles(self) -> list[str]:
        """Why this process is not ready; empty: it is."""
        return stage_obstacles(self._status())

    def health(self) -> list[Health]:
        """All connectors that run here, and broken files, by name."""
        return self._supervisor.health()

    def run(self) -> None:
        """Run until ``stopping`` is set. Kafka is waited for."""
        while not self.stopping.is_set():
            try:
                self._run_in_group()
            except (KafkaError, OSError, ValueError) as error:
                servers = self._settings.kafka.bootstrap_servers
                log.warning("kafka_unreachable", servers=servers, reason=repr(error)[:200])
                self._heartbeat.beat()
                self.stopping.wait(2)
        self.receiver.begin_to_stop()
        self._supervisor.close()
        self.receiver.stop()
        self.receiver.reports.send(_REPORT_SECONDS)
        self._parser.close()
        self._publisher.close()

    def _run_in_group(self) -> None:
        consumer = self._open_consumer()
        try:
            listener = _Listener(partial(self._assigned, consumer), self._revoked)
            consumer.subscribe([self._topic.name], listener=listener)
            reload_at = 0.0
            while not self.stopping.is_set():
                self._heartbeat.beat()
                # To stay in the group, and to learn of rebalances and pushes; the states are read in _assigned. One who
                # has nothing to fetch must not wait in the client: kafka-python 3.0.12 asks itself a thousand times a
                # second and delays its own heartbeats. It waits below instead. One who has to join again must wait, as
                # its requests get on only meanwhile: it could be late for its session again and again.
                must_join = _must_join(consumer)
                polled = consumer.poll(timeout_ms=0 if self._outside_since is None and not must_join else 1000)
                self._supervisor.note_pushes(_pushes(polled))
                self.receiver.reports.send_if_due()
                # Polls before the next files: those of the first connectors do not wait for thousands of them.
                self._supervisor.poll_due(datetime.now(UTC))
                if time.monotonic() >= reload_at:
                    self._reload()
                    wait = self._settings.connectors.rescan_seconds if self._files.is_complete else 0.0
                    reload_at = time.monotonic() + wait
                self._supervisor.wait(0.4)
        finally:
            if self.stopping.is_set():
                self.receiver.begin_to_stop()  # its requests end while polls are waited for
                self._end_parsing_soon()
            self._revoked(self._supervisor.partitions)
            consumer.close()

    def _end_parsing_soon(self) -> None:
        """A payload that still takes time when the process stops is polled again by the next one."""
        timer = threading.Timer(_STOP_SECONDS, self._parser.close)
        timer.daemon = True
        timer.start()

    def _open_consumer(self) -> Any:
        timeout_ms = int(self._settings.kafka.session_timeout_seconds * 1000)
        return open_consumer(
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

    def _assigned(self, consumer: Any, partitions: set[int]) -> None:
        stored = read_stored(self._settings.kafka, self._topic.name, partitions)
        for number, end in stored.ends.items():
            consumer.seek(TopicPartition(self._topic.name, number), end)
        self._supervisor.assign(partitions, stored.states, stored.pushes)
        self._outside_since = None
        self._parser.start_soon()  # meanwhile the first connectors are polled, and other files are read
        self._start_receiver()
        log.info(
            "connectors_assigned",
            partitions=sorted(self._supervisor.partitions),
            connectors=self._supervisor.names,
        )

    def _revoked(self, partitions: set[int]) -> None:
        if self._outside_since is None:
            self._outside_since = time.monotonic()
        self._supervisor.revoke(partitions)

    def _status(self) -> StageStatus:
        since = self._outside_since
        outside = None if since is None else time.monotonic() - max(since, self._kafka_away_at)
        return StageStatus("connectors", outside_group_seconds=outside)

    def _reload(self) -> None:
        try:
            self._supervisor.reload()
            self._start_receiver()
        except Exception:  # our own error, not Kafka's; the feeds that run must go on
            log.exception("connectors_reload_failed")

    def _start_receiver(self) -> None:
        """Listen once a connector is pushed to; every process does, whichever runs the connector."""
        wanted = any(isinstance(config.transport, PushTransport) for config in self._files.configs.values())
        if not wanted or self.receiver.running:
            return
        problem = self.receiver.start()
        if problem and not self._bind_failed:
            log.error("receiver_bind_failed", reason=problem)
        self._bind_failed = problem is not None


def _must_join(consumer: Any) -> bool:
    """Whether the process has to join its group (again); it stays true until it has joined.

    kafka-python 3.0.12 compares what the leader knows of the topics with what it last shared out, each time it is
    asked, and sharing out makes the two equal. Where a poll ended just then, the next one would find nothing to do: the
    answer with this process's partitions is never read, it sends no heartbeats, and it is outside the group for good.
    """
    coordinator = consumer._coordinator  # noqa: SLF001 - there is no public way, and the version is pinned
    if not (coordinator.need_rejoin() or coordinator.rejoining):
        return False
    coordinator.request_rejoin()
    return True


def _pushes(polled: Mapping[Any, Sequence[Any]]) -> list[ReadPushes]:
    read = (ReadPushes.of(record) for records in polled.values() for record in records)
    return [pushes for pushes in read if pushes is not None]


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, assigned: Callable[[set[int]], None], revoked: Callable[[set[int]], None]) -> None:
        self._assigned, self._revoked = assigned, revoked

    def on_partitions_assigned(self, assigned: Any) -> None:
        self._assigned({pair.partition for pair in assigned})

    def on_partitions_revoked(self, revoked: Any) -> None:
        self._revoked({pair.partition for pair in revoked})
