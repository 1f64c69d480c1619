"""Files on an SFTP server whose host key is in a known_hosts file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import asyncssh
from pydantic import Field, model_validator

from connectors.safety import ForbiddenAddressError, allowed_addresses
from connectors.transports.base import Payload, Poll, PollContext
from connectors.transports.remote import MAX_LISTED, Memory, RemoteFile, RemoteFolder, plan, with_cursors
from pipeline.events import ConnectorState
from pipeline.events.errors import ConfigurationError
from pipeline.settings import Secret

#: Entries of a listing that may be folders and links, in addition to the files.
_MAX_OTHER_ENTRIES = 1000


class SftpTransport(RemoteFolder):
    """Fetch files from a folder on an SFTP server."""

    default_interval_seconds: ClassVar[float] = 60

    type: Literal["sftp"]
    port: int = Field(22, ge=1, le=65535, description="Of the server.")
    key_file: Path | None = Field(None, description="A private key, instead of a password.")
    key_password: Secret | None = Field(None, description="Of the private key.")
    known_hosts: Path = Field(Path("~/.ssh/known_hosts"), description="Host keys, in OpenSSH's format.")

    @model_validator(mode="after")
    def _log_in(self) -> Self:
        if self.password is None and self.key_file is None:
            raise ValueError("name a password or a key_file")
        return self

    def poll(self, state: ConnectorState, context: PollContext) -> Poll:
        """List the folder and fetch new files."""
        try:
            return asyncio.run(self._poll(state, context))
        except ForbiddenAddressError as error:
            return Poll(state, error=str(error), weight=1)
        except ConfigurationError as error:
            return Poll(state, error=str(error), weight=0.5)
        except asyncssh.HostKeyNotVerifiable as error:
            hint = f"Put its key into {self.known_hosts} (ssh-keyscan -p {self.port} {self.host}) after checking it."
            return Poll(state, error=f"{self._name}: {error.reason}. {hint}", weight=1)
        except (OSError, asyncssh.Error, TimeoutError) as error:
            reason = getattr(error, "reason", "") or getattr(error, "strerror", "") or str(error) or "no answer in time"
            return Poll(state, error=f"{self._name}: {reason}.", weight=0.5)

    @property
    def _name(self) -> str:
        return f"sftp://{self.host}:{self.port}/{self.directory}"

    async def _poll(self, state: ConnectorState, context: PollContext) -> Poll:
        memory = Memory.read(state.cursor)
        end = asyncio.get_running_loop().time() + context.poll_seconds
        async with asyncio.timeout_at(end):
            connection = await self._connect(context.timeout_seconds)
        try:
            async with asyncio.timeout_at(end):
                sftp = await connection.start_sftp_client()
                listing = await self._list(sftp)
            if len(listing) > MAX_LISTED:
                return Poll(state, error=self.too_many(self._name), weight=1)
            todo = plan(self, listing, memory, peek=context.peek)
            payloads, problem_text = await self._fetch(sftp, todo.fetch, context, end)
            cleared = await self._clear(sftp, todo.clear, end)
        finally:
            connection.abort()  # an orderly end would wait for the server
        fetched, cursor = with_cursors(payloads, listing, memory, cleared)
        kept = state.model_copy(update={"cursor": cursor})
        return Poll(kept, fetched, problem_text, weight=0.25, unchanged=not fetched)

    async def _connect(self, timeout_seconds: float) -> asyncssh.SSHClientConnection:
        address = allowed_addresses(self.host, self.port, allow_private=self.allow_private_addresses)[0]
        known_hosts = self.known_hosts.expanduser()
        if not known_hosts.is_file():
            raise ConfigurationError(
                f"The file {known_hosts} (transport.known_hosts) does not exist.",
                hint=f"ssh-keyscan -p {self.port} {self.host} shows the key to put there, after checking it.",
            )
        options: dict[str, Any] = {"password": self.password.read()} if self.password else {}
        if self.key_file:
            passphrase = self.key_password.read() if self.key_password else None
            try:
                options["client_keys"] = [asyncssh.read_private_key(self.key_file, passphrase)]
            except (OSError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
                raise ConfigurationError(f"The key {self.key_file} cannot be read: {error}.") from error
        else:
            options["client_keys"] = None
        return await asyncssh.connect(
            address, self.port, username=self.username, host_key_alias=self.host, known_hosts=str(known_hosts),
            config=None, agent_path=None, connect_timeout=timeout_seconds, login_timeout=timeout_seconds, **options,
        )  # fmt: skip

    async def _list(self, sftp: asyncssh.SFTPClient) -> dict[str, RemoteFile]:
        listing, entries = {}, 0
        async for entry in sftp.scandir(self.directory):
            entries += 1
            if entry.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR and isinstance(entry.filename, str):
                listing[entry.filename] = RemoteFile(entry.attrs.size or 0, f"{entry.attrs.mtime or 0:012}")
            if entries > MAX_LISTED + _MAX_OTHER_ENTRIES:
                raise ConfigurationError(self.too_many(self._name))
        return listing

    async def _fetch(
        self, sftp: asyncssh.SFTPClient, names: tuple[str, ...], context: PollContext, end: float
    ) -> tuple[list[Payload], str | None]:
        loop = asyncio.get_running_loop()
        payloads: list[Payload] = []
        total = 0
        for name in names:
            if total >= context.max_poll_bytes or loop.time() > end:
                break  # the rest is fetched at the next poll
            try:
                async with (
                    asyncio.timeout_at(min(end, loop.time() + context.timeout_seconds)),
                    sftp.open(self._path(name), "rb") as file,
                ):
                    # One byte more than allowed shows the reader that it is too large.
                    data: Any = await file.read(context.max_body_bytes + 1)
            except (asyncssh.SFTPError, TimeoutError) as error:
                reason = getattr(error, "reason", "") or "not transferred in time"
                return payloads, f"{self._name}: {name}: {reason}."
            payloads.append(self.payload(name, data))
            total += len(data)
        return payloads, None

    async def _clear(self, sftp: asyncssh.SFTPClient, names: tuple[str, ...], end: float) -> set[str]:
        """Delete or move files fetched before. What cannot be deleted or moved stays remembered as fetched."""
        cleared: set[str] = set()
        try:
            async with asyncio.timeout_at(end):
                if names and self.after == "move":
                    await sftp.makedirs(self._path(self.done_directory), exist_ok=True)
                for name in names:
                    try:
                        if self.after == "delete":
                            await sftp.remove(self._path(name))
                        else:
                            await sftp.posix_rename(self._path(name), self._path(f"{self.done_directory}/{name}"))
                    except asyncssh.SFTPError:
                        continue
                    cleared.add(name)
        except TimeoutError:
            pass  # what was fetched now still counts
        return cleared

    def _path(self, name: str) -> str:
        return f"{self.directory.rstrip('/')}/{name}"
