"""ninjs 1.x, 2.x and 3.x (News in JSON, IPTC), alone, in a list, or as an answer of a content interface.

The three generations name the same things differently (``body_html`` / ``bodies[]``, ``versioncreated`` /
``versionCreated``); names are compared in lower case and both shapes are read. What the standard forbids is taken where
it can be understood, with a warning where a schema is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from connectors.markup import to_text
from connectors.parsers.codes import item_type, scheme_name, signals, split_code, subject
from connectors.parsers.content import body_of, html_body, paragraphs
from connectors.parsers.draft import Draft, one_line
from connectors.parsers.figures import figures
from connectors.parsers.json_input import Object, first, load_json, objects, string, values
from connectors.parsers.ninjs_media import read_associations, read_renditions
from connectors.parsers.tree import descendant
from connectors.parsers.validation import json_warnings
from connectors.parsers.xml import parse_xml
from pipeline.events.errors import ParseError
from pipeline.events.item import Author, FeedFacts, Item, Link, ParseContext, Parsed, RejectedItem, Subject

#: Item fields that this parser can fill.
FIELDS = frozenset({
    "uri", "version", "versioncreated", "firstcreated", "type", "pubstatus", "signals", "embargoed", "expires",
    "evolvedfrom", "urgency", "priority", "slugline", "headline", "subheadline", "kicker", "byline", "authors",
    "dateline", "located", "language", "subjects", "keywords", "genre", "description", "body_text", "body_html",
    "provider", "source", "copyrightnotice", "usageterms", "ednote", "link", "media", "links",
})  # fmt: skip

#: Members under which interfaces hand out their items.
_NEXT = ("next", "next_page", "nexturi", "next_url")
_LISTS = ("items", "_items", "item", "results", "hits", "stories", "news")
_TEXTS = (
    ("language", "language"), ("slugline", "slugline"), ("byline", "byline"), ("byline", "by"), ("ednote", "ednote"),
    ("copyrightnotice", "copyrightnotice"), ("provider", "provider"), ("source", "source"),
    ("evolvedfrom", "evolvedfrom"),
)  # fmt: skip
_BY = re.compile(r"^by\s+", re.IGNORECASE)
_OF_NINJS = (
    b'"versioncreated"', b'"versionCreated"', b'"body_html"', b'"body_xhtml"', b'"body_text"', b'"bodies"',
    b'"headlines"', b'"pubstatus"', b'"pubStatus"', b'"renditions"', b'"representationtype"', b"ninjs",
    b'"description_text"', b'"descriptions"', b'"plannedCoverage"', b'"eventDetails"', b'"copyrightholder"',
)  # fmt: skip


def looks_like(data: bytes, content_type: str | None) -> float:  # noqa: ARG001 - the protocol's
    """How much the bytes look like ninjs, 0 … 1."""
    if not data[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return 0.0
    head = data[:20_000]
    if b"jsonfeed.org/version" in head:
        return 0.1
    marks = sum(mark in head for mark in _OF_NINJS)
    return 0.3 + min(marks, 4) * 0.15 if b'"uri"' in head or marks else 0.05


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read one item or many.

    Options:
        schema: path of the official schema to hold the items against; breaches are warnings.

    Raises:
        ParseError: not JSON, or nothing in it has a ``uri``.
    """
    document = load_json(data, context)
    items: list[Item] = []
    rejected: list[RejectedItem] = []
    for position, entry in enumerate(_entries(document), start=1):
        reason = _no_item(entry)
        if reason is None:
            items.append(_item(entry, context))
        else:
            original = repr(entry)[:65536].encode("utf-8", "replace")
            rejected.append(RejectedItem(reason=reason, position=f"item {position}", original=original))
    if not items:
        reason = rejected[0].reason if rejected else "it holds no object"
        raise ParseError(f"this is not ninjs: {reason}.")
    wrapped = document.get("data") if isinstance(document, dict) else None
    following = next((address for part in objects([document, wrapped]) if (address := first(part, *_NEXT))), "")
    facts = FeedFacts(format="ninjs", next_link=following if following.startswith("http") else None)
    return Parsed(items=tuple(items), rejected=tuple(rejected), feed=facts)


