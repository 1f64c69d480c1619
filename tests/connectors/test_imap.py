"""A mailbox on a real IMAP server."""

from __future__ import annotations

import imaplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.config import ConnectorConfig
from connectors.reading import read_payload
from connectors.transports.base import Poll, PollContext
from connectors.transports.imap import ImapTransport
from pipeline.events import ConnectorState

pytest.importorskip("pymap")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    command = Path(sys.executable).with_name("pymap")
    server = subprocess.Popen(
        [command, "--no-tls", "--host", "127.0.0.1", "--port", str(number), "--no-service", "admin", "--no-service",
         "managesieve", "dict", "--demo-user", "wire", "--demo-password", "s3cret"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", number), 1).close()
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    yield number
    server.terminate()
    server.wait(10)


@pytest.fixture
def box(port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[imaplib.IMAP4]:
    """The provider's side: logged in, with an empty folder ``News``."""
    monkeypatch.setenv("MAIL_PASSWORD", "s3cret")
    with imaplib.IMAP4("127.0.0.1", port) as box:
        box.login("wire", "s3cret")
        box.delete("News")
        box.create("News")
        yield box


def put(box: imaplib.IMAP4, subject: str, body: str = "Text of the story.") -> None:
    message = (
        f"From: Desk <desk@wire.example>\r\nSubject: {subject}\r\nMessage-ID: <{subject}@wire.example>\r\n"
        f"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\n{body}\r\n"
    )
    assert box.append("News", "", "", message.encode())[0] == "OK"


def transport(port: int, **options: Any) -> ImapTransport:
    return ImapTransport.model_validate(
        {"type": "imap", "host": "127.0.0.1", "port": port, "tls": False, "username": "wire", "folder": "News",
         "password": {"env": "MAIL_PASSWORD"}, "allow_private_addresses": True, **options}
    )  # fmt: skip


def look(source: ImapTransport, state: ConnectorState | None = None) -> Poll:
    context = PollContext(now=datetime.now(UTC), max_body_bytes=5000, timeout_seconds=5, user_agent="Test")
    return source.poll(state or ConnectorState(connector="x"), context)


def subjects(poll: Poll) -> list[str]:
    assert poll.error is None
    return [payload.data.split(b"Subject: ")[1].split(b"\r\n")[0].decode() for payload in poll.payloads]


def test_every_message_comes_once_in_order(box: imaplib.IMAP4, port: int) -> None:
    for number in range(5):
        put(box, str(number))
    source = transport(port, max_messages=2)
    state, found = ConnectorState(connector="x"), []
    for _ in range(4):
        poll = look(source, state)
        state = poll.state
        found += subjects(poll)
    assert found == ["0", "1", "2", "3", "4"]
    put(box, "new")
    assert subjects(look(source, state)) == ["new"]
    assert subjects(look(source, state)) == ["new"]  # a crash before the state was stored loses nothing
    box.select("News")
    assert box.search(None, "SEEN")[1] == [b""]  # and nothing in the mailbox has changed


def test_what_was_there_before_may_be_left(box: imaplib.IMAP4, port: int) -> None:
    put(box, "old")
    source = transport(port, start="new")
    first = look(source)
    assert (subjects(first), first.unchanged) == ([], True)
    put(box, "new")
    assert subjects(look(source, first.state)) == ["new"]


def test_a_mailbox_numbered_anew_is_read_from_its_start(box: imaplib.IMAP4, port: int) -> None:
    put(box, "a")
    state = ConnectorState(connector="x", cursor="1:99999")
    assert subjects(look(transport(port, start="new"), state)) == ["a"]


def test_large_messages_are_not_read_whole(box: imaplib.IMAP4, port: int) -> None:
    put(box, "big", "x" * 100_000)
    put(box, "small")
    poll = look(transport(port))
    assert [len(payload.data) > 5000 for payload in poll.payloads] == [True, False]
    assert len(poll.payloads[0].data) == 5001


def test_messages_are_read_as_mail(box: imaplib.IMAP4, port: int) -> None:
    put(box, "Headline here")
    config = ConnectorConfig.model_validate({"name": "x", "provider": "X", "transport": transport(port).model_dump()})
    reading = read_payload(
        look(transport(port)).payloads[0], config, now=datetime.now(UTC), max_body_bytes=9999, max_original_bytes=9999
    )
    assert [(raw.parser, raw.item.headline) for raw in reading.items] == [("email", "Headline here")]


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"username": "other"}, "imap://127.0.0.1"), ({"folder": 'No"where'}, 'No"where'), ({"port": 1}, ":1/"),
     ({"password": {"env": "NO_SUCH_PASSWORD"}}, "NO_SUCH_PASSWORD"), ({"tls": True}, "imap://127.0.0.1"),
     ({"allow_private_addresses": False}, "not a public address"), ({"host": "no-such-host.invalid"}, "no-such-host")],
)  # fmt: skip
def test_what_hinders_is_an_error_that_names_the_server(
    box: imaplib.IMAP4, port: int, change: dict[str, Any], expected: str
) -> None:
    poll = look(transport(change.pop("port", port), **change))
    assert expected in (poll.error or "")
    assert "s3cret" not in (poll.error or "")


def test_a_server_that_sends_more_than_allowed_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "s3cret")
    server = socket.create_server(("127.0.0.1", 0))

    def lie() -> None:
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"* OK hello\r\n")
            for line in lines:
                tag, command = line.split()[:2]
                if command == b"EXAMINE":
                    connection.sendall(b"* 1 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 2] x\r\n")
                if line.find(b"SEARCH") > 0:
                    connection.sendall(b"* SEARCH 1\r\n")
                if line.find(b"FETCH") > 0:
                    connection.sendall(b"* 1 FETCH (UID 1 BODY[]<0> {99999999999}\r\n")
                    return
                if command == b"CAPABILITY":
                    connection.sendall(b"* CAPABILITY IMAP4rev1\r\n")
                connection.sendall(tag + b" OK done\r\n")

    thread = threading.Thread(target=lie, daemon=True)
    thread.start()
    poll = look(transport(server.getsockname()[1]))
    assert "99,999,999,999 bytes" in (poll.error or "")
    thread.join(5)
    server.close()
