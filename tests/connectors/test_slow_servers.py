"""FTP, IMAP and SFTP servers that never finish: one deadline ends the whole poll, and limits what they may send."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from connectors.transports import AnyTransport
from connectors.transports.base import Poll, PollContext
from pipeline.events import ConnectorState

Say = Callable[[bytes], None]


class Stalling:
    """A server whose answers a test gives line by line; ``drip`` sends one byte after the other until it is left."""

    def __init__(self, talk: Callable[[Stalling, Any], None]) -> None:
        self._talk = talk
        self._secured: list[ssl.SSLSocket] = []
        self._listening = [socket.create_server(("127.0.0.1", 0))]
        self.port = self._listening[0].getsockname()[1]
        self.left = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        try:
            connection, _ = self._listening[0].accept()
            with connection:
                self.connection = connection
                self._talk(self, connection.makefile("rb"))
        except OSError:
            pass
        finally:
            for secured in self._secured:
                secured.close()
            self.left.set()

    def secure(self, connection: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        """The server's side of TLS."""
        self._secured.append(context.wrap_socket(connection, server_side=True))
        return self._secured[-1]

    def say(self, text: str) -> None:
        self.connection.sendall(text.encode())

    def drip(self, data: bytes = b"x", connection: socket.socket | None = None) -> None:
        while True:
            (connection or self.connection).sendall(data)
            time.sleep(0.05)

    def flood(self, data: bytes, connection: socket.socket | None = None) -> None:
        while True:
            (connection or self.connection).sendall(data)

    def data_port(self) -> tuple[socket.socket, int]:
        server = socket.create_server(("127.0.0.1", 0))
        self._listening.append(server)
        return server, server.getsockname()[1]

    def close(self) -> None:
        for server in self._listening:
            server.close()
        self._thread.join(10)
        assert not self._thread.is_alive()


@contextmanager
def stalling(talk: Callable[[Stalling, Any], None]) -> Iterator[Stalling]:
    server = Stalling(talk)
    yield server
    server.close()


def poll(kind: str, port: int, tmp_path: Path, *, seconds: float = 1, **options: Any) -> tuple[Poll, float]:
    """Poll with a time-out of each read that dripping never exceeds."""
    if kind == "sftp":
        (tmp_path / "known_hosts").touch()
        options["known_hosts"] = str(tmp_path / "known_hosts")
    source: Any = TypeAdapter(AnyTransport).validate_python(
        {"type": kind, "host": "127.0.0.1", "port": port, "username": "u", "password": {"env": "SLOW_PASSWORD"},
         "allow_private_addresses": True, **options}
    )  # fmt: skip
    context = PollContext(
        now=datetime.now(UTC), max_body_bytes=100_000, timeout_seconds=30, user_agent="Test", poll_seconds=seconds
    )
    began = time.monotonic()
    result = source.poll(ConnectorState(connector="x"), context)
    return result, time.monotonic() - began


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOW_PASSWORD", "s3cret-s3cret")


def ftp(until: str, ending: Callable[[Stalling, socket.socket | None], None]) -> Callable[[Stalling, Any], None]:
    """A conversation that is normal up to a command; then the ending, with the data connection if there is one."""

    def talk(server: Stalling, lines: Any) -> None:
        if until == "greeting":
            ending(server, None)
        server.say("220 hello\r\n")
        data, port = server.data_port()
        for line in lines:
            command = line.split()[0].decode()
            if command in {"MLSD", "NLST", "RETR"}:
                server.say("150 here it comes\r\n")
                connection, _ = data.accept()
                with connection:
                    if command == until:
                        ending(server, connection)
                    connection.sendall(b"type=file;size=5;modify=20261124; a.txt\r\n")
                server.say("226 done\r\n")
            elif command == until:
                ending(server, None)
            elif command == "PASV":
                server.say(f"227 ok (127,0,0,1,{port // 256},{port % 256})\r\n")
            else:
                server.say("331 password\r\n" if command == "USER" else "200 ok\r\n")

    return talk


@pytest.mark.parametrize("until", ["greeting", "USER", "CWD", "MLSD", "RETR"])
def test_an_ftp_server_that_drips_is_left(tmp_path: Path, until: str) -> None:
    with stalling(ftp(until, lambda server, data: server.drip(connection=data))) as server:
        result, seconds = poll("ftp", server.port, tmp_path, tls=False, rest=False)
        assert "takes too long" in (result.error or "")
        assert server.left.wait(10)
    assert seconds < 20  # a hang, not a speed: without the deadline it never ends


