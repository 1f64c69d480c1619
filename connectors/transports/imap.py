"""A mailbox: every new message of a folder, by its UID, which servers increase (RFC 3501, 2.3.1.1).

Nothing in the mailbox is changed. The last UID is in the connector's state, which becomes durable only after the
messages have.
"""

from __future__ import annotations

import imaplib
import re
import socket
from functools import partial
from typing import Any, ClassVar, Literal

from pydantic import Field

from connectors.safety import ForbiddenAddressError, allowed_addresses
from connectors.transports.base import Payload, Poll, PollContext
from pipeline.broker.deadline import Deadline
from pipeline.events import ConnectorState
from pipeline.events.errors import ConfigurationError
from pipeline.settings import Secret, Section

_CURSOR = re.compile(r"\A(\d{1,20}):(\d{1,20})\Z")
#: What a server may add around a message that it sends, at most.
_OVERHEAD_BYTES = 10_000
#: Limit of the answer to a command besides a message.
_MAX_ANSWER_BYTES = 1_000_000
#: UIDs in one search, and searches in one poll; the next poll continues.
_WINDOW, _MAX_WINDOWS = 10_000, 100


class ImapTransport(Section):
    """Read the messages of a mailbox folder."""

    default_interval_seconds: ClassVar[float] = 60

    type: Literal["imap"]
    host: str = Field(min_length=1, description="Name or address of the server.")
    port: int = Field(993, ge=1, le=65535, description="Of the server.")
    tls: bool = Field(True, description="false: password and messages are sent unencrypted.")
    username: str = Field(description="User to log in as.")
    password: Secret = Field(description="The password.")
    folder: str = Field("INBOX", description="The folder to read.")
    start: Literal["all", "new"] = Field(
        "all", description="all: begin with the messages that exist; new: only later ones."
    )
    max_messages: int = Field(100, ge=1, description="At most so many messages per poll.")
    allow_private_addresses: bool = Field(False, description="Allow loopback and private networks.")

    def poll(self, state: ConnectorState, context: PollContext) -> Poll:
        """Fetch the new messages of the folder."""
        box: _Box | None = None
        try:
            box = self._open(context)
            return self._poll_folder(box, state, context)
        except ForbiddenAddressError as error:
            return Poll(state, error=str(error), weight=1)
        except ConfigurationError as error:
            return Poll(state, error=str(error), weight=0.5)
        except (OSError, EOFError, imaplib.IMAP4.error) as error:
            reason = _plain(error.args[0]) if error.args and isinstance(error.args[0], bytes | str) else str(error)
            return Poll(state, error=f"{self._name}: {reason or type(error).__name__}.", weight=0.5)
        finally:
            if box is not None:
                box.shutdown()

    @property
    def _name(self) -> str:
        return f"imap://{self.host}:{self.port}/{self.folder}"

    def _open(self, context: PollContext) -> _Box:
        address = allowed_addresses(self.host, self.port, allow_private=self.allow_private_addresses)[0]
        password = self.password.read()
        box = _Box(self.host, address, self.port, context, tls=self.tls)
        try:
            box.login(self.username, password)
            box.examine(self.folder)
        except BaseException:
            box.shutdown()
            raise
        return box

    def _poll_folder(self, box: _Box, state: ConnectorState, context: PollContext) -> Poll:
        found = _CURSOR.fullmatch(state.cursor or "")
        validity = box.uid_validity
        # Another UIDVALIDITY: the server has renumbered the messages, and the last UID is void.
        known = found is not None and int(found[1]) == validity
        last = int(found[2]) if found and known else 0
        if not known and self.start == "new" and found is None:
            if not box.uid_next:
                raise box.error("the server does not send UIDNEXT, which start: new needs")
            last = box.uid_next - 1
        waiting, last = box.uids_after(last)
        payloads: list[Payload] = []
        total = 0
        for uid in waiting[: self.max_messages]:
            if total >= context.max_poll_bytes or box.deadline.passed:
                break  # the rest is fetched at the next poll
            try:
                data = box.message(uid, context.max_body_bytes)
            except TimeoutError:
                if not payloads:
                    raise
                break
            if data is not None:
                name, before = f"{self._name};UID={uid}", partial(_cursor, validity, last)
                payloads.append(Payload(data, name, content_type="message/rfc822", cursor_before=before))
                total += len(data)
            last = uid
        kept = state.model_copy(update={"cursor": _cursor(validity, last)})
        return Poll(kept, tuple(payloads), unchanged=not payloads)


