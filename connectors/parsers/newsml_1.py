"""NewsML 1.0 and 1.2 (IPTC): an envelope with news items, each a tree of news components.

Source: NewsML 1.2 functional specification. What is nearer to the root of the tree wins over what is deeper, so that a
caption does not become the headline. Element names are matched by their beginnings where agencies misspell them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from connectors.parsers.codes import iptc_subject, signals
from connectors.parsers.draft import Draft, sized
from connectors.parsers.newsml_1_content import is_medium, read_content
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
from connectors.parsers.xml import head_of, likeness, parse_xml
from pipeline.events.errors import ParseError
from pipeline.events.item import Author, Item, Link, ParseContext, Parsed

#: Item fields that this parser can fill.
FIELDS = frozenset({
    "uri", "version", "versioncreated", "firstcreated", "sent", "type", "pubstatus", "signals", "embargoed", "expires",
    "evolvedfrom", "urgency", "priority", "slugline", "headline", "subheadline", "kicker", "byline", "authors",
    "dateline", "located", "language", "subjects", "keywords", "genre", "description", "body_text", "body_html",
    "provider", "source", "copyrightnotice", "usageterms", "ednote", "media", "links",
})  # fmt: skip

#: A ``Duid`` is unique in its document only, such as ``NC00001``; a longer number is the agency's own.
_OWN_DUID = re.compile(r"\d{6}")
_PUBLIC = re.compile(r"\Aurn:newsml:[^:]{1,200}:\d{8}:[^:]")
_REVISION = re.compile(r":\d+[NAU]?$")
_LINES = (
    ("headline", "HeadLine"), ("subheadline", "SubHeadLine"), ("byline", "ByLine"), ("slugline", "SlugLine"),
    ("copyrightnotice", "CopyrightLine"), ("usageterms", "RightsLine"),
)  # fmt: skip


def looks_like(data: bytes, content_type: str | None) -> float:  # noqa: ARG001 - the protocol's
    """How much the bytes look like NewsML 1.x, 0 … 1."""
    head = head_of(data)
    return likeness(data, "newsml_1", 0.6 if b"<newsenvelope" in head or b"<newsidentifier" in head else 0.0)


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read every news item.

    Raises:
        ParseError: not XML, or without a ``NewsItem``.
    """
    root = parse_xml(sized(data, context))
    found = [root] if name_of(root) == "newsitem" else list(descendants(root, "NewsItem"))
    if not found:
        raise ParseError(f"this is not NewsML 1: the root element is <{name_of(root)}>, and it has no NewsItem.")
    envelope = child(root, "NewsEnvelope")
    return Parsed(items=tuple(_item(element, envelope, context) for element in found))


def _item(element: etree._Element, envelope: etree._Element | None, context: ParseContext) -> Item:
    draft = Draft(context)
    components = list(_components(element))
    topics = _topics(element)
    _identity(element, components, draft)
    _management(child(element, "NewsManagement"), draft)
    draft.time("sent", text_at(envelope, "DateAndTime"))
    draft.number("priority", attribute(child(envelope, "Priority"), "FormalName"), 1, 9)
    for component in components:
        lines_of = child(component, "NewsLines")
        if lines_of is not None:
            _news_lines(lines_of, draft)
        for part in children(component):
            name = name_of(part)
            if name.startswith("administrativemeta"):
                _administrative(part, draft, people=not is_medium(component))
            elif name.startswith("descriptivemeta"):
                _descriptive(part, topics, draft)
            elif name.startswith("rightsmeta"):
                _rights(part, draft)
        _keywords(component, draft)
    draft.text("slugline", text_at(element, "Identification", "NameLabel"))
    _notes(element, components, draft)
    draft.text("provider", _party(child(envelope, "SentFrom")))
    draft.text("provider", text_at(element, "Identification", "NewsIdentifier", "ProviderId"))
    read_content(components, draft)
    for reference in (found for component in components for found in children(component, "NewsItemRef")):
        uri = attribute(reference, "NewsItem")
        draft.add("links", [Link(rel="member", uri=uri, title=plain(reference) or None) if uri else None])
    draft.text("language", language_of(element))
    return draft.item()


