"""Interfaces with pages: each answer names the next page.

The JSON of the answer contains its address, or a cursor for the query. With ``keep`` the next poll begins at the last
page named (stored in ``wire.connectors`` after everything before it is durable), for interfaces that return what is
newer than a cursor; without it each poll begins at the first page.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import orjson
from pydantic import Field

from connectors.safety import origin
from connectors.transports.base import Payload, Poll, PollContext
from pipeline.events import ConnectorState
from pipeline.settings import Section
from pipeline.settings.redaction import redact

_NO_VALIDATORS = {"etag": None, "last_modified": None, "body_hash": None}
Request = Callable[[str, ConnectorState], Poll]


class Paging(Section):
    """Follow the pages of a JSON interface."""

    next: str = Field(description="Path of the next page in the JSON of the answer, such as data.next_page.")
    parameter: str | None = Field(
        None, description="Query parameter for the cursor. Default: the answer contains an address."
    )
    keep: bool = Field(False, description="Begin the next poll where this one ended, not at the first page.")
    max_pages: int = Field(20, ge=1, le=1000, description="At most so many pages per poll.")

    def following(self, url: str, data: bytes) -> tuple[str, str] | None:
        """Cursor and address of the page after the one at ``url``; ``None`` if the answer names none."""
        try:
            found: Any = orjson.loads(data)
        except ValueError:
            return None
        for name in self.next.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, bool) or not isinstance(found, str | int) or not str(found).strip():
            return None
        cursor = str(found).strip()
        return cursor, self.address(url, cursor)

    def address(self, url: str, cursor: str) -> str:
        """The address of a cursor's page.

        Args:
            url: of any other page.
            cursor: from an answer.
        """
        if self.parameter is None:
            return urljoin(url, cursor)
        parts = urlsplit(url)
        query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
        query = [(name, value) for name, value in query if name != self.parameter] + [(self.parameter, cursor)]
        return urlunsplit(parts._replace(query=urlencode(query)))


def collect(paging: Paging, request: Request, first: str, state: ConnectorState, context: PollContext) -> Poll:
    """Request one page after the other, until there is none, a limit is reached, or one fails.

    Args:
        paging: how the pages are named.
        request: requests an address; the state contains the validators to send.
        first: the first page's address.
        state: of the connector.
        context: ``max_body_bytes`` limits all pages together.
    """
    # Validators are of the first page; requests for what is newer than a cursor do not use them.
    plain = state.model_copy(update=_NO_VALIDATORS)
    resumed = paging.keep and state.cursor is not None
    url = paging.address(first, state.cursor) if resumed and state.cursor else first
    poll = request(url, plain if paging.keep else state)
    outcome = poll
    payloads: list[Payload] = [*poll.payloads]
    end = time.monotonic() + context.poll_seconds - context.timeout_seconds  # the last page may take that long
    cursor, seen, size = state.cursor, {url}, sum(len(payload.data) for payload in payloads)
    while poll.payloads and not poll.error:
        named = paging.following(url, poll.payloads[0].data)
        if named is None:
            break
        target = named[1]
        if origin(target) != origin(first):
            outcome = Poll(
                outcome.state, error=redact(f"{url} names a next page on another server: {target[:200]}."), weight=1
            )
            break
        cursor = named[0]
        if target in seen or len(seen) >= paging.max_pages or size >= context.max_body_bytes or time.monotonic() > end:
            break
        seen.add(target)
        url, poll = target, request(target, plain)
        payloads += poll.payloads
        size += sum(len(payload.data) for payload in poll.payloads)
        if poll.error:
            outcome = Poll(outcome.state, error=poll.error, wait_seconds=poll.wait_seconds, weight=poll.weight)
    kept = outcome.state
    if paging.keep:
        kept = kept.model_copy(update={**_NO_VALIDATORS, "cursor": cursor})
    return Poll(
        kept, tuple(payloads), outcome.error, max(outcome.wait_seconds, poll.wait_seconds), outcome.weight,
        unchanged=not payloads,
    )  # fmt: skip
