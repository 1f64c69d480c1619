"""Running connectors: files that come, change and go, broken feeds, and hosts that are not overloaded. No broker."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from connectors.directory import ConnectorDirectory
from connectors.runner import ConnectorRun
from connectors.state import ReadPushes, partition_of
from connectors.supervisor import ConnectorSupervisor
from pipeline.events import ConnectorPushes, ConnectorState
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


class Stalling:
    """A page whose answer does not come before the test lets it."""

    def __init__(self, web: Any, path: str) -> None:
        self.asked, self.answer = threading.Event(), threading.Event()
        web.pages[path] = self.page
        self.url = web.url + path

    def page(self, request: Any) -> None:
        self.asked.set()
        self.answer.wait(30)
        body = feed("late")
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


def test_changing_a_connector_whose_server_stalls_holds_up_no_other(fake_broker: Any, web: Any) -> None:
    stalling = Stalling(web, "/stalling")
    write_connector(fake_broker, "stalling", over_http(stalling.url))
    with running(fake_broker) as supervisor:
        assert stalling.asked.wait(30)
        write_connector(fake_broker, "stalling", over_http(web.page("/instead", feed("instead"))))
        write_connector(fake_broker, "good", over_http(web.page("/good", feed("good"))))
        assert items(fake_broker, 1) == {"good": 1}
        assert "/instead" not in {path for path, _ in web.requests}
        stalling.answer.set()
        wait_for(lambda: items(fake_broker).keys() == {"good", "late", "instead"})
        assert supervisor.names == ["good", "stalling"]


def test_a_process_that_stops_abandons_a_poll_that_does_not_end(
    fake_broker: Any, web: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it had been killed: nothing is published or stored any more, and the next process polls again."""
    monkeypatch.setattr("connectors.supervisor._STOP_SECONDS", 0.2)
    stalling = Stalling(web, "/stalling")
    write_connector(fake_broker, "stalling", over_http(stalling.url))
    with capture_logs() as logs, running(fake_broker):
        assert stalling.asked.wait(30)
    assert [log["connector"] for log in logs if log["event"] == "poll_abandoned"] == ["stalling"]
    stalling.answer.set()
    before = len(web.requests)
    with running(fake_broker):
        wait_for(lambda: len(web.requests) > before)
        assert items(fake_broker, 1) == {"late": 1}


def test_an_abandoned_poll_stores_nothing(fake_broker: Any, web: Any) -> None:
    stalling = Stalling(web, "/stalling")
    write_connector(fake_broker, "x", over_http(stalling.url))
    files = ConnectorDirectory(fake_broker.settings.connectors.directory)
    files.scan()
    run = ConnectorRun(files.configs["x"], ConnectorState(connector="x"), fake_broker.settings, fake_broker.publisher)
    thread = threading.Thread(target=run.poll_once, args=(datetime.now(UTC),))
    thread.start()
    assert stalling.asked.wait(30)
    run.abandon()
    stalling.answer.set()
    thread.join()
    assert fake_broker.publisher.messages == []


def test_what_was_pushed_is_stored_within_moments_and_then_again_later(
    fake_broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUSH_SECRET", "a-secret-of-some-length")
    monkeypatch.setattr("connectors.runner._PUSHES_INTERVAL", timedelta(seconds=0.5))
    transport = "{type: webhook, bearer_token: {env: PUSH_SECRET}}"
    write_connector(fake_broker, "hook", f"provider: P\nparser: text\ntransport: {transport}\n")

    def published() -> int:
        state = fake_broker.states().get("hook")
        return state.items_published if state else 0

    with running(fake_broker) as supervisor:
        wait_for(lambda: supervisor.names == ["hook"])
        for offset, total in enumerate((3, 6)):
            pushes = ConnectorPushes(connector="hook", more=3)
            supervisor.note_pushes([ReadPushes(pushes, partition_of("hook", 2), offset)])
            wait_for(lambda total=total: published() == total)


def test_of_thousands_of_files_the_first_are_polled_before_the_others_are_read(fake_broker: Any, web: Any) -> None:
    for number in range(60):
        write_connector(fake_broker, f"feed-{number:02}", over_http(web.page(f"/{number}", feed(str(number)))))
    files = ConnectorDirectory(fake_broker.settings.connectors.directory)
    supervisor = ConnectorSupervisor(fake_broker.settings, files, fake_broker.publisher, threading.Event())
    supervisor.assign(range(2), {})
    assert 0 < len(supervisor.names) < 60
    supervisor.poll_due(datetime.now(UTC))
    wait_for(lambda: any(path != "/robots.txt" for path, _ in web.requests))
    while not files.is_complete:
        supervisor.reload()
    assert len(supervisor.names) == 60
    supervisor.close()
