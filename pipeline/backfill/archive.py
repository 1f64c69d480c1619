"""The earlier pages of a feed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urljoin

from connectors.config import ConnectorConfig
from connectors.runner import poll_context
from connectors.safety import origin
from connectors.transports.base import Payload
from connectors.transports.http import HttpTransport
from pipeline.events import ConnectorState
from pipeline.events.errors import ConfigurationError, UnreachableError
from pipeline.settings import Settings


def numbered(template: str) -> Iterator[str]:
    """The addresses of a feed's pages from 1 on, from a template that contains ``{page}``.

    Raises:
        ConfigurationError: the template does not contain ``{page}``.
    """
    if "{page}" not in template:
        raise ConfigurationError(
            f"The address {template!r} does not contain {{page}}.",
            hint="Write {page} for its number.",
        )
    return (template.replace("{page}", str(number)) for number in itertools.count(1))


def next_page(config: ConnectorConfig, url: str, link: str | None, seen: set[str]) -> str | None:
    """The next page that a feed links to (RFC 5005), if it is of the feed's own origin and was not fetched yet."""
    if not link:
        return None
    target = urljoin(url, link)
    if target in seen or origin(target) != origin(http_transport(config).url):
        return None
    return target


def http_transport(config: ConnectorConfig) -> HttpTransport:
    """The connector's HTTP transport.

    Raises:
        ConfigurationError: it is not polled over HTTP.
    """
    if not isinstance(config.transport, HttpTransport):
        raise ConfigurationError(
            f"The connector {config.name} is of type {config.transport.type}: only http feeds have pages.",
            hint="Give files instead.",
        )
    return config.transport


def page(config: ConnectorConfig, settings: Settings, url: str) -> Payload | None:
    """Fetch one page; ``None`` if it does not exist (404, 410).

    Raises:
        UnreachableError: it cannot be fetched now.
    """
    transport = http_transport(config).model_copy(update={"url": url})
    poll = transport.poll(ConnectorState(connector=config.name), poll_context(settings, datetime.now(UTC), peek=True))
    if poll.payloads:
        return poll.payloads[0]
    if poll.state.gone or (poll.error and "answers 404" in poll.error):
        return None
    raise UnreachableError(f"{url}: {poll.error or 'the answer is empty'}", hint="Run it again.")
