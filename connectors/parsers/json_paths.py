"""``parser: json``: any JSON, by JMESPath (jmespath.org) for the list and for each field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from connectors.parsers.json_input import load_json, string, values
from connectors.parsers.paths import check_paths, path_options, read_entries
from pipeline.events.errors import ParseError
from pipeline.events.item import Item, ParseContext, Parsed

#: Item fields that this parser can fill: what the configuration names.
FIELDS = frozenset(Item.model_fields)


def looks_like(data: bytes, content_type: str | None) -> float:  # noqa: ARG001 - the protocol's
    """Never: its paths are configured."""
    return 0.0


@lru_cache(maxsize=512)
def _compiled(path: str) -> ParsedResult:
    try:
        return jmespath.compile(path)
    except JMESPathError as error:
        place = getattr(error, "lex_position", None)
        reason = f"look at character {place + 1}" if isinstance(place, int) else "it is not complete"
        raise ValueError(f"is not a JMESPath expression: {reason}") from error


def check_options(options: Mapping[str, object]) -> None:
    """Check the connector's ``parser_options``.

    Raises:
        ValueError: one is wrong.
    """
    check_paths(path_options("json", options), _compiled)


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read the entries of a document.

    Raises:
        ParseError: not JSON, or the path of the list finds no list.
    """
    try:
        options = path_options("json", context.options)
        check_paths(options, _compiled)
    except ValueError as error:
        raise ParseError(f"parser_options: {error}.") from error
    document = load_json(data, context)
    entries = _search(document, options.list) if options.list else document
    if isinstance(entries, dict):
        entries = [entries]
    if not isinstance(entries, list):
        keys = f"; the answer has: {', '.join(map(str, list(document)[:12]))}" if isinstance(document, dict) else ""
        raise ParseError(f"the path {options.list or '(the document)'} finds no list of entries{keys[:300]}.")
    if not entries:
        options = options.model_copy(update={"may_be_empty": True})  # an empty list is there and says so
    return read_entries(entries, options, _texts, context, context.url or "")


def _texts(entry: Any, path: str) -> Sequence[str]:
    return [text for value in values(_search(entry, path)) if (text := string(value))]


def _search(value: Any, path: str) -> Any:
    try:
        return _compiled(path).search(value)
    except (JMESPathError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError):
        return None  # a function got what it cannot take: nothing is found here
