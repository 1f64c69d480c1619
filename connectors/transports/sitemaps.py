"""Sitemap indexes: the sitemaps that changed last are fetched in place of the index (sitemaps.org)."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urljoin

from connectors.parsers.tree import descendants, name_of, text_at
from connectors.parsers.xml import parse_xml
from connectors.transports.base import Payload, Poll, PollContext
from connectors.transports.body import BodyError, inflate
from connectors.transports.credentials import same_origin
from pipeline.events import ConnectorState
from pipeline.events.errors import ParseError
from pipeline.settings.redaction import redact

_HEAD_BYTES = 2000
#: A larger index is refused: it would have more than the 50,000 sitemaps that the standard allows.
_MAX_INDEX_BYTES = 8 * 1024 * 1024
_NO_VALIDATORS = {"etag": None, "last_modified": None, "body_hash": None}


def is_index(payload: Payload) -> bool:
    """Whether a payload is a list of sitemaps."""
    return b"<sitemapindex" in payload.data[:_HEAD_BYTES]


def sitemaps_of(data: bytes, url: str) -> list[str]:
    """The addresses in a sitemap index: news sitemaps first, then those that changed last.

    Raises:
        ParseError: it is not a sitemap index, or too large.
    """
    if len(data) > _MAX_INDEX_BYTES:
        raise ParseError(f"the sitemap index has {len(data):,} bytes; at most {_MAX_INDEX_BYTES:,} are read.")
    root = parse_xml(data)
    if name_of(root) != "sitemapindex":
        raise ParseError("this is not a sitemap index.")
    found = [
        ("news" in address.lower(), text_at(sitemap, "lastmod"), address)
        for sitemap in descendants(root, "sitemap")
        if (address := text_at(sitemap, "loc"))
    ]
    # The sort is stable: sitemaps without a date stay in the order of the index.
    ordered = sorted(found, key=lambda part: part[:2], reverse=True)
    return list(dict.fromkeys(_joined(url, address) for *_, address in ordered))


def _joined(url: str, address: str) -> str:
    try:
        return urljoin(url, address)
    except ValueError:
        return address


def follow(poll: Poll, most: int, request: Callable[[str, ConnectorState], Poll], context: PollContext) -> Poll:
    """The poll of a sitemap index with its sitemaps in place of it; any other poll as it is.

    Args:
        poll: of the connector's address.
        most: sitemaps to fetch.
        request: fetches one; only those on the index's own server are.
        context: ``max_body_bytes`` limits all sitemaps together.
    """
    if not most or len(poll.payloads) != 1 or not is_index(poll.payloads[0]):
        return poll
    index = poll.payloads[0]
    url = index.url or index.name
    try:
        addresses = sitemaps_of(index.data, url)
    except ParseError as error:
        return replace(poll, payloads=(), error=f"{index.name}: {error}", weight=1)
    own = [address for address in addresses if same_origin(address, url)]
    # The index may stay as it is while its sitemaps change.
    state = poll.state.model_copy(update=_NO_VALIDATORS)
    if not own:
        return Poll(state, error=f"{index.name}: the sitemap index names no sitemap of its own server.", weight=1)
    payloads: list[Payload] = []
    errors: list[str] = []
    size, wait = 0, poll.wait_seconds
    end = time.monotonic() + context.poll_seconds - context.timeout_seconds  # the last one may take that long
    for address in own[:most]:
        if size >= context.max_body_bytes or time.monotonic() > end:
            break
        answer = request(address, state)
        if answer.error:
            errors.append(answer.error)
            continue
        wait = max(wait, answer.wait_seconds)
        for payload in answer.payloads:
            try:
                payloads.append(unpacked(payload, context.max_body_bytes))
            except (BodyError, zlib.error) as error:
                errors.append(f"{redact(address)}: {error}")
                continue
            size += len(payloads[-1].data)
    return Poll(state, tuple(payloads), errors[0] if errors else None, wait, 0.5 if errors else 0)


def unpacked(payload: Payload, max_bytes: int) -> Payload:
    """A payload that is a .gz file, decompressed; any other as it is.

    Raises:
        BodyError: more than ``max_bytes`` come out.
        zlib.error: it is broken.
    """
    if not payload.data.startswith(b"\x1f\x8b"):
        return payload
    return replace(payload, data=inflate([payload.data], max_bytes), content_type=None)
