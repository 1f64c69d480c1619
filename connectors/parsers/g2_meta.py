"""What a NewsML-G2 item says about itself (``itemMeta``), its content (``contentMeta``) and the rights in it."""

from __future__ import annotations

from lxml import etree

from connectors.parsers.codes import item_type, signals, split_code, subject, tail
from connectors.parsers.content import note_lines
from connectors.parsers.draft import Draft
from connectors.parsers.tree import attribute, child, children, lines, name_of, plain, text_at
from pipeline.events.item import Author, Link, Media, Subject

_SUBHEADS = ("sub", "secondary", "deck")
_KICKERS = ("kicker", "overline", "vignette", "eyebrow")
_SUMMARIES = ("summary", "abstract", "teaser", "lead", "caption")


def read_rights(item: etree._Element, draft: Draft) -> None:
    """``rightsInfo``: notices and terms of all parts, each once."""
    for info in children(item, "rightsInfo"):
        for notice in children(info, "copyrightNotice"):
            draft.text("copyrightnotice", plain(notice))
        for terms in children(info, "usageTerms"):
            draft.also("usageterms", lines(terms))
        holder = named(child(info, "copyrightHolder"), draft)
        draft.text("copyrightnotice", holder and f"Copyright {holder}")


def read_item_meta(meta: etree._Element | None, draft: Draft) -> None:
    """``itemMeta``: class, provider, times, status, signals, notes to editors, relations."""
    if meta is None:
        return
    kind = item_type(_code(child(meta, "itemClass")))
    if kind and "type" not in draft:
        draft.text("type", kind)
    draft.text("provider", named(child(meta, "provider"), draft))
    draft.time("versioncreated", text_at(meta, "versionCreated"))
    draft.time("firstcreated", text_at(meta, "firstCreated"))
    draft.time("embargoed", text_at(meta, "embargoed"), may_be_ahead=True)
    draft.time("expires", text_at(meta, "expires"), may_be_ahead=True)
    draft.status(_code(child(meta, "pubStatus")))
    known, unknown = signals(_code(signal) for signal in children(meta, "signal"))
    draft.add("signals", known)
    draft.keep("signal", " ".join(unknown))
    draft.keep("role", _code(child(meta, "role")))
    _notes(meta, draft)
    for link in children(meta, "link"):
        _link(link, draft)


def read_content_meta(item: etree._Element, draft: Draft) -> None:
    """``contentMeta``: what an editor sees, and what the content is about."""
    meta = child(item, "contentMeta")
    draft.text("language", attribute(child(meta, "language"), "tag") or attribute(item, "lang"))
    if meta is None:
        return
    draft.number("urgency", text_at(meta, "urgency"), 1, 9)
    draft.time("versioncreated", text_at(meta, "contentModified"))
    draft.time("firstcreated", text_at(meta, "contentCreated"))
    draft.time("expires", text_at(meta, "expires"), may_be_ahead=True)
    draft.text("slugline", text_at(meta, "slugline"))
    _headlines(meta, draft)
    draft.text("byline", text_at(meta, "by"))
    located = child(meta, "located")
    draft.text("located", named(located, draft, codes=False) or attribute(located, "literal"))
    draft.dateline(text_at(meta, "dateline"))
    for name in ("creator", "contributor"):
        draft.add("authors", [_author(who, draft) for who in children(meta, name)])
    _sources(meta, draft)
    names = _asserted(item, draft)
    for element in children(meta, "subject"):
        _subject(element, names, draft)
    draft.words("keywords", (plain(word) for word in children(meta, "keyword")))
    draft.words("genre", (named(genre, draft) for genre in children(meta, "genre")))
    descriptions = children(meta, "description")
    descriptions.sort(key=lambda found: not any(word in _role(found) for word in _SUMMARIES))
    for description in descriptions[:1]:
        draft.text("description", lines(description))
    _notes(meta, draft)
    for link in children(meta, "link"):
        _link(link, draft)


def named(element: etree._Element | None, draft: Draft, *, codes: bool = True) -> str:
    """The name of a concept in the item's language, else its literal value or (with ``codes``) its code."""
    if element is None:
        return ""
    names = [name for name in children(element, "name") if plain(name)]
    if names:
        return plain(min(names, key=lambda name: _distance(attribute(name, "lang"), str(draft["language"] or ""))))
    if not codes:
        return ""
    code = attribute(element, "literal") or tail(attribute(element, "qcode")) or attribute(element, "uri")
    return code or ("" if children(element) else plain(element))