def test_an_ftp_server_that_drips_lines_is_left(tmp_path: Path) -> None:
    with stalling(ftp("USER", lambda server, _: server.drip(b"331-more\r\n"))) as server:
        assert "takes too long" in (poll("ftp", server.port, tmp_path, tls=False)[0].error or "")


@pytest.mark.parametrize(
    ("until", "flood", "reason"),
    [("greeting", b"220-more\r\n", "more than 500 lines"), ("USER", b"x" * 5000, "got more than 8192 bytes"),
     ("MLSD", b"type=dir; a\r\n", "more than 10,000 files"), ("MLSD", b"x" * 5000, "got more than 8192 bytes")],
)  # fmt: skip
def test_an_ftp_server_that_floods_is_left(tmp_path: Path, until: str, flood: bytes, reason: str) -> None:
    with stalling(ftp(until, lambda server, data: server.flood(flood, data))) as server:
        result, _ = poll("ftp", server.port, tmp_path, seconds=30, tls=False)
        assert reason in (result.error or "")


def imap(until: str, ending: Callable[[Stalling], None]) -> Callable[[Stalling, Any], None]:
    def talk(server: Stalling, lines: Any) -> None:
        if until == "greeting":
            ending(server)
        server.say("* OK hello\r\n")
        for line in lines:
            tag, command = line.decode().split()[:2]
            command = line.decode().split()[2] if command == "UID" else command
            if command == until:
                ending(server)
            server.say(
                {"CAPABILITY": "* CAPABILITY IMAP4rev1\r\n", "SEARCH": "* SEARCH 1 2 3\r\n",
                 "EXAMINE": "* 3 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 4] x\r\n",
                 "FETCH": "* 1 FETCH (UID 1 BODY[]<0> {5}\r\nhello)\r\n"}.get(command, "")
            )  # fmt: skip
            server.say(f"{tag} OK done\r\n")

    return talk


@pytest.mark.parametrize("until", ["greeting", "CAPABILITY", "LOGIN", "EXAMINE", "SEARCH", "FETCH"])
def test_an_imap_server_that_drips_is_left(tmp_path: Path, until: str) -> None:
    with stalling(imap(until, lambda server: server.drip())) as server:
        result, seconds = poll("imap", server.port, tmp_path, tls=False)
        assert "takes too long" in (result.error or "")
        assert server.left.wait(10)
    assert seconds < 20


@pytest.mark.parametrize("until", ["LOGIN", "EXAMINE", "SEARCH", "FETCH"])
@pytest.mark.parametrize("flood", [b"* OK unasked for\r\n", b"* 1 FETCH (X {50000}\r\n" + b"x" * 50_000 + b")\r\n"])
def test_an_imap_server_that_floods_is_left(tmp_path: Path, until: str, flood: bytes) -> None:
    with stalling(imap(until, lambda server: server.flood(flood))) as server:
        result, _ = poll("imap", server.port, tmp_path, seconds=30, tls=False)
        assert "more than 1,110,000 bytes for one command" in (result.error or "")


def test_messages_fetched_before_a_stall_are_kept(tmp_path: Path) -> None:
    fetched = []

    def stall_at_the_second(server: Stalling, lines: Any) -> None:
        normal = imap("nothing", lambda _: None)

        def counted() -> Iterator[bytes]:
            for line in lines:
                if b"FETCH" in line:
                    fetched.append(line)
                    if len(fetched) == 2:
                        server.drip()
                yield line

        normal(server, counted())

    with stalling(stall_at_the_second) as server:
        result, _ = poll("imap", server.port, tmp_path, tls=False)
    assert ([payload.data for payload in result.payloads], result.error) == ([b"hello"], None)
    assert result.state.cursor == "1:1"


def test_a_mailbox_of_millions_is_searched_in_ranges(tmp_path: Path) -> None:
    searches: list[str] = []

    def talk(server: Stalling, lines: Any) -> None:
        server.say("* OK hello\r\n")
        for line in lines:
            text = line.decode()
            tag, command = text.split()[:2]
            if "SEARCH" in text:
                searches.append(text.split("UID ")[-1].strip())
            server.say(
                {"EXAMINE": "* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 3000001] x\r\n", "UID": "* SEARCH\r\n",
                 "CAPABILITY": "* CAPABILITY IMAP4rev1\r\n"}.get(command, "")
            )  # fmt: skip
            server.say(f"{tag} OK done\r\n")

    with stalling(talk) as server:
        result, _ = poll("imap", server.port, tmp_path, seconds=30, tls=False)
    assert searches[:2] == ["1:10000", "10001:20000"]
    assert (len(searches), result.state.cursor) == (100, "1:1000000")  # the next poll continues


