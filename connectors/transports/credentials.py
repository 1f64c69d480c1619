"""Credentials of HTTP connectors: secret headers and query parameters, Basic, Bearer, OAuth 2, client certificates.

Everything here is for the origin (scheme, host, port) of the connector's address only: a redirect to another one gets
none of it. Nothing of it is part of an address that is stored, shown or used as the base of links.
"""

from __future__ import annotations

import base64
import ssl
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
import orjson
from pydantic import Field

from connectors.safety import check_url, checked_transport, origin
from connectors.transports.body import BodyError, read_body
from pipeline.events.errors import ConfigurationError
from pipeline.settings import Secret, Section
from pipeline.settings.redaction import hide_from_now_on
from pipeline.settings.trust import client_context

_TOKEN_ANSWER_BYTES = 65_536
#: A token is renewed so long before it expires; one without an expiry is kept for an hour.
_TOKEN_MARGIN_SECONDS, _TOKEN_SECONDS = 30, 3600

Connect = Callable[[float], httpx.HTTPTransport]


class BasicAuth(Section):
    """HTTP Basic authentication (RFC 7617)."""

    username: str = Field(description="User name.")
    password: Secret = Field(description="Password.")


class OAuth2(Section):
    """OAuth 2 client credentials (RFC 6749, 4.4)."""

    token_url: str = Field(description="https address that gives the access token.")
    client_id: str = Field(description="As the provider assigned it.")
    client_secret: Secret = Field(description="As the provider assigned it.")
    scope: str | None = Field(None, description="What to ask access for; separated by spaces.")


def trusted_by(ca_file: Path | None) -> ssl.SSLContext:
    """A TLS context that trusts the authorities of ``transport.ca_file``, and no others; ``None``: the system's.

    Raises:
        ConfigurationError: it cannot be read, or holds no certificate.
    """
    try:
        return client_context(ca_file)
    except ConfigurationError as error:
        raise ConfigurationError(f"transport.ca_file: {error}") from error


class ClientCertificate(Section):
    """A TLS client certificate, in PEM."""

    certificate: Secret = Field(description="Certificate, followed by those of its authorities.")
    key: Secret | None = Field(None, description="Private key. Default: it is with the certificate.")
    key_password: Secret | None = Field(None, description="Of the private key.")

    def context(self, ca_file: Path | None = None) -> ssl.SSLContext:
        """A TLS context that presents the certificate, and trusts the authorities of ``ca_file`` where one is given.

        Raises:
            ConfigurationError: it cannot be read.
        """
        context = trusted_by(ca_file)
        password = self.key_password.read() if self.key_password else ""
        with tempfile.TemporaryDirectory(prefix="wiredesk-") as folder:
            certificate = _pem(self.certificate, Path(folder) / "certificate")
            key = _pem(self.key, Path(folder) / "key") if self.key else None
            try:
                context.load_cert_chain(certificate, key, password)
            except (ssl.SSLError, OSError, ValueError) as error:
                reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
                raise ConfigurationError(f"The client certificate cannot be used: {reason}.") from error
        return context


def _pem(secret: Secret, path: Path) -> Path:
    """The secret's own file, or a copy of the environment variable that only this user can read."""
    if secret.file is not None:
        return secret.file
    path.touch(mode=0o600)
    path.write_text((secret.env and secret.read_text()) or "", encoding="utf-8")
    return path


def with_parameters(url: str, parameters: dict[str, str]) -> str:
    """The address with these query parameters, in place of any of the same names."""
    if not parameters:
        return url
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in parameters]
    return urlunsplit(parts._replace(query=urlencode([*query, *parameters.items()])))


def without_parameters(url: str, names: frozenset[str]) -> str:
    """The address without these query parameters; it is unchanged where it has none of them."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if not any(name in names for name, _ in query):
        return url
    return urlunsplit(parts._replace(query=urlencode([pair for pair in query if pair[0] not in names])))


def basic_header(auth: BasicAuth) -> str:
    """The value of the Authorization header."""
    pair = f"{auth.username}:{auth.password.read()}".encode()
    value = base64.b64encode(pair).decode()
    hide_from_now_on(value)
    return f"Basic {value}"


class Tokens:
    """Access tokens of OAuth 2, kept until shortly before they expire; shared by all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[tuple[str, str, str | None], tuple[str, float]] = {}

    def forget(self, options: OAuth2) -> None:
        """Ask for a new one next time: this one was refused."""
        with self._lock:
            self._tokens.pop((options.token_url, options.client_id, options.scope), None)

    def get(
        self, options: OAuth2, timeout_seconds: float, *, allow_private: bool, connect: Connect | None = None
    ) -> str:
        """An access token.

        Args:
            options: who asks where.
            timeout_seconds: for the answer.
            allow_private: the server of the tokens may have a private address.
            connect: makes the connection, given its seconds, where it takes a proxy or trusts an own authority.

        Raises:
            ConfigurationError: the server refuses, or its answer is not a token.
            httpx.HTTPError: it cannot be reached.
        """
        key = (options.token_url, options.client_id, options.scope)
        with self._lock:
            token, expires = self._tokens.get(key, ("", 0.0))
        if token and time.monotonic() < expires:
            return token
        token, seconds = _request_token(options, timeout_seconds, allow_private=allow_private, connect=connect)
        hide_from_now_on(token)
        with self._lock:
            self._tokens[key] = token, time.monotonic() + seconds - _TOKEN_MARGIN_SECONDS
        return token


def _request_token(
    options: OAuth2, timeout_seconds: float, *, allow_private: bool, connect: Connect | None
) -> tuple[str, float]:
    check_url(options.token_url)
    if not allow_private and not options.token_url.lower().startswith("https:"):
        raise ConfigurationError(f"oauth2.token_url {options.token_url} is not https: a secret is not sent to it.")
    form = {"grant_type": "client_credentials"} | ({"scope": options.scope} if options.scope else {})
    login = basic_header(BasicAuth(username=options.client_id, password=options.client_secret))
    plain = partial(checked_transport, allow_private=allow_private)
    transport = (connect or plain)(timeout_seconds)
    with (
        httpx.Client(transport=transport, timeout=timeout_seconds) as client,
        client.stream(
            "POST", options.token_url, data=form,
            headers={"Authorization": login, "Accept": "application/json", "Accept-Encoding": "gzip, deflate"},
        ) as response,
    ):  # fmt: skip
        if response.status_code != 200:
            raise ConfigurationError(f"{options.token_url} gives no token: it answers {response.status_code}.")
        try:
            answer = orjson.loads(read_body(response, _TOKEN_ANSWER_BYTES))
            token, seconds = answer["access_token"], answer.get("expires_in", _TOKEN_SECONDS)
            valid = isinstance(token, str) and token.isprintable() and token.isascii()
            seconds = min(max(float(seconds), 0.0), _TOKEN_SECONDS)
        except (BodyError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigurationError(f"{options.token_url} gives no token: {type(error).__name__}.") from error
        if not valid or not token:
            raise ConfigurationError(f"{options.token_url} gives a token that cannot be sent.")
        return token, seconds


def same_origin(url: str, other: str) -> bool:
    """Whether two addresses are of one origin; ports may be left out."""
    return _full_origin(url) == _full_origin(other)


def _full_origin(url: str) -> tuple[str, str, int | None]:
    scheme, host, port = origin(url)
    return scheme, host, port or {"http": 80, "https": 443}.get(scheme)
