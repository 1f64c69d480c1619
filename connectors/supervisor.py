"""Runs the connectors that are assigned to this process: loads their files, polls each when it is due.

Knows nothing of the consumer group that assigns them (connectors/service.py).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, wait
from datetime import UTC, datetime, timedelta

import structlog

from connectors import poll_metrics
from connectors.config import ConnectorConfig
from connectors.directory import ConnectorDirectory
from connectors.parse_pool import PayloadParser
from connectors.runner import ConnectorRun, Health
from connectors.state import ReadPushes, partition_of
from connectors.timetable import Timetable
from pipeline.broker.publisher import Publisher
from pipeline.events import ConnectorState
from pipeline.events.errors import UnreachableError
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.connectors")

#: Polls at the same time: most of one is waiting for a server.
_THREADS = 32
#: Files read at once, before those that have been read are polled: the first poll does not wait for thousands. The
#: first time only so many that all threads have something to poll.
_FILES_AT_ONCE, _FIRST_FILES = 200, 32
#: How long a process that stops, or that loses connectors to another, waits for polls to end. After that they are
#: abandoned, as if it had been killed: what they did not finish is polled again.
_STOP_SECONDS, _REVOKE_SECONDS = 4.0, 20.0
_MIN_WAIT_SECONDS = 0.05
#: While all threads are busy, the process looks so often whether it is to stop.
_BUSY_SECONDS = 0.1
_SOON = timedelta(seconds=1)


class ConnectorSupervisor:
    """Starts, polls and stops connectors.

    Args:
        settings: of the installation.
        files: the directory of the connectors' files.
        publisher: shared by all connectors.
        stopping: ends waiting when it is set.
        parser: shared by all connectors; ``None``: each parses in its thread.
    """

    def __init__(
        self,
        settings: Settings,
        files: ConnectorDirectory,
        publisher: Publisher,
        stopping: threading.Event,
        parser: PayloadParser | None = None,
    ) -> None:
        self._settings = settings
        self._files = files
        self._publisher = publisher
        self._stopping = stopping
        self._parser = parser
        self._runs: dict[str, ConnectorRun] = {}
        #: What is under way for each connector, and the host that is polled.
        self._busy: dict[str, tuple[Future[None], str | None]] = {}
        self._timetable = Timetable(settings.connectors.requests_per_host)
        #: Set when a poll ends.
        self._ended = threading.Event()
        self._partitions: set[int] = set()
        #: Of the assigned partitions, also of connectors that do not run now; no other process writes them meanwhile.
        self._states: dict[str, ConnectorState] = {}
        #: What was pushed to connectors of the assigned partitions and is not in their states yet.
        self._pushes: dict[str, list[ReadPushes]] = {}

    @property
    def names(self) -> list[str]:
        """The connectors that run here, sorted."""
        return sorted(self._runs)

    @property
    def partitions(self) -> set[int]:
        """The partitions whose connectors run here."""
        return set(self._partitions)

    def health(self) -> list[Health]:
        """All connectors that run here, and broken files, by name."""
        broken = [Health(path.stem, last_error=error) for path, error in self._files.errors.items()]
        return sorted([*(run.health for run in self._runs.values()), *broken], key=lambda health: health.name)

    def assign(
        self,
        partitions: Iterable[int],
        states: Mapping[str, ConnectorState],
        pushes: Mapping[str, list[ReadPushes]] | None = None,
    ) -> None:
        """Start the connectors of these partitions.

        Args:
            partitions: of ``wire.connectors``.
            states: the newest state of every connector in them.
            pushes: what was pushed to each since that was stored.
        """
        self._states |= states
        self._pushes |= pushes or {}
        self._partitions |= set(partitions)
        self.reload()

    def note_pushes(self, pushes: Iterable[ReadPushes]) -> None:
        """Tell the connectors that run here what was pushed to them, whichever process received it."""
        for one in pushes:
            if run := self._runs.get(one.pushes.connector):
                run.note_pushes(one)
                self._timetable.add(run.config.name, run.next_due())

    def revoke(self, partitions: Iterable[int]) -> None:
        """Stop the connectors of these partitions and store their states; waits for polls, but not for long."""
        lost = set(partitions)
        self._stop([name for name in self._runs if self._partition(name) in lost])
        self._states = {name: state for name, state in self._states.items() if self._partition(name) not in lost}
        self._partitions -= lost

    def reload(self) -> None:
        """Apply what has changed in the directory: added, changed and removed files.

        A connector that is being polled is stopped or changed at a later call: nobody waits for a slow server.
        """
        self._files.scan(_FILES_AT_ONCE if self._files.configs else _FIRST_FILES)
        self._collect_finished()
        ours = {name: c for name, c in self._files.configs.items() if self._partition(name) in self._partitions}
        removed = sorted(set(self._runs) - set(ours) - set(self._busy))
        if removed:
            self._stop(removed)
            log.info("connectors_removed", connectors=removed)
        for name, config in ours.items():
            running = self._runs.get(name)
            changed = running is not None and running.config is not config and running.config != config
            if running is None or (changed and name not in self._busy):
                self._start(config)

    def poll_due(self, now: datetime) -> None:
        """Begin to poll the connectors that are due, no more of one host at once than allowed."""
        self._collect_finished()
        self._timetable.release()
        while (name := self._timetable.take(now)) is not None:
            run = self._runs.get(name)
            if run is None or name in self._busy:
                continue  # removed, or added again when its poll ends
            if not run.due(now) and not run.has_pushes(now):
                self._timetable.add(name, _later(run.next_due(), now))
                continue
            if len(self._busy) >= _THREADS:
                self._timetable.give_back(name)
                break
            if not run.due(now):
                self._busy[name] = (self._in_thread(run.store_pushes, now), None)
                continue
            # The longest waiting first: otherwise the first connectors of a busy host would starve its others.
            host = getattr(run.config.transport, "host", None)
            if self._timetable.enter(name, host):
                self._busy[name] = (self._in_thread(run.poll_once, now), host)

    def wait(self, max_seconds: float) -> None:
        """Sleep until a connector is due and a thread is free for it, or the process stops; ``max_seconds`` at most."""
        if self._timetable.has_due:
            self._ended.wait(min(max_seconds, _BUSY_SECONDS))
            self._ended.clear()
            return
        time = self._timetable.next_time
        wait = (time - datetime.now(UTC)).total_seconds() if time else max_seconds
        self._stopping.wait(min(max(wait, _MIN_WAIT_SECONDS), max_seconds))

    def close(self) -> None:
        """Stop all connectors and store their states."""
        self.revoke(self._partitions)

    def _partition(self, name: str) -> int:
        return partition_of(name, self._settings.kafka.partitions)

    def _start(self, config: ConnectorConfig) -> None:
        """Run a connector as its file now says, continuing from its state."""
        name = config.name
        before = self._runs[name].config if name in self._runs else None
        if before is not None:
            self._stop([name])
        state = self._states.get(name) or ConnectorState(connector=name)
        if before is not None and before.transport != config.transport:
            # Another address: validators and cursors of the old one do not apply.
            kept = state.model_dump(include={"connector", "seen", "items_published", "pushes_read"})
            state = ConnectorState(**kept)
        if before is not None:
            state = state.model_copy(update={"next_poll": None})
        self._runs[name] = ConnectorRun(config, state, self._settings, self._publisher, self._parser)
        self._timetable.add(name, self._runs[name].next_due())
        self.note_pushes(self._pushes.pop(name, ()))
        log.info("connector_loaded", connector=name, transport=config.transport.type, enabled=config.enabled)

    def _stop(self, names: list[str]) -> None:
        """Let the polls of these connectors end and store their states, so that the next process continues there."""
        busy = [self._busy[name][0] for name in names if name in self._busy]
        wait(busy, _STOP_SECONDS if self._stopping.is_set() else _REVOKE_SECONDS)
        self._collect_finished()
        for name in [name for name in names if name in self._busy]:
            log.warning("poll_abandoned", connector=name, reason="it did not end in time; it is polled again")
            _, host = self._busy.pop(name)
            self._runs[name].abandon()
            self._timetable.leave(host)
        stopped = [self._runs.pop(name) for name in names]
        for run in stopped:
            run.take_pushes(datetime.now(UTC))
        self._states |= {run.config.name: run.state for run in stopped}
        for name in names:
            poll_metrics.forget(name)
        try:
            for run in stopped:
                run.publish_state()
        except UnreachableError as error:
            log.warning("states_not_stored", connectors=names, reason=str(error))

    def _collect_finished(self) -> None:
        for name in [name for name, (future, _) in self._busy.items() if future.done()]:
            future, host = self._busy.pop(name)
            self._finish_poll(name, future)
            self._timetable.leave(host)

    def _finish_poll(self, name: str, future: Future[None]) -> None:
        try:
            future.result()
        except UnreachableError as error:
            log.warning("poll_abandoned", connector=name, reason=str(error))
        except Exception as error:
            log.error("poll_crashed", connector=name, reason=f"{type(error).__name__}: {error}", exc_info=error)
            if run := self._runs.get(name):
                run.record_failure(error, datetime.now(UTC))
        if run := self._runs.get(name):
            self._timetable.add(name, run.next_due())

    def _in_thread(self, poll: Callable[[datetime], None], now: datetime) -> Future[None]:
        """Run in a thread that does not keep the process from ending, as those of an executor would."""
        future: Future[None] = Future()

        def run() -> None:
            try:
                poll(now)
            except BaseException as error:  # noqa: BLE001 - handed to whoever asks for the result
                future.set_exception(error)
            else:
                future.set_result(None)
            self._ended.set()

        threading.Thread(target=run, name="connector", daemon=True).start()
        return future


def _later(time: datetime | None, now: datetime) -> datetime | None:
    """The time at which to look again: after now, so that the loop over the due connectors ends."""
    return time and max(time, now + _SOON)
