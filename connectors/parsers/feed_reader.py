"""Feeds as feedparser reads them, but faster.

The entries of a well-formed feed whose every element is known are read here; they are cut out of the document, and
feedparser reads the rest: the head of the feed and all entries that are not certain. Anything else it reads whole.
Entries read here are plain dictionaries with the fields that items are made of, under feedparser's names.
"""

from __future__ import annotations

import io
import xml.sax.handler  # nosec B406 - names of features, nothing is parsed with it
import xml.sax.xmlreader  # nosec B406 - the source of a parse, nothing is parsed with it
from typing import Any

import feedparser
from defusedxml.expatreader import DefusedExpatParser
from feedparser.api import StrictFeedParser
from feedparser.encodings import convert_to_utf8
from feedparser.sanitizer import replace_doctype
from feedparser.urls import make_safe_absolute_uri
from feedparser.util import FeedParserDict

from connectors.parsers.feed_parts import Draft, UnsureError, entry_of
from connectors.parsers.feed_scan import Entry, Scan, scan


def read_feed(data: bytes, headers: dict[str, str]) -> Any:
    """A feed, by whichever way is certain to give what feedparser gives.

    Args:
        data: the document; entities of its own have been refused before.
        headers: of the answer, with names in lower case.
    """
    try:
        return _quickly(data, headers)
    except Exception:  # noqa: BLE001 - feedparser decides about whatever is odd
        return by_feedparser(data, headers)


def by_feedparser(data: bytes, headers: dict[str, str]) -> Any:
    """A feed, read by feedparser alone."""
    return feedparser.parse(data, response_headers=headers, sanitize_html=False, resolve_relative_uris=True)


def _quickly(data: bytes, headers: dict[str, str]) -> Any:
    result = FeedParserDict(bozo=False, headers=dict(headers))
    text = convert_to_utf8(result["headers"], data, result)
    if not result["encoding"]:
        raise UnsureError
    version, text, _ = replace_doctype(text)
    base = make_safe_absolute_uri("", headers.get("content-location", ""))
    found = scan(text, base)
    entries = [_entry(entry, found) for entry in found.entries]
    rest = _strictly(_without(text, found.entries, entries), base)
    if rest.version != found.version or len(rest.entries) != entries.count(None):
        raise UnsureError
    others = iter(rest.entries)
    result.update(
        entries=[next(others) if entry is None else entry for entry in entries],
        feed=rest.feeddata,
        version=version or rest.version,
        namespaces=rest.namespaces_in_use,
    )
    return result


def _entry(entry: Entry, found: Scan) -> dict[str, Any] | None:
    if entry.parts is None:
        return None
    try:
        draft = Draft(found.base, entry.lang, atom=found.version.startswith("atom"))
        return entry_of(entry.parts, entry.id, draft)
    except Exception:  # noqa: BLE001 - feedparser decides about whatever is odd
        return None


def _without(text: bytes, entries: list[Entry], read: list[dict[str, Any] | None]) -> bytes:
    """The document without the entries that have been read."""
    kept, place = [], 0
    for entry, fields in zip(entries, read, strict=True):
        if fields is not None:
            kept.append(text[place : entry.begin])
            place = entry.end
    kept.append(text[place:])
    return b"".join(kept)


def _strictly(data: bytes, base: str) -> Any:
    """What ``feedparser.parse`` does with a well-formed document in UTF-8."""
    handler = StrictFeedParser(base, None, "utf-8")
    handler.resolve_relative_uris, handler.sanitize_html = True, False
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setFeature(xml.sax.handler.feature_namespaces, True)
    parser.setFeature(xml.sax.handler.feature_external_ges, False)
    parser.setContentHandler(handler)
    parser.setErrorHandler(handler)
    source = xml.sax.xmlreader.InputSource()
    source.setByteStream(io.BytesIO(data))
    parser.parse(source)
    return handler