def _distance(written: str, wanted: str) -> int:
    """How far a language tag is from the one wanted: the same, the same language, none named, another."""
    if not written:
        return 2
    if written.lower() == wanted.lower():
        return 0
    return 1 if written.lower().split("-")[0] == wanted.lower().split("-")[0] else 3


def _headlines(meta: etree._Element, draft: Draft) -> None:
    """Main headline, subheadline, kicker: by role, else by rank (1, 2, 3), else the first is the main one."""
    for element in children(meta, "headline"):
        role, rank = _role(element), attribute(element, "rank")
        if any(word in role for word in _KICKERS) or (not role and rank == "3"):
            draft.text("kicker", plain(element))
        elif any(word in role for word in _SUBHEADS) or (not role and rank == "2"):
            draft.text("subheadline", plain(element))
        else:
            draft.text("headline", plain(element), replace=bool(role) and role == "main")


def _author(element: etree._Element, draft: Draft) -> Author | None:
    name = named(element, draft, codes=False) or attribute(element, "literal")
    role = tail(attribute(element, "role")) or tail(attribute(element, "jobtitle")) or None
    return Author(name=name, role=role, uri=attribute(element, "uri") or None) if name else None


def _sources(meta: etree._Element, draft: Draft) -> None:
    """The maker of the content before mere suppliers."""
    found = children(meta, "infoSource")
    found.sort(key=lambda element: "contentsource" not in _role(element))
    for element in found:
        draft.text("source", named(element, draft))
    draft.text("source", text_at(meta, "creditline"))


def _asserted(item: etree._Element, draft: Draft) -> dict[str, str]:
    """Names that are given once for concepts used by code: ``assert`` and ``inlineRef``."""
    found = {}
    for element in children(item, "assert"):
        key = _code(element)
        if key and (name := named(element, draft, codes=False)):
            found[key] = name
    return found


def _subject(element: etree._Element, names: dict[str, str], draft: Draft) -> None:
    parts = [found for found in children(element) if name_of(found) in {"mainconcept", "facetconcept"}] or [element]
    for part in parts:
        code = attribute(part, "qcode", "uri")
        literal = attribute(part, "literal")
        name = named(part, draft, codes=False) or names.get(code) or names.get(literal) or ""
        draft.add("subjects", [subject(code, name) if code else _by_literal(literal, name)])


def _by_literal(literal: str, name: str) -> Subject | None:
    """A subject outside any vocabulary: a key of the document, or the words themselves."""
    if " " in literal and not name:
        return Subject(name=literal)
    return Subject(code=literal or None, name=name or None) if literal or name else None


def _notes(meta: etree._Element, draft: Draft) -> None:
    notes = children(meta, "edNote")
    for note in notes:
        if not children(note):
            draft.also("ednote", plain(note))
    for note in notes:  # markup often repeats the plain notes: only what is new of it is taken
        for line in note_lines(note) if children(note) else ():
            draft.also("ednote", line)


def _link(link: etree._Element, draft: Draft) -> None:
    rel = tail(attribute(link, "rel", "reluri")) or "related"
    href, uri = attribute(link, "href"), attribute(link, "residref", "guidref")
    if not href and not uri:
        return
    title = text_at(link, "title") or text_at(link, "itemTitle") or None
    draft.add("links", [Link(rel=rel, href=href or None, uri=uri or None, title=title)])
    if href and item_type(_code(child(link, "itemClass"))) in {"picture", "graphic", "video", "audio"}:
        draft.add("media", [Media(href=href, type=attribute(link, "contenttype") or None, title=title)])
    if rel.lower() in {"evolvedfrom", "previousversion", "isderivedfrom", "derivedfrom"}:
        draft.text("evolvedfrom", uri or href)
    if rel.lower() in {"alternate", "permalink", "canonical", "webversion", "isalternate"}:
        draft.text("link", href)


def _role(element: etree._Element) -> str:
    return tail(attribute(element, "role")).lower()


def _code(element: etree._Element | None) -> str:
    if element is None:
        return ""
    code = attribute(element, "qcode", "uri", "literal")
    return code or ("" if children(element) else plain(element))


def rendition(element: etree._Element) -> str | None:
    """The rendition that a piece of content is, as its bare code."""
    return split_code(attribute(element, "rendition", "renditionuri"))[1] or None