def _cursor(validity: int, last_uid: int) -> str:
    return f"{validity}:{last_uid}"


class _Box(imaplib.IMAP4):
    """A connection to a checked address, with limits on what the server may send."""

    def __init__(self, host: str, address: str, port: int, context: PollContext, *, tls: bool) -> None:
        self._address = address
        self._max_bytes = context.max_body_bytes + _OVERHEAD_BYTES
        self._received = 0
        self.uid_validity = self.uid_next = 0
        self.deadline = Deadline(context.poll_seconds, context.timeout_seconds)
        self._tls = self.deadline.tls_context() if tls else None
        super().__init__(host, port, timeout=context.timeout_seconds)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        del timeout
        plain = self.deadline.connect(self._address, self.port)
        return self._tls.wrap_socket(plain, server_hostname=self.host) if self._tls else plain

    def read(self, size: int) -> bytes:
        if size > self._max_bytes:
            raise self.abort(f"the server sends {size:,} bytes at once; allowed are {self._max_bytes:,}")
        return self._counted(super().read(size))

    def readline(self) -> bytes:
        """A line; imaplib limits its length."""
        return self._counted(super().readline())

    def _counted(self, data: bytes) -> bytes:
        """Limit what the server sends for one command: imaplib would keep any number of unasked answers."""
        self._received += len(data)
        if self._received > self._max_bytes + _MAX_ANSWER_BYTES:
            raise self.abort(
                f"the server sends more than {self._max_bytes + _MAX_ANSWER_BYTES:,} bytes for one command"
            )
        return data

    def examine(self, folder: str) -> None:
        """Open a folder for reading only."""
        quoted = folder.replace("\\", "\\\\").replace('"', '\\"')
        self._ok(self.select(f'"{quoted}"', readonly=True))
        self.uid_validity, self.uid_next = self._number("UIDVALIDITY"), self._number("UIDNEXT")
        if not self.uid_validity:
            raise self.error("the server does not send UIDVALIDITY")

    def _number(self, name: str) -> int:
        """A number that the server sent when the folder was opened; 0 if it did not."""
        value = self.response(name)[1][0]
        if not isinstance(value, bytes) or not value.isdigit():
            return 0
        return int(value[:10])

    def uids_after(self, last: int) -> tuple[list[int], int]:
        """UIDs of some of the messages after ``last``, ascending, and the UID up to which there are no others before.

        A mailbox may hold millions: it is searched in ranges, and an answer lists no more than one range.
        """
        if not self.uid_next:
            return [uid for uid in self._search(last + 1, "*") if uid > last], last
        end = self.uid_next - 1
        for _ in range(_MAX_WINDOWS):
            upper = min(last + _WINDOW, end)
            if upper <= last:
                break
            if found := [uid for uid in self._search(last + 1, str(upper)) if last < uid <= upper]:
                return found, last
            last = upper
        return [], last

    def _search(self, first: int, last: str) -> list[int]:
        self._received = 0
        answer = self._ok(self.uid("SEARCH", f"UID {first}:{last}"))
        return sorted({int(text) for text in (answer[0] or b"").split() if text.isdigit() and len(text) < 11})

    def message(self, uid: int, max_bytes: int) -> bytes | None:
        """A message's bytes, at most one more than ``max_bytes``; ``None`` if it was deleted."""
        self._received = 0
        for part in self._ok(self.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{max_bytes + 1}>)")):
            if isinstance(part, tuple):
                return bytes(part[1])
        return None

    def _ok(self, answer: tuple[str, list[Any]]) -> list[Any]:
        if answer[0] != "OK":
            raise self.error(_plain(answer[1][0] or b"the server refuses"))
        return answer[1]


def _plain(reason: bytes | str) -> str:
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    return " ".join(text.split())[:300].rstrip(".")
