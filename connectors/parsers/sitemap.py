"""News sitemaps: addresses of articles with title, time and publication (sitemaps.org, Google News extension).

A sitemap index has no articles; the sitemap in it that changed last is told as the next page.
"""

from __future__ import annotations

from urllib.parse import urljoin

from lxml import etree

from connectors.parsers.draft import Draft, sized
from connectors.parsers.rss_facts import read_duration
from connectors.parsers.tree import attribute, child, children, descendants, name_of, text_at
from connectors.parsers.xml import head_of, likeness, parse_xml
from pipeline.events.errors import ParseError
from pipeline.events.item import FeedFacts, Item, Link, Media, ParseContext, Parsed, RejectedItem

#: Item fields that this parser can fill.
FIELDS = frozenset({
    "uri", "versioncreated", "firstcreated", "headline", "language", "keywords", "genre", "provider", "link",
    "media", "links",
})  # fmt: skip


def looks_like(data: bytes, content_type: str | None) -> float:  # noqa: ARG001 - the protocol's
    """How much the bytes look like a sitemap, 0 … 1."""
    head = head_of(data)
    marked = any(mark in head for mark in (b"<urlset", b"<sitemapindex", b"schemas/sitemap-news"))
    return likeness(data, "sitemap", 0.9 if marked else 0.0)


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read the addresses of a sitemap.

    Raises:
        ParseError: not XML, neither ``urlset`` nor ``sitemapindex``.
    """
    root = parse_xml(sized(data, context))
    name = name_of(root)
    base = context.url or ""
    if name == "sitemapindex":
        return _index(root, base)
    if name != "urlset":
        raise ParseError(f"this is not a sitemap: the root element is <{name}>, <urlset> is expected.")
    items: list[Item] = []
    rejected: list[RejectedItem] = []
    for position, url in enumerate(children(root, "url"), start=1):
        address = text_at(url, "loc")
        if address:
            items.append(_item(url, _absolute(base, address), context))
        else:
            original = etree.tostring(url, with_tail=False)[:65536]
            rejected.append(RejectedItem(reason="it has no loc", position=f"url {position}", original=original))
    return Parsed(items=tuple(items), rejected=tuple(rejected), feed=FeedFacts(format="sitemap"))


def _item(url: etree._Element, address: str, context: ParseContext) -> Item:
    draft = Draft(context)
    news = child(url, "news")
    draft.text("link", address)
    draft.text("uri", address)
    draft.text("headline", text_at(news, "title"))
    draft.text("provider", text_at(news, "publication", "name"))
    draft.text("language", text_at(news, "publication", "language") or text_at(news, "language"))
    draft.time("firstcreated", text_at(news, "publication_date"))
    draft.time("versioncreated", text_at(url, "lastmod") or text_at(news, "publication_date"))
    draft.words("keywords", text_at(news, "keywords").split(","))
    draft.words("genre", text_at(news, "genres").split(","))
    for image in children(url, "image"):
        href, title = text_at(image, "loc"), text_at(image, "title") or None
        caption = text_at(image, "caption") or None
        draft.add("media", [Media(href=href, title=title, description=caption) if href else None])
    for video in children(url, "video"):
        href = text_at(video, "content_loc") or text_at(video, "player_loc")
        seconds = read_duration(text_at(video, "duration"))
        title = text_at(video, "title") or None
        draft.add("media", [Media(href=href, type="video", title=title, duration=seconds) if href else None])
        picture = text_at(video, "thumbnail_loc")
        draft.add("media", [Media(href=picture, rendition="thumbnail") if picture else None])
        draft.text("headline", text_at(video, "title"))
    for link in children(url, "link"):
        href = attribute(link, "href")
        draft.add("links", [Link(rel=attribute(link, "rel") or "alternate", href=href) if href else None])
    return draft.item()


def _index(root: etree._Element, base: str) -> Parsed:
    """The sitemap with the latest change is named as the next page; the transport may go on there."""
    found = [(text_at(sitemap, "lastmod"), text_at(sitemap, "loc")) for sitemap in descendants(root, "sitemap")]
    addresses = [_absolute(base, address) for _, address in sorted(found, reverse=True) if address]
    if not addresses:
        raise ParseError("the sitemap index names no sitemap.")
    warning = f"this is an index of {len(addresses)} sitemaps, not a list of articles; poll one of them: {addresses[0]}"
    return Parsed(feed=FeedFacts(format="sitemapindex", next_link=addresses[0]), warnings=(warning,))


def _absolute(base: str, address: str) -> str:
    try:
        return urljoin(base, address) if base else address
    except ValueError:
        return address
