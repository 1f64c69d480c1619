"""Write a connector for each feed of a list, and poll each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from connectors.config import load_connector
from connectors.parse_pool import PayloadParser
from connectors.preview import nothing_reason, preview
from connectors.writing import ListedFeed, write_connector
from pipeline.events.errors import ConfigurationError
from pipeline.settings import Settings

#: Feeds that are polled at the same time.
_AT_ONCE = 8


def import_feeds(
    feeds: Iterable[ListedFeed], directory: Path, *, about: str, allow_private: bool = False
) -> tuple[list[Path], list[tuple[str, str]]]:
    """Write a connector for each feed that can have one.

    Args:
        feeds: of the list.
        directory: of the connectors.
        about: a comment at the top of each file.
        allow_private: let them poll private addresses.

    Returns:
        The files written; and the title of each feed that was left out, with the reason.
    """
    written: list[Path] = []
    left_out: list[tuple[str, str]] = []
    for feed in feeds:
        transport: dict[str, Any] = {"type": "http", "url": feed.url}
        if allow_private:
            transport["allow_private_addresses"] = True
        document: dict[str, Any] = {"transport": transport, "provider": feed.title}
        if feed.tags:
            document["tags"] = list(feed.tags)
        try:
            if feed.problem:
                raise ConfigurationError(feed.problem)
            written.append(write_connector(directory, feed.name, document, about=about))
        except ConfigurationError as error:
            left_out.append((feed.title, Exception.__str__(error)))
    return written, left_out


def look_at(paths: Iterable[Path], settings: Settings, parser: PayloadParser) -> Iterator[tuple[Path, str]]:
    """Poll each connector once, several at a time; yields those that bring nothing, each with the reason."""

    def problem(path: Path) -> tuple[Path, str | None]:
        seen = preview(load_connector(path), settings, parser)
        return path, " ".join(seen.errors) or nothing_reason(seen)

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for path, reason in threads.map(problem, paths):
            if reason:
                yield path, reason
