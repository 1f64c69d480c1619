"""What every transport takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Protocol

from pipeline.events import ConnectorState


@dataclass(frozen=True)
class Piece:
    """A part of a payload that can be read by itself: a file of an archive, some items of a large file."""

    name: str
    data: bytes


def _nothing(_published: bool) -> None:
    return


@dataclass(frozen=True)
class Payload:
    """Some bytes that arrived together.

    Attributes:
        data: the bytes, decompressed.
        name: what to call them in messages: URL or file name.
        url: where they came from, for links relative to it. What has one can be had again: it is no dead letter.
        pieces: gives its parts where it is too large to be held at once, or an archive; ``data`` is then empty.
        settle: called once everything in them is durable (``True``) or has been given up as unreadable (``False``).
    """

    data: bytes
    name: str
    url: str | None = None
    content_type: str | None = None
    charset: str | None = None
    settle: Callable[[bool], None] = _nothing
    pieces: Callable[[], Iterator[Piece]] | None = None

    def parts(self) -> Iterator[Payload]:
        """What is to be read: itself, or its pieces one after the other.

        Raises:
            ParseError: it cannot be taken apart; what came before is whole.
        """
        if self.pieces is None:
            yield self
            return
        for piece in self.pieces():
            yield replace(self, name=piece.name, data=piece.data, pieces=None, settle=_nothing)


@dataclass(frozen=True)
class Poll:
    """What one look brought.

    Attributes:
        payloads: empty where nothing is new.
        state: the connector's state, to be stored after everything is published.
        error: why nothing could be had; the feed is tried again.
        wait_seconds: how long the server wants to be left alone at least.
        weight: how much the error counts for back-off (1 hard, 0.5 soft, 0.25 temporary).
        unchanged: the server said that nothing has changed.
    """

    state: ConnectorState
    payloads: tuple[Payload, ...] = ()
    error: str | None = None
    wait_seconds: float = 0
    weight: float = 0
    unchanged: bool = False


@dataclass(frozen=True)
class Surroundings:
    """What a transport may use of the installation.

    Attributes:
        peek: only look: take nothing away, mark nothing as read. The payloads' ``settle`` is then not called.
    """

    now: datetime
    max_body_bytes: int
    timeout_seconds: float
    user_agent: str
    peek: bool = False


class Transport(Protocol):
    """A transport's options, which know how to look."""

    type: str
    #: How often to look where the connector's file does not say.
    default_interval_seconds: ClassVar[float]

    def poll(self, state: ConnectorState, around: Surroundings) -> Poll:
        """Look once. Raises nothing for what a feed may do: it is in the result."""
        ...
