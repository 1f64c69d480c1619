"""RSS 0.9x, 1.0 (RDF), 2.0 and Atom, as feedparser reads them.

Well-formed entries of which every element is known are read without it (``feed_reader``), with the same result.
feedparser is the truth for these formats: it is the only reader that repaired every malformed feed of the public test
suites. It expands XML entities, so documents that declare some are refused before it sees them.
"""

from __future__ import annotations

import calendar
import contextlib
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from connectors.dates import believable, read_time, zone_is_named
from connectors.markup import to_text, unescaped_twice
from connectors.parsers import feedparser_fixes
from connectors.parsers.content import html_body
from connectors.parsers.draft import no_zone, one_line, sized, zone_of
from connectors.parsers.feed_markup import is_plainly_absolute
from connectors.parsers.feed_reader import by_feedparser, read_feed
from connectors.parsers.figures import figures, with_figures
from connectors.parsers.rss_facts import read_duration, read_facts
from connectors.parsers.xml import as_utf8, likeness, refuse_general_entities
from pipeline.events.errors import ParseError
from pipeline.events.item import (
    Author,
    Item,
    Link,
    Media,
    ParseContext,
    Parsed,
    RejectedItem,
    Subject,
)  # fmt: skip

feedparser_fixes.apply()

#: Item fields that this parser can fill.
FIELDS = frozenset({
    "uri", "versioncreated", "firstcreated", "headline", "description", "body_text", "body_html", "byline", "authors",
    "subjects", "keywords", "language", "copyrightnotice", "link", "media", "links", "source",
})  # fmt: skip

#: Character references to halves of surrogate pairs, which are not characters.
_REFERENCE_TO_NOTHING = re.compile(rb"&#(?:[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}|0*(?:5529[6-9]|55[3-9]\d\d|5[67]\d{3}));")
#: The time to read unclosed tags grows with their square.
_MOST_UNCLOSED = 10_000
#: The feed's own address, or that of its site, near its beginning: what is relative in a file is relative to it.
_SELF = re.compile(rb"""<(?:\w{1,40}:)?link\b[^<>]{0,300}\brel=["']self["'][^<>]{0,300}>""")
_HREF = re.compile(rb"""\bhref=["'](https?://[^"'\s]{3,500})["']""")
_SITE = re.compile(rb"<link>\s*(https?://[^<\s]{3,500})\s*</link>")
#: Vocabulary under which podcasts' keywords and categories come.
_ITUNES = "http://www.itunes.com/"
#: ``&b=`` of an address without escapes, after a reader has taken it for an entity.
_BROKEN_QUERY = re.compile(r"&(\w{1,40});=")


