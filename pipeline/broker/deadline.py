"""Sockets on which everything ends at one deadline.

A time-out of each read is not enough: a server that sends a byte a second never exceeds it and holds a thread for ever.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.settings.trust import client_context

_TOO_LONG = "the server takes too long"


class Deadline:
    """A point in time after which sockets raise ``TimeoutError``.

    Args:
        total_seconds: from now to the end.
        read_seconds: for one read or write at most.
        most_bytes: that may be received altogether; ``None``: the reader has limits of its own.
    """

    def __init__(self, total_seconds: float, read_seconds: float, most_bytes: int | None = None) -> None:
        self._end, self._read_seconds = time.monotonic() + total_seconds, read_seconds
        self._bytes_left = most_bytes

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self._end

    def left(self) -> float:
        """Seconds that the next read or write may take.

        Raises:
            TimeoutError: the time is up.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError(_TOO_LONG)
        return min(left, self._read_seconds)

    def count(self, received: int) -> None:
        """Count bytes that were received.

        Raises:
            ConnectionError: they are too many.
        """
        if self._bytes_left is not None:
            self._bytes_left -= received
            if self._bytes_left < 0:
                raise ConnectionError("the server sends too much")

    @contextmanager
    def time_out(self, connection: socket.socket) -> Iterator[None]:
        """Set the time-out of one read or write, and say plainly that it has passed."""
        connection.settimeout(self.left())
        try:
            yield
        except TimeoutError:
            raise TimeoutError(_TOO_LONG) from None

    def connect(self, address: str, port: int) -> DeadlineSocket:
        """A connection that ends at the deadline."""
        return self.take_over(socket.create_connection((address, port), self.left()))

    def take_over(self, plain: socket.socket) -> DeadlineSocket:
        """The same connection, ending at the deadline."""
        taken = DeadlineSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
        taken.deadline = self
        taken.settimeout(self.left())
        return taken

    def tls_context(self) -> ssl.SSLContext:
        """A TLS context with the system's authorities whose sockets end at the deadline."""
        context = client_context()
        # truststore's context, used where OpenSSL cannot read the system's store, wraps another one.
        inner: ssl.SSLContext = getattr(context, "_ctx", context)
        inner.sslsocket_class = type("DeadlineTlsSocket", (_DeadlineTlsSocket,), {"deadline": self})
        return context


class _Ending:
    """What a socket does until its deadline, and how much it takes."""

    deadline: Deadline

    def recv(self, *args: Any) -> bytes:
        """As of ``socket``."""
        with self.deadline.time_out(self):  # type: ignore[arg-type]
            data: bytes = super().recv(*args)  # type: ignore[misc]
        self.deadline.count(len(data))
        return data

    def recv_into(self, *args: Any) -> int:
        """As of ``socket``."""
        with self.deadline.time_out(self):  # type: ignore[arg-type]
            size: int = super().recv_into(*args)  # type: ignore[misc]
        self.deadline.count(size)
        return size

    def sendall(self, *args: Any) -> None:
        """As of ``socket``."""
        with self.deadline.time_out(self):  # type: ignore[arg-type]
            super().sendall(*args)  # type: ignore[misc]


class DeadlineSocket(_Ending, socket.socket):
    """A plain connection with a deadline."""


class _DeadlineTlsSocket(_Ending, ssl.SSLSocket):
    pass
