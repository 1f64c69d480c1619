"""RSS 0.9x, 1.0 (RDF), 2.0 and Atom, by feedparser.

feedparser is the truth for these formats: it is the only reader that repaired every malformed feed of the public test
suites. It expands XML entities, so documents that declare some are refused before it sees them.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime
from typing import Any

import feedparser

from connectors.dates import believable, parse_date
from connectors.item import (
    Author,
    FeedFacts,
    Item,
    Link,
    Media,
    ParseContext,
    Parsed,
    RejectedItem,
    Subject,
)  # fmt: skip
from connectors.markup import clean_html, looks_like_html, to_text
from connectors.parsers.draft import sized
from connectors.parsers.xml import as_utf8, refuse_entities
from pipeline.errors import ParseError

#: Item fields that this parser can fill.
FIELDS = frozenset({
    "uri", "versioncreated", "firstcreated", "headline", "description", "body_text", "body_html", "byline", "authors",
    "subjects", "keywords", "language", "copyrightnotice", "usageterms", "link", "media", "links", "type", "urgency",
    "source",
})  # fmt: skip

#: Character references to halves of surrogate pairs, which are no characters.
_REFERENCE_TO_NOTHING = re.compile(rb"&#(?:[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}|0*(?:5529[6-9]|55[3-9]\d\d|5[67]\d{3}));")
#: The time to read unclosed tags grows with their square.
_MOST_UNCLOSED = 10_000
_UPDATE_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
#: One feed in use asks to be read every two minutes; nobody gains by that.
_LEAST_TTL_SECONDS = 600


def looks_like(data: bytes, content_type: str | None) -> float:
    """How much the bytes look like a feed, 0 … 1."""
    head = data[:4000].replace(b"\x00", b"").lower()
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return 0.0
    if any(
        mark in head
        for mark in (b"<rss", b"<feed", b"<rdf:rdf", b"http://purl.org/rss/1.0/", b"http://www.w3.org/2005/atom")
    ):
        return 0.9
    return 0.5 if content_type and ("rss" in content_type or "atom" in content_type) else 0.0


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read a feed.

    A feed with errors but with entries is still a feed; an entry that cannot be read is rejected by itself.

    Raises:
        ParseError: no feed at all, or one that declares entities.
    """
    data = _REFERENCE_TO_NOTHING.sub(b"", as_utf8(sized(data, context)))
    refuse_entities(data)
    opened, closed = (data.count(sign) + data.count(name) for sign, name in ((b"<", b"&lt;"), (b">", b"&gt;")))
    if opened > 2 * closed + _MOST_UNCLOSED:
        raise ParseError("this is no feed: most of its tags are never closed.")
    headers = {"content-type": _content_type(context)}
    if context.url:
        headers["content-location"] = context.url
    try:
        feed = feedparser.parse(
            data, response_headers=headers, sanitize_html=False, resolve_relative_uris=bool(context.url)
        )
    except Exception as error:
        # It trips over some broken feeds with errors of many kinds.
        raise ParseError(f"this feed cannot be read: {type(error).__name__}: {error}.") from error
    if not feed.entries and not feed.get("version"):
        raise ParseError(f"this is not RSS or Atom: {_trouble(feed)} It begins with {data[:40]!r}.")
    items, rejected = [], []
    for position, entry in enumerate(feed.entries, start=1):
        try:
            item = _item(entry, feed, context)
            if not (item.headline or item.body_text or item.link or item.uri or item.media):
                item = item.model_copy(
                    update={"warnings": (f"entry {position} has neither id, link, title nor text.",)}
                )
            items.append(item)
        except Exception as error:  # noqa: BLE001 - one bad entry must not cost the others
            reason = f"{type(error).__name__}: {error}"
            rejected.append(
                RejectedItem(reason=reason, position=f"entry {position}", original=repr(dict(entry)).encode())
            )
    warnings = (_trouble(feed),) if feed.get("bozo") else ()
    return Parsed(items=tuple(items), rejected=tuple(rejected), feed=_facts(feed), warnings=warnings)


def _content_type(context: ParseContext) -> str:
    if context.content_type and ("xml" in context.content_type or "rss" in context.content_type):
        return context.content_type
    charset = f"; charset={context.charset}" if context.charset else ""
    return f"application/xml{charset}"


def _trouble(feed: Any) -> str:
    error = feed.get("bozo_exception")
    if error is None:
        return "nothing that a feed consists of was found."
    line = getattr(error, "getLineNumber", lambda: None)()
    return f"{f'line {line}: ' if line else ''}{str(error).strip() or type(error).__name__}."


