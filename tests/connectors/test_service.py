"""Processes that share the connectors out, and take over from each other where they stood."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.service import ConnectorService
from connectors.state import partition_of, read_states
from pipeline.broker.topics import topics_of
from pipeline.events import RawItem

pytestmark = pytest.mark.stack

RUN = """
import sys
from pathlib import Path
from connectors.service import ConnectorService
from pipeline.settings import Settings
ConnectorService(Settings.model_validate_json(sys.argv[1])).run()
"""


def file(broker: Any, name: str, text: str) -> Path:
    """Write a connector's file as an editor does: whole at once."""
    path = broker.settings.connectors.directory / f"{name}.yaml"
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").rename(path)
    return path


def over_http(url: str, provider: str = "Example", more: str = "") -> str:
    return (
        f"provider: {provider}\nparser: rss\nschedule: {{interval_seconds: 0.2, adaptive: false}}\n"
        f"transport: {{type: http, url: '{url}', allow_private_addresses: true}}\n{more}"
    )


def feed(*guids: str) -> bytes:
    items = "".join(f'<item><guid isPermaLink="false">{guid}</guid><title>{guid}</title></item>' for guid in guids)
    return f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()


def wait_for(what: Callable[[], object], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


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


def items(broker: Any, at_least: int = 0) -> Counter[str]:
    return Counter(RawItem.decode(value).item_id for _, value in broker.read("raw", at_least))


def states(broker: Any) -> dict[str, Any]:
    topic = topics_of(broker.settings).connectors
    return read_states(broker.settings.kafka, topic.name, range(topic.partitions))


def test_files_are_taken_over_while_running(broker: Any, web: Any) -> None:
    one = file(broker, "one", over_http(web.page("/one", feed("1"))))
    with running(broker) as service:
        assert items(broker, 1) == {"1": 1}
        file(broker, "two", over_http(web.page("/two", feed("2"))))
        assert items(broker, 2) == {"1": 1, "2": 1}
        # changed: another address, polled at once
        file(broker, "two", over_http(web.page("/three", feed("3"))))
        assert items(broker, 3) == {"1": 1, "2": 1, "3": 1}
        # broken: told, and the last good one goes on
        file(broker, "two", "provider: [")
        wait_for(lambda: any("not YAML" in (health.last_error or "") for health in service.health()))
        web.page("/three", feed("3", "4"))
        assert items(broker, 4)["4"] == 1
        # removed: not asked any more
        one.unlink()
        wait_for(lambda: "one" not in {health.name for health in service.health()})
        asked = sum(path == "/one" for path, _ in web.requests)
        web.page("/three", feed("3", "4", "5"))
        assert items(broker, 5)["5"] == 1
        assert sum(path == "/one" for path, _ in web.requests) == asked


def test_a_broken_feed_is_named_and_the_others_go_on(broker: Any, web: Any) -> None:
    file(broker, "bad", over_http(web.page("/bad", b"no feed at all")))
    file(broker, "gone", over_http(web.page("/gone", status=410)))
    file(broker, "good", over_http(web.page("/good", feed("1"))))
    with running(broker) as service:
        assert items(broker, 1) == {"1": 1}
        wait_for(lambda: len([health for health in service.health() if health.last_error]) == 2)
        errors = {health.name: health.last_error or "" for health in service.health()}
    assert f"{web.url}/bad: " in errors["bad"]
    assert "410" in errors["gone"]
    assert states(broker)["gone"].gone
    assert sum(path == "/gone" for path, _ in web.requests) == 1


def test_a_restart_goes_on_where_it_stood(broker: Any, web: Any) -> None:
    file(broker, "one", over_http(web.page("/one", feed("1", "2"), ETag='"v1"')))
    with running(broker):
        assert items(broker, 2) == {"1": 1, "2": 1}
    before = len(web.requests)
    with running(broker):
        wait_for(lambda: len(web.requests) > before)
        assert web.requests[before][1]["if-none-match"] == '"v1"'
        web.page("/one", feed("1", "2", "3"), ETag='"v2"')
        assert items(broker, 3) == {"1": 1, "2": 1, "3": 1}


def test_no_more_requests_a_host_than_allowed(broker: Any, web: Any) -> None:
    now = 0
    most = 0
    lock = threading.Lock()

    def slow(request: Any) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.1)
        with lock:
            now -= 1
        request.send_response(304)
        request.end_headers()

    web.pages["/slow"] = slow
    for number in range(6):
        file(broker, f"c{number}", over_http(f"{web.url}/slow"))
    with running(broker):
        wait_for(lambda: len(web.requests) > 12)
    assert most <= broker.settings.connectors.requests_per_host


def test_where_a_host_is_slow_every_connector_of_it_gets_its_turn(broker: Any, web: Any) -> None:
    def slow(request: Any) -> None:
        time.sleep(0.15)
        request.send_response(304)
        request.end_headers()

    names = [f"/c{number}" for number in range(8)]
    for name in names:
        web.pages[name] = slow
        file(broker, name[1:], over_http(web.url + name))
    with running(broker):
        # Two at a time take 0.15 s and may be asked for again after 0.2 s: there is never time for all.
        wait_for(lambda: len(web.requests) >= 40)
    counts = Counter(path for path, _ in web.requests)
    assert min(counts[name] for name in names) >= 3


def test_killed_the_other_takes_over_from_the_stored_state(broker: Any, web: Any) -> None:
    names = [f"c{number}" for number in range(8)]
    assert len({partition_of(name, 2) for name in names}) == 2  # so that each process has some
    bodies = {name: [f"{name}-{number}" for number in range(3)] for name in names}
    for name in names:
        file(broker, name, over_http(web.page(f"/{name}", feed(*bodies[name])), provider=name))
    processes = [
        subprocess.Popen([sys.executable, "-c", RUN, broker.settings.model_dump_json()], stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]
    try:
        wait_for(lambda: len(items(broker)) == 24, seconds=120)
        wait_for(lambda: len(states(broker)) == 8)
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
