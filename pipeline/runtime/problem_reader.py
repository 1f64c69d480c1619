"""What needs a person now, read from the servers: the source of the alerts of an installation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from elasticsearch import Elasticsearch

from pipeline.events.errors import UnreachableError
from pipeline.events.problem import Problem
from pipeline.runtime.condition import problems
from pipeline.runtime.status import StatusReader, with_feeds_and_alerts
from pipeline.settings import Settings


class ProblemReader:
    """Reads the condition of an installation again and again over the same connections.

    Args:
        settings: of the installation.
        client: of its Elasticsearch.
    """

    def __init__(self, settings: Settings, client: Elasticsearch) -> None:
        self._settings = settings
        self._client = client
        self._reader: StatusReader | None = None

    def __call__(self) -> Sequence[Problem]:
        """Everything that needs a person; that Kafka does not answer is one problem like others."""
        try:
            self._reader = self._reader or StatusReader(self._settings)
            status = with_feeds_and_alerts(self._reader.read(self._client), self._settings, self._client)
        except UnreachableError as error:
            self.close()
            return (Problem("kafka_unreachable", "Kafka", str(error)),)
        return problems(status, datetime.now(UTC), self._settings.monitoring.late_seconds)

    def close(self) -> None:
        """Close the connections."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None
