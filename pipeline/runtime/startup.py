"""What a process needs before it begins: topics and indices. Servers that do not answer yet are waited for."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.broker.retry import RetryPolicy, until_reached_blocking
from pipeline.broker.topics_admin import ensure_topics
from pipeline.events.errors import UnreachableError
from pipeline.index import admin
from pipeline.settings import Settings
from pipeline.settings.section import secrets_of

log = structlog.get_logger("wiredesk.startup")

_FOREVER = float("inf")


def wait_for_servers(
    settings: Settings,
    *,
    index: bool = True,
    tell: Callable[[str], None] | None = None,
    seconds: float = _FOREVER,
    stopping: threading.Event | None = None,
) -> None:
    """Create what is missing in Kafka and Elasticsearch, waiting for either to answer.

    Args:
        settings: of the installation.
        index: whether Elasticsearch is needed.
        tell: told once of each server that is waited for; the log is told in any case.
        seconds: how long to wait at most.
        stopping: set to give up.

    Raises:
        UnreachableError: a server did not answer in time, or ``stopping`` was set.
        ConfigurationError: a secret is missing, what exists does not match the settings, or a server refuses us.
    """
    for secret in (*secrets_of(settings.kafka), *secrets_of(settings.elasticsearch)):
        secret.read_text()  # no server needs to answer to know that it is not set
    say = tell or (lambda _: None)
    stop = stopping or threading.Event()
    deadline = time.monotonic() + seconds
    created = ensure_topics(settings, wait_seconds=seconds, on_wait=say, pause=stop.wait)
    log.info("topics_ready", kafka=settings.kafka.bootstrap_servers, created=created)
    if index:
        _wait_for_index(settings, say, deadline - time.monotonic(), stop)


def _wait_for_index(settings: Settings, say: Callable[[str], None], seconds: float, stop: threading.Event) -> None:
    url, told = settings.elasticsearch.url, False

    def tell(_: UnreachableError) -> None:
        nonlocal told
        if not told:
            say(f"waiting for Elasticsearch at {url}")
        told = True

    with elasticsearch_client(settings.elasticsearch) as client:
        done = until_reached_blocking(
            lambda: admin.init(client, settings.elasticsearch),
            RetryPolicy(0.5, 5),
            "startup",
            seconds=seconds,
            pause=stop.wait,
            on_failure=tell,
        )
    for difference in done.differences:
        log.warning("index_differs", difference=difference)
    log.info("indices_ready", elasticsearch=url, created=done.created)


async def servers_ready(settings: Settings, stopping: asyncio.Event, *, index: bool) -> bool:
    """As :func:`wait_for_servers`, from an event loop; ``False`` as soon as ``stopping`` is set.

    The clients block for as long as a server hangs, so they run in a thread that nobody waits for at the end.

    Raises:
        ConfigurationError: what exists does not match the settings, or a server refuses us.
    """
    loop, give_up = asyncio.get_running_loop(), threading.Event()
    done: asyncio.Future[None] = loop.create_future()

    def finish(error: BaseException | None) -> None:
        if not done.done():
            done.set_exception(error) if error else done.set_result(None)

    def work() -> None:
        error: BaseException | None = None
        try:
            wait_for_servers(settings, index=index, stopping=give_up)
        except BaseException as raised:  # noqa: BLE001 - raised in the loop
            error = raised
        if not give_up.is_set():
            loop.call_soon_threadsafe(finish, error)

    threading.Thread(target=work, name="startup", daemon=True).start()
    stopped = asyncio.create_task(stopping.wait())
    try:
        waiting: list[asyncio.Future[Any]] = [done, stopped]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        give_up.set()
        stopped.cancel()
    if not done.done():
        return False
    done.result()
    return True
