"""digitalwires JSON: one entry for each item, with all categories in one list, distinguished by type."""

from __future__ import annotations

from typing import Any

import lxml.html

from connectors.markup import clean_html, to_text
from connectors.parsers.codes import item_type, signals, subject, tail
from connectors.parsers.content import html_body, note_lines
from connectors.parsers.draft import Draft, one_line
from connectors.parsers.figures import figures
from connectors.parsers.json_input import Object, first, load_json, objects, string, whole
from pipeline.events.errors import ParseError
from pipeline.events.item import Author, Item, Link, Media, ParseContext, Parsed, RejectedItem, Subject

#: Item fields that this parser can fill.
FIELDS = frozenset({
    "uri", "version", "versioncreated", "firstcreated", "type", "pubstatus", "signals", "embargoed", "urgency",
    "headline", "subheadline", "kicker", "byline", "authors", "dateline", "located", "language", "subjects", "keywords",
    "genre", "description", "body_text", "body_html", "provider", "source", "copyrightnotice", "usageterms", "ednote",
    "media", "links",
})  # fmt: skip

_SUBJECTS = frozenset({"desk", "geosubject", "dpasubject", "subject", "poi", "person", "organisation", "rubric"})


def looks_like(data: bytes, content_type: str | None) -> float:  # noqa: ARG001 - the protocol's
    """How much the bytes look like digitalwires, 0 … 1."""
    if not data[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return 0.0
    head = data[:20_000]
    if b"digitalwires@" in head or (b'"version_created"' in head and b'"article_html"' in head):
        return 0.97
    return 0.0


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read one entry, a list of entries, or an answer with ``entries``.

    Raises:
        ParseError: not JSON, or no entry in it.
    """
    document = load_json(data, context)
    if isinstance(document, dict) and isinstance(document.get("entries"), list):
        document = document["entries"]
    items: list[Item] = []
    rejected: list[RejectedItem] = []
    for position, entry in enumerate(objects(document), start=1):
        if first(entry, "urn", "entry_id") and ("version_created" in entry or "headline" in entry):
            items.append(_item(entry, context))
        else:
            reason = "it has no urn, or neither version_created nor headline"
            rejected.append(
                RejectedItem(reason=reason, position=f"entry {position}", original=repr(entry)[:65536].encode())
            )
    if not items:
        raise ParseError("this is not digitalwires: no entry with urn and version_created was found.")
    return Parsed(items=tuple(items), rejected=tuple(rejected))


def _item(entry: Object, context: ParseContext) -> Item:
    draft = Draft(context)
    categories = objects(entry.get("categories"))
    draft.text("uri", first(entry, "urn", "entry_id"))
    draft.text("version", string(entry.get("version")))
    draft.time("versioncreated", string(entry.get("version_created")))
    draft.time("firstcreated", string(entry.get("content_created")))
    draft.time("embargoed", string(entry.get("embargoed")), may_be_ahead=True)
    draft.status(string(entry.get("pubstatus")))
    draft.number("urgency", string(entry.get("urgency")), 1, 9)
    for name, member in (
        ("language", "language"), ("kicker", "kicker"), ("headline", "headline"), ("subheadline", "subhead"),
        ("byline", "byline"), ("copyrightnotice", "copyrightnotice"), ("usageterms", "usageterms"),
    ):  # fmt: skip
        draft.text(name, string(entry.get(member)))
    draft.text("description", to_text(string(entry.get("teaser"))))
    for described in objects(entry.get("descriptions")):
        draft.text("description", string(described.get("description")))
    draft.text("located", next(iter(_names(categories, "located")), ""))
    draft.dateline(string(entry.get("dateline")))
    _signals(entry, categories, draft)
    _about(entry, categories, draft)
    _notes(entry, draft)
    _body(entry, draft)
    _associations(objects(entry.get("associations")), draft, own=not entry.get("article_html"))
    draft.add("links", _links(string(entry.get("linkbox_html"))))
    return draft.item()


def _kind(category: Object) -> str:
    return tail(string(category.get("type"))).lower()


def _names(categories: list[Object], *kinds: str) -> list[str]:
    return [name for category in categories if _kind(category) in kinds and (name := one_line(category.get("name")))]


def _signals(entry: Object, categories: list[Object], draft: Draft) -> None:
    codes = [string(entry.get("signal")), *(first(c, "qcode", "name") for c in categories if _kind(c) == "signal")]
    known, unknown = signals(code for code in codes if code)
    draft.add("signals", known)
    draft.keep("signal", " ".join(dict.fromkeys(unknown)))


def _about(entry: Object, categories: list[Object], draft: Draft) -> None:
    draft.text("provider", next(iter(_names(categories, "provider")), ""))
    sources = sorted(
        (category for category in categories if _kind(category) == "infosource" and category.get("name")),
        key=lambda category: "contentsource" not in string(category.get("role")).lower(),
    )
    draft.text("source", next((string(source["name"]) for source in sources), "") or string(entry.get("creditline")))
    for kind in ("creator", "contributor"):
        for category in categories:
            if _kind(category) == kind and (name := one_line(category.get("name"))):
                draft.add("authors", [Author(name=name, role=tail(string(category.get("role"))) or None)])
    draft.words("keywords", _names(categories, "keyword"))
    draft.words("genre", _names(categories, "genre"))
    for category in categories:
        if _kind(category) in _SUBJECTS:
            draft.add("subjects", [_subject(category)])


def _subject(category: Object) -> Subject | None:
    place = category.get("geojson")
    properties = place.get("properties") if isinstance(place, dict) else None
    name = first(properties, "name") if isinstance(properties, dict) else ""
    return subject(string(category.get("qcode")), one_line(name or string(category.get("name"))))


def _notes(entry: Object, draft: Draft) -> None:
    for note in objects(entry.get("ednotes")):
        draft.also("ednote", string(note.get("ednote")))
    notepad: Any = entry.get("notepad")
    for part in ("public_html", "nonpublic_html") if isinstance(notepad, dict) else ():
        for line in note_lines(string(notepad.get(part))):
            draft.also("ednote", line)


def _body(entry: Object, draft: Draft) -> None:
    article = string(entry.get("article_html"))
    if article:
        html, text = html_body(article)
        draft.text("type", "text")
        draft.body(text, html)
        draft.add("media", figures(article))
        box = string(entry.get("infobox_html"))
        if box and draft["body_text"]:
            draft.text("body_text", f"{draft['body_text']}\n\n{to_text(box)}", replace=True)
            draft.text("body_html", f"{draft['body_html'] or ''}{clean_html(box)}", replace=True)


def _associations(found: list[Object], draft: Draft, *, own: bool) -> None:
    """Files of the item itself where it has no text; else pictures and films that go with it."""
    for association in found:
        kind = item_type(string(association.get("type"))) or "other"
        if own and "type" not in draft:
            draft.text("type", kind)
        if not own:
            href = next((url for part in objects(association.get("renditions")) if (url := first(part, "url"))), None)
            uri, title = first(association, "urn") or None, first(association, "headline") or None
            draft.add("links", [Link(rel="seeAlso", uri=uri, href=href, title=title) if uri or href else None])
        for rendition in objects(association.get("renditions")):
            if first(rendition, "url"):
                draft.add("media", [_media(rendition, association)])


def _media(rendition: Object, association: Object) -> Media:
    return Media(
        href=first(rendition, "url"), type=first(rendition, "mimetype") or None,
        title=one_line(association.get("headline")) or None, description=one_line(association.get("caption")) or None,
        credit=one_line(association.get("creditline")) or None, rendition=first(rendition, "role") or None,
        width=whole(rendition.get("width")), height=whole(rendition.get("height")),
    )  # fmt: skip


def _links(box: str) -> list[Any]:
    safe = clean_html(box).strip() if box else ""
    if not safe:
        return []
    root = lxml.html.fragment_fromstring(safe, create_parent="div")
    return [
        Link(rel="seeAlso", href=href, title=one_line(anchor.text_content()) or None)
        for anchor in root.iter("a")
        if (href := anchor.get("href"))
    ]
