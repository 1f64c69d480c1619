"""The earlier pages of a feed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urljoin

from connectors.config import ConnectorConfig
from connectors.runner import surroundings
from connectors.safety import origin
from connectors.transports.base import Payload
from connectors.transports.http import HttpTransport
from pipeline.events import ConnectorState
from pipeline.events.errors import ConfigurationError, UnreachableError
from pipeline.settings import Settings


def numbered(template: str) -> Iterator[str]:
    """The addresses of a feed's pages from 1 on, from a template with ``{page}`` in it.

    Raises:
        ConfigurationError: the template names no page.
    """
    if "{page}" not in template:
        raise ConfigurationError(f"The address {template!r} names no page.", hint="Write {page} where its number goes.")
    return (template.replace("{page}", str(number)) for number in itertools.count(1))


def next_page(config: ConnectorConfig, url: str, link: str | None, seen: set[str]) -> str | None:
    """Where a feed says that its next page is (RFC 5005); only on the feed's own host, and no page twice."""
    if not link:
        return None
    target = urljoin(url, link)
    if target in seen or origin(target) != origin(http_transport(config).url):
        return None
    return target


def http_transport(config: ConnectorConfig) -> HttpTransport:
    """The connector's transport, where its feed has pages.

    Raises:
        ConfigurationError: it is not polled over HTTP.
    """
    if not isinstance(config.transport, HttpTransport):
        raise ConfigurationError(
            f"The connector {config.name} is of type {config.transport.type}: only http feeds have pages.",
            hint="Name the files instead.",
        )
    return config.transport


def page(config: ConnectorConfig, settings: Settings, url: str) -> Payload | None:
    """One page; ``None`` where there is none (404, 410).

    Raises:
        UnreachableError: it cannot be had now.
    """
    transport = http_transport(config).model_copy(update={"url": url})
    poll = transport.poll(ConnectorState(connector=config.name), surroundings(settings, datetime.now(UTC), peek=True))
    if poll.payloads:
        return poll.payloads[0]
    if poll.state.gone or (poll.error and "answers 404" in poll.error):
        return None
    raise UnreachableError(f"{url}: {poll.error or 'nothing came'}", hint="Start it again: what is there is kept.")
