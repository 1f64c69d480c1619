"""Processes that share the connectors out over a real Kafka, and continue from each other's stored states."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import httpx
import pytest

from connectors.state import partition_of
from tests.connectors.running import feed, items, over_http, running, wait_for, write_connector

pytestmark = pytest.mark.stack

RUN = """
import sys
from pathlib import Path
from connectors.service import ConnectorService
from pipeline.settings import Settings
ConnectorService(Settings.model_validate_json(sys.argv[1])).run()
"""


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


def test_a_push_to_any_process_counts_for_the_one_that_runs_the_connector(
    broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUSH_SECRET", "a-secret-of-some-length")
    names = [f"hook{number}" for number in range(6)]
    assert len({partition_of(name, 2) for name in names}) == 2
    for name in names:
        transport = "{type: webhook, bearer_token: {env: PUSH_SECRET}}"
        schedule = "{interval_seconds: 0.2, adaptive: false}"
        write_connector(broker, name, f"provider: P\nparser: text\nschedule: {schedule}\ntransport: {transport}\n")
    with running(broker) as one, running(broker) as other:
        wait_for(lambda: one.receiver.running and other.receiver.running)
        # The first process has all of them until the second one is in the group.
        wait_for(lambda: all(service.health() for service in (one, other)))
        wait_for(lambda: sum(len(service.health()) for service in (one, other)) == len(names))
        for name in names:
            for number in range(3):
                url = f"http://127.0.0.1:{one.receiver.port}/push/{name}"
                headers = {"Authorization": "Bearer a-secret-of-some-length"}
                body = f"Story {number} of {name}\n\nIts text, number {number}.\n".encode()
                # The first one waits for a process that parses.
                assert httpx.post(url, content=body, headers=headers, timeout=60).status_code == 200
        wait_for(lambda: {state.items_published for state in broker.states().values()} == {3})
    states = broker.states()
    assert sorted(states) == names
    assert all(state.usual_rate.last_item is not None for state in states.values())


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