def _entries(document: Any) -> Iterator[Any]:
    """The items of a document: itself, its list, or what an interface wraps (``data.items[].item``)."""
    if isinstance(document, dict) and isinstance(document.get("data"), dict | list) and "uri" not in document:
        document = document["data"]
    if isinstance(document, dict) and not first(document, "uri", "guid"):
        document = next((document[name] for name in _LISTS if isinstance(document.get(name), list)), document)
    for entry in document if isinstance(document, list) else [document]:
        inner = entry.get("item") if isinstance(entry, dict) else None
        yield inner if isinstance(inner, dict) else entry


def _no_item(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return f"an object is expected, not {type(entry).__name__}"
    return None if _uri({name.lower(): value for name, value in entry.items()}) else "it has no uri"


def _uri(entry: Object) -> str:
    return first(entry, "uri", "guid") or _item_altid(entry)


def _item_altid(entry: Object) -> str:
    """An id that stays the same over revisions, which some interfaces give in addition to an address that does not."""
    altids = entry.get("altids")
    return first(altids, "itemid") if isinstance(altids, dict) else ""


def _item(written: Object, context: ParseContext) -> Item:
    entry = {name.lower(): value for name, value in written.items()}
    draft = Draft(context)
    draft.text("uri", _uri(entry))
    draft.keep("altids.itemid", _item_altid(entry))
    draft.text("version", string(entry.get("version")))
    draft.text("type", item_type(string(entry.get("type"))) or ("event" if "eventdetails" in entry else "text"))
    draft.add("signals", signals([string(entry.get("type"))])[0])  # some send advisories as a type of their own
    _life(entry, draft)
    for name, member in _TEXTS:
        draft.text(name, to_text(string(entry.get(member))))
    _headlines(entry, draft)
    _people(entry, draft)
    _place(entry, draft)
    _rights(entry, draft)
    for member in ("subject", "subjects"):
        draft.add("subjects", (_subject(found) for found in values(entry.get(member))))
    _words(entry, draft)
    _descriptions(entry, draft)
    _bodies(entry, draft)
    read_renditions(entry, draft)
    read_associations(entry, draft)
    for link in objects(entry.get("links")):
        href, rel = first(link, "href", "url"), first(link, "rel") or "related"
        draft.add("links", [Link(rel=rel, href=href, title=first(link, "title") or None) if href else None])
    draft.text("link", first(entry, "link", "webpage", "canonicalurl"))
    for breach in json_warnings(written, context):
        draft.warn(breach)
    return draft.item()


def _life(entry: Object, draft: Draft) -> None:
    draft.time("versioncreated", first(entry, "versioncreated", "_updated"))
    draft.time("firstcreated", first(entry, "firstcreated", "contentcreated", "_created"))
    draft.time("embargoed", first(entry, "embargoed"), may_be_ahead=True)
    draft.time("expires", first(entry, "expires", "expiry"), may_be_ahead=True)
    draft.status(first(entry, "pubstatus"))
    draft.number("urgency", string(entry.get("urgency")), 1, 9)
    draft.number("priority", first(entry, "priority", "editorialpriority"), 1, 9)
    found = [code for member in ("signals", "signal") for code in values(entry.get(member))]
    codes = [string(code) if not isinstance(code, dict) else first(code, "uri", "code", "name") for code in found]
    known, unknown = signals(code for code in codes if code)
    draft.add("signals", known)
    draft.keep("signal", " ".join(unknown))


def _headlines(entry: Object, draft: Draft) -> None:
    for headline in objects(entry.get("headlines")):
        role = split_code(first(headline, "role"))[1].lower()
        text = to_text(string(headline.get("value")))
        if role in {"main", "", "headline", "title"}:
            draft.text("headline", text)
        elif "sub" in role or "deck" in role:
            draft.text("subheadline", text)
        elif role in {"kicker", "overline", "vignette"}:
            draft.text("kicker", text)
        else:
            draft.keep(f"headline {role[:40]}", text)
    draft.text("headline", to_text(first(entry, "headline", "headline_main", "title")))
    draft.text("headline", to_text(first(entry, "headline_extended", "name")))
    draft.text("subheadline", to_text(first(entry, "subheadline", "headline_sub", "headline_subheadline")))
    draft.text("kicker", to_text(first(entry, "kicker", "headline_kicker")))


def _people(entry: Object, draft: Draft) -> None:
    bylines = objects(entry.get("bylines"))
    draft.text("byline", ", ".join(filter(None, (first(line, "by", "name") for line in bylines))))
    for member, role in (("authors", "role"), ("bylines", "title"), ("creators", "role")):
        for who in objects(entry.get(member)):
            name = _BY.sub("", one_line(first(who, "name", "by")))
            uri = first(who, "uri") or None
            draft.add("authors", [Author(name=name, role=first(who, role) or None, uri=uri) if name else None])


def _place(entry: Object, draft: Draft) -> None:
    located = entry.get("located")
    draft.text("located", first(located, "name", "city") if isinstance(located, dict) else string(located))
    for place in objects(entry.get("datelinelocation")):
        draft.text("located", first(place, "city", "name"))
    dateline = entry.get("dateline")
    draft.dateline(first(dateline, "text") if isinstance(dateline, dict) else string(dateline))


def _rights(entry: Object, draft: Draft) -> None:
    for terms in values(entry.get("usageterms")):
        draft.also("usageterms", to_text(string(terms)))
    for info in objects(entry.get("rightsinfo")):
        draft.text("copyrightnotice", first(info, "copyrightnotice", "copyrightNotice"))
        terms = first(info, "usageterms", "usageTerms", "linkedrights", "linkedRights")
        draft.text("usageterms", terms)
    holder = first(entry, "copyrightholder")
    draft.text("copyrightnotice", f"Copyright {holder}" if holder else "")
    sources = [found for member in ("infosource", "infosources") for found in objects(entry.get(member))]
    draft.text("source", next((name for found in sources if (name := first(found, "name"))), ""))


def _subject(found: Any) -> Subject | None:
    if not isinstance(found, dict):
        return subject("", one_line(string(found)))
    name = one_line(first(found, "name"))
    address, code = first(found, "uri"), first(found, "code", "qcode", "literal")
    scheme = scheme_name(first(found, "scheme")) or (split_code(address)[0] if address else None)
    if scheme:
        return subject("", name, scheme) if not (code or address) else Subject(
            code=code.rsplit(":", 1)[-1] or split_code(address)[1], scheme=scheme, name=name or None
        )  # fmt: skip
    return subject(code, name)


def _words(entry: Object, draft: Draft) -> None:
    for word in values(entry.get("keywords")):
        named = first(word, "name") if isinstance(word, dict) else string(word)
        draft.words("keywords", named.split(",") if not isinstance(entry["keywords"], list) else [named])
    for member in ("genre", "genres"):
        for genre in values(entry.get(member)):
            draft.words(
                "genre", [first(genre, "name", "literal", "code") if isinstance(genre, dict) else string(genre)]
            )


def _descriptions(entry: Object, draft: Draft) -> None:
    roles = {first(found, "role").lower(): string(found.get("value")) for found in objects(entry.get("descriptions"))}
    for role in ("summary", "abstract", "caption", "text", "main", "description", ""):
        draft.text("description", to_text(roles.get(role, "")))
    for role, text in roles.items():
        if role != "creditline":
            draft.text("description", to_text(text))
    draft.text("source", roles.get("creditline", ""))
    names = sorted(
        (name for name in entry if name.startswith("description")), key=lambda name: name != "description_text"
    )
    for name in names:
        draft.text("description", to_text(string(entry[name])))


def _bodies(entry: Object, draft: Draft) -> None:
    """The text of the plain body where there is one, the markup of the richest."""
    bodies = [(first(body, "contenttype", "contentType"), first(body, "role").lower(), string(body.get("value")))
              for body in objects(entry.get("bodies"))]  # fmt: skip
    for name in ("body_html", "body_xhtml", "body_html5", "body_text", "body_nitf", "body"):
        bodies.append(("", name.removeprefix("body").lstrip("_"), string(entry.get(name))))
    texts, markup = [], []
    for kind, role, value in bodies:
        if not value.strip():
            continue
        if "nitf" in role or kind.endswith("xml"):
            markup.extend(_nitf(value))
        elif kind == "text/plain" or role == "text":
            texts.append(paragraphs(value))
        else:
            html, text = html_body(value)
            markup.append((html, text))
    draft.add("media", (figure for _, _, value in bodies for figure in figures(value)))
    texts += [text for _, text in markup]
    draft.body(next((text for text in texts if text), None), next((html for html, _ in markup if html), None))


def _nitf(value: str) -> list[tuple[str | None, str]]:
    try:
        root = parse_xml(value.encode())
    except ParseError:
        return []
    content = descendant(root, "body.content", "body")
    html, text = body_of(root if content is None else content)
    return [(html, text)]
