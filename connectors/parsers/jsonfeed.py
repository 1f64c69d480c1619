"""JSON Feed 1.0 and 1.1 (jsonfeed.org): a feed of items in one JSON object."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from connectors.markup import to_text
from connectors.parsers.content import html_body, paragraphs
from connectors.parsers.draft import Draft, one_line
from connectors.parsers.figures import figures
from connectors.parsers.json_input import Object, first, load_json, objects, string, values
from connectors.parsers.rss_facts import read_duration
from pipeline.events.errors import ParseError
from pipeline.events.item import Author, FeedFacts, Item, Link, Media, ParseContext, Parsed, RejectedItem

#: Item fields that this parser can fill.
FIELDS = frozenset({
    "uri", "versioncreated", "firstcreated", "headline", "byline", "authors", "language", "keywords", "description",
    "body_text", "body_html", "link", "media", "links",
})  # fmt: skip


def looks_like(data: bytes, content_type: str | None) -> float:
    """How much the bytes look like JSON Feed, 0 … 1."""
    if not data[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return 0.0
    head = data[:20_000].replace(b"\\/", b"/")
    if b"jsonfeed.org/version" in head:
        return 0.98
    if b'"items"' in head and any(mark in head for mark in (b'"content_html"', b'"content_text"', b'"feed_url"')):
        return 0.8
    return 0.7 if content_type and "feed+json" in content_type else 0.0


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read a feed.

    Raises:
        ParseError: not JSON, or without a list of ``items``.
    """
    feed = load_json(data, context)
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise ParseError("this is not a JSON Feed: an object with a list of items is expected.")
    base = first(feed, "feed_url") or context.url or ""
    items: list[Item] = []
    rejected: list[RejectedItem] = []
    for position, entry in enumerate(feed["items"], start=1):
        item = _item(entry, feed, base, context) if isinstance(entry, dict) else None
        if item is None or not (item.uri or item.link or item.headline or item.body_text or item.media):
            original = repr(entry)[:65536].encode("utf-8", "replace")
            reason = "it has neither id, url, title nor content"
            rejected.append(RejectedItem(reason=reason, position=f"item {position}", original=original))
        else:
            items.append(item)
    version = first(feed, "version")
    warnings = () if "jsonfeed.org/version" in version else ("the feed does not name its version of JSON Feed.",)
    return Parsed(items=tuple(items), rejected=tuple(rejected), feed=_facts(feed, base), warnings=warnings)


def _item(entry: Object, feed: Object, base: str, context: ParseContext) -> Item:
    draft = Draft(context)
    draft.text("uri", string(entry.get("id")))
    draft.text("link", _absolute(base, first(entry, "url", "external_url")))
    external = first(entry, "external_url")
    if external and first(entry, "url"):
        draft.add("links", [Link(rel="related", href=_absolute(base, external))])
    draft.text("headline", to_text(first(entry, "title")))
    draft.text("description", to_text(first(entry, "summary")))
    draft.time("firstcreated", first(entry, "date_published"))
    draft.time("versioncreated", first(entry, "date_modified", "date_published"))
    text = string(entry.get("content_text"))
    html, html_text = html_body(string(entry.get("content_html")), base)
    draft.body(paragraphs(text) or html_text, html)
    draft.add("authors", _authors(entry) or _authors(feed))
    draft.text("byline", ", ".join(author.name for author in draft["authors"] or ()))
    draft.text("language", first(entry, "language") or first(feed, "language"))
    draft.words("keywords", (string(tag) for tag in values(entry.get("tags"))))
    for name in ("image", "banner_image"):
        href = _absolute(base, first(entry, name))
        draft.add("media", [Media(href=href, rendition=name) if href else None])
    for attached in objects(entry.get("attachments")):
        href = _absolute(base, first(attached, "url"))
        kind, title = first(attached, "mime_type") or None, one_line(first(attached, "title")) or None
        seconds = read_duration(first(attached, "duration_in_seconds"))
        draft.add("media", [Media(href=href, type=kind, title=title, duration=seconds) if href else None])
    draft.add("media", figures(string(entry.get("content_html")), base))
    return draft.item()


def _authors(part: Object) -> list[Author]:
    """1.1 has ``authors``, 1.0 has ``author``; a name is needed, an address alone is none."""
    found = [*objects(part.get("authors")), *objects(part.get("author"))]
    authors = [
        Author(name=name, uri=first(who, "url") or None) for who in found if (name := one_line(first(who, "name")))
    ]
    return list(dict.fromkeys(authors))


def _facts(feed: Object, base: str) -> FeedFacts:
    hubs = objects(feed.get("hubs"))
    hub: Any = next((first(found, "url") for found in hubs if first(found, "type").lower() == "websub"), None)
    return FeedFacts(
        title=one_line(first(feed, "title")) or None, language=first(feed, "language") or None,
        link=first(feed, "home_page_url") or None, format="jsonfeed", hub=hub or None,
        self_link=first(feed, "feed_url") or None, next_link=_absolute(base, first(feed, "next_url")) or None,
    )  # fmt: skip


def _absolute(base: str, address: str) -> str:
    try:
        return urljoin(base, address) if address else ""
    except ValueError:
        return address
