"""Polling thousands of feeds, mostly unchanged, in one process, against one thread a feed.

    python -m tests.benchmarks.polling [--feeds 5000] [--seconds 20]

A server in a process of its own answers 304 to conditional requests but for one in fifty, which gets a feed with one
new item. The supervisor of connectors polls all feeds (its own loop, files, states; what it publishes is kept in
memory), then one thread for each feed does it with httpx and feedparser. Each is a process of its own. A poll is
compared by processor time, which other programs on the machine hardly change; seconds are told beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.benchmarks.show import show

_NEW_EVERY = 50
#: Each host may be polled by few at once, so that the feeds are of as many as loopback has addresses for.
_FEEDS_PER_HOST = 10
_INTERVAL = 10


class _Server(asyncio.Protocol):
    """Just enough of HTTP: reads no bodies, closes where it is asked to."""

    count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._data = b""

    def data_received(self, data: bytes) -> None:
        self._data += data
        while b"\r\n\r\n" in self._data:
            head, _, self._data = self._data.partition(b"\r\n\r\n")
            _Server.count += 1
            if b"if-none-match" in head.lower() and _Server.count % _NEW_EVERY:
                self._transport.write(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n')
                continue
            number = _Server.count
            item = f"<item><guid>{number}</guid><title>Story {number}</title><description>Text.</description></item>"
            body = f"<rss version='2.0'><channel><title>F</title>{item}</channel></rss>".encode()
            self._transport.write(
                f'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(body)}\r\n\r\n'.encode()
                + body
            )


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Server, "0.0.0.0", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def address(port: int, number: int) -> str:
    """The feed's address, on one of many loopback hosts."""
    host = number // _FEEDS_PER_HOST
    return f"http://127.{1 + host // 62_500}.{host // 250 % 250}.{1 + host % 250}:{port}/feed/{number}"


def _supervised(port: int, feeds: int, seconds: float, folder: Path) -> dict[str, float]:
    from connectors.directory import ConnectorDirectory
    from connectors.parse_pool import ParsePool
    from connectors.supervisor import ConnectorSupervisor
    from pipeline.events import ConnectorState
    from pipeline.settings import Settings
    from pipeline.settings.logs import configure
    from pipeline.testing.publisher import FakePublisher

    configure(Settings().log, level="warning")
    for number in range(feeds):
        file = {
            "name": f"feed-{number}", "provider": "Paper", "parser": "rss", "schedule": {"interval_seconds": _INTERVAL, "adaptive": False},
            "transport": {"type": "http", "url": address(port, number), "allow_private_addresses": True},
        }  # fmt: skip
        (folder / f"feed-{number}.yaml").write_text(json.dumps(file), encoding="utf-8")
    settings = Settings()
    stopping = threading.Event()
    parser = ParsePool(settings.connectors)
    publisher = FakePublisher()
    names = [f"feed-{number}" for number in range(feeds)]
    states = {name: ConnectorState(connector=name, etag='"a"') for name in names}
    began, used = time.monotonic(), time.process_time()
    files = ConnectorDirectory(folder)
    supervisor = ConnectorSupervisor(settings, files, publisher, stopping, parser)
    supervisor.assign(range(settings.kafka.partitions), states)
    parser.start_soon()

    def round_() -> None:
        supervisor.poll_due(datetime.now(UTC))
        if not files.is_complete:
            supervisor.reload()
        supervisor.wait(0.4)

    def polls() -> int:
        return sum(health.polls for health in supervisor.health())

    while not polls():
        round_()
    first, first_cpu = time.monotonic() - began, time.process_time() - used
    while not any(message.topic.endswith("raw") for message in publisher.messages):
        round_()
    item = time.monotonic() - began
    while not files.is_complete:
        round_()
    loaded = time.monotonic() - began
    while polls() < feeds:
        for _ in range(20):
            round_()
    before, cpu, start = polls(), time.process_time(), time.monotonic()
    while time.monotonic() - start < seconds:
        round_()
    result = _result(polls() - before, time.process_time() - cpu, time.monotonic() - start)
    stopping.set()
    supervisor.close()
    parser.close()
    return {**result, "first": first, "first_cpu": first_cpu, "item": item, "loaded": loaded}


def _threads(port: int, feeds: int, seconds: float) -> dict[str, float]:
    import feedparser
    import httpx

    threading.stack_size(256 * 1024)
    trusted = ssl.create_default_context()
    polled = [0] * feeds
    ending = threading.Event()

    def follow(number: int) -> None:
        headers = {"If-None-Match": '"a"'}
        while not ending.is_set():
            with httpx.Client(timeout=30, trust_env=False, verify=trusted) as client:
                answer = client.get(address(port, number), headers=headers)
            if answer.status_code == 200:
                feedparser.parse(answer.content)
                headers["If-None-Match"] = answer.headers["etag"]
            polled[number] += 1
            ending.wait(_INTERVAL)

    began = time.monotonic()
    for number in range(feeds):
        threading.Thread(target=follow, args=(number,), daemon=True).start()
    while not any(polled):
        time.sleep(0.01)
    first = time.monotonic() - began
    while sum(map(bool, polled)) < feeds:
        time.sleep(0.1)
    before, cpu, start = sum(polled), time.process_time(), time.monotonic()
    time.sleep(seconds)
    result = _result(sum(polled) - before, time.process_time() - cpu, time.monotonic() - start)
    ending.set()
    return {**result, "first": first}


def _result(polls: int, cpu: float, seconds: float) -> dict[str, float]:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"polls": polls, "cpu": cpu, "seconds": seconds, "memory": memory}


def _contestant(name: str, port: int, given: argparse.Namespace) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable, "-m", "tests.benchmarks.polling", "--as", name, "--port", str(port), "--folder", folder,
            "--feeds", str(given.feeds), "--seconds", str(given.seconds),
        ]  # fmt: skip
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--as", dest="role", choices=("server", "supervisor", "threads"), help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.role == "server":
        asyncio.run(_serve())
        return
    if given.role:
        ours = given.role == "supervisor"
        arguments = (given.port, given.feeds, given.seconds)
        print(json.dumps(_supervised(*arguments, given.folder) if ours else _threads(*arguments)), flush=True)
        os._exit(0)  # not waiting for threads that sleep
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.polling", "--as", "server"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        ours, theirs = (_contestant(name, port, given) for name in ("supervisor", "threads"))
    finally:
        server.kill()
    print(
        f"{given.feeds:,} files read and polled meanwhile in {ours['loaded']:.1f} s, first item published after "
        f"{ours['item']:.1f} s; load {os.getloadavg()[0]:.1f}"
    )
    against = "one thread a feed"

    def rate(of: dict[str, float], by: str) -> float:
        return of["polls"] / of[by]

    show(
        "polling",
        [
            Figure("polls for a second of processor time", "polls/s", rate(ours, "cpu"), against, rate(theirs, "cpu"), "larger", "500"),
            Figure("polls in a second", "polls/s", rate(ours, "seconds"), against, rate(theirs, "seconds"), "larger", "500"),
            Figure("memory", "MB", ours["memory"], against, theirs["memory"], goal="300 MB"),
            Figure("processor time until the first poll", "s", ours["first_cpu"]),
            Figure("first poll after", "s", ours["first"], against, theirs["first"], goal="5 s"),
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
