"""Ten healthy feeds next to hostile company on the real servers: every item arrives, and every process ends when told to.

A hostile feed, hostile mails, forged pushes and silent connections, a broken connector file that is written again and
again, and a stalling FTP server do their worst for five minutes (``WIREDESK_COMPANY_SECONDS`` to change). The time until
items are in ``wire.raw`` and in the index is printed without and with them.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from kafka import KafkaConsumer, TopicPartition

from pipeline.broker.topics import topics_of
from pipeline.events import RawItem
from pipeline.local.ports import any_free
from tests.end_to_end.conftest import Installation

SECONDS = float(os.environ.get("WIREDESK_COMPANY_SECONDS", "300"))
QUIET_SECONDS = SECONDS / 2
FEEDS, KEPT = 10, 40
SECRET = "a-secret-of-some-length"

#: Bodies that have held up a process for minutes to hours.
MONSTERS = {
    "author": b"<author>" + b"_" * 100_000 + b"</author>",
    "marks": b"<title>" + "\u0316\u0301".encode() * 150_000 + b"</title>",
    "tags": b"<description>" + b"&lt;p&gt;" * 100_000 + b"</description>",
    "blanks": b"<description>" + b"\n" * 300_000 + b"x</description>",
    "nesting": b"<a>" * 100_000,
}
MAILS = ["\r\n" * 200_000 + "END", "_" * 500_000, "\u0316\u0301" * 100_000, "A (" * 100_000, "=?utf-8?q?a?=" * 30_000]


class Feeds:
    """Ten feeds that grow, and a hostile one that shows another monster at each request."""

    def __init__(self) -> None:
        self.items: list[list[str]] = [[] for _ in range(FEEDS)]
        monsters = itertools.cycle(MONSTERS.values())
        feeds = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.strip("/")
                body = feeds.page(int(name)) if name.isdigit() else rss(b"<item>" + next(monsters) + b"</item>")
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def page(self, number: int) -> bytes:
        entries = "".join(
            f"<item><guid>{guid}</guid><title>{guid}</title><description>Ann Moe said the bridge at Calvessa, number "
            f"{guid}, was safe.</description></item>"
            for guid in self.items[number]
        )
        return rss(entries.encode())

    def grow(self, name: str, seconds: float) -> dict[str, float]:
        """Let the feeds grow for a while; when each item was shown."""
        shown: dict[str, float] = {}
        end = time.time() + seconds
        for count in itertools.count():
            if time.time() >= end:
                return shown
            items, guid = self.items[count % FEEDS], f"{name}-{count}"
            shown[guid] = time.time()
            items.insert(0, guid)
            del items[KEPT:]
            time.sleep(0.2)
        raise AssertionError


def rss(items: bytes) -> bytes:
    return b"<rss version='2.0'><channel>" + items + b"</channel></rss>"


class Drip(socketserver.BaseRequestHandler):
    """An FTP server that sends a byte now and then, for ever."""

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self.request.sendall(b"2")
                time.sleep(0.3)


class Mails(socketserver.StreamRequestHandler):
    """An IMAP server that has new hostile mails whenever it is asked."""

    numbers = itertools.count(4, 3)

    def handle(self) -> None:
        following = next(self.numbers)
        found = " ".join(str(following - back) for back in (3, 2, 1))
        self.say("* OK hello")
        while line := self.rfile.readline():
            words = line.decode().split()
            command = words[2] if words[1] == "UID" else words[1]
            answers = {
                "CAPABILITY": ["* CAPABILITY IMAP4rev1"],
                "EXAMINE": ["* OK [UIDVALIDITY 1] x", f"* OK [UIDNEXT {following}] x"],
                "SEARCH": [f"* SEARCH {found}"],
            }
            for answer in answers.get(command, []):
                self.say(answer)
            if command == "FETCH":
                mail = (
                    f"From: a@b.c\r\nSubject: s\r\nMessage-ID: <{words[3]}>\r\n\r\n{MAILS[int(words[3]) % len(MAILS)]}"
                )
                self.say(f"* 1 FETCH (UID {words[3]} BODY[]<0> {{{len(mail.encode())}}}\r\n{mail})")
            self.say(f"{words[0]} OK done")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def served(server: socketserver.BaseServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def threaded(handler: type[socketserver.BaseRequestHandler]) -> socketserver.ThreadingTCPServer:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    return server


def break_files(directory: Path, ended: threading.Event) -> None:
    wrong = ["rights: 2026-13-45\n", "a: &a [*a]\n", "# \x07\n", "[" * 9000, "mapping: /\n", "priority: " + "9" * 5000]
    for count in itertools.count():
        if ended.wait(0.5):
            return
        (directory / "broken.yaml").write_text(wrong[count % len(wrong)] + "x" * (count % 7))


def push_forged(url: str, ended: threading.Event) -> None:
    forged = {"X-Hub-Signature-256": "sha256=" + "0" * 64}
    while not ended.wait(0.02):
        with contextlib.suppress(httpx.HTTPError):
            httpx.post(url, content=b"x" * 900_000, headers=forged, timeout=20)


def stay_silent(port: int, ended: threading.Event) -> None:
    """Open connections that say nothing, again whenever they are closed."""
    while not ended.is_set():
        with ExitStack() as stack:
            for _ in range(100):
                with contextlib.suppress(OSError):
                    stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            ended.wait(10)


@contextmanager
def hostile(installation: Installation, feeds: Feeds, port: int) -> Iterator[None]:
    """All of the company, for as long as the block runs."""
    directory, ended = installation.settings.connectors.directory, threading.Event()
    private = "allow_private_addresses: true"
    with served(threaded(Drip)) as ftp, served(threaded(Mails)) as imap:
        login = f"host: 127.0.0.1, username: u, password: {{env: COMPANY_SECRET}}, tls: false, {private}"
        connector(installation, "hostile", f"{{type: http, url: '{feeds.url}/hostile', {private}}}\nparser: rss")
        connector(installation, "slow", f"{{type: ftp, port: {ftp}, {login}}}")
        connector(installation, "mails", f"{{type: imap, port: {imap}, {login}}}\nparser: email")
        work: list[tuple[Callable[..., None], Any]] = [
            (break_files, directory), (stay_silent, port), *[(push_forged, f"http://127.0.0.1:{port}/push/hook")] * 2
        ]  # fmt: skip
        threads = [threading.Thread(target=target, args=(given, ended), daemon=True) for target, given in work]
        for thread in threads:
            thread.start()
        yield
        ended.set()
        for thread in threads:
            thread.join(30)


def connector(installation: Installation, name: str, transport: str) -> None:
    schedule = "schedule: {interval_seconds: 2, adaptive: false, jitter: 0}"
    installation.connector(name, f"provider: {name}\n{schedule}\ntransport: {transport}\n")


def published(installation: Installation) -> dict[str, float]:
    """When each item was first put on ``wire.raw``, in seconds since 1970, by its id."""
    topic = topics_of(installation.settings).raw
    consumer = KafkaConsumer(
        bootstrap_servers=installation.settings.kafka.bootstrap_servers, group_id=None, auto_offset_reset="earliest"
    )
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    consumer.assign(partitions)
    ends, found = consumer.end_offsets(partitions), dict[str, float]()
    while any(consumer.position(partition) < ends[partition] for partition in partitions):
        for records in consumer.poll(timeout_ms=200).values():
            for record in records:
                found.setdefault(RawItem.decode(record.value).item_id, record.timestamp / 1000)
    consumer.close()
    return found


def indexed(installation: Installation) -> dict[str, float]:
    """When each story was last written to the index, by its item's id."""
    client, names = installation.client, installation.names
    client.indices.refresh(index=names.alias("stories"))
    hits = client.search(index=names.alias("stories"), size=10_000, source=["item_id", "indexed"])
    return {
        hit["_source"]["item_id"]: datetime.fromisoformat(hit["_source"]["indexed"]).timestamp()
        for hit in hits["hits"]["hits"]
    }