def looks_like(data: bytes, content_type: str | None) -> float:
    """How much the bytes look like a feed, 0 … 1."""
    head = data[:4000].replace(b"\x00", b"").lower()
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return 0.0
    if any(
        mark in head
        for mark in (b"<rss", b"<feed", b"<rdf:rdf", b"http://purl.org/rss/1.0/", b"http://www.w3.org/2005/atom")
    ):
        return likeness(data, "rss", 0.9)
    return likeness(data, "rss", 0.5 if content_type and ("rss" in content_type or "atom" in content_type) else 0.0)


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read a feed.

    A feed with errors but with entries is still a feed; an entry that cannot be read is rejected by itself.

    Raises:
        ParseError: no feed at all, or one that declares entities.
    """
    data = refuse_general_entities(_REFERENCE_TO_NOTHING.sub(b"", as_utf8(_begun(sized(data, context)))))
    opened, closed = (data.count(sign) + data.count(name) for sign, name in ((b"<", b"&lt;"), (b">", b"&gt;")))
    if opened > 2 * closed + _MOST_UNCLOSED:
        raise ParseError("not a feed: most of its tags are never closed.")
    headers = {"content-type": _content_type(context)}
    base = context.url or _own_address(data)
    if base:
        headers["content-location"] = base
    try:
        feed = read_feed(data, headers)
    except Exception as error:
        # It trips over some broken feeds with errors of many kinds.
        raise ParseError(f"this feed cannot be read: {type(error).__name__}: {error}.") from error
    if not feed.entries and not feed.get("version"):
        raise ParseError(f"this is not RSS or Atom: {_trouble(feed)} It begins with {data[:40]!r}.")
    items, rejected = _items(feed, base, context)
    if rejected:
        feed = by_feedparser(data, headers)  # whose entries are complete: what is rejected is kept as it was
        items, rejected = _items(feed, base, context)
    warnings = (_trouble(feed),) if feed.get("bozo") else ()
    return Parsed(items=tuple(items), rejected=tuple(rejected), feed=read_facts(feed), warnings=warnings)


def _items(feed: Any, base: str | None, context: ParseContext) -> tuple[list[Item], list[RejectedItem]]:
    items, rejected = [], []
    for position, entry in enumerate(feed.entries, start=1):
        try:
            item = _item(entry, feed, base, context)
            if not (item.headline or item.body_text or item.link or item.uri or item.media):
                warning = f"entry {position} has neither id, link, title nor text."
                item = item.model_copy(update={"warnings": (*item.warnings, warning)})
            items.append(item)
        except Exception as error:  # noqa: BLE001 - one bad entry must not cost the others
            reason = f"{type(error).__name__}: {error}"
            rejected.append(
                RejectedItem(reason=reason, position=f"entry {position}", original=repr(dict(entry)).encode())
            )
    return items, rejected


def _begun(data: bytes) -> bytes:
    """Without blanks before the declaration, which XML does not allow there."""
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return data[len(data[:2000]) - len(start) :] if start.startswith(b"<") else data


def _own_address(data: bytes) -> str | None:
    head = data[:4000].partition(b"<item")[0].partition(b"<entry")[0]
    named = _SELF.search(head)
    found = (_HREF.search(named.group()) if named else None) or _SITE.search(head)
    return found[1].decode("ascii", "replace").replace("&amp;", "&") if found else None


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


def _item(entry: Any, feed: Any, base: str | None, context: ParseContext) -> Item:
    body_html, body = _body(entry)
    media = with_figures(_media(entry), figures(_markup(entry), base))
    summary = to_text(unescaped_twice(entry.get("summary") or entry.get("excerpt_encoded") or "")).strip()
    if not (summary or body):
        summary = next((medium.description for medium in media if medium.description), "")
    originals: dict[str, str] = {}
    warnings: list[str] = []
    published = _time(entry, "published", context, originals, warnings)
    updated = _time(entry, "updated", context, originals, warnings)
    authors = _authors(entry, feed)
    return Item(
        type=_type(media, feed),
        uri=_BROKEN_QUERY.sub(r"&\1=", entry.get("id") or "") or None,
        versioncreated=updated or published,
        firstcreated=published or None,
        headline=one_line(to_text(unescaped_twice(entry.get("title", "")))) or None,
        description=summary if summary and summary.split() != body.split() else None,
        body_text=body or None,
        body_html=body_html,
        byline=", ".join(author.name for author in authors) or None,
        authors=authors,
        subjects=_subjects(entry),
        keywords=_keywords(entry),
        language=_language(entry, feed),
        copyrightnotice=to_text(entry.get("rights", "") or feed.feed.get("rights", "")).strip() or None,
        link=_absolute(base, entry.get("link")),
        media=media,
        links=tuple(
            Link(rel=found["rel"], href=found["href"], title=found.get("title"))
            for found in entry.get("links", [])
            if found.get("href") and found.get("rel") not in {None, "alternate", "enclosure", "self"}
        ),
        source=entry.get("source", {}).get("title") or entry.get("publisher") or None,
        originals=originals,
        warnings=tuple(warnings),
    )


def _absolute(base: str | None, address: str | None) -> str | None:
    if not (base and address) or is_plainly_absolute(address):
        return address or None
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def _authors(entry: Any, feed: Any) -> tuple[Author, ...]:
    """Of the entry; in Atom those of the feed are of every entry that names none (RFC 4287, 4.2.1)."""
    written = entry.get("authors") or (feed.feed.get("authors", []) if "atom" in feed.get("version", "") else [])
    found: dict[str, Author] = {}
    for author in written:
        name = one_line(to_text(author.get("name", "")))
        if name:
            found.setdefault(name, Author(name=name, uri=author.get("href")))
    return tuple(found.values())


def _subjects(entry: Any) -> tuple[Subject, ...]:
    """Categories. A term alone is the name; with a vocabulary or a label it is the code."""
    found = []
    for tag in entry.get("tags", []):
        term, label = one_line(to_text(tag.get("term") or "")), one_line(to_text(tag.get("label") or ""))
        if (term or label) and tag.get("scheme") != _ITUNES:
            is_code = bool(tag.get("scheme") or label)
            found.append(
                Subject(code=(term or None) if is_code else None, scheme=tag.get("scheme"), name=label or term)
            )
    return tuple(dict.fromkeys(found))


def _keywords(entry: Any) -> tuple[str, ...]:
    podcast = [tag["term"] for tag in entry.get("tags", []) if tag.get("scheme") == _ITUNES and tag.get("term")]
    words = [one_line(to_text(word)) for word in [*entry.get("media_keywords", "").split(","), *podcast]]
    return tuple(dict.fromkeys(word for word in words if word))


def _body(entry: Any) -> tuple[str | None, str]:
    """The fullest content of an entry: HTML where it is markup, and plain text."""
    return html_body(_markup(entry))


def _markup(entry: Any) -> str:
    contents = [part.get("value", "") for part in entry.get("content", [])]
    return unescaped_twice(max(contents, key=len, default="") or entry.get("summary", ""))


def _time(
    entry: Any, name: str, context: ParseContext, originals: dict[str, str], warnings: list[str]
) -> datetime | None:
    written = entry.get(name)
    parsed = entry.get(f"{name}_parsed")
    ours = read_time(written, zone_of(context.timezone))
    found = ours.time if ours else None
    if ours and not ours.has_zone and context.timezone is None:
        warnings.append(no_zone(name, str(written)))
    if parsed and not zone_is_named(written) and not (ours and context.timezone and not ours.has_zone):
        with contextlib.suppress(ValueError, OverflowError, OSError):
            found = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
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


def _type(media: tuple[Media, ...], feed: Any) -> str:
    """``audio`` or ``video`` for an episode of a podcast, and for a film alone; else ``text``.

    A sound with an article of a site that is no podcast is the article read aloud.
    """
    kinds = [(medium.type or "").partition("/")[0].lower() for medium in media]
    if "http://www.itunes.com/" in str(feed.get("namespaces", {}).get("itunes", "")).lower():
        return next((kind for kind in kinds if kind in {"audio", "video"}), "text")
    return "video" if feed.get("namespaces", {}).get("yt") and media else "text"


def _media(entry: Any) -> tuple[Media, ...]:
    found: dict[str, Media] = {}
    length = read_duration(entry.get("itunes_duration"))
    for enclosure in entry.get("enclosures", []):
        if enclosure.get("href"):
            kind = enclosure.get("type")
            timed = (kind or "").startswith(("audio/", "video/"))
            found[enclosure["href"]] = Media(href=enclosure["href"], type=kind, duration=length if timed else None)
    credit = next((part.get("content") for part in entry.get("media_credit", []) if part.get("content")), None)
    for content in entry.get("media_content", []):
        if content.get("url"):
            known = found.get(content["url"])
            found[content["url"]] = Media(
                href=content["url"], type=content.get("type") or content.get("medium"), credit=credit,
                title=_text(content.get("title")), description=_text(content.get("description")),
                width=_number(content.get("width")), height=_number(content.get("height")),
                duration=read_duration(content.get("duration")) or (known.duration if known else None),
            )  # fmt: skip
    image = entry.get("image", {}).get("href")
    for href in (*(thumbnail.get("url") for thumbnail in entry.get("media_thumbnail", [])), image):
        if href and href not in found:
            found[href] = Media(href=href, rendition="image" if href == image else "thumbnail")
    for transcript in entry.get("podcast_transcripts", []):
        if transcript.get("url"):
            found[transcript["url"]] = Media(
                href=transcript["url"], type=transcript.get("type"), rendition="transcript"
            )
    return tuple(found.values())


def _text(markup: str | None) -> str | None:
    return to_text(markup).strip() or None if markup else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
