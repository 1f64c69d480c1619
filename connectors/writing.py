"""Write connectors' files: of one feed, or of all feeds in an OPML list."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML

from connectors.config import ConnectorConfig
from connectors.parsers.tree import attribute, descendants
from connectors.parsers.xml import parse_xml
from connectors.safety import ForbiddenAddressError, check_url
from pipeline.events.errors import ConfigurationError, ParseError

_UNSAFE = re.compile(r"[^a-z0-9]+")


def connector_name(title: str) -> str:
    """A title as a connector's name: ``Le Monde, À la une`` → ``le-monde-a-la-une``."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return _UNSAFE.sub("-", plain).strip("-")[:60].strip("-")


def write_connector(directory: Path, name: str, document: dict[str, Any], *, about: str, replace: bool = False) -> Path:
    """Write a connector's file atomically.

    Args:
        directory: created if it does not exist.
        name: of the connector and the file.
        document: the file's keys.
        about: a comment at the top.
        replace: overwrite an existing file.

    Raises:
        ConfigurationError: a connector of that name exists already, or the document is not a valid connector.
    """
    path = directory / f"{name}.yaml"
    if path.exists() and not replace:
        raise ConfigurationError(f"A connector {name!r} exists already ({path}).", hint="--replace overwrites it.")
    try:
        ConnectorConfig.model_validate({"name": name, **document})
    except ValueError as error:
        raise ConfigurationError(f"{name!r} is not a valid connector: {_first(error)}.") from error
    out = io.StringIO()
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(document, out)
    directory.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    fresh.write_text("".join(f"# {line}\n" for line in about.splitlines()) + out.getvalue(), encoding="utf-8")
    fresh.replace(path)
    return path


def folder_of(source: str) -> Path | None:
    """The folder that is meant; ``None`` if it is an address.

    Raises:
        ConfigurationError: it is a path, but of no folder.
    """
    path = Path(source).expanduser()
    if path.is_dir():
        return path
    if path.is_file():
        raise ConfigurationError(f"{source} is a file.", hint="Give the folder that files arrive in.")
    if source.startswith(("/", "./", "../", "~")):
        raise ConfigurationError(
            f"The folder {source} does not exist.", hint=f"Create it (mkdir -p {source}), or give a feed's address."
        )
    return None


def credential_options(headers: Iterable[str], token: str | None) -> dict[str, Any]:
    """The options of an HTTP transport for headers such as ``X-Api-Key: env:NAME`` and a bearer token.

    Args:
        headers: name and value; a value ``env:NAME`` or ``file:PATH`` is a secret.
        token: ``env:NAME`` or ``file:PATH``.

    Raises:
        ConfigurationError: a header has no value, or the token is written out.
    """
    options: dict[str, Any] = {}
    for header in headers:
        name, colon, value = header.partition(":")
        if not (colon and name.strip() and value.strip()):
            raise ConfigurationError(
                f"--header {name!r} has no value.", hint="Write 'Name: value' or 'Name: env:NAME'."
            )
        options.setdefault("headers", {})[name.strip()] = _secret(value.strip()) or value.strip()
    if token is not None:
        secret = _secret(token)
        if secret is None:
            raise ConfigurationError("--token is not a reference to a secret.", hint="Use env:NAME or file:PATH.")
        options["bearer_token"] = secret
    return options


def _secret(text: str) -> dict[str, str] | None:
    kind, colon, name = text.partition(":")
    return {kind: name} if colon and name and kind in {"env", "file"} else None


def _first(error: ValueError) -> str:
    problems = error.errors() if hasattr(error, "errors") else []
    return str(problems[0]["msg"]).removeprefix("Value error, ") if problems else str(error)


@dataclass(frozen=True)
class ListedFeed:
    """A feed of an OPML list.

    Attributes:
        name: for the connector.
        title: as in the list.
        url: of the feed.
        tags: the folders that it is in, outermost first.
        problem: why it cannot be imported.
    """

    name: str
    title: str
    url: str
    tags: tuple[str, ...]
    problem: str | None = None


def read_opml(data: bytes, name: str) -> list[ListedFeed]:
    """Read the feeds of an OPML list in its order; folders become tags.

    Args:
        data: the list.
        name: of its file, for messages.

    Raises:
        ConfigurationError: it is not XML, declares entities, or is not OPML.
    """
    try:
        outlines = list(descendants(parse_xml(data), "outline"))
    except ParseError as error:
        raise ConfigurationError(f"Not an OPML file: {name}: {error}") from error
    if not outlines:
        raise ConfigurationError(f"Not an OPML file: {name}: it has no outline element.")
    feeds: list[ListedFeed] = []
    for outline in outlines:
        url = attribute(outline, "xmlUrl")
        if url:
            folders = [attribute(above, "text", "title") for above in outline.iterancestors("outline")]
            title = attribute(outline, "title", "text") or urlsplit(url).hostname or url
            feeds.append(_listed(title, url, tuple(folder for folder in reversed(folders) if folder)))
    return _with_unique_names(feeds)


def _listed(title: str, url: str, tags: tuple[str, ...]) -> ListedFeed:
    try:
        check_url(url)
    except ForbiddenAddressError as error:
        return ListedFeed(connector_name(title), title, url, tags, str(error))
    return ListedFeed(connector_name(title) or connector_name(urlsplit(url).hostname or "feed"), title, url, tags)


def _with_unique_names(feeds: Iterable[ListedFeed]) -> list[ListedFeed]:
    """Number feeds of the same title; mark repeated addresses."""
    names: set[str] = set()
    urls: set[str] = set()
    named = []
    for feed in feeds:
        name, number = feed.name or "feed", 2
        while name in names:
            name, number = f"{feed.name[:55]}-{number}", number + 1
        problem = feed.problem or ("it is in the list twice" if feed.url in urls else None)
        if problem is None:
            names.add(name)
        urls.add(feed.url)
        named.append(ListedFeed(name, feed.title, feed.url, feed.tags, problem))
    return named
