"""``parser: xml``: any XML, by XPath 1.0 for the list and for each field.

Prefixes are those of the document's root and of ``namespaces``; ``*[local-name()="title"]`` needs none. There are no
extension functions, no external entities and no other documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from lxml import etree

from connectors.parsers.content import body_of
from connectors.parsers.draft import sized
from connectors.parsers.paths import PathOptions, check_paths, path_options, read_entries
from connectors.parsers.tree import plain
from connectors.parsers.xml import parse_xml
from pipeline.events.errors import ParseError
from pipeline.events.item import Item, ParseContext, Parsed

#: Item fields that this parser can fill: what the configuration names.
FIELDS = frozenset(Item.model_fields)
_Namespaces = tuple[tuple[str, str], ...]


def looks_like(data: bytes, content_type: str | None) -> float:  # noqa: ARG001 - the protocol's
    """Never: its paths are configured."""
    return 0.0


@lru_cache(maxsize=512)
def _compiled(path: str, namespaces: _Namespaces = ()) -> etree.XPath:
    try:
        return etree.XPath(path, namespaces=dict(namespaces), regexp=False, smart_strings=False)
    except (etree.XPathSyntaxError, ValueError, TypeError) as error:
        raise ValueError(f"is not an XPath expression: {error}") from error


def _options(options: Mapping[str, object]) -> PathOptions:
    found = path_options("xml", options)
    if not found.list:
        raise ValueError("list: name the path of the entries, such as //item")
    check_paths(found, _compiled)
    return found


def check_options(options: Mapping[str, object]) -> None:
    """Check the connector's ``parser_options``.

    Raises:
        ValueError: one is wrong.
    """
    _options(options)


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read the entries of a document.

    Raises:
        ParseError: not XML, a path needs a prefix that is not known, or no entry is found.
    """
    try:
        options = _options(context.options)
    except ValueError as error:
        raise ParseError(f"parser_options: {error}.") from error
    root = parse_xml(sized(data, context))
    known = {prefix: uri for prefix, uri in root.nsmap.items() if prefix} | options.namespaces
    namespaces = tuple(sorted((str(prefix), str(uri)) for prefix, uri in known.items()))
    entries = _evaluate(root, options.list or "", namespaces)
    if not isinstance(entries, list):
        raise ParseError(f"the path {options.list} finds a value, not entries.")
    elements = [entry for entry in entries if isinstance(entry, etree._Element)]  # noqa: SLF001 - lxml's class
    body = options.fields.get("body")
    return read_entries(
        elements, options, lambda entry, path: _texts(entry, path, namespaces, markup=path == body), context,
        context.url or "",
    )  # fmt: skip


def _evaluate(element: Any, path: str, namespaces: _Namespaces) -> Any:
    try:
        return _compiled(path, namespaces)(element)
    except (etree.XPathError, ValueError) as error:
        raise ParseError(
            f"the path {path!r} cannot be used: {error}; the prefixes are: {', '.join(name for name, _ in namespaces)}."
        ) from error


def _texts(entry: Any, path: str, namespaces: _Namespaces, *, markup: bool) -> Sequence[str]:
    found = _evaluate(entry, path, namespaces)
    if isinstance(found, bool):
        return []
    if isinstance(found, float):
        return [f"{found:.15g}"] if found == found else []  # noqa: PLR0124 - not a number
    return [text for part in (found if isinstance(found, list) else [found]) if (text := _text(part, markup=markup))]


def _text(part: Any, *, markup: bool) -> str:
    if not isinstance(part, etree._Element):  # noqa: SLF001 - lxml's class of elements
        return str(part)
    if markup:
        return body_of(part)[0] if len(part) else part.text or ""
    return plain(part)
