"""Parsers: from the bytes of one format to items. One module a format, found by name.

A parser is a module with ``FIELDS`` (the item fields it can fill), ``looks_like(data, content_type)`` and
``parse(data, context)``. The built-in ones are in this package; another package adds one by the entry point group
``wiredesk.parsers`` (name → module).
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol

from pipeline.events.errors import ConfigurationError, ParseError
from pipeline.events.item import ParseContext, Parsed

#: Our own parsers, in the order in which they are asked what an input looks like.
BUILT_IN = (
    "newsml_g2", "newsml_1", "nitf", "dpa", "jsonfeed", "ninjs", "iptc7901", "anpa1312", "sitemap", "email", "rss",
    "text",
)  # fmt: skip

#: Parsers whose paths a connector's file names: never guessed.
CONFIGURED = {"json": "json_paths", "html": "html_paths", "xml": "xml_paths", "page": "page"}


class Parser(Protocol):
    """What a parser module offers."""

    FIELDS: frozenset[str]

    def looks_like(self, data: bytes, content_type: str | None) -> float:
        """How much the bytes look like this format, 0 … 1."""
        ...

    def parse(self, data: bytes, context: ParseContext) -> Parsed:
        """The items; raises ``ParseError`` where the input as a whole is not the format."""
        ...


@cache  # every connector's file names a parser, and looking them up reads the metadata of all packages
def _extensions() -> tuple[EntryPoint, ...]:
    return tuple(sorted(entry_points(group="wiredesk.parsers"), key=lambda point: point.name))


def parser_names() -> list[str]:
    """All parsers by name, ours first."""
    return [*BUILT_IN, *CONFIGURED, *(point.name for point in _extensions())]


@cache
def get_parser(name: str) -> Parser:
    """The parser of that name.

    Raises:
        ConfigurationError: there is none, or it cannot be loaded.
    """
    try:
        if name in BUILT_IN or name in CONFIGURED:
            return importlib.import_module(f"connectors.parsers.{CONFIGURED.get(name, name)}")
        for point in _extensions():
            if point.name == name:
                parser: Parser = point.load()
                return parser
    except Exception as error:
        raise ConfigurationError(f"The parser {name!r} cannot be loaded: {type(error).__name__}: {error}.") from error
    raise ConfigurationError(f"Unknown parser {name!r}; the parsers are: {', '.join(parser_names())}.")


def check_parser_options(name: str, options: Mapping[str, object]) -> None:
    """Check the options of a parser that can tell whether they are right, as a connector's file has them.

    Raises:
        ValueError: one is wrong; names it and what is allowed.
    """
    if name in CONFIGURED:
        importlib.import_module(f"connectors.parsers.{CONFIGURED[name]}").check_options(options)


def guess_parser(data: bytes, content_type: str | None) -> str:
    """The name of the parser whose format the bytes look most like.

    Raises:
        ParseError: like none.
    """
    likeness = {
        name: get_parser(name).looks_like(data, content_type) for name in parser_names() if name not in CONFIGURED
    }
    best = max(likeness, key=lambda name: likeness[name])
    if likeness[best] <= 0:
        raise ParseError(f"the input looks like none of the formats known ({', '.join(likeness)}).")
    return best
