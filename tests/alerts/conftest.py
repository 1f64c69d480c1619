"""Fixtures of the alerts' tests."""

from __future__ import annotations

import contextlib
import socketserver
import threading
import time
import uuid
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.settings import DeskSettings, Settings
from tests.alerts.office import Mailbox, Office, Receiver
from tests.indices import made_indices


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if receiver.status < 300:
                receiver.taken.append(({name.casefold(): value for name, value in self.headers.items()}, body))
            if receiver.drip_seconds or receiver.endless:
                with contextlib.suppress(OSError):
                    self._drip()
                return
            self.send_response(receiver.status)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _drip(self) -> None:
            answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n"
            if receiver.endless:
                self.wfile.write(answer)
                while True:
                    self.wfile.write(b"x" * 65536)
            for byte in answer:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(receiver.drip_seconds)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield receiver
    server.shutdown()
    server.server_close()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that accepts everything."""
    messages: list[EmailMessage] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 test\r\n")
            while line := self.rfile.readline():
                if line.upper().startswith(b"DATA"):
                    self.wfile.write(b"354 go on\r\n")
                    text = b"".join(iter(self.rfile.readline, b".\r\n"))
                    messages.append(message_from_bytes(text, policy=policy.default))  # type: ignore[arg-type]
                self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")
                if line.upper().startswith(b"QUIT"):
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], messages
        server.shutdown()


@pytest.fixture(scope="module")
def settings(stack: Any) -> Iterator[Settings]:
    with made_indices(stack.elasticsearch) as (elasticsearch, _):
        yield Settings(elasticsearch=elasticsearch, desk=DeskSettings(url="https://desk.example"))


@pytest.fixture
def office(settings: Settings, receiver: Receiver) -> Iterator[Office]:
    with elasticsearch_client(settings.elasticsearch) as client:
        yield Office(settings, client, receiver, "bridge" + uuid.uuid4().hex[:10])
