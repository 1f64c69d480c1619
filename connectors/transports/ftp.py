"""Files on an FTP server, over TLS unless the connector says otherwise."""

from __future__ import annotations

import ftplib
import time
from typing import ClassVar, Literal

from pydantic import Field

from connectors.safety import ForbiddenAddressError, allowed_addresses
from connectors.transports.base import Payload, Poll, PollContext
from connectors.transports.remote import MAX_LISTED, POLL_SECONDS, Memory, RemoteFile, RemoteFolder, plan, remember
from pipeline.events import ConnectorState
from pipeline.events.errors import ConfigurationError
from pipeline.settings.trust import client_context


class _TooLarge(Exception):  # noqa: N818 - it ends a download
    """The file is larger than allowed; the part received so far shows it."""


class _TooSlow(Exception):  # noqa: N818
    """The whole poll has taken too long."""


class FtpTransport(RemoteFolder):
    """Fetch files from a folder on an FTP server."""

    default_interval_seconds: ClassVar[float] = 60

    type: Literal["ftp"]
    port: int = Field(21, ge=1, le=65535, description="Of the server.")
    tls: bool = Field(True, description="false: password and files are sent unencrypted.")

    def poll(self, state: ConnectorState, context: PollContext) -> Poll:
        """List the folder and fetch new files."""
        try:
            with self._connect(context.timeout_seconds) as ftp:
                return self._poll_folder(ftp, state, context)
        except ForbiddenAddressError as error:
            return Poll(state, error=str(error), weight=1)
        except ConfigurationError as error:
            return Poll(state, error=str(error), weight=0.5)
        except (OSError, EOFError, *_ERRORS) as error:
            return Poll(state, error=f"{self._name}: {str(error).strip() or type(error).__name__}.", weight=0.5)

    @property
    def _name(self) -> str:
        return f"ftp://{self.host}:{self.port}/{self.directory}"

    def _connect(self, timeout_seconds: float) -> ftplib.FTP:
        address = allowed_addresses(self.host, self.port, allow_private=self.allow_private_addresses)[0]
        ftp = _Tls(self.host, timeout_seconds) if self.tls else ftplib.FTP(timeout=timeout_seconds)  # noqa: S321
        ftp.encoding = "utf-8"
        try:
            ftp.connect(address, self.port)
            ftp.login(self.username, self.password.read() if self.password else "")
            if isinstance(ftp, ftplib.FTP_TLS):
                ftp.prot_p()
            ftp.cwd(self.directory)
        except BaseException:
            ftp.close()
            raise
        return ftp

    def _poll_folder(self, ftp: ftplib.FTP, state: ConnectorState, context: PollContext) -> Poll:
        memory = Memory.read(state.cursor)
        listing = self._list(ftp)
        if len(listing) > MAX_LISTED:
            problem = self.too_many(self._name)
            return Poll(state, error=problem, weight=1)
        todo = plan(self, listing, memory, peek=context.peek)
        payloads, problem_text = self._fetch(ftp, todo.fetch, context)
        # After an aborted download the connection cannot be used any more.
        cleared = self._clear(ftp, todo.clear) if problem_text is None else set()
        after = remember(listing, memory, {payload.name for payload in payloads}, cleared)
        kept = state.model_copy(update={"cursor": after.write()})
        return Poll(kept, tuple(payloads), problem_text, weight=0.25, unchanged=not payloads)

    def _list(self, ftp: ftplib.FTP) -> dict[str, RemoteFile]:
        """List by MLSD (RFC 3659), or by NLST, SIZE and MDTM where the server does not know it."""
        listing: dict[str, RemoteFile] = {}
        try:
            for name, facts in ftp.mlsd(facts=["type", "size", "modify"]):
                if facts.get("type", "file") == "file":
                    listing[name] = RemoteFile(int(facts.get("size", "0")), facts.get("modify", ""))
        except ftplib.error_perm as error:
            if not str(error).startswith(("500", "502")):
                raise
            for name in ftp.nlst()[: MAX_LISTED + 1]:
                try:
                    listing[name] = RemoteFile(ftp.size(name) or 0, ftp.voidcmd(f"MDTM {name}")[4:])
                except ftplib.error_perm:
                    continue  # a folder, or gone
        return listing

    def _fetch(self, ftp: ftplib.FTP, names: tuple[str, ...], context: PollContext) -> tuple[list[Payload], str | None]:
        deadline = time.monotonic() + POLL_SECONDS
        payloads: list[Payload] = []
        for name in names:
            parts: list[bytes] = []
            size = 0

            def append(part: bytes, parts: list[bytes] = parts) -> None:
                nonlocal size
                parts.append(part)
                size += len(part)
                if size > context.max_body_bytes:
                    raise _TooLarge
                if time.monotonic() > deadline:
                    raise _TooSlow

            try:
                ftp.retrbinary(f"RETR {name}", append)
            except _TooLarge:
                payloads.append(self.payload(name, b"".join(parts)))
                return payloads, f"{self._name}: {name} is too large; the rest is fetched at the next poll."
            except _TooSlow:
                return payloads, f"{self._name}: the transfer is too slow; the rest is fetched at the next poll."
            except (OSError, EOFError, *_ERRORS) as error:
                return payloads, f"{self._name}: {name}: {str(error).strip() or type(error).__name__}."
            payloads.append(self.payload(name, b"".join(parts)))
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
            cleared.add(name)
        return cleared

    def _move(self, ftp: ftplib.FTP, name: str) -> None:
        target = f"{self.done_directory}/{name}"
        try:
            ftp.rename(name, target)
        except ftplib.error_perm:
            ftp.mkd(self.done_directory)
            ftp.rename(name, target)


class _Tls(ftplib.FTP_TLS):
    """Explicit TLS whose certificate is checked against the name, not the address connected to."""

    def __init__(self, server_name: str, timeout_seconds: float) -> None:
        super().__init__(context=client_context(), timeout=timeout_seconds)
        self._server_name = server_name

    def connect(
        self, host: str = "", port: int = 0, timeout: float = -999, source_address: tuple[str, int] | None = None
    ) -> str:
        welcome = super().connect(host, port, timeout, source_address)
        self.host = self._server_name  # what ftplib checks certificates against, control and data alike
        return welcome


_ERRORS = (ftplib.Error, ftplib.error_reply, ftplib.error_temp, ftplib.error_perm, ftplib.error_proto)
