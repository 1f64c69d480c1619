"""NITF 3.x (News Industry Text Format, IPTC): a story with its metadata, alone or within NewsML.

Sources: NITF 3.6 specification. Namespaces, DTD declarations and missing wrappers are not insisted upon.
"""

from __future__ import annotations

import copy
import re
from itertools import pairwise

from lxml import etree

from connectors.parsers import takes
from connectors.parsers.codes import iptc_subject, signals, subject
from connectors.parsers.content import body_of
from connectors.parsers.draft import Draft, sized
from connectors.parsers.tree import (
    attribute,
    child,
    children,
    descendant,
    descendants,
    language_of,
    lines,
    name_of,
    plain,
    text_at,
)  # fmt: skip
from connectors.parsers.validation import xml_warnings
from connectors.parsers.wirewords import read_word
from connectors.parsers.xml import head_of, likeness, parse_xml
from pipeline.events.datelines.strict import place_name
from pipeline.events.errors import ParseError
from pipeline.events.item import Author, Media, ParseContext, Parsed, Reference, Signal, Subject

#: Item fields that this parser can fill.
FIELDS = frozenset({
    "uri", "version", "versioncreated", "pubstatus", "signals", "embargoed", "expires", "refers", "take", "keeps_parts",
    "replaces", "urgency", "slugline", "headline", "subheadline", "byline", "authors", "dateline", "located",
    "language", "subjects", "keywords", "genre", "description", "body_text", "body_html", "provider", "copyrightnotice",
    "usageterms", "ednote", "media",
})  # fmt: skip


_BY = re.compile(r"^(?:by|von|par|por|di|door)\s+", re.IGNORECASE)


