"""What a process tells of the installation as a whole: lag, members, dead letters, documents, and servers that answer.

Every worker and every connectors process does so, because a stage without any worker can tell nothing of itself.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from elasticsearch import ApiError, Elasticsearch, TransportError

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.broker.monitoring import metrics
from pipeline.broker.monitoring.process import ProcessMonitor, Role
from pipeline.broker.watch import answers
from pipeline.events.errors import UnreachableError
from pipeline.runtime.condition import Status
from pipeline.runtime.status import StatusReader
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.monitoring")

_SERVER_SECONDS = 5
_STOP_SECONDS = 1


class InstallationWatch:
    """Reads the status of the installation again and again, in its own thread.

    Args:
        settings: of the installation.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="installation", daemon=True)
        self._reader: StatusReader | None = None

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Read no more. A server that does not answer just now must not keep the process from ending."""
        self._stopping.set()
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        with elasticsearch_client(self._settings.elasticsearch) as client:
            while not self._stopping.is_set():
                try:
                    self._read(client)
                except Exception:  # a fault here must not end what operators rely on
                    log.exception("installation_watch_failed")
                    self._close()
                self._stopping.wait(self._settings.monitoring.refresh_seconds)
        self._close()

    def _read(self, client: Elasticsearch) -> None:
        metrics.SERVER_UP.labels("Elasticsearch").set(_elasticsearch_answers(client))
        reachable = answers(self._settings.kafka)
        metrics.SERVER_UP.labels("Kafka").set(reachable)
        if not reachable:
            self._close()
            return
        try:
            self._reader = self._reader or StatusReader(self._settings)
            publish_status(self._reader.read(client))
        except UnreachableError as error:
            log.debug("status_unreadable", reason=str(error))
            self._close()

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def publish_status(status: Status) -> None:
    """Set the metrics of the installation."""
    for stage in status.stages:
        metrics.STAGE_LAG.labels(stage.stage).set(stage.lag)
        metrics.STAGE_MEMBERS.labels(stage.stage).set(stage.members)
    metrics.DEAD_LETTERS.set(status.dead_letters)
    for base, count in (status.documents or {}).items():
        metrics.DOCUMENTS.labels(base).set(count)


def _elasticsearch_answers(client: Elasticsearch) -> bool:
    try:
        client.options(request_timeout=_SERVER_SECONDS).cluster.health()
    except (ApiError, TransportError):
        return False
    return True


@contextmanager
def monitored(role: Role, settings: Settings, *, installation: bool = True) -> Iterator[ProcessMonitor]:
    """The process's endpoint and, with ``installation``, the metrics of the installation, while this lasts."""
    with ProcessMonitor(role, settings) as monitor:
        watch = InstallationWatch(settings) if installation and settings.monitoring.enabled else None
        if watch:
            watch.start()
        try:
            yield monitor
        finally:
            if watch:
                watch.stop()
