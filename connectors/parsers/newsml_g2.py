"""NewsML-G2 (IPTC): news messages, news items and packages.

Concept, knowledge, planning and catalogue items carry no news; they are put aside with that reason. Source: NewsML-G2
2.x specification and implementation guide. Real files break the schema in many ways (empty dates, blanks around values,
wrong namespaces and places), so everything is looked up by local name and taken as far as it can be read.
"""

from __future__ import annotations

from lxml import etree

from connectors.parsers import g2_content, g2_meta
from connectors.parsers.codes import signals
from connectors.parsers.draft import Draft, sized
from connectors.parsers.tree import attribute, child, children, descendants, name_of, text_at
from connectors.parsers.validation import xml_warnings
from connectors.parsers.xml import head_of, likeness, parse_xml
from pipeline.events.errors import ParseError
from pipeline.events.item import Item, ParseContext, Parsed, RejectedItem

#: Item fields that this parser can fill.
FIELDS = frozenset({
    "uri", "version", "versioncreated", "firstcreated", "sent", "type", "pubstatus", "signals", "embargoed", "expires",
    "evolvedfrom", "urgency", "priority", "slugline", "headline", "subheadline", "kicker", "byline", "authors",
    "dateline", "located", "language", "subjects", "keywords", "genre", "description", "body_text", "body_html",
    "provider", "source", "copyrightnotice", "usageterms", "ednote", "link", "media", "links",
})  # fmt: skip

_NEWS = frozenset({"newsitem", "packageitem"})
_OTHER = {
    "conceptitem": "a concept: vocabulary, not news", "knowledgeitem": "a set of concepts: vocabulary, not news",
    "catalogitem": "a catalogue of vocabularies, not news", "planningitem": "planned coverage, not news",
    "newscoverage": "planned coverage, not news", "event": "an event, not news", "events": "a list of events, not news",
}  # fmt: skip
_NAMESPACE = b"http://iptc.org/std/nar/2006-10-01"


def looks_like(data: bytes, content_type: str | None) -> float:
    """How much the bytes look like NewsML-G2, 0 … 1."""
    head = head_of(data)
    if any(mark in head for mark in (b"<newsmessage", b"<packageitem", b"<newsitem ", _NAMESPACE)):
        return likeness(data, "newsml_g2", 0.8)
    return likeness(data, "newsml_g2", 0.6 if content_type and "newsml-g2" in content_type else 0.0)


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read a news message or a single item.

    Options:
        schema: path of the official schema; what breaks it is warned of.

    Raises:
        ParseError: not XML, or no item of NewsML-G2 in it.
    """
    root = parse_xml(sized(data, context))
    name = name_of(root)
    if name in _NEWS or name in _OTHER:
        header, found = None, [root]
    else:
        header = child(root, "header")
        itemsets = (
            [root, *descendants(root, "itemSet")] if name == "newsmessage" else list(descendants(root, "itemSet"))
        )
        found = [item for itemset in itemsets for item in children(itemset) if name_of(item) in {*_NEWS, *_OTHER}]
        found = found or list(descendants(root, *_NEWS))
        if not found and name != "newsmessage":
            raise ParseError(
                f"this is not NewsML-G2: the root element is <{name}>; a newsMessage or an item is expected."
            )
    items: list[Item] = []
    rejected: list[RejectedItem] = []
    for position, element in enumerate(found, start=1):
        reason = _no_news(element)
        if reason:
            where = f"item {position}, line {element.sourceline}"
            original = etree.tostring(element, with_tail=False)[:65536]
            rejected.append(RejectedItem(reason=f"skipped: {reason}", position=where, original=original))
        else:
            items.append(_item(element, header, context))
    if not items and not rejected:
        raise ParseError("the news message has no items.")
    return Parsed(items=tuple(items), rejected=tuple(rejected), warnings=xml_warnings(root, context))


def _no_news(element: etree._Element) -> str | None:
    name = name_of(element)
    if name not in _NEWS:
        return _OTHER[name]
    inline = [found for part in descendants(element, "inlineXML") for found in children(part)]
    if inline and all(name_of(found) in _OTHER for found in inline) and not text_at(element, "contentMeta", "headline"):
        return _OTHER[name_of(inline[0])]
    return None


def _item(element: etree._Element, header: etree._Element | None, context: ParseContext) -> Item:
    draft = Draft(context, "composite" if name_of(element) == "packageitem" else None)
    draft.text("uri", attribute(element, "guid"))
    draft.text("version", attribute(element, "version"))
    draft.time("sent", text_at(header, "sent"))
    draft.number("priority", text_at(header, "priority"), 1, 9)
    g2_meta.read_rights(element, draft)
    g2_meta.read_item_meta(child(element, "itemMeta"), draft)
    g2_meta.read_content_meta(element, draft)
    codes = [attribute(signal, "qcode", "uri", "literal") for signal in children(header, "signal")]
    draft.add("signals", signals(codes)[0])
    g2_content.read_content(element, draft)
    g2_content.read_members(element, draft)
    draft.text("headline", text_at(element, "itemMeta", "title"))
    return draft.item()