def arrived(installation: Installation, name: str, shown: dict[str, float]) -> None:
    """Wait until all items are in the index, and print how long they took."""
    installation.wait(lambda: shown.keys() <= indexed(installation).keys(), f"{len(shown)} items of {name}")
    for place, when in (("wire.raw", published(installation)), ("the index", indexed(installation))):
        assert shown.keys() <= when.keys()
        times = sorted(when[guid] - since for guid, since in shown.items())
        print(
            f"{name}: {len(times)} items in {place}: median {times[len(times) // 2]:.2f} s, "
            f"p95 {times[int(len(times) * 0.95)]:.2f} s, all within {times[-1]:.2f} s"
        )


def ended_within(installation: Installation) -> float:
    """Tell all processes to end; the seconds until the last one and its children have."""
    all_of_them = [psutil.Process(process.pid) for process in installation.processes]
    children = [child for process in all_of_them for child in process.children(recursive=True)]
    began = time.monotonic()
    for process in installation.processes:
        process.send_signal(signal.SIGTERM)
    for place, process in enumerate(installation.processes):
        assert process.wait(60) == 0
        print(f"{process.args[3]} ended within {time.monotonic() - began:.1f} s; its last words:")
        print("\n".join(line[:200] for line in installation.log(place).splitlines()[-12:]))
    _, alive = psutil.wait_procs(children, 20)
    assert not alive
    return time.monotonic() - began


@pytest.fixture
def models() -> dict[str, str]:
    return {"en": "blank-gazetteer"}  # the time of the language work is not what is measured


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_healthy_feeds_next_to_hostile_company(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANY_SECRET", SECRET)
    # All servers have one address here; elsewhere the limit of each host is its own.
    port = any_free(set())
    update = {"requests_per_host": 20, "webhook_port": port, "webhook_host": "127.0.0.1"}
    connectors = installation.settings.connectors.model_copy(update=update)
    installation.settings = installation.settings.model_copy(update={"connectors": connectors})
    feeds = Feeds()
    with served(feeds.server):
        for number in range(FEEDS):
            private = "allow_private_addresses: true"
            connector(
                installation, f"feed{number}", f"{{type: http, url: '{feeds.url}/{number}', {private}}}\nparser: rss"
            )
        connector(installation, "hook", "{type: webhook, secret: {env: COMPANY_SECRET}}")
        installation.start("worker")
        installation.start("connectors", "run")
        arrived(installation, "first", feeds.grow("first", 2))
        arrived(installation, "undisturbed", feeds.grow("quiet", QUIET_SECONDS))
        with hostile(installation, feeds, port):
            arrived(installation, "in hostile company", feeds.grow("loud", SECONDS))
            seconds = ended_within(installation)
    reasons = [letter["reason"][:90] for letter in installation.dead()]
    print(f"all processes ended within {seconds:.1f} s; {len(reasons)} dead letters; load {os.getloadavg()[0]:.1f}")
    assert seconds < 10
