"""Files on an FTP server, over TLS unless the connector says otherwise."""

from __future__ import annotations

import ftplib
import socket
import ssl
from typing import Any, ClassVar, Literal

from pydantic import Field

from connectors.safety import ForbiddenAddressError, allowed_addresses
from connectors.transports.base import Payload, Poll, PollContext
from connectors.transports.remote import MAX_LISTED, Memory, RemoteFile, RemoteFolder, plan, with_cursors
from pipeline.broker.deadline import Deadline
from pipeline.events import ConnectorState
from pipeline.events.errors import ConfigurationError

#: Lines of one answer on the control connection; servers greet with some.
_MAX_ANSWER_LINES = 500
#: Lines of a listing that may be folders and links, in addition to the files.
_MAX_OTHER_ENTRIES = 1000


class _StopTransfer(Exception):  # noqa: N818 - it ends a download
    """The rest of a transfer is not read; the connection cannot be used any more."""


class FtpTransport(RemoteFolder):
    """Fetch files from a folder on an FTP server."""

    default_interval_seconds: ClassVar[float] = 60

    type: Literal["ftp"]
    port: int = Field(21, ge=1, le=65535, description="Of the server.")
    tls: bool = Field(True, description="false: password and files are sent unencrypted.")

    def poll(self, state: ConnectorState, context: PollContext) -> Poll:
        """List the folder and fetch new files."""
        deadline = Deadline(context.poll_seconds, context.timeout_seconds)
        try:
            with self._connect(deadline) as ftp:
                return self._poll_folder(ftp, state, context, deadline)
        except _StopTransfer:
            return Poll(state, error=self.too_many(self._name), weight=1)
        except ForbiddenAddressError as error:
            return Poll(state, error=str(error), weight=1)
        except ConfigurationError as error:
            return Poll(state, error=str(error), weight=0.5)
        except (OSError, EOFError, *_ERRORS) as error:
            return Poll(state, error=f"{self._name}: {str(error).strip() or type(error).__name__}.", weight=0.5)

    @property
    def _name(self) -> str:
        return f"ftp://{self.host}:{self.port}/{self.directory}"

    def _connect(self, deadline: Deadline) -> _Connection:
        address = allowed_addresses(self.host, self.port, allow_private=self.allow_private_addresses)[0]
        kind = _TlsConnection if self.tls else _Connection
        ftp = kind(deadline, self.host)
        try:
            ftp.open(address, self.port)
            ftp.login(self.username, self.password.read() if self.password else "")
            if isinstance(ftp, _TlsConnection):
                ftp.prot_p()
            ftp.cwd(self.directory)
        except BaseException:
            ftp.close()
            raise
        return ftp

    def _poll_folder(self, ftp: _Connection, state: ConnectorState, context: PollContext, deadline: Deadline) -> Poll:
        memory = Memory.read(state.cursor)
        listing = self._list(ftp)
        if len(listing) > MAX_LISTED:
            raise _StopTransfer
        todo = plan(self, listing, memory, peek=context.peek)
        payloads, problem_text = self._fetch(ftp, todo.fetch, context, deadline)
        # After an aborted download the connection cannot be used any more.
        cleared = self._clear(ftp, todo.clear) if problem_text is None else set()
        fetched, cursor = with_cursors(payloads, listing, memory, cleared)
        kept = state.model_copy(update={"cursor": cursor})
        return Poll(kept, fetched, problem_text, weight=0.25, unchanged=not fetched)

    def _list(self, ftp: _Connection) -> dict[str, RemoteFile]:
        """List by MLSD (RFC 3659), or by NLST, SIZE and MDTM where the server does not know it."""
        listing: dict[str, RemoteFile] = {}
        try:
            for line in ftp.listing("MLSD"):
                facts_text, _, name = line.rstrip("\r\n").partition(" ")
                pairs = (fact.partition("=") for fact in facts_text[:-1].split(";"))
                facts = {key.lower(): value for key, _, value in pairs}
                if facts.get("type", "file").lower() == "file":
                    listing[name] = RemoteFile(_size(facts.get("size", "0")), facts.get("modify", ""))
        except ftplib.error_perm as error:
            if not str(error).startswith(("500", "502")):
                raise
            for name in ftp.listing("NLST"):
                try:
                    listing[name] = RemoteFile(ftp.size(name) or 0, ftp.voidcmd(f"MDTM {name}")[4:])
                except ftplib.error_perm:
                    continue  # a folder, or gone
        return listing

    def _fetch(
        self, ftp: _Connection, names: tuple[str, ...], context: PollContext, deadline: Deadline
    ) -> tuple[list[Payload], str | None]:
        payloads: list[Payload] = []
        total = 0
        for name in names:
            if total >= context.max_poll_bytes or deadline.passed:
                break  # the rest is fetched at the next poll
            parts: list[bytes] = []
            size = 0

            def append(part: bytes, parts: list[bytes] = parts) -> None:
                nonlocal size
                parts.append(part)
                size += len(part)
                if size > context.max_body_bytes:
                    raise _StopTransfer

            try:
                ftp.retrbinary(f"RETR {name}", append)
            except _StopTransfer:
                payloads.append(self.payload(name, b"".join(parts)))
                return payloads, f"{self._name}: {name} is too large; the rest is fetched at the next poll."
            except (OSError, EOFError, *_ERRORS) as error:
                return payloads, f"{self._name}: {name}: {str(error).strip() or type(error).__name__}."
            payloads.append(self.payload(name, b"".join(parts)))
            total += size
        return payloads, None

    def _clear(self, ftp: ftplib.FTP, names: tuple[str, ...]) -> set[str]:
        """Delete or move files fetched before. What cannot be deleted or moved stays remembered as fetched."""
        cleared = set()
        for name in names:
            try:
                if self.after == "delete":
                    ftp.delete(name)
                else:
                    self._move(ftp, name)
            except ftplib.error_perm:
                continue
            except (OSError, EOFError):
                break  # the time is up, or the connection broke: what was fetched now still counts
            cleared.add(name)
        return cleared

    def _move(self, ftp: ftplib.FTP, name: str) -> None:
        target = f"{self.done_directory}/{name}"
        try:
            ftp.rename(name, target)
        except ftplib.error_perm:
            ftp.mkd(self.done_directory)
            ftp.rename(name, target)


