"""Limits of the receiver: connections, deadlines, bytes in memory, rates.

uvicorn limits none of the first three by sender: a client that connects and stays silent keeps its place for ever.
These are added where uvicorn allows it, in a protocol class.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

#: Seconds from connecting (or from the last answer) to the end of the request's headers.
HEADER_SECONDS = 10.0
#: Open connections in total, and from one address that is not a trusted proxy.
MAX_CONNECTIONS = 512
MAX_CONNECTIONS_PER_ADDRESS = 32
_SENDERS_KNOWN = 10_000


class RateLimit:
    """A token bucket for each key, with bursts of up to one minute's requests; the least recent keys are forgotten.

    Args:
        per_minute: requests allowed per minute and key.
        clock: seconds.
    """

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._burst, self._clock = per_minute / 60, per_minute, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, key: str) -> bool:
        """Whether one more is allowed now; it then counts."""
        now = self._clock()
        left, since = self._left.pop(key, (self._burst, now))
        left = min(left + (now - since) * self._per_second, self._burst)
        self._left[key] = (left - 1 if left >= 1 else left, now)
        while len(self._left) > _SENDERS_KNOWN:
            self._left.popitem(last=False)
        return left >= 1


class ByteBudget:
    """Bytes of bodies in memory: in total, and a quarter of it for one sender.

    Args:
        total: bytes.

    Attributes:
        used: bytes in memory now.
        peak: the most so far.
    """

    def __init__(self, total: int) -> None:
        self._total, self._share = total, total // 4
        self._by_sender: dict[str, int] = {}
        self.used = self.peak = 0

    def reserve(self, sender: str, size: int) -> bool:
        """Whether ``size`` more bytes may be held for a sender; they then count until they are released."""
        mine = self._by_sender.get(sender, 0) + size
        if self.used + size > self._total or mine > self._share:
            return False
        self._by_sender[sender] = mine
        self.used += size
        self.peak = max(self.peak, self.used)
        return True

    def release(self, sender: str, size: int) -> None:
        """Give bytes back."""
        left = self._by_sender.get(sender, 0) - size
        if left > 0:
            self._by_sender[sender] = left
        else:
            self._by_sender.pop(sender, None)
        self.used -= size


class Proxies:
    """The proxies whose ``X-Forwarded-For`` is believed.

    Args:
        trusted: addresses and networks.
    """

    def __init__(self, trusted: Iterable[str]) -> None:
        self._networks = [ipaddress.ip_network(text, strict=False) for text in trusted]

    def __contains__(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self._networks)

    def sender(self, peer: str, forwarded_for: str) -> str:
        """The address of the sender: of the peer, or the last one in ``X-Forwarded-For`` that is not a trusted proxy.

        Args:
            peer: address of the other end of the connection.
            forwarded_for: the header, or an empty text.
        """
        hops = [hop.strip().strip("[]") for hop in forwarded_for[-2000:].split(",") if hop.strip()]
        address = peer
        while address in self and hops:
            address = hops.pop()
        return address[:64]


class ConnectionGate:
    """Which connections may stay: where there are too many, those that have sent no request for longest are closed.

    Args:
        proxies: are not limited by address.
        max_total: open connections.
        max_per_address: open connections from one address.
    """

    def __init__(
        self,
        proxies: Proxies,
        max_total: int = MAX_CONNECTIONS,
        max_per_address: int = MAX_CONNECTIONS_PER_ADDRESS,
    ) -> None:
        self._proxies, self._max_total, self._max_per_address = proxies, max_total, max_per_address
        self._open: dict[LimitedProtocol, str] = {}

    def admit(self, connection: LimitedProtocol, address: str) -> bool:
        """Whether a new connection may stay; may close an older one for it."""
        same = [other for other, known in self._open.items() if known == address]
        full = len(same) >= self._max_per_address and address not in self._proxies
        if full or len(self._open) >= self._max_total:
            waiting = next((other for other in (same if full else self._open) if other.waiting), None)
            if waiting is None:
                return False
            waiting.abort()
        self._open[connection] = address
        return True

    def remove(self, connection: LimitedProtocol) -> None:
        """Forget a connection that has ended."""
        self._open.pop(connection, None)


class LimitedProtocol(H11Protocol):
    """HTTP/1.1 of uvicorn with a place in the gate and deadlines for headers and for the whole request.

    Args:
        gate: of all connections.
        header_seconds: from connecting or the last answer to the end of the headers; also for the rest of a body that
            was refused.
        request_seconds: from the headers to the end of the answer.
        options: of uvicorn.
    """

    def __init__(self, gate: ConnectionGate, header_seconds: float, request_seconds: float, **options: Any) -> None:
        super().__init__(**options)
        self._gate, self._header_seconds, self._request_seconds = gate, header_seconds, request_seconds
        self._deadline: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> bool:
        """Whether there is no request to be answered."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place in the gate."""
        super().connection_made(transport)
        if self._gate.admit(self, self.client[0] if self.client else ""):
            self._set_deadline()
        else:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the gate."""
        self._gate.remove(self)
        if self._deadline:
            self._deadline.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read; a new request has a new deadline, some more bytes of one have none."""
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._set_deadline()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        self._set_deadline()

    def abort(self) -> None:
        """Close at once."""
        self._gate.remove(self)
        self.transport.abort()

    def _set_deadline(self) -> None:
        if self._deadline:
            self._deadline.cancel()
        seconds = self._header_seconds if self.waiting else self._request_seconds
        self._deadline = self.loop.call_later(seconds, self.abort)