def _item(entry: Any, feed: Any, context: ParseContext) -> Item:
    body_html, body = _body(entry)
    summary = to_text(entry.get("summary", "")).strip()
    originals: dict[str, str] = {}
    published = _time(entry, "published", context, originals)
    updated = _time(entry, "updated", context, originals)
    authors = tuple(
        Author(name=to_text(author["name"]).strip(), uri=author.get("href"))
        for author in entry.get("authors", [])
        if author.get("name", "").strip()
    )
    link = entry.get("link") or None
    return Item(
        uri=entry.get("id") or None,
        versioncreated=updated or published,
        firstcreated=published or None,
        headline=to_text(entry.get("title", "")).strip() or None,
        description=summary if summary and summary != body else None,
        body_text=body or summary or None,
        body_html=body_html,
        byline=", ".join(author.name for author in authors) or None,
        authors=authors,
        subjects=tuple(
            Subject(
                code=tag.get("term") if tag.get("scheme") else None,
                scheme=tag.get("scheme"),
                name=tag.get("label") or tag.get("term"),
            )
            for tag in entry.get("tags", [])
            if tag.get("term") or tag.get("label")
        ),
        keywords=tuple(word.strip() for word in entry.get("media_keywords", "").split(",") if word.strip()),
        language=_language(entry, feed),
        copyrightnotice=to_text(entry.get("rights", "") or feed.feed.get("rights", "")).strip() or None,
        link=link,
        media=_media(entry),
        links=tuple(
            Link(rel=found["rel"], href=found["href"], title=found.get("title"))
            for found in entry.get("links", [])
            if found.get("href") and found.get("rel") not in {None, "alternate", "enclosure", "self"}
        ),
        source=entry.get("source", {}).get("title") or entry.get("publisher") or None,
        originals=originals,
    )


def _body(entry: Any) -> tuple[str | None, str]:
    """The fullest content of an entry: HTML where it is markup, and plain text."""
    contents = [part.get("value", "") for part in entry.get("content", [])]
    fullest = max(contents, key=len, default="") or entry.get("summary", "")
    if not looks_like_html(fullest):
        return None, fullest.strip()
    return clean_html(fullest), to_text(fullest).strip()


def _time(entry: Any, name: str, context: ParseContext, originals: dict[str, str]) -> datetime | None:
    written = entry.get(name)
    parsed = entry.get(f"{name}_parsed")
    if parsed:
        try:
            found: datetime | None = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
        except (ValueError, OverflowError, OSError):
            found = parse_date(written)
    else:
        found = parse_date(written)
    if written and found is None:
        originals[name] = str(written)[:200]
        return None
    if found is None:
        return None
    kept = believable(found, context.now)
    if kept != found:
        originals[name] = str(written)[:200]
    return kept


def _language(entry: Any, feed: Any) -> str | None:
    for part in (*entry.get("content", []), entry.get("title_detail", {})):
        if part.get("language"):
            return str(part["language"])
    return entry.get("dc_language") or entry.get("language") or feed.feed.get("language") or None


def _media(entry: Any) -> tuple[Media, ...]:
    found: dict[str, Media] = {}
    for enclosure in entry.get("enclosures", []):
        if enclosure.get("href"):
            found[enclosure["href"]] = Media(href=enclosure["href"], type=enclosure.get("type"))
    credit = next((part.get("content") for part in entry.get("media_credit", []) if part.get("content")), None)
    for content in entry.get("media_content", []):
        if content.get("url"):
            found[content["url"]] = Media(
                href=content["url"], type=content.get("type"), credit=credit,
                width=_number(content.get("width")), height=_number(content.get("height")),
            )  # fmt: skip
    for thumbnail in entry.get("media_thumbnail", []):
        if thumbnail.get("url") and thumbnail["url"] not in found:
            found[thumbnail["url"]] = Media(href=thumbnail["url"], rendition="thumbnail")
    return tuple(found.values())


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _facts(feed: Any) -> FeedFacts:
    about = feed.feed
    links = {link.get("rel"): link.get("href") for link in about.get("links", [])}
    return FeedFacts(
        title=to_text(about.get("title", "")).strip() or None,
        language=about.get("language") or None,
        rights=to_text(about.get("rights", "")).strip() or None,
        link=about.get("link") or None,
        format=feed.get("version") or None,
        ttl_seconds=_ttl(about),
        hub=links.get("hub"),
        self_link=links.get("self"),
        next_link=links.get("next"),
    )


def _ttl(about: Any) -> int | None:
    """How often the feed asks to be read: RSS ``ttl`` in minutes, else the syndication module's period."""
    ttl = str(about.get("ttl", ""))
    if ttl.isdigit():
        return max(int(ttl) * 60, _LEAST_TTL_SECONDS)
    period = _UPDATE_PERIODS.get(str(about.get("sy_updateperiod", "")).strip().lower())
    if period is None:
        return None
    frequency = str(about.get("sy_updatefrequency", "1")).strip()
    return max(period // max(int(frequency) if frequency.isdigit() else 1, 1), _LEAST_TTL_SECONDS)