class _Connection(ftplib.FTP):
    """FTP to an address that was checked, with one deadline and limits on what the server sends.

    Args:
        deadline: of everything.
        server_name: the name that a certificate must have.
    """

    def __init__(self, deadline: Deadline, server_name: str, **options: Any) -> None:
        super().__init__(**options)
        self.encoding = "utf-8"
        self.timeout = deadline.left()
        self.host = server_name  # what ftplib checks certificates against, on both connections
        self._limit, self._lines = deadline, 0

    def open(self, address: str, port: int) -> None:
        """Connect and read the greeting."""
        self.sock = self._limit.connect(address, port)
        self.af = self.sock.family
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def listing(self, command: str) -> list[str]:
        """The lines of a listing.

        Raises:
            _StopTransfer: there are too many.
        """
        lines: list[str] = []

        def append(line: str) -> None:
            lines.append(line)
            if len(lines) > MAX_LISTED + _MAX_OTHER_ENTRIES:
                raise _StopTransfer

        self.retrlines(command, append)
        return lines

    def getmultiline(self) -> str:
        """An answer; of a limited number of lines."""
        self._lines = 0
        return super().getmultiline()

    def getline(self) -> str:
        """A line of an answer."""
        self._lines += 1
        if self._lines > _MAX_ANSWER_LINES:
            message = f"the server answers with more than {_MAX_ANSWER_LINES} lines"
            raise ftplib.error_proto(message)  # noqa: S321 - an exception
        return super().getline()

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        """A data connection, with the same deadline."""
        self.timeout = self._limit.left()
        connection, size = super().ntransfercmd(cmd, rest)
        if not isinstance(connection, ssl.SSLSocket):
            connection = self._limit.take_over(connection)
        return connection, size


class _TlsConnection(_Connection, ftplib.FTP_TLS):
    """The same over explicit TLS (RFC 4217)."""

    def __init__(self, deadline: Deadline, server_name: str) -> None:
        super().__init__(deadline, server_name, context=deadline.tls_context())


def _size(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


_ERRORS = (ftplib.Error, ftplib.error_reply, ftplib.error_temp, ftplib.error_perm, ftplib.error_proto)
