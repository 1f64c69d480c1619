"""Healthy feeds next to hostile ones: every item of the healthy ones arrives, and the process ends when it is told to.

A hostile feed, a stalling FTP server, a broken file that is written again and again, silent connections and forged pushes
do their worst for half a minute (``WIREDESK_LONG=1``); the time that items take is printed for both halves.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.directory import ConnectorDirectory
from connectors.parse_pool import ParsePool
from connectors.receiver import Receiver
from connectors.supervisor import ConnectorSupervisor
from pipeline.events import RawItem
from tests.connectors.running import over_http, write_connector
from tests.connectors.test_slow_servers import Stalling, ftp

FEEDS, SECONDS = 10, 30


class Company:
    """Connectors that run, and feeds that grow."""

    def __init__(self, broker: Any, web: Any) -> None:
        self.broker, self.web = broker, web
        self.stopping, self.published = threading.Event(), dict[str, float]()
        self.items: list[list[str]] = [[] for _ in range(FEEDS)]
        self.pool = ParsePool(broker.settings.connectors)
        files = ConnectorDirectory(broker.settings.connectors.directory)
        self.supervisor = ConnectorSupervisor(broker.settings, files, broker.publisher, self.stopping, self.pool)
        self.receiver = Receiver(broker.settings, lambda: files.configs, broker.publisher, parser=self.pool)
        for number in range(FEEDS):
            self.show(number)
            text = over_http(f"{web.url}/{number}").replace("interval_seconds: 0.2", "interval_seconds: 2")
            write_connector(broker, f"feed{number}", text)
        directory = broker.settings.connectors.directory
        (directory / "hook.yaml").write_text("provider: X\ntransport: {type: webhook, secret: {env: PUSH_SECRET}}\n")
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        self.supervisor.assign(range(2), {})
        while not self.stopping.is_set():
            self.supervisor.reload()
            self.supervisor.poll_due(datetime.now(UTC))
            self.supervisor.wait(0.2)
        self.supervisor.close()

    def show(self, number: int) -> None:
        entries = "".join(f"<item><guid>{guid}</guid><title>{guid}</title></item>" for guid in self.items[number])
        self.web.page(f"/{number}", f"<rss version='2.0'><channel>{entries}</channel></rss>".encode())

    def grow(self, name: str, seconds: float) -> list[float]:
        """Let every feed grow for a while; the seconds until each item was published."""
        shown: dict[str, float] = {}
        end, count = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            number = count % FEEDS
            guid = f"{name}-{count}"
            self.items[number].insert(0, guid)
            shown[guid] = time.monotonic()
            self.show(number)
            count += 1
            time.sleep(0.2)
            self.look()
        wait_end = time.monotonic() + 60
        while not shown.keys() <= self.published.keys() and time.monotonic() < wait_end:
            time.sleep(0.05)
            self.look()
        assert shown.keys() <= self.published.keys()
        return sorted(self.published[guid] - since for guid, since in shown.items())

    def look(self) -> None:
        messages = self.broker.publisher.of("raw")
        for message in messages[len(self.published) :]:
            self.published.setdefault(RawItem.decode(message.value).item_id, time.monotonic())


@pytest.mark.long
@pytest.mark.timeout(400)
def test_healthy_feeds_are_not_held_up(
    fake_broker: Any, web: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUSH_SECRET", "a-secret-of-some-length")
    monkeypatch.setenv("SLOW_PASSWORD", "s3cret-s3cret")
    # All servers have one address here; elsewhere the limit of each host is its own.
    connectors = fake_broker.settings.connectors.model_copy(update={"requests_per_host": 20})
    fake_broker.settings = fake_broker.settings.model_copy(update={"connectors": connectors})
    company = Company(fake_broker, web)
    assert company.receiver.start() is None
    company.thread.start()
    undisturbed = company.grow("quiet", SECONDS)

    ended = threading.Event()
    url = f"http://127.0.0.1:{company.receiver.port}/push/hook"
    forged = {"X-Hub-Signature-256": "sha256=" + "0" * 64}

    def break_files() -> None:
        count = 0
        while not ended.wait(0.5):
            count += 1
            path = fake_broker.settings.connectors.directory / "broken.yaml"
            path.write_text(
                ["rights: 2026-13-45\n", "a: &a [*a]\n", "# \x07\n", "[" * 9000][count % 4] + "x" * (count % 7)
            )

    def push_forged() -> None:
        while not ended.is_set():
            httpx.post(url, content=b"x" * 900_000, headers=forged, timeout=20)

    bomb = (
        b"<rss version='2.0'><channel><item><guid>b</guid><author>"
        + b"_" * 100_000
        + b"</author></item></channel></rss>"
    )
    with ExitStack() as stack:
        web.page("/hostile", bomb)
        write_connector(fake_broker, "hostile", over_http(f"{web.url}/hostile"))
        server = Stalling(ftp("greeting", lambda server, _: server.drip()))
        write_connector(
            fake_broker, "slow",
            f"provider: X\ntransport: {{type: ftp, host: 127.0.0.1, port: {server.port}, username: u, tls: false, "
            "password: {env: SLOW_PASSWORD}, allow_private_addresses: true}\n",
        )  # fmt: skip
        for _ in range(100):
            stack.enter_context(socket.create_connection(("127.0.0.1", company.receiver.port), timeout=20))
        threads = [threading.Thread(target=target, daemon=True) for target in (break_files, push_forged, push_forged)]
        for thread in threads:
            thread.start()
        disturbed = company.grow("loud", SECONDS)
        ended.set()
        for thread in threads:
            thread.join(30)
        began = time.monotonic()
        company.stopping.set()
        company.thread.join(30)
        company.receiver.stop()
        company.pool.close()
        stopped = time.monotonic() - began
        assert not company.thread.is_alive()
        server.connection.shutdown(socket.SHUT_RDWR)
        server.close()
    for name, times in (("undisturbed", undisturbed), ("disturbed", disturbed)):
        middle, high = times[len(times) // 2], times[int(len(times) * 0.95)]
        print(f"{name}: {len(times)} items, median {middle:.2f} s, p95 {high:.2f} s")
    print(f"stopped within {stopped:.1f} s, load {os.getloadavg()[0]:.1f}")