def _components(item: etree._Element) -> Iterator[etree._Element]:
    """All components of an item, the outer before the inner; those of items within it are theirs."""
    level = children(item, "NewsComponent")
    while level:
        yield from level
        level = [inner for component in level for inner in children(component, "NewsComponent")]


def _identity(item: etree._Element, components: list[etree._Element], draft: Draft) -> None:
    identifier = child(item, "Identification", "NewsIdentifier")
    parts = [text_at(identifier, name) for name in ("ProviderId", "DateId", "NewsItemId")]
    if all(parts):
        draft.text("uri", "urn:newsml:" + ":".join(parts))
    public = _REVISION.sub("", text_at(identifier, "PublicIdentifier"))
    if parts[2] or (child(identifier, "NewsItemId") is None and _PUBLIC.match(public)):
        draft.text("uri", public)
        draft.text("uri", parts[2])
    duids = [attribute(element, "Duid") for element in (item, *components) if attribute(element, "Duid")]
    draft.text("uri", next((duid for duid in duids if _OWN_DUID.search(duid)), ""))
    first = text_at(item, "NewsManagement", "FirstCreated")
    if first and (public or duids):
        # What is left may be the same for all items: with the first time, which no version changes, it is not.
        draft.text("uri", f"{public or duids[0]}#{first}")
    draft.text("version", text_at(identifier, "RevisionId"))
    draft.keep("Update", attribute(child(identifier, "RevisionId"), "Update").strip("N"))


def _management(management: etree._Element | None, draft: Draft) -> None:
    if management is None:
        return
    draft.time("versioncreated", text_at(management, "ThisRevisionCreated"))
    draft.time("firstcreated", text_at(management, "FirstCreated"))
    status = _formal(child(management, "Status"))
    draft.status(status)
    change = child(management, "StatusWillChange")
    future = _formal(child(change, "FutureStatus")).lower()
    if future == "usable" or status.lower() == "embargoed":
        draft.time("embargoed", text_at(change, "DateAndTime"), may_be_ahead=True)
    elif future:
        draft.time("expires", text_at(change, "DateAndTime"), may_be_ahead=True)
    draft.number("urgency", _formal(child(management, "Urgency")), 1, 9)
    known, unknown = signals(_formal(found) for found in children(management, "Instruction"))
    draft.add("signals", known)
    draft.keep("signal", " ".join(unknown))
    draft.add("signals", signals([_formal(child(management, "NewsItemType"))])[0])
    for relation in children(management, "DerivedFrom", "AssociatedWith"):
        uri = attribute(relation, "NewsItem")
        rel = "derivedFrom" if name_of(relation) == "derivedfrom" else "associatedWith"
        draft.add("links", [Link(rel=rel, uri=uri) if uri else None])
        draft.text("evolvedfrom", uri if rel == "derivedFrom" else "")


def _news_lines(found: etree._Element, draft: Draft) -> None:
    for field, name in _LINES:
        draft.text(field, text_at(found, name))
    draft.dateline(text_at(found, "DateLine"))
    draft.words("keywords", (word for line in children(found, "KeywordLine") for word in plain(line).split(",")))
    draft.text("source", text_at(found, "CreditLine"))
    for line in children(found, "NewsLine"):
        kind, text = _formal(child(line, "NewsLineType")), lines(child(line, "NewsLineText"))
        lowered = kind.lower().replace(" ", "")
        if any(word in lowered for word in ("ednote", "editor", "advisory", "advice")):
            draft.also("ednote", text)
        elif "kicker" in lowered or "overline" in lowered:
            draft.text("kicker", text)
        elif "abstract" in lowered or "summary" in lowered:
            draft.text("description", text)
        elif text.startswith(("http://", "https://")):
            draft.add("links", [Link(rel=kind or "related", href=text)])


