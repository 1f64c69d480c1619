"""What must be there before a worker begins: topics and indices. Servers that do not answer yet are waited for."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.broker.topics_admin import ensure_topics
from pipeline.events.errors import UnreachableError
from pipeline.index import admin
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.startup")

_FOREVER = float("inf")


def wait_for_servers(
    settings: Settings, *, index: bool = True, tell: Callable[[str], None] | None = None, seconds: float = _FOREVER
) -> None:
    """Create what is missing in Kafka and Elasticsearch, waiting for either to answer.

    Args:
        settings: of the installation.
        index: whether Elasticsearch is needed.
        tell: told once of each server that is waited for; ``None``: the log is.
        seconds: how long to wait at most.

    Raises:
        UnreachableError: Elasticsearch did not answer in time.
        ConfigurationError: Kafka did not answer in time, or what is there does not fit the settings.
    """
    say = tell or (lambda message: log.warning("waiting", reason=message))
    ensure_topics(settings, wait_seconds=seconds, on_wait=say)
    if not index:
        return
    deadline, told = time.monotonic() + seconds, False
    with elasticsearch_client(settings.elasticsearch) as client:
        while True:
            try:
                for difference in admin.init(client, settings.elasticsearch).differences:
                    log.warning("index_differs", difference=difference)
            except UnreachableError as error:
                if time.monotonic() >= deadline:
                    raise
                if not told:
                    say(f"waiting for Elasticsearch: {error}")
                    told = True
                time.sleep(1)
            else:
                return
