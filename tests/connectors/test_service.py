"""Processes that share the connectors out over a real Kafka, and continue from each other's stored states."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from connectors.service import ConnectorService
from connectors.state import partition_of
from tests.connectors.running import feed, items, over_http, wait_for, write_connector

pytestmark = pytest.mark.stack

RUN = """
import sys
from pathlib import Path
from connectors.service import ConnectorService
from pipeline.settings import Settings
ConnectorService(Settings.model_validate_json(sys.argv[1])).run()
"""


@contextmanager
def running(broker: Any) -> Iterator[ConnectorService]:
    service = ConnectorService(broker.settings)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield service
    finally:
        service.stopping.set()
        thread.join(60)
        assert not thread.is_alive()


def test_a_restart_goes_on_where_it_stood(broker: Any, web: Any) -> None:
    with running(broker):
        write_connector(broker, "one", over_http(web.page("/one", feed("1", "2"), ETag='"v1"')))
        assert items(broker, 2) == {"1": 1, "2": 1}
    before = len(web.requests)
    with running(broker):
        wait_for(lambda: len(web.requests) > before)
        assert web.requests[before][1]["if-none-match"] == '"v1"'
        web.page("/one", feed("1", "2", "3"), ETag='"v2"')
        assert items(broker, 3) == {"1": 1, "2": 1, "3": 1}


def test_killed_the_other_takes_over_from_the_stored_state(broker: Any, web: Any) -> None:
    names = [f"c{number}" for number in range(8)]
    assert len({partition_of(name, 2) for name in names}) == 2  # so that each process has some
    bodies = {name: [f"{name}-{number}" for number in range(3)] for name in names}
    for name in names:
        write_connector(broker, name, over_http(web.page(f"/{name}", feed(*bodies[name])), provider=name))
    processes = [
        subprocess.Popen([sys.executable, "-c", RUN, broker.settings.model_dump_json()], stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]
    try:
        wait_for(lambda: len(items(broker)) == 24, seconds=120)
        wait_for(lambda: len(broker.states()) == 8)
        os.kill(processes[0].pid, signal.SIGKILL)
        processes[0].wait()
        for name in names:
            web.page(f"/{name}", feed(*bodies[name], f"{name}-new"))
        wait_for(lambda: len(items(broker)) == 32, seconds=120)
        counts = items(broker)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert set(counts) == {item for name in names for item in (*bodies[name], f"{name}-new")}
    # What was stored is not published again; what was on its way at the kill may be, and intake drops it.
    assert sum(counts.values()) - 32 <= 8
