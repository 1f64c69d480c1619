"""``parser: page``: the article of a web page, without its menus, by trafilatura (``wiredesk[fulltext]``)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from connectors.parsers.content import html_body
from connectors.parsers.draft import sized
from connectors.parsers.xml import as_text
from pipeline.events.errors import ParseError
from pipeline.events.item import Item, ParseContext, Parsed

#: Item fields that this parser can fill.
FIELDS = frozenset({"body_text", "body_html", "link"})
_META_CHARSET = re.compile(rb"<meta[^<>]{0,200}charset=[\"']?([a-zA-Z0-9_-]{1,40})")
_HEAD_BYTES = 4096
#: Elements cost trafilatura more than bytes do; the page of an article has some thousands.
_MOST_TAGS = 40_000


def looks_like(data: bytes, content_type: str | None) -> float:  # noqa: ARG001 - the protocol's
    """Never: a page is read as an article only where that is configured."""
    return 0.0


def check_options(options: Mapping[str, object]) -> None:
    """Check the connector's ``parser_options``, and that trafilatura is installed.

    Raises:
        ValueError: one is given, or it is not.
    """
    if options:
        raise ValueError("parser: page has no options")
    try:
        import trafilatura  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise ValueError("trafilatura is not installed: pip install 'wiredesk[fulltext]'") from error


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read the article of a page.

    Raises:
        ParseError: trafilatura is not installed, or finds no article.
    """
    try:
        import trafilatura  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ParseError("trafilatura is not installed: pip install 'wiredesk[fulltext]'.") from error
    if data.count(b"<") > _MOST_TAGS:
        raise ParseError(f"this page has more than {_MOST_TAGS:,} tags.")
    meta = _META_CHARSET.search(data, 0, _HEAD_BYTES)
    text = as_text(sized(data, context), context.charset or (meta[1].decode("ascii") if meta else None))
    try:
        markup = trafilatura.extract(text, url=context.url, output_format="html", include_comments=False)
    except Exception as error:
        # It trips over broken pages with errors of many kinds.
        raise ParseError(f"this page cannot be read: {type(error).__name__}: {error}.") from error
    body_html, body = html_body(markup or "", context.url or "")
    if not body:
        raise ParseError("no article is found on this page.")
    return Parsed(items=(Item(body_text=body, body_html=body_html, link=context.url),))
