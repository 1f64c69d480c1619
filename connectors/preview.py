"""Poll a connector once without publishing, storing or changing anything."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel

from connectors.config import ConnectorConfig
from connectors.full_text import FullText
from connectors.parse_pool import PayloadParser, parse_parts
from connectors.reading import Reading
from connectors.runner import poll_context
from connectors.transports.push import MIN_SECRET_CHARS, PushTransport
from pipeline.events import ConnectorState, RawItem
from pipeline.events.errors import ConfigurationError, WiredeskError
from pipeline.events.item import RejectedItem
from pipeline.settings import Secret, Settings


@dataclass(frozen=True)
class Preview:
    """What a connector would publish now.

    Attributes:
        items: what it would publish.
        rejected: what would become dead letters.
        readings: one for each payload.
        errors: why it cannot be polled, or a payload not parsed.
    """

    items: tuple[RawItem, ...]
    rejected: tuple[RejectedItem, ...]
    readings: tuple[Reading, ...]
    errors: tuple[str, ...]


def preview(config: ConnectorConfig, settings: Settings, parser: PayloadParser, *, full_text: bool = False) -> Preview:
    """Poll as the connector would the first time.

    Args:
        config: the connector.
        settings: of the installation.
        parser: parses what arrives.
        full_text: also fetch the pages behind links, where the connector does.

    Raises:
        UnreachableError: nothing can be parsed now.
    """
    now = datetime.now(UTC)
    state = ConnectorState(connector=config.name)
    context = poll_context(settings, now, peek=True)
    poll = config.transport.poll(state, context)
    errors = [poll.error] if poll.error else []
    readings: list[Reading] = []
    for payload in poll.payloads:
        for _, reading in parse_parts(parser, payload, config, now):
            if isinstance(reading, WiredeskError):
                errors.append(str(reading))
            else:
                readings.append(reading)
    items = tuple(item for reading in readings for item in reading.items)
    if full_text and config.full_text:
        items = tuple(map(FullText(config, context, parser, threading.Event()).complete, items))
    return Preview(
        items,
        tuple(part for reading in readings for part in reading.rejected),
        tuple(readings),
        tuple(errors),
    )


def nothing_reason(seen: Preview) -> str | None:
    """Why a connector that was polled without an error brings nothing; ``None`` if it brings something."""
    if seen.items or seen.rejected or seen.errors:
        return None
    dropped = sum(len(reading.dropped) for reading in seen.readings)
    if dropped:
        return f"brings nothing: its rules drop all {dropped} items of the feed"
    if not seen.readings:
        return "brings nothing now: nothing was there to read"
    formats = ", ".join(sorted({reading.parser for reading in seen.readings}))
    return f"brings nothing now: what it reads has no items ({formats})"


def unset_secrets(config: ConnectorConfig) -> list[str]:
    """The secrets of a connector that cannot be read, each with its key and what is wrong."""
    problems = []
    minimum = MIN_SECRET_CHARS if isinstance(config.transport, PushTransport) else 1
    for key, secret in _secrets(config, ""):
        try:
            secret.read(minimum)
        except ConfigurationError as error:
            problems.append(f"{key}: {error}")
    return problems


def _secrets(section: BaseModel, path: str) -> Iterator[tuple[str, Secret]]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Secret):
            yield f"{path}{name}", value
        elif isinstance(value, dict):
            yield from ((f"{path}{name}.{key}", inner) for key, inner in value.items() if isinstance(inner, Secret))
        elif isinstance(value, BaseModel):
            yield from _secrets(value, f"{path}{name}.")
