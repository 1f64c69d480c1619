"""HTTP polling: conditional requests, back-off, rate limits.

Validators are sent back exactly as received, and stored only after the answer was published. Permanent redirects change
the address, 410 ends polling, Retry-After and max-age are respected, bodies are limited after decompression, and every
address is checked before connecting to it.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal, Self
from urllib.parse import urljoin

import httpx
import xxhash
from pydantic import Field, field_validator, model_validator

from connectors.safety import ForbiddenAddressError, check_url, checked_transport, origin
from connectors.schedule import MAX_WAIT_SECONDS
from connectors.transports.base import Payload, Poll, PollContext
from connectors.transports.body import BodyError, read_body
from connectors.transports.credentials import (
    BasicAuth,
    ClientCertificate,
    OAuth2,
    Tokens,
    basic_header,
    same_origin,
    with_parameters,
    without_parameters,
)  # fmt: skip
from connectors.transports.hub import hub_of_headers
from connectors.transports.large import NoPlaceError
from connectors.transports.paging import Paging, collect
from connectors.transports.request import PostBody, Proxy, check_target, own_authority, secret_text
from connectors.transports.sitemaps import follow
from pipeline.events import ConnectorState
from pipeline.events.errors import ConfigurationError
from pipeline.settings import Secret, Section
from pipeline.settings.redaction import redact

_REDIRECTS = {301, 302, 303, 307, 308}
_PERMANENT = {301, 308}
_TEMPORARY = {408, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529}
_MAX_REDIRECTS = 5
_MAX_AGENT_CHARS = 200
_tokens = Tokens()
_MAX_AGE = re.compile(r"max-age\s*=\s*\"?(\d+)", re.ASCII)


class HttpTransport(Section):
    """Poll an address over HTTP."""

    default_interval_seconds: ClassVar[float] = 300

    type: Literal["http"]
    url: str = Field(description="http or https.")
    headers: dict[str, str | Secret] = Field(
        default_factory=dict, description="Sent to the address's own origin; a value may be a secret."
    )
    query: dict[str, str | Secret] = Field(
        default_factory=dict,
        description="Query parameters for the address's own origin; a value may be a secret.",
    )
    bearer_token: Secret | None = Field(None, description="Sent as Authorization: Bearer.")
    basic_auth: BasicAuth | None = Field(None, description="User name and password.")
    oauth2: OAuth2 | None = Field(None, description="Client credentials, for interfaces that give access tokens.")
    client_certificate: ClientCertificate | None = Field(None, description="Of TLS.")
    cookies: dict[str, str | Secret] = Field(
        default_factory=dict, description="Sent to the address's own origin; a value may be a secret."
    )
    user_agent: str | None = Field(None, description="Sent instead of Wiredesk's, where a server asks for another.")
    post: PostBody | None = Field(None, description="Send this with POST, instead of GET.")
    proxy: Proxy | None = Field(None, description="An HTTP proxy, for this connector.")
    ca_file: Path | None = Field(None, description="PEM file of the only authorities to trust.")
    sitemaps: int = Field(
        3, ge=0, le=50, description="Of a sitemap index fetch so many sitemaps: of news, then those that changed last."
    )
    allow_private_addresses: bool = Field(False, description="Allow loopback and private networks.")
    ignore_http_cache: bool = Field(False, description="Send no validators, for servers that answer 304 wrongly.")
    paging: Paging | None = Field(None, description="For JSON interfaces with pages.")
    timeout_seconds: float | None = Field(
        None, gt=0, le=3600, description="For the whole answer; default: connectors.timeout_seconds."
    )

    @field_validator("url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        try:
            check_url(value)
        except ForbiddenAddressError as error:
            raise ValueError(str(error)) from error
        return value

    @field_validator("user_agent")
    @classmethod
    def _sendable(cls, value: str | None) -> str | None:
        if value is not None and not (value.isascii() and value.isprintable() and 0 < len(value) <= _MAX_AGENT_CHARS):
            raise ValueError(f"1 to {_MAX_AGENT_CHARS} characters of ASCII are expected")
        return value

    @property
    def host(self) -> str:
        """The host that is polled; connectors.requests_per_host limits how many connectors poll it at once."""
        return origin(self.url)[1]

    @model_validator(mode="after")
    def _one_authorization(self) -> Self:
        if sum(option is not None for option in (self.bearer_token, self.basic_auth, self.oauth2)) > 1:
            raise ValueError("name one of bearer_token, basic_auth and oauth2: each sends its own Authorization")
        return self

    def poll(self, state: ConnectorState, context: PollContext) -> Poll:
        """Request the address once, or one page after the other."""
        url = state.url or self.url
        if self.paging is None:
            poll = self._request(url, state, context)
            fetch = partial(self._request, context=context)
            return follow(poll, self.sitemaps, fetch, context)
        poll = collect(self.paging, lambda page, known: self._request(page, known, context), url, state, context)
        if poll.state.cursor and self.paging.parameter is None:
            # The address of a page may repeat the key of the request.
            cursor = without_parameters(poll.state.cursor, frozenset(self.query))
            poll = replace(poll, state=poll.state.model_copy(update={"cursor": cursor}))
        return poll

    def _request(self, url: str, state: ConnectorState, context: PollContext) -> Poll:
        timeout = self.timeout_seconds or context.timeout_seconds
        shown = redact(url)
        try:
            poll = self._follow(url, state, context, timeout)
            if self.oauth2 and poll.error and "answers 401 " in poll.error:
                _tokens.forget(self.oauth2)
                poll = self._follow(url, state, context, timeout)
        except ForbiddenAddressError as error:
            return Poll(state, error=redact(str(error)), weight=1)
        except ConfigurationError as error:
            return Poll(state, error=redact(str(error)), weight=0.5)
        except httpx.TimeoutException:
            return Poll(state, error=f"{shown} did not answer within {timeout:g} s.", weight=0.5)
        except httpx.HTTPError as error:
            return Poll(state, error=redact(f"{shown} cannot be read: {error or type(error).__name__}."), weight=0.5)
        except (httpx.InvalidURL, UnicodeError) as error:
            reason = redact(f"{shown} redirects to an invalid address: {error}.")
            return Poll(state, error=reason, weight=1)
        return poll

    def _headers(self, state: ConnectorState, context: PollContext) -> dict[str, str]:
        headers = {
            "User-Agent": self.user_agent or context.user_agent,
            "Accept": "application/atom+xml, application/rss+xml, application/feed+json, "
            "application/xml;q=0.9, */*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
            "A-IM": "feed",
        }
        if not self.ignore_http_cache and self.post is None:
            if state.etag:
                headers["If-None-Match"] = state.etag
            if state.last_modified:
                headers["If-Modified-Since"] = state.last_modified
        return headers

    def _own_headers(self, timeout_seconds: float) -> dict[str, bytes]:
        """The headers of the connector's file and the authorization, for its own origin only."""
        headers = {name: secret_text(value).encode() for name, value in self.headers.items()}
        if self.cookies:
            pairs = (f"{name}={secret_text(value)}" for name, value in self.cookies.items())
            headers["Cookie"] = "; ".join(pairs).encode()
        if self.bearer_token:
            headers["Authorization"] = f"Bearer {self.bearer_token.read()}".encode()
        if self.basic_auth:
            headers["Authorization"] = basic_header(self.basic_auth).encode()
        if self.oauth2:
            connect = partial(self._connection, own=False)
            private = self.allow_private_addresses
            token = _tokens.get(self.oauth2, timeout_seconds, allow_private=private, connect=connect)
            headers["Authorization"] = f"Bearer {token}".encode()
        return headers

    def _connection(self, left: float, *, own: bool) -> httpx.HTTPTransport:
        """A connection that ends after so many seconds, with the certificate where it is the address's own origin."""
        context = self.client_certificate.context(self.ca_file) if own and self.client_certificate else None
        if context is None and self.ca_file:
            context = own_authority(self.ca_file)
        pool = self.proxy.pool if self.proxy else None
        return checked_transport(left, allow_private=self.allow_private_addresses, context=context, proxy=pool)

    def _follow(self, url: str, state: ConnectorState, context: PollContext, timeout_seconds: float) -> Poll:
        end = time.monotonic() + timeout_seconds
        permanent, moved, names = True, state, frozenset(self.query)
        post = self.post
        for _ in range(_MAX_REDIRECTS + 1):
            check_url(url)
            own = same_origin(url, self.url)
            left = max(end - time.monotonic(), 0.01)
            transport = self._connection(left, own=own)
            if self.proxy:
                check_target(url, allow_private=self.allow_private_addresses)
            request: dict[str, Any] = {"headers": self._own_headers(left)} if own else {}
            address = url
            if own:
                address = with_parameters(url, {key: secret_text(value) for key, value in self.query.items()})
            if post is not None and own:
                body, kind = post.encoded()
                request["content"] = body
                if not any(name.lower() == "content-type" for name in self.headers):
                    request["headers"]["Content-Type"] = kind.encode()
            with (
                httpx.Client(transport=transport, timeout=left, headers=self._headers(state, context)) as client,
                client.stream("POST" if "content" in request else "GET", address, **request) as response,
            ):
                if response.status_code not in _REDIRECTS or "location" not in response.headers:
                    # A permanent redirect counts only once its target has answered.
                    kept = moved if response.status_code in {200, 226, 304} else state
                    return self._answer(response, url, kept, context)
                target = without_parameters(urljoin(url, response.headers["location"]), names)
                permanent = permanent and response.status_code in _PERMANENT
                if permanent:
                    moved = moved.model_copy(update={"url": target})
                if post is not None and response.status_code in {307, 308} and not same_origin(target, self.url):
                    return Poll(state, error=redact(f"{url} redirects a POST to another server."), weight=1)
                post = post if response.status_code in {307, 308} else None  # RFC 9110, 15.4
                url = target
        return Poll(state, error=f"{redact(self.url)} redirects more than {_MAX_REDIRECTS} times.", weight=1)

    def _answer(self, response: httpx.Response, url: str, state: ConnectorState, context: PollContext) -> Poll:
        status, wait = response.status_code, _server_wait(response, context.now)
        if status == 304:
            return Poll(state, wait_seconds=wait, unchanged=True)
        if status == 410:
            gone = state.model_copy(update={"gone": True})
            return Poll(
                gone, error=f"{redact(url)} is gone for good (410): polling has ended. Disable or remove it.", weight=1
            )
        if status not in {200, 226}:
            weight = 0.25 if status in _TEMPORARY else 0.5 if status in {403, 404, 429} else 1
            return Poll(
                state,
                error=redact(f"{url} answers {status} {response.reason_phrase}."),
                wait_seconds=wait,
                weight=weight,
            )
        try:
            data = read_body(response, context.max_body_bytes, context.grown)
        except NoPlaceError as error:
            return Poll(state, error=f"{redact(url)}: {error}", wait_seconds=wait, weight=0.25)
        except BodyError as error:
            return Poll(state, error=f"{redact(url)}: {error}", wait_seconds=wait, weight=1)
        return self._payload(response, url, data, state, wait)

    def _payload(self, response: httpx.Response, url: str, data: bytes, state: ConnectorState, wait: float) -> Poll:
        digest = xxhash.xxh3_128_hexdigest(data)
        validators: dict[str, Any] = {
            "etag": response.headers.get("etag"), "last_modified": response.headers.get("last-modified")
        }  # fmt: skip
        if digest == state.body_hash:
            return Poll(state.model_copy(update=validators), wait_seconds=wait, unchanged=True)
        payload = Payload(
            data, redact(url), url=url, content_type=response.headers.get("content-type"),
            charset=response.charset_encoding, hub=hub_of_headers(response),
        )  # fmt: skip
        kept = state.model_copy(update={**validators, "body_hash": digest})
        return Poll(kept, payloads=(payload,), wait_seconds=wait)


def _server_wait(response: httpx.Response, now: datetime) -> float:
    """Seconds that the server asks not to be polled: Retry-After, or freshness (RFC 9110, 9111)."""
    waits = [_retry_after(response.headers.get("retry-after", ""), now)]
    if response.status_code in {200, 226, 304}:
        control = response.headers.get("cache-control", "")
        found = _MAX_AGE.search(control)
        fresh = "no-cache" not in control and "no-store" not in control
        if found and fresh:
            waits.append(float(found[1]))
        elif fresh:  # max-age counts before Expires (RFC 9111, 5.3)
            waits.append(_until(response.headers.get("expires", ""), now))
    return min(max(waits), MAX_WAIT_SECONDS)


def _retry_after(value: str, now: datetime) -> float:
    digits = value.strip()
    return float(digits) if digits.isascii() and digits.isdigit() else _until(value, now)


def _until(value: str, now: datetime) -> float:
    """Seconds until a date; 0 if it is past or not a date (``Expires: 0``)."""
    try:
        return max((parsedate_to_datetime(value) - now).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return 0.0
