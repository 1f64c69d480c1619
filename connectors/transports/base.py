"""What transports receive and return: the payload, the result of a poll, and the protocols."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, Protocol

from pipeline.events import ConnectorState


@dataclass(frozen=True)
class Piece:
    """A part of a payload that can be parsed alone: a file of an archive, some items of a large file.

    Attributes:
        name: what to call it in messages.
        data: its bytes.
    """

    name: str
    data: bytes


def _nothing(_published: bool) -> None:
    return


@dataclass(frozen=True)
class Payload:
    """Bytes that arrived together: an HTTP answer, a file, an e-mail, a pushed body.

    Attributes:
        data: the bytes, decompressed.
        name: what to call them in messages: a URL or a file name.
        url: where they came from, the base of relative links. A payload with a URL can be fetched again, so one that
            cannot be parsed is an error of the poll; one without becomes a dead letter.
        content_type: as the sender states it.
        charset: as the sender states it.
        hub: the WebSub hub that the HTTP answer names in its Link header.
        settle: called after everything in the payload is durable in Kafka (``True``), or after it was written to the
            dead letters because it could not be parsed (``False``). Moves or deletes the file.
        pieces: yields its parts where it is an archive or too large for memory; ``data`` is then empty.
        cursor_before: makes the connector's cursor with which the transport fetches this payload again, and those
            that follow it. It lets a poll end before this payload or within it, where there are too many items.
        version: distinguishes a file that is read in pieces from another of the same name: its size and time.
    """

    data: bytes
    name: str
    url: str | None = None
    content_type: str | None = None
    charset: str | None = None
    hub: str | None = None
    settle: Callable[[bool], None] = _nothing
    pieces: Callable[[], Iterator[Piece]] | None = None
    cursor_before: Callable[[], str] | None = None
    version: str = ""

    @property
    def can_be_continued(self) -> bool:
        """Whether the next poll gives it again if it is not settled."""
        return self.cursor_before is not None or self.settle is not _nothing

    @property
    def identity(self) -> str:
        """Distinguishes it from all others, also from another one of the same name."""
        return f"{self.name} {self.version or hashlib.sha256(self.data).hexdigest()}"

    def parts(self) -> Iterator[Payload]:
        """The payloads to parse: itself, or its pieces one after the other.

        Raises:
            ParseError: it cannot be split; the parts already yielded are complete.
        """
        if self.pieces is None:
            yield self
            return
        for piece in self.pieces():
            yield replace(self, name=piece.name, data=piece.data, pieces=None, settle=_nothing)


@dataclass(frozen=True)
class Poll:
    """The result of one poll.

    Attributes:
        state: the connector's next state. It is stored only after everything in ``payloads`` is durable.
        payloads: what arrived; empty where nothing is new.
        error: why the poll failed, or only partly succeeded; the connector is polled again, later after each failure.
        wait_seconds: how long the server asks not to be polled.
        weight: how much the error counts for the back-off: 1 permanent, 0.5 likely to pass, 0.25 temporary.
        unchanged: the server said that nothing has changed.
    """

    state: ConnectorState
    payloads: tuple[Payload, ...] = ()
    error: str | None = None
    wait_seconds: float = 0
    weight: float = 0
    unchanged: bool = False


@dataclass(frozen=True)
class PollContext:
    """What a transport may know of the installation.

    Attributes:
        now: the time of the poll; transports use it instead of the clock for what they store.
        max_body_bytes: limit of one payload, decompressed.
        timeout_seconds: for one request, from connecting to the last byte.
        poll_seconds: for the whole poll, however many requests it takes.
        user_agent: sent with HTTP requests.
        grown: told how many bytes a body has so far, as it is read; it may wait, or raise ``NoPlaceError``.
        peek: change nothing at the source: move no file, mark no message. ``settle`` is then not called.
    """

    now: datetime
    max_body_bytes: int
    timeout_seconds: float
    user_agent: str
    peek: bool = False
    poll_seconds: float = 100
    grown: Callable[[int], None] = field(default=lambda _: None)

    @property
    def max_poll_bytes(self) -> int:
        """Of all payloads of one poll; the rest is fetched by the next."""
        return 4 * self.max_body_bytes


class Transport(Protocol):
    """The options of a transport in a connector's file, and how to poll with them."""

    type: str
    #: Seconds between two polls where the connector's file does not say.
    default_interval_seconds: ClassVar[float]

    def poll(self, state: ConnectorState, context: PollContext) -> Poll:
        """Poll once.

        Args:
            state: of the connector, as the last poll returned it.
            context: limits, clock and user agent.

        Returns:
            Payloads and the next state. What a source may do wrong is in ``error``, never raised.
        """
        ...