def test_a_server_that_does_not_send_the_next_uid_is_searched_at_once(tmp_path: Path) -> None:
    def talk(server: Stalling, lines: Any) -> None:
        def without(text: str) -> None:
            Stalling.say(server, text.replace("* OK [UIDNEXT 4] x\r\n", ""))

        server.say = without  # type: ignore[method-assign]
        imap("nothing", lambda _: None)(server, lines)

    with stalling(talk) as server:
        result, _ = poll("imap", server.port, tmp_path, seconds=30, tls=False)
    assert (len(result.payloads), result.state.cursor) == (3, "1:3")
    with stalling(talk) as server:
        result, _ = poll("imap", server.port, tmp_path, seconds=30, tls=False, start="new")
    assert "does not send UIDNEXT" in (result.error or "")


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-x\r\n"])
def test_an_ssh_server_that_drips_is_left(tmp_path: Path, greeting: bytes) -> None:
    def talk(server: Stalling, _lines: Any) -> None:
        server.connection.sendall(greeting)
        server.drip()

    with stalling(talk) as server:
        result, seconds = poll("sftp", server.port, tmp_path)
        assert result.error
        assert server.left.wait(10)
    assert seconds < 20


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def ftps(certificate: Path, until: str) -> Callable[[Stalling, Any], None]:
    """The same over TLS, on both connections."""
    context = server_context(certificate)

    def talk(server: Stalling, lines: Any) -> None:
        server.say("220 hello\r\n")
        assert lines.readline() == b"AUTH TLS\r\n"
        server.say("234 go\r\n")
        server.connection = server.secure(server.connection, context)
        data, port = server.data_port()
        for line in server.connection.makefile("rb"):
            command = line.split()[0].decode()
            if command in {"MLSD", "RETR"}:
                server.say("150 here it comes\r\n")
                connection = server.secure(data.accept()[0], context)
                if command == until:
                    server.drip(connection=connection)
                connection.sendall(b"type=file;size=4;modify=20261124; a.txt\r\n" if command == "MLSD" else b"text")
                connection.unwrap().close()
                server.say("226 done\r\n")
            elif command == "PASV":
                server.say(f"227 ok (127,0,0,1,{port // 256},{port % 256})\r\n")
            else:
                server.say("331 password\r\n" if command == "USER" else "200 ok\r\n")

    return talk


def test_ftp_over_tls(tmp_path: Path, certificate: Path) -> None:
    with stalling(ftps(certificate, "nothing")) as server:
        result, _ = poll("ftp", server.port, tmp_path, seconds=30, host="localhost", rest=False)
    assert ([(file.name, file.data) for file in result.payloads], result.error) == ([("a.txt", b"text")], None)


def test_ftp_over_tls_with_another_name_is_refused(tmp_path: Path, certificate: Path) -> None:
    with stalling(ftps(certificate, "nothing")) as server:
        assert "certificate" in (poll("ftp", server.port, tmp_path, host="127.0.0.1")[0].error or "")


@pytest.mark.parametrize("until", ["MLSD", "RETR"])
def test_an_ftp_server_that_drips_over_tls_is_left(tmp_path: Path, certificate: Path, until: str) -> None:
    with stalling(ftps(certificate, until)) as server:
        result, seconds = poll("ftp", server.port, tmp_path, host="localhost", rest=False)
        assert "takes too long" in (result.error or "")
    assert seconds < 20


@pytest.mark.parametrize("until", ["nothing", "LOGIN", "FETCH"])
def test_imap_over_tls(tmp_path: Path, certificate: Path, until: str) -> None:
    context = server_context(certificate)

    def talk(server: Stalling, _lines: Any) -> None:
        server.connection = server.secure(server.connection, context)
        imap(until, lambda server: server.drip())(server, server.connection.makefile("rb"))

    with stalling(talk) as server:
        seconds = 30 if until == "nothing" else 1
        result, _ = poll("imap", server.port, tmp_path, seconds=seconds, host="localhost")
    if until == "nothing":
        assert ([message.data for message in result.payloads], result.error) == ([b"hello"] * 3, None)
    else:
        assert "takes too long" in (result.error or "")
