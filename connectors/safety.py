"""Where a connector may connect to: no private networks through a public name.

The check is made on the address that is then connected to, after the name has been resolved, and so for every redirect
as well: a name that resolves differently the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from pipeline.errors import RejectError


class ForbiddenAddressError(RejectError):
    """The address is not one that a feed may send us to."""


def check_url(url: str) -> None:
    """Only http and https, with a host, without credentials in the address.

    Raises:
        ForbiddenAddressError: otherwise.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ForbiddenAddressError(f"{url[:200]!r} is no http or https address.")
    if parts.username or parts.password:
        raise ForbiddenAddressError(
            f"The address at {parts.hostname} carries a password; name it in bearer_token instead."
        )


def allowed_addresses(host: str, port: int, *, allow_private: bool) -> list[str]:
    """The addresses of a host that may be connected to.

    Raises:
        ForbiddenAddressError: all of them are private, loopback, link-local or reserved.
        OSError: the name cannot be resolved.
    """
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    allowed = [address for address in dict.fromkeys(found) if allow_private or _public(address)]
    if not allowed:
        raise ForbiddenAddressError(
            f"{host} is {', '.join(dict.fromkeys(found))}, which is not a public address.",
            hint="If it is meant, set transport.allow_private_addresses: true.",
        )
    return allowed


def _public(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    return mapped.is_global and not mapped.is_multicast


class _CheckedBackend(httpcore.SyncBackend):
    """Connects to an address that was checked, never to a name."""

    def __init__(self, *, allow_private: bool) -> None:
        super().__init__()
        self._allow_private = allow_private

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
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError as error:
                failure = error
        assert failure is not None
        raise failure


def checked_transport(*, allow_private: bool, connections: int = 4) -> httpx.HTTPTransport:
    """An httpx transport that connects to checked addresses only and uses no proxy of the environment."""
    transport = httpx.HTTPTransport(trust_env=False)
    # httpx has no public way to give its pool a network backend; httpcore, which it is built on, has.
    transport._pool = httpcore.ConnectionPool(  # noqa: SLF001
        ssl_context=httpx.create_ssl_context(trust_env=False),
        max_connections=connections,
        network_backend=_CheckedBackend(allow_private=allow_private),
    )
    return transport
