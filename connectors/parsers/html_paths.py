"""``parser: html``: the list of a page without a feed, by CSS selectors (W3C Selectors 3 and 4, as cssselect has them).

A field is the text of the first element selected; ``selector@attribute`` is its attribute, and ``@attribute`` alone is
the entry's own. The body is the HTML of every element selected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import lxml.html
from cssselect import HTMLTranslator, SelectorError
from lxml import etree

from connectors.parsers.draft import sized
from connectors.parsers.paths import PathOptions, absolute, check_paths, path_options, read_entries
from connectors.parsers.tree import plain
from connectors.parsers.xml import as_text
from pipeline.events.errors import ParseError
from pipeline.events.item import Item, ParseContext, Parsed

#: Item fields that this parser can fill: what the configuration names.
FIELDS = frozenset(Item.model_fields)
_META_CHARSET = re.compile(rb"<meta[^<>]{0,200}charset=[\"']?([a-zA-Z0-9_-]{1,40})")
_HEAD_BYTES = 4096
_ATTRIBUTE = re.compile(r"\A[a-zA-Z][a-zA-Z0-9_:-]{0,60}\Z")
#: Fields whose elements are read as HTML.
_HTML_FIELDS = frozenset({"body", "description"})


def looks_like(data: bytes, content_type: str | None) -> float:  # noqa: ARG001 - the protocol's
    """Never: its selectors are configured."""
    return 0.0


@lru_cache(maxsize=512)
def _compiled(path: str) -> tuple[etree.XPath | None, str]:
    selector, _, attribute = path.rpartition("@") if "@" in path else (path, "", "")
    if "@" in path and not _ATTRIBUTE.match(attribute.strip()):
        raise ValueError("names no attribute after @, such as a@href")
    if not selector.strip():
        return None, attribute.strip()
    try:
        xpath = HTMLTranslator().css_to_xpath(selector.strip())
        return etree.XPath(xpath, regexp=False, smart_strings=False), attribute.strip()
    except (SelectorError, etree.XPathSyntaxError) as error:
        raise ValueError(f"is not a CSS selector: {error}") from error


def _options(options: Mapping[str, object]) -> PathOptions:
    found = path_options("html", options)
    if not found.list:
        raise ValueError("list: name the selector of the entries, such as article")
    if "link" not in found.fields:
        found = found.model_copy(update={"fields": {**found.fields, "link": "a@href"}})
    check_paths(found, _compiled)
    if "@" in (found.list or ""):
        raise ValueError("list: a selector of elements is expected, not of an attribute")
    return found


def check_options(options: Mapping[str, object]) -> None:
    """Check the connector's ``parser_options``.

    Raises:
        ValueError: one is wrong.
    """
    _options(options)


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read the entries of a page.

    Raises:
        ParseError: not HTML, or no entry is found.
    """
    try:
        options = _options(context.options)
    except ValueError as error:
        raise ParseError(f"parser_options: {error}.") from error
    meta = _META_CHARSET.search(data, 0, _HEAD_BYTES)
    text = as_text(sized(data, context), context.charset or (meta[1].decode("ascii") if meta else None))
    try:
        root = lxml.html.document_fromstring(text, parser=lxml.html.HTMLParser(huge_tree=False, encoding=None))
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ParseError(f"this is not HTML: {error}.") from error
    stated = next((str(found.get("href")) for found in root.iter("base") if found.get("href")), "")
    base = absolute(context.url or "", stated) if stated else context.url or ""
    entries = _select(root, options.list or "")
    html = {options.fields[name] for name in options.fields if name in _HTML_FIELDS}
    return read_entries(entries, options, lambda entry, path: _texts(entry, path, html=path in html), context, base)


def _select(element: Any, path: str) -> list[Any]:
    xpath, _ = _compiled(path)
    try:
        found: Any = xpath(element) if xpath is not None else [element]
    except (etree.XPathError, ValueError) as error:
        raise ParseError(f"the selector {path!r} cannot be used: {error}.") from error
    return [part for part in found if isinstance(part, etree._Element)]  # noqa: SLF001 - lxml's class of elements


def _texts(entry: Any, path: str, *, html: bool) -> Sequence[str]:
    attribute = _compiled(path)[1]
    found = _select(entry, path)
    if attribute:
        return [value for part in found if (value := part.get(attribute))]
    if html:
        inner = [etree.tostring(part, encoding="unicode", method="html", with_tail=False) for part in found]
        return ["\n".join(inner)] if inner else []
    return [text for part in found if (text := plain(part))]
