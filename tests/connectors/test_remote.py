"""Files on other machines: real SFTP and FTP servers on this one."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from connectors.transports import AnyTransport
from connectors.transports.base import Poll, PollContext
from connectors.transports.remote import Memory, RemoteFile, RemoteFolder, plan, remember
from pipeline.events import ConnectorState


@dataclass
class Server:
    """A server and the folder that it shows."""

    folder: Path
    options: dict[str, Any]

    def look(self, state: ConnectorState | None = None, *, peek: bool = False, **more: Any) -> Poll:
        source: Any = TypeAdapter(AnyTransport).validate_python({**self.options, **more})
        context = PollContext(
            now=datetime.now(UTC), max_body_bytes=10_000, timeout_seconds=20, user_agent="Test", peek=peek
        )
        return source.poll(state or ConnectorState(connector="x"), context)

    def put(self, name: str, text: str, age: int = 0) -> None:
        (self.folder / name).write_text(text)
        os.utime(self.folder / name, (1_700_000_000 - age,) * 2)

    def names(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())


class Login(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("wire", "s3cret")


@pytest.fixture(scope="module")
def sftp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("sftp")
    home = root / "home"
    (home / "in").mkdir(parents=True)
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()

    async def begin() -> Any:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Login, server_host_keys=[key],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(home)),
        )  # fmt: skip

    listening = loop.run_until_complete(begin())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = listening.get_port()
    known = root / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {key.export_public_key().decode()}")
    yield Server(
        home / "in",
        {"type": "sftp", "host": "127.0.0.1", "port": port, "username": "wire", "password": {"env": "FILES_PASSWORD"},
         "directory": "/in", "known_hosts": str(known), "allow_private_addresses": True},
    )  # fmt: skip

    async def end() -> None:
        listening.close()
        await listening.wait_closed()
        await asyncio.sleep(0.1)

    asyncio.run_coroutine_threadsafe(end(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="module")
def ftp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pyftpdlib_servers = pytest.importorskip("pyftpdlib.servers")
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler

    folder = tmp_path_factory.mktemp("ftp") / "in"
    folder.mkdir()

    class Handler(FTPHandler):
        authorizer = DummyAuthorizer()

    Handler.authorizer.add_user("wire", "s3cret", str(folder.parent), perm="elradfmw")
    server = pyftpdlib_servers.FTPServer(("127.0.0.1", 0), Handler)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            server.serve_forever(timeout=0.05, blocking=False, handle_exit=False)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield Server(
        folder,
        {"type": "ftp", "host": "127.0.0.1", "port": server.address[1], "username": "wire", "tls": False,
         "password": {"env": "FILES_PASSWORD"}, "directory": "in", "allow_private_addresses": True},
    )  # fmt: skip
    stop.set()
    thread.join()
    server.close_all()


@pytest.fixture(params=["sftp", "ftp"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("FILES_PASSWORD", "s3cret")
    found: Server = request.getfixturevalue(f"{request.param}_server")
    for path in sorted(found.folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    return found


def test_files_are_taken_oldest_first_once_they_rest_and_once_only(server: Server) -> None:
    server.put("b.txt", "B", age=10)
    server.put("a.txt", "A")
    server.put("other.xml", "X")
    first = server.look(pattern="*.txt")
    assert (first.payloads, first.error) == ((), None)
    server.put("a.txt", "A, but longer")  # it was still being written
    second = server.look(first.state, pattern="*.txt")
    assert [(payload.name, payload.data) for payload in second.payloads] == [("b.txt", b"B")]
    third = server.look(second.state, pattern="*.txt")
    assert [(payload.name, payload.data) for payload in third.payloads] == [("a.txt", b"A, but longer")]
    assert server.look(third.state, pattern="*.txt").unchanged
    server.put("a.txt", "again, another text", age=5)
    assert [p.data for p in server.look(third.state, pattern="*.txt", rest=False).payloads] == [b"again, another text"]


@pytest.mark.parametrize(("after", "left"), [("keep", ["a.txt"]), ("delete", []), ("move", ["done/a.txt"])])
def test_files_are_cleared_away_at_the_look_after_the_one_that_took_them(
    server: Server, after: str, left: list[str]
) -> None:
    server.put("a.txt", "A")
    taken = server.look(rest=False, after=after)
    assert len(taken.payloads) == 1
    assert server.names() == ["a.txt"]  # a crash here loses nothing
    again = server.look(ConnectorState(connector="x"), rest=False, after=after)
    assert len(again.payloads) == 1
    cleared = server.look(taken.state, rest=False, after=after)
    assert (cleared.payloads, cleared.error, server.names()) == ((), None, left)
    assert server.look(cleared.state, rest=False, after=after).unchanged


def test_peeking_changes_nothing(server: Server) -> None:
    server.put("a.txt", "A")
    state = server.look(rest=False, after="delete").state
    server.put("b.txt", "B")
    assert [payload.name for payload in server.look(state, peek=True, after="delete").payloads] == ["b.txt"]
    assert server.names() == ["a.txt", "b.txt"]


def test_large_files_are_not_read_whole_and_do_not_stop_the_others(server: Server) -> None:
    server.put("a.txt", "x" * 500_000, age=9)
    server.put("b.txt", "B")
    state, found = ConnectorState(connector="x"), []
    for _ in range(20):  # a look that the server is too busy for brings nothing and is made again
        poll = server.look(state, rest=False)
        state = poll.state
        found += [(payload.name, len(payload.data) > 10_000) for payload in poll.payloads]
        assert all(len(payload.data) < 200_000 for payload in poll.payloads)
    assert found == [("a.txt", True), ("b.txt", False)]


def test_folders_are_not_taken_and_a_folder_that_is_not_there_is_told(server: Server) -> None:
    (server.folder / "folder.txt").mkdir()
    assert server.look(rest=False).unchanged
    assert server.look(directory="/nowhere").error


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"username": "other"}, None),
        ({"password": {"env": "NO_SUCH_PASSWORD"}}, "NO_SUCH_PASSWORD is not set"),
        ({"allow_private_addresses": False}, "not a public address"),
        ({"port": 1}, None),
        ({"host": "no-such-host.invalid"}, None),
    ],
)
def test_what_hinders_is_an_error_that_names_the_server(
    server: Server, change: dict[str, Any], expected: str | None
) -> None:
    poll = server.look(**change)
    assert poll.error
    assert (expected or change.get("host", "127.0.0.1")) in poll.error
    assert "s3cret" not in poll.error


def test_unknown_host_keys_are_refused(sftp_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILES_PASSWORD", "s3cret")
    assert "does not exist" in (sftp_server.look(known_hosts=str(tmp_path / "none")).error or "")
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    (tmp_path / "known").write_text(f"[127.0.0.1]:{sftp_server.options['port']} {other}")
    assert "ssh-keyscan" in (sftp_server.look(known_hosts=str(tmp_path / "known")).error or "")


def test_plain_ftp_where_tls_is_wanted_is_an_error(ftp_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILES_PASSWORD", "s3cret")
    assert ftp_server.look(tls=True).error


def test_sftp_wants_a_password_or_a_key() -> None:
    with pytest.raises(ValidationError, match="key_file"):
        TypeAdapter(AnyTransport).validate_python({"type": "sftp", "host": "a.example", "username": "u"})


names = st.sampled_from(["a", "b", "c", "../d", "e/f", ".g", "h\r\nDELE x", "ü"])
listings = st.dictionaries(names, st.builds(RemoteFile, st.integers(0, 2), st.sampled_from(["1", "2"])))


@given(
    st.lists(listings, min_size=1, max_size=6), st.sampled_from(["keep", "delete"]), st.booleans(), st.integers(1, 3)
)
def test_nothing_is_cleared_that_was_not_taken_and_nothing_is_taken_twice(
    folders: list[dict[str, RemoteFile]], after: Any, rest: bool, most: int
) -> None:
    options = RemoteFolder(host="h", username="u", after=after, rest=rest, max_files=most)
    memory, taken = Memory({}, {}), set()
    for listing in folders:
        todo = plan(options, listing, Memory.read(memory.write()))
        assert not {"../d", "e/f", ".g", "h\r\nDELE x"} & {*todo.fetch, *todo.clear}
        assert all((name, listing[name].mark) in taken for name in todo.clear)
        assert len(todo.fetch) <= most
        fetched = set(todo.fetch)
        assert all(memory.taken.get(name) != listing[name].mark for name in fetched)
        taken |= {(name, listing[name].mark) for name in fetched}
        memory = remember(listing, memory, fetched, set(todo.clear))


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", "3", '{"taken": 3}', "null"])
def test_a_memory_that_cannot_be_read_counts_as_nothing(cursor: str) -> None:
    assert Memory.read(cursor) == Memory({}, {})
