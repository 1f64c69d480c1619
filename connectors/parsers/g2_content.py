"""Content of a NewsML-G2 item: text within the item, files next to it, members of a package."""

from __future__ import annotations

from lxml import etree

from connectors.parsers.codes import tail
from connectors.parsers.content import body_of, html_body, paragraphs, xhtml_content
from connectors.parsers.draft import Draft
from connectors.parsers.figures import figures, figures_of
from connectors.parsers.g2_meta import rendition
from connectors.parsers.nitf import read_nitf
from connectors.parsers.tree import attribute, child, children, descendants, lines, name_of, plain, text_at
from pipeline.events.item import Link, Media

#: XML content that is data, not a text to read.
_DATA = frozenset({"sports-content", "sportscontent", "events", "event", "concept", "newsitem", "svg", "smil"})


def read_content(item: etree._Element, draft: Draft) -> None:
    """``contentSet``: the first text that has any, and every file."""
    for content in children(item, "contentSet"):
        for part in children(content):
            name = name_of(part)
            if name == "inlinexml":
                _inline_xml(part, draft)
            elif name == "inlinedata":
                _inline_data(part, draft)
            elif name == "remotecontent":
                _remote(part, draft)
    for icon in children(child(item, "contentMeta"), "icon"):
        href = attribute(icon, "href")
        draft.add("media", [Media(href=href, rendition=rendition(icon) or "icon") if href else None])


def read_members(item: etree._Element, draft: Draft) -> None:
    """``groupSet``: what a package refers to, in the order of the document."""
    if name_of(item) != "packageitem":
        return
    for reference in descendants(item, "itemRef"):
        uri, href = attribute(reference, "residref"), attribute(reference, "href")
        if uri or href:
            title = text_at(reference, "title") or text_at(reference, "headline") or None
            draft.add("links", [Link(rel="member", uri=uri or None, href=href or None, title=title)])
    root = child(item, "groupSet")
    draft.text("description", lines(child(root, "description")))


def _inline_xml(part: etree._Element, draft: Draft) -> None:
    for root in children(part):
        name = name_of(root)
        if name == "nitf":
            read_nitf(root, draft)
        elif name not in _DATA:
            html, text = body_of(xhtml_content(root), lambda element: _repeated(element, draft))
            draft.body(text, html)
            draft.add("media", figures_of(root))
    if not children(part) and (part.text or "").strip():
        markup, text = html_body(part.text or "")
        draft.body(text, markup)
        draft.add("media", figures(part.text or ""))


def _inline_data(part: etree._Element, draft: Draft) -> None:
    if attribute(part, "encoding"):
        draft.keep("inlineData", attribute(part, "contenttype") or "encoded")
        return
    kind = attribute(part, "contenttype").lower()
    text = "".join(str(piece) for piece in part.itertext())
    if "html" in kind or "xml" in kind or text.lstrip().startswith("<p"):
        html, plain_text = html_body(text)
        draft.body(plain_text, html)
        draft.add("media", figures(text))
    else:
        draft.body(paragraphs(text))


def _repeated(element: etree._Element, draft: Draft) -> bool:
    """Whether a part of the body says again what a field of its own says: dateline, description."""
    if "dateline" in draft and "dateline" in attribute(element, "class").split():
        return True
    if name_of(element) != "p" or "description" not in draft or element.getnext() is None:
        return False
    return plain(element) == " ".join(draft["description"].split())


def _remote(part: etree._Element, draft: Draft) -> None:
    href = attribute(part, "href") or attribute(part, "residref")
    if not href:
        return
    width, height = attribute(part, "width"), attribute(part, "height")
    draft.add("media", [Media(
        href=href, type=attribute(part, "contenttype", "format") or None, rendition=rendition(part),
        title=text_at(part, "title") or None, credit=tail(attribute(part, "credit")) or None,
        width=int(width) if width.isascii() and width.isdigit() and len(width) < 7 else None,
        height=int(height) if height.isascii() and height.isdigit() and len(height) < 7 else None,
    )])  # fmt: skip