def _administrative(found: etree._Element, draft: Draft, *, people: bool) -> None:
    draft.text("provider", _party(child(found, "Provider")))
    draft.text("source", _party(child(found, "Source")))
    for name, role in (("Creator", None), ("Contributor", "contributor")):
        for element in children(found, name) if people else ():
            party = _party(element)
            draft.add("authors", [Author(name=party, role=role) if party else None])


def _descriptive(found: etree._Element, topics: dict[str, str], draft: Draft) -> None:
    draft.text("language", _formal(child(found, "Language")))
    draft.words("genre", (_formal(genre) for genre in children(found, "Genre")))
    for code in children(found, "SubjectCode"):
        for part in children(code, "Subject", "SubjectMatter", "SubjectDetail"):
            name = text_at(part, "Description") or topics.get(_formal(part), "")
            draft.add("subjects", [iptc_subject(_formal(part), name)])
    locations = [part for part in children(found, "Location") if attribute(part, "HowPresent").lower() != "event"]
    for location in sorted(locations, key=lambda part: attribute(part, "HowPresent").lower() != "origin"):
        draft.text("located", _property(location, "city", "town") or text_at(location, "City"))
    for part in children(found, "Property"):
        if attribute(part, "FormalName").lower() in {"keyword", "keywords"}:
            draft.words("keywords", attribute(part, "Value").split(","))
        elif attribute(part, "FormalName").lower() in {"location", "city"}:
            draft.text("located", attribute(part, "Value") or _property(part, "city", "town"))


def _topics(item: etree._Element) -> dict[str, str]:
    """Names of the topics that a document explains, by their formal name; in English where there is a choice."""
    names: dict[str, str] = {}
    for topic in descendants(item, "Topic"):
        described = [part for part in children(topic, "Description") if plain(part)]
        described = [part for part in described if attribute(part, "Variant").lower() != "category"] or described
        described.sort(key=lambda part: not language_of(part).lower().startswith("en"))
        if described and text_at(topic, "FormalName"):
            names[text_at(topic, "FormalName")] = plain(described[0])
    return names


def _keywords(component: etree._Element, draft: Draft) -> None:
    """Keywords in the agency's own ``Metadata`` blocks."""
    for block in children(component, "Metadata"):
        for part in children(block, "Property"):
            if attribute(part, "FormalName").lower().endswith(("keyword", "keywords")):
                draft.words("keywords", [attribute(part, "Value")])


def _rights(found: etree._Element, draft: Draft) -> None:
    for notice in children(found, "Copyright"):
        holder = f"{text_at(notice, 'CopyrightDate')} {text_at(notice, 'CopyrightHolder')}".strip()
        draft.text("copyrightnotice", f"Copyright {holder}" if holder else "")
    for rights in children(found, "UsageRights"):
        terms = [plain(part) for part in children(rights)]
        draft.also("usageterms", ", ".join(term for term in terms if term))


def _notes(item: etree._Element, components: list[etree._Element], draft: Draft) -> None:
    for element in (item, *components):
        for comment in children(element, "Comment"):
            draft.also("ednote", lines(comment))


def _party(element: etree._Element | None) -> str:
    party = descendant(element, "Party")
    return attribute(party, "FormalName") or plain(party) or (attribute(element, "FormalName") if party is None else "")


def _formal(element: etree._Element | None) -> str:
    """The formal name as attribute, or what some write as text instead."""
    return attribute(element, "FormalName") or plain(element)


def _property(element: etree._Element, *names: str) -> str:
    found = [part for part in descendants(element, "Property") if attribute(part, "FormalName").lower() in names]
    return attribute(found[0], "Value") or plain(found[0]) if found else ""