def looks_like(data: bytes, content_type: str | None) -> float:
    """How much the bytes look like NITF, 0 … 1."""
    head = head_of(data)
    if b"<nitf" in head and b"<newsitem" not in head:
        return likeness(data, "nitf", 0.95)
    return likeness(data, "nitf", 0.5 if content_type and "nitf" in content_type else 0.0)


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read one NITF document, or several under one root.

    Options:
        schema: path of the official schema; what breaks it is warned of.
        identity: ``slug``: documents with one slug (``du-key``, keyword) in one day are versions and parts of one
            story; else an item is what has one ``doc-id``.

    Raises:
        ParseError: not XML, or without an ``nitf`` element.
    """
    root = parse_xml(sized(data, context))
    documents = [root] if name_of(root) == "nitf" else list(descendants(root, "nitf"))
    if not documents:
        raise ParseError(f"this is not NITF: the root element is <{name_of(root)}>, <nitf> is expected.")
    items = []
    for document in documents:
        draft = Draft(context, "text")
        read_nitf(document, draft)
        if context.options.get("identity") == "slug":
            _in_its_story(document, draft)
        items.append(draft.item())
    return Parsed(items=tuple(items), warnings=xml_warnings(root, context))


def read_nitf(root: etree._Element, draft: Draft) -> None:
    """Fill what an NITF document says and the draft has not got from elsewhere."""
    head, body = child(root, "head"), child(root, "body")
    body = root if body is None else body
    _docdata(child(head, "docdata"), draft)
    _head(head, draft)
    _body_head(child(body, "body.head"), draft)
    content = child(body, "body.content")
    if content is not None:
        _media(content, draft)
        html, text = body_of(content)
        draft.body(text, html)
    draft.text("language", language_of(body) or attribute(root, "lang", "baselang"))
    if child(body, "body.head", "hedline") is None:
        draft.text("headline", text_at(head, "title"))


def _docdata(docdata: etree._Element | None, draft: Draft) -> None:
    if docdata is None:
        return
    draft.text("uri", attribute(child(docdata, "doc-id"), "id-string"))
    draft.text("provider", attribute(child(docdata, "doc-id"), "regsrc"))
    key = child(docdata, "du-key")
    draft.text("version", attribute(key, "version"))
    draft.text("slugline", attribute(key, "key"))
    if attribute(key, "part").strip("0") != "1":  # the only part of most stories
        draft.number("take", attribute(key, "part"), 1, 999)
    draft.time("versioncreated", attribute(child(docdata, "date.issue"), "norm"))
    draft.time("expires", attribute(child(docdata, "date.expire"), "norm"), may_be_ahead=True)
    draft.number("urgency", attribute(child(docdata, "urgency"), "ed-urg"), 1, 9)
    status = attribute(docdata, "management-status").lower()
    draft.status(status)
    release = attribute(child(docdata, "date.release"), "norm")
    if status == "embargoed":
        draft.time("embargoed", release, may_be_ahead=True)
    elif release:
        _future_release(release, draft)
    referred = attribute(docdata, "management-doc-idref")
    correction = child(docdata, "correction")
    if correction is not None:
        draft.add("signals", ["correction"])
        draft.also("ednote", attribute(correction, "info"))
        referred = referred or attribute(correction, "id-string")
    if referred:
        draft.add("refers", [Reference(uri=referred)])
    for message in children(docdata, "ed-msg"):
        draft.add("signals", signals([attribute(message, "msg-type")])[0])
        draft.also("ednote", attribute(message, "info"))
    series = child(docdata, "series")
    if attribute(series, "series.part") != "1" or attribute(series, "series.totalpart").strip("01"):
        draft.number("take", attribute(series, "series.part"), 1, 999)
    draft.words("keywords", (attribute(word, "key") for word in descendants(docdata, "keyword")))
    for scope in children(docdata, "doc-scope"):
        draft.add("subjects", [subject("", attribute(scope, "value")) or _category(attribute(scope, "scope"))])
    for classifier in children(child(docdata, "identified-content"), "classifier"):
        if "category" in attribute(classifier, "type").lower():
            draft.add("subjects", [_category(attribute(classifier, "value"))])
    holder = child(docdata, "doc.copyright")
    written = " ".join(filter(None, (attribute(holder, "year"), attribute(holder, "holder"))))
    draft.text("copyrightnotice", f"Copyright {written}" if written else "")
    rights = child(docdata, "doc.rights")
    for name in ("type", "geography", "limitations"):
        draft.also("usageterms", attribute(rights, name))


def _in_its_story(document: etree._Element, draft: Draft) -> None:
    """Make a document a version or part of the story that its slug names."""
    slug, *words = (part.strip() for part in (draft["slugline"] or "").split(","))
    if not slug:
        return
    keys = [attribute(meta, "content") for meta in descendants(document, "meta") if _is_take_key(meta)]
    for word in filter(None, map(read_word, [*words, *keys])):
        takes.say(draft, word, leads_are_tops=True)
    part = attribute(child(document, "head", "docdata", "du-key"), "part").lstrip("0")
    if part == "1" and Signal.LEAD not in (draft["signals"] or ()):
        draft.value("keeps_parts", True)
    elif part.isdecimal() and part != "1":
        draft.add("signals", [Signal.TAKE])
    takes.place(draft)
    day = (draft["firstcreated"] or draft["versioncreated"] or draft.now()).date().isoformat()
    draft.text("slugline", slug, replace=True)
    draft.text("uri", ":".join(filter(None, (draft["provider"], day, slug))), replace=True)


def _is_take_key(meta: etree._Element) -> bool:
    return attribute(meta, "name").lower() == "anpa-takekey"


def _future_release(release: str, draft: Draft) -> None:
    """A release later than the version itself is an embargo even where the status does not say so."""
    issued = draft["versioncreated"] or draft.now()
    draft.time("embargoed", release, may_be_ahead=True)
    if draft["embargoed"] and draft["embargoed"] <= issued:
        draft.drop("embargoed")


def _head(head: etree._Element | None, draft: Draft) -> None:
    metas = {attribute(meta, "name").lower(): attribute(meta, "content") for meta in children(head, "meta")}
    draft.text("slugline", metas.get("anpa-keyword") or metas.get("slugline") or metas.get("anpa-slug"))
    draft.number("take", metas.get("anpa-takekey") or "", 1, 999)
    draft.words("keywords", (metas.get("keywords") or "").split(","))
    category = metas.get("anpa-category") or metas.get("ap-category") or metas.get("category") or ""
    draft.add("subjects", [_category(category)])
    for tobject in children(head, "tobject"):
        properties = children(tobject, "tobject.property")
        draft.words("genre", (attribute(part, "tobject.property.type") for part in properties))
        for part in children(tobject, "tobject.subject"):
            number = attribute(part, "tobject.subject.refnum", "tobject.subject.code")
            name = attribute(part, "tobject.subject.detail", "tobject.subject.matter", "tobject.subject.type")
            maker = attribute(part, "tobject.subject.ipr")
            scheme = maker if maker and maker.upper() != "IPTC" else None
            draft.add("subjects", [subject(number, name, scheme) if scheme else iptc_subject(number, name)])
    pubdata = child(head, "pubdata")
    draft.time("versioncreated", attribute(pubdata, "date.publication"))


def _category(letters: str) -> Subject | None:
    return Subject(code=letters.lower(), scheme="category") if 0 < len(letters) <= 4 else None


def _body_head(head: etree._Element | None, draft: Draft) -> None:
    if head is None:
        return
    hedline = child(head, "hedline")
    draft.text("headline", text_at(hedline, "hl1") or (plain(hedline) if not children(hedline) else ""))
    if text_at(hedline, "hl2") != draft["headline"]:
        draft.text("subheadline", text_at(hedline, "hl2"))
    for byline in children(head, "byline"):
        _byline(byline, draft)
    _dateline(child(head, "dateline"), draft)
    draft.text("description", lines(child(head, "abstract")))
    draft.text("provider", text_at(head, "distributor"))
    rights = child(head, "rights")
    holder = " ".join(filter(None, (text_at(rights, "rights.startdate"), text_at(rights, "rights.owner"))))
    draft.text("copyrightnotice", holder or text_at(head, "rights"))
    for note in children(head, "note"):
        if attribute(note, "noteclass").lower() in {"editorsnote", "endnote", "hd"} or attribute(note, "type") != "std":
            draft.also("ednote", lines(note))


def _byline(byline: etree._Element, draft: Draft) -> None:
    role = text_at(byline, "byttl")
    names = plain(_without(byline, "byttl")).rstrip(" ,;")
    draft.text("byline", f"{names}, {role}" if names and role else names or role)
    people = [_BY.sub("", plain(who)) for who in descendants(byline, "person")]
    if not people and _BY.match(names):
        name, _, title = _BY.sub("", names).partition(", ")
        people, role = [name], role or title
    known = {author.name for author in draft["authors"] or ()}
    draft.add("authors", [Author(name=name, role=role or None) for name in people if name and name not in known])


def _dateline(dateline: etree._Element | None, draft: Draft) -> None:
    if dateline is None:
        return
    dateline = copy.deepcopy(dateline)
    location = child(dateline, "location")
    city = plain(descendant(location, "city")) or plain(location).split(",")[0]
    date = text_at(dateline, "story.date")
    if location is not None and len(children(location)) > 1:
        parts = [plain(part) for part in children(location) if plain(part)]
        glued = plain(location)
        if "".join(glued.split()) == "".join("".join(parts).split()) and "," not in glued:
            for part, following in pairwise(children(location)):
                if plain(part) and plain(following) and not (part.tail or "").strip():
                    part.tail = ", "  # as a printer sets them
    machine = date[:8].isdigit() or date[:4].isdigit()  # a norm where the words should be
    draft.text("located", place_name(city) if city.isupper() else city)
    place = plain(_without(dateline, "story.date"))
    whole = plain(dateline)
    if date and not machine and whole in {f"{place} {date}", f"{place}{date}"} and place[-1:].isalnum():
        whole = f"{place}, {date}"  # the comma that a printer sets between the two elements
    draft.dateline(place if machine else whole)


def _without(element: etree._Element, name: str) -> etree._Element:
    rest = copy.deepcopy(element)
    for found in list(descendants(rest, name)):
        found.text = " "
        for inner in list(found):
            found.remove(inner)
    return rest


def _media(content: etree._Element, draft: Draft) -> None:
    for media in descendants(content, "media"):
        caption = lines(child(media, "media-caption")) or None
        credit = text_at(media, "media-producer") or None
        for reference in children(media, "media-reference"):
            source = attribute(reference, "source", "data-location")
            if not source and not caption:
                continue
            width, height = attribute(reference, "width"), attribute(reference, "height")
            draft.add("media", [Media(
                href=source or None, type=attribute(reference, "mime-type") or attribute(media, "media-type") or None,
                title=attribute(reference, "name") or None, description=caption, credit=credit,
                width=int(width) if _small(width) else None, height=int(height) if _small(height) else None,
            )])  # fmt: skip


def _small(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 7
