"""Running connectors: files that come, change and go, broken feeds, and hosts that are not overloaded. No broker."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from connectors.directory import ConnectorDirectory
from connectors.supervisor import ConnectorSupervisor
from tests.connectors.running import feed, items, over_http, wait_for, write_connector


@contextmanager
def running(broker: Any) -> Iterator[ConnectorSupervisor]:
    """A process to which the group has assigned all partitions."""
    stopping = threading.Event()
    files = ConnectorDirectory(broker.settings.connectors.directory)
    supervisor = ConnectorSupervisor(broker.settings, files, broker.publisher, stopping)
    supervisor.assign(range(2), broker.states())

    def run() -> None:
        while not stopping.is_set():
            supervisor.reload()
            supervisor.poll_due(datetime.now(UTC))
            supervisor.wait(0.1)
        supervisor.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield supervisor
    finally:
        stopping.set()
        thread.join(60)
        assert not thread.is_alive()


def test_files_are_taken_over_while_running(fake_broker: Any, web: Any) -> None:
    one = write_connector(fake_broker, "one", over_http(web.page("/one", feed("1"))))
    with running(fake_broker) as supervisor:
        assert items(fake_broker, 1) == {"1": 1}
        write_connector(fake_broker, "two", over_http(web.page("/two", feed("2"))))
        assert items(fake_broker, 2) == {"1": 1, "2": 1}
        # changed: another address, polled at once
        write_connector(fake_broker, "two", over_http(web.page("/three", feed("3"))))
        assert items(fake_broker, 3) == {"1": 1, "2": 1, "3": 1}
        # broken: told, and the last good one goes on
        write_connector(fake_broker, "two", "provider: [")
        wait_for(lambda: any("not YAML" in (health.last_error or "") for health in supervisor.health()))
        web.page("/three", feed("3", "4"))
        assert items(fake_broker, 4)["4"] == 1
        # removed: not asked any more
        one.unlink()
        wait_for(lambda: "one" not in {health.name for health in supervisor.health()})
        asked = sum(path == "/one" for path, _ in web.requests)
        web.page("/three", feed("3", "4", "5"))
        assert items(fake_broker, 5)["5"] == 1
        assert sum(path == "/one" for path, _ in web.requests) == asked


def test_a_broken_feed_is_named_and_the_others_go_on(fake_broker: Any, web: Any) -> None:
    write_connector(fake_broker, "bad", over_http(web.page("/bad", b"no feed at all")))
    write_connector(fake_broker, "gone", over_http(web.page("/gone", status=410)))
    write_connector(fake_broker, "good", over_http(web.page("/good", feed("1"))))
    with running(fake_broker) as supervisor:
        assert items(fake_broker, 1) == {"1": 1}
        wait_for(lambda: len([health for health in supervisor.health() if health.last_error]) == 2)
        errors = {health.name: health.last_error or "" for health in supervisor.health()}
    assert f"{web.url}/bad: " in errors["bad"]
    assert "410" in errors["gone"]
    assert fake_broker.states()["gone"].gone
    assert sum(path == "/gone" for path, _ in web.requests) == 1


def test_no_more_requests_a_host_than_allowed(fake_broker: Any, web: Any) -> None:
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
        write_connector(fake_broker, f"c{number}", over_http(f"{web.url}/slow"))
    with running(fake_broker):
        wait_for(lambda: len(web.requests) > 12)
    assert most <= fake_broker.settings.connectors.requests_per_host


def test_where_a_host_is_slow_every_connector_of_it_gets_its_turn(fake_broker: Any, web: Any) -> None:
    def slow(request: Any) -> None:
        time.sleep(0.15)
        request.send_response(304)
        request.end_headers()

    names = [f"/c{number}" for number in range(8)]
    for name in names:
        web.pages[name] = slow
        write_connector(fake_broker, name[1:], over_http(web.url + name))
    with running(fake_broker):
        # Two at a time take 0.15 s and may be asked for again after 0.2 s: there is never time for all.
        wait_for(lambda: len(web.requests) >= 40)
    counts = Counter(path for path, _ in web.requests)
    assert min(counts[name] for name in names) >= 3
