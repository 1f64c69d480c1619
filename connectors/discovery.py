"""From an address to a connector: find the feed and detect format, provider, language and mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import html
from lxml.etree import ParserError

from connectors.config import connector_of_options
from connectors.mapping import preset_names
from connectors.parse_pool import PayloadParser
from connectors.reading import Reading
from connectors.recognition import SHARED, recognise
from connectors.runner import poll_context
from connectors.transports.base import Payload
from connectors.transports.credentials import same_origin
from connectors.transports.files import file_payload, files
from connectors.transports.http import HttpTransport
from pipeline.events import ConnectorState
from pipeline.events.errors import ConfigurationError, ParseError
from pipeline.events.item import Item
from pipeline.settings import Settings

_FEED_TYPES = {
    "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/json",
    "application/xml", "text/xml",
}  # fmt: skip
#: So many files of a folder tell what it holds.
_MOST_FILES = 10
#: Paths to try where a page does not name its feed.
_USUAL_PATHS = ("feed", "rss", "rss.xml", "feed.xml", "atom.xml", "feed.json", "index.xml")


@dataclass(frozen=True)
class Discovery:
    """A feed and its detected properties.

    Attributes:
        url: of the feed.
        parser: name of the format.
        provider: as the feed names itself, else the host name.
        mapping: name of the preset.
        language: as the feed states it.
        items: how many it has now.
        others: further feeds that the page names.
    """

    url: str
    parser: str
    provider: str
    mapping: str
    language: str | None
    items: int
    others: tuple[str, ...] = ()


def discover(
    url: str, settings: Settings, parser: PayloadParser, *, options: Mapping[str, Any], allow_private: bool = False
) -> Discovery:
    """Find the feed at an address: the address itself, a feed that the page names, or one at a usual path.

    Args:
        url: of a feed or a page; https:// is assumed where no scheme is given.
        settings: of the installation.
        parser: parses what is found there.
        options: of the HTTP transport, such as headers; for the address's own origin only.
        allow_private: also connect to private addresses.

    Raises:
        ConfigurationError: it cannot be reached, or no feed was found.
        UnreachableError: nothing can be parsed now.
    """
    if "//" not in url:
        url = f"https://{url}"
    page = _fetch(url, settings, options, allow_private=allow_private)
    found = _as_feed(page, parser)
    if found:
        return found
    address = page.url or url
    named = _named_feeds(page)
    for candidate in [*named, *(urljoin(address, f"/{place}") for place in _USUAL_PATHS)]:
        try:
            own = options if same_origin(candidate, url) else {}
            found = _as_feed(_fetch(candidate, settings, own, allow_private=allow_private), parser)
        except ConfigurationError:
            continue
        if found:
            others = tuple(other for other in named if other != candidate)
            return Discovery(**{**vars(found), "others": others})
    raise ConfigurationError(
        f"No feed found at {url}: it is not a feed of a known format, names none, and has none in the usual places.",
        hint="Give the address of the feed itself, or write the file by hand (docs/connectors.md).",
    )


def _fetch(url: str, settings: Settings, options: Mapping[str, Any], *, allow_private: bool) -> Payload:
    try:
        transport = HttpTransport.model_validate(
            {"type": "http", "url": url, "allow_private_addresses": allow_private, "sitemaps": 0, **options}
        )
    except ValueError as error:
        raise ConfigurationError(f"{url!r} is not an http or https address.") from error
    context = poll_context(settings, datetime.now(UTC), peek=True)
    poll = transport.poll(ConnectorState(connector="discovery"), context)
    if poll.error or not poll.payloads:
        message = (poll.error or f"{url} answers with an empty body.").partition(" If this is intended,")[0]
        raise ConfigurationError(message, hint=_hint(message))
    return poll.payloads[0]


def _hint(message: str) -> str | None:
    if "not a public address" in message:
        return "Use --allow-private to allow it."
    if re.search(r"answers 40[13]\b", message):
        return (
            "The feed is protected: give --token env:NAME or --header 'X-Api-Key: env:NAME', with NAME an "
            "environment variable; for a user name, OAuth 2 or a "
            "certificate write the file by hand (docs/connectors.md, Secrets)."
        )
    return None


def _as_feed(payload: Payload, parser: PayloadParser) -> Discovery | None:
    """The properties of a payload that is a feed; ``None`` if it is not."""
    try:
        reading = parser.parse(payload, connector_of_options("discovery", "-"), datetime.now(UTC))
    except ParseError:
        return None
    # Any input is text, also an error page.
    if reading.parser in {"text", "email"} or not (reading.items or reading.feed.format):
        return None
    address = payload.url or payload.name
    host = urlsplit(address).hostname or ""
    labels = host.split(".")
    provider = next((raw.item.provider for raw in reading.items if raw.item.provider), None) or reading.feed.title
    return Discovery(
        url=address,
        parser=reading.parser,
        provider=provider or host.removeprefix("www."),
        mapping=_mapping(reading, labels),
        language=reading.feed.language,
        items=len(reading.items),
    )


def recognise_folder(folder: Path, settings: Settings, parser: PayloadParser) -> str:
    """The preset of the agency whose files are in a folder; ``wire`` where there are none, or of no known agency.

    Args:
        folder: its first files are read.
        settings: of the installation.
        parser: parses them.
    """
    found: list[Item] = []
    for path in files([folder])[:_MOST_FILES]:
        try:
            payload = file_payload(path, settings.connectors.max_body_bytes)
            if payload.pieces is None:
                reading = parser.parse(payload, connector_of_options("discovery", "-"), datetime.now(UTC))
                found += [raw.item for raw in reading.items]
        except (OSError, ParseError):
            continue
    return recognise(found)


def _mapping(reading: Reading, labels: list[str]) -> str:
    """The preset of the agency that the content is of, else of the one whose name is in the address."""
    found = recognise([raw.item for raw in reading.items])
    return found if found != SHARED else next((name for name in preset_names() if name in labels), SHARED)


def _named_feeds(payload: Payload) -> list[str]:
    """The feeds that a page names, in its order."""
    try:
        page = html.fromstring(payload.data[:1_000_000])
    except (ParserError, ValueError):
        return []
    found = []
    for link in page.iter("link"):
        relations = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").lower().partition(";")[0].strip()
        if "alternate" in relations and kind in _FEED_TYPES and link.get("href"):
            found.append(urljoin(payload.url or "", str(link.get("href")).strip()))
    return list(dict.fromkeys(found))
