"""Where a connector may connect to: no private networks through a public name.

The check is made on the address that is then connected to, after the name has been resolved, and so for every redirect
as well: a name that resolves differently the second time gains nothing. Every read and write of a connection counts
against one deadline: a server that sends one byte a second gains nothing either.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from pipeline.events.errors import RejectError
from pipeline.settings.trust import client_context

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
#: Special-purpose ranges that Python's ``is_global`` lets through, in some versions at least.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "::/96",  # IPv4-compatible (RFC 4291, deprecated)
        "64:ff9b:1::/48",  # local NAT64 (RFC 8215)
        "3fff::/20",  # documentation (RFC 9637)
        "5f00::/16",  # segment routing (RFC 9602)
        "fec0::/10",  # site-local (RFC 3879, deprecated)
        "2001::/23",  # protocol assignments (RFC 2928), among them Teredo
        "192.88.99.0/24",  # relays of 6to4 (RFC 7526, deprecated)
    )
)


class ForbiddenAddressError(RejectError):
    """The address is not one that a feed may send us to."""


def check_url(url: str) -> None:
    """Only http and https, with a host, without credentials in the address.

    Raises:
        ForbiddenAddressError: otherwise.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ForbiddenAddressError(f"{url[:200]!r} is no http or https address.")
    if parts.username or parts.password:
        raise ForbiddenAddressError(
            f"The address at {parts.hostname} carries a password; name it in bearer_token instead."
        )


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: what a secret is meant for."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port


def allowed_addresses(host: str, port: int, *, allow_private: bool) -> list[str]:
    """The addresses of a host that may be connected to.

    Raises:
        ForbiddenAddressError: all of them are private, loopback, link-local or reserved.
        OSError: the name cannot be resolved.
    """
    try:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except UnicodeError as error:
        raise OSError(f"{host[:100]!r} is no host name") from error
    allowed = [address for address in dict.fromkeys(found) if allow_private or is_public(address)]
    if not allowed:
        which = "" if host in found else f" ({', '.join(dict.fromkeys(found))})"
        raise ForbiddenAddressError(
            f"{host}{which} is not a public address.",
            hint="If this is intended, set transport.allow_private_addresses: true.",
        )
    return allowed


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet; also the IPv4 address within an IPv6 one must be."""
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if ip.teredo is not None:
            return False
        if inner is not None:
            return is_public(str(inner))
    special = any(ip in network for network in _NOT_PUBLIC if network.version == ip.version)
    return ip.is_global and not ip.is_multicast and not special


class _Timed(httpcore.NetworkStream):
    """A connection whose every read and write ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def _left(self, timeout: float | None) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the answer takes too long")
        return left if timeout is None else min(timeout, left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, self._left(timeout)), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _CheckedBackend(httpcore.SyncBackend):
    """Connects to an address that was checked, never to a name."""

    def __init__(self, deadline: float, *, allow_private: bool) -> None:
        super().__init__()
        self._allow_private = allow_private
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = allowed_addresses(host, port, allow_private=self._allow_private)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved: {error}") from error
        failure: Exception | None = None
        for address in addresses:
            left = max(self._deadline - time.monotonic(), 0.01)
            try:
                stream = super().connect_tcp(address, port, min(timeout or left, left), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Timed(stream, self._deadline)
        assert failure is not None
        raise failure


@cache
def _tls() -> ssl.SSLContext:
    return client_context()  # reading all authorities takes long: once a process


def checked_transport(
    timeout_seconds: float,
    *,
    allow_private: bool,
    context: ssl.SSLContext | None = None,
    proxy: Callable[[ssl.SSLContext, httpcore.NetworkBackend], httpcore.ConnectionPool] | None = None,
) -> httpx.HTTPTransport:
    """An httpx transport for one conversation: it connects to checked addresses only, uses no proxy of the environment,
    and ends after ``timeout_seconds`` from now whatever the other side does.

    Args:
        timeout_seconds: for everything.
        allow_private: also connect to addresses that are not public.
        context: of TLS, where a client certificate is presented or an own authority is trusted.
        proxy: makes the connections through a proxy; the proxy's own address may be private.
    """
    context = context or _tls()
    transport = httpx.HTTPTransport(verify=context, trust_env=False)
    # httpx has no public way to give its pool a network backend; httpcore, which it is built on, has.
    allowed = allow_private or proxy is not None
    backend = _CheckedBackend(time.monotonic() + timeout_seconds, allow_private=allowed)
    if proxy is not None:
        transport._pool = proxy(context, backend)  # noqa: SLF001
    else:
        transport._pool = httpcore.ConnectionPool(  # noqa: SLF001
            ssl_context=context, max_connections=1, network_backend=backend
        )
    return transport
