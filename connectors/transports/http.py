"""HTTP polling with the manners of a good poller.

Validators are kept as the bytes the server sent and given back unchanged; they are stored only after the answer has
been published. Permanent redirects move the address, 410 ends the polling, Retry-After and max-age are honoured, bodies
are capped after decompression, and every address is checked before it is connected to.
"""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Literal
from urllib.parse import urljoin

import httpx
import xxhash
from pydantic import Field, field_validator

from connectors.safety import ForbiddenAddressError, check_url, checked_transport, origin
from connectors.schedule import MAX_WAIT_SECONDS
from connectors.transports.base import Payload, Poll, Surroundings
from connectors.transports.body import BodyError, read_body
from connectors.transports.paging import Paging, collect
from pipeline.events import ConnectorState
from pipeline.events.errors import ConfigurationError
from pipeline.settings import Secret, Section

_REDIRECTS = {301, 302, 303, 307, 308}
_PERMANENT = {301, 308}
_TEMPORARY = {408, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529}
_MAX_REDIRECTS = 5
_MAX_AGE = re.compile(r"max-age\s*=\s*\"?(\d+)")


class HttpTransport(Section):
    """Poll an address."""

    default_interval_seconds: ClassVar[float] = 300

    type: Literal["http"]
    url: str = Field(description="http or https.")
    headers: dict[str, str] = Field(default_factory=dict, description="Sent along; no secrets here.")
    bearer_token: Secret | None = Field(None, description="Sent as Authorization: Bearer.")
    allow_private_addresses: bool = Field(False, description="Allow loopback and private networks.")
    ignore_http_cache: bool = Field(False, description="For servers that answer 304 wrongly: send no validators.")
    paging: Paging | None = Field(None, description="For JSON interfaces that hand out their items in pages.")
    timeout_seconds: float | None = Field(
        None, gt=0, description="For the whole answer; default: connectors.timeout_seconds."
    )

    @field_validator("url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        try:
            check_url(value)
        except ForbiddenAddressError as error:
            raise ValueError(str(error)) from error
        return value

    @property
    def host(self) -> str:
        """Whom the requests go to; so many connectors at once ask one host as the settings allow."""
        return origin(self.url)[1]

    def poll(self, state: ConnectorState, around: Surroundings) -> Poll:
        """Ask once, or for one page after the other."""
        url = state.url or self.url
        if self.paging is None:
            return self._ask(url, state, around)
        return collect(self.paging, lambda page, known: self._ask(page, known, around), url, state, around)

    def _ask(self, url: str, state: ConnectorState, around: Surroundings) -> Poll:
        timeout = self.timeout_seconds or around.timeout_seconds
        transport = checked_transport(timeout, allow_private=self.allow_private_addresses)
        try:
            with httpx.Client(transport=transport, timeout=timeout, headers=self._headers(state, around)) as client:
                return self._follow(client, url, state, around)
        except ForbiddenAddressError as error:
            return Poll(state, error=str(error), weight=1)
        except ConfigurationError as error:
            return Poll(state, error=str(error), weight=0.5)
        except httpx.TimeoutException:
            return Poll(state, error=f"{url} did not answer within {timeout:g} s.", weight=0.5)
        except httpx.HTTPError as error:
            return Poll(state, error=f"{url} cannot be read: {error or type(error).__name__}.", weight=0.5)
        except httpx.InvalidURL as error:
            return Poll(state, error=f"{url} redirects to an address that is none: {error}.", weight=1)

    def _headers(self, state: ConnectorState, around: Surroundings) -> dict[str, str]:
        headers = {
            "User-Agent": around.user_agent,
            "Accept": "application/atom+xml, application/rss+xml, application/feed+json, "
            "application/xml;q=0.9, */*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
            "A-IM": "feed",
            **self.headers,
        }
        if not self.ignore_http_cache:
            if state.etag:
                headers["If-None-Match"] = state.etag
            if state.last_modified:
                headers["If-Modified-Since"] = state.last_modified
        return headers

    def _secret(self, url: str) -> dict[str, str]:
        """The secret, for the server that it was meant for and no other."""
        if self.bearer_token is None or origin(url) != origin(self.url):
            return {}
        return {"Authorization": f"Bearer {self.bearer_token.read()}"}

    def _follow(self, client: httpx.Client, url: str, state: ConnectorState, around: Surroundings) -> Poll:
        permanent, moved = True, state
        for _ in range(_MAX_REDIRECTS + 1):
            check_url(url)
            with client.stream("GET", url, headers=self._secret(url)) as response:
                if response.status_code not in _REDIRECTS or "location" not in response.headers:
                    # A move counts only once something has been found at its end.
                    kept = moved if response.status_code in {200, 226, 304} else state
                    return self._answer(response, url, kept, around)
                target = urljoin(url, response.headers["location"])
                permanent = permanent and response.status_code in _PERMANENT
                if permanent:
                    moved = moved.model_copy(update={"url": target})
                url = target
        return Poll(state, error=f"{self.url} redirects more than {_MAX_REDIRECTS} times.", weight=1)

    def _answer(self, response: httpx.Response, url: str, state: ConnectorState, around: Surroundings) -> Poll:
        status, wait = response.status_code, _server_wait(response, around.now)
        if status == 304:
            return Poll(state, wait_seconds=wait, unchanged=True)
        if status == 410:
            gone = state.model_copy(update={"gone": True})
            return Poll(gone, error=f"{url} is gone for good (410): polling has ended. Disable or remove it.", weight=1)
        if status not in {200, 226}:
            weight = 0.25 if status in _TEMPORARY else 0.5 if status in {403, 404, 429} else 1
            return Poll(
                state, error=f"{url} answers {status} {response.reason_phrase}.", wait_seconds=wait, weight=weight
            )
        try:
            data = read_body(response, around.max_body_bytes)
        except BodyError as error:
            return Poll(state, error=f"{url}: {error}", wait_seconds=wait, weight=1)
        return self._payload(response, url, data, state, wait)

    def _payload(self, response: httpx.Response, url: str, data: bytes, state: ConnectorState, wait: float) -> Poll:
        digest = xxhash.xxh3_128_hexdigest(data)
        validators: dict[str, Any] = {
            "etag": response.headers.get("etag"), "last_modified": response.headers.get("last-modified")
        }  # fmt: skip
        if digest == state.body_hash:
            return Poll(state.model_copy(update=validators), wait_seconds=wait, unchanged=True)
        payload = Payload(
            data, url, url=url, content_type=response.headers.get("content-type"), charset=response.charset_encoding
        )
        kept = state.model_copy(update={**validators, "body_hash": digest})
        return Poll(kept, payloads=(payload,), wait_seconds=wait)


def _server_wait(response: httpx.Response, now: datetime) -> float:
    """How long the server wants to be left alone: Retry-After, or the freshness it gives (RFC 9110, 9111)."""
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
    return float(value) if value.strip().isdigit() else _until(value, now)


def _until(value: str, now: datetime) -> float:
    """Seconds until a date; 0 for what is none or past (``Expires: 0``)."""
    try:
        return max((parsedate_to_datetime(value) - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return 0.0
