"""Bodies of stories in XML: from XHTML and NITF elements to safe HTML and plain text."""

from __future__ import annotations

import copy
import html
import re
from collections.abc import Callable

import lxml.html
from lxml import etree

from connectors.markup import HTML_PARSER, clean_html, looks_like_html, text_of, to_text
from connectors.parsers.draft import one_line, printable
from connectors.parsers.rows import merged
from connectors.parsers.tree import attribute, descendant, name_of
from connectors.simple_markup import simple_markup

#: NITF and other elements as the HTML elements that say the same.
_AS_HTML = {
    "hl1": "h1", "hl2": "h3", "block": "div", "bq": "blockquote", "lang": "span", "org": "span", "person": "span",
    "location": "span", "chron": "span", "num": "span", "money": "span", "event": "span", "virtloc": "span",
    "function": "span", "object.title": "cite", "pronounce": "span", "fn": "p", "nitf-table": "table",
}  # fmt: skip
#: Elements of a body that are not part of the text: pictures have their own field, headers repeat the headline.
_APART = frozenset({"media", "header", "footer", "nav", "figure", "aside", "script", "style"})
#: Lines of a text broken at a fixed width.
_WRAPPED = (45, 85)
#: Entities that stand as text where a feed was escaped twice; no story writes these itself.
_TWICE = re.compile(
    r"&(?:#\d{2,5}|quot|apos|nbsp|amp|[a-zA-Z]{1,6}(?:uml|acute|grave|circ|cedil|tilde|dash|quo|pound|euro));"
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NAME = re.compile(r"[a-z][a-z0-9]*")


def body_of(root: etree._Element, apart: Callable[[etree._Element], bool] | None = None) -> tuple[str, str]:
    """Safe HTML and plain text of a content element, without media and without the header that repeats metadata.

    Args:
        root: the element; it is not changed.
        apart: whether another element is not part of the text.
    """
    return _body_in(copy.deepcopy(root), apart)


def _body_in(content: etree._Element, apart: Callable[[etree._Element], bool] | None = None) -> tuple[str, str]:
    """As ``body_of``; the element is changed."""
    content.tail = None
    for element in list(content.iter()):
        if element is not content and (name_of(element) in _APART or (apart is not None and apart(element))):
            _cut(element)
    for element in list(content.iter("*")):
        _unwrap(element)
    text = text_of(content)
    for element in content.iter():
        name = name_of(element)
        if name:
            _to_html(element, name)
    content.tag = "div"
    markup = etree.tostring(content, encoding="unicode", method="html")
    markup = re.sub(r"^<div[^>]*>|</div>$", "", markup.strip())
    return clean_html(markup).strip(), text


def html_body(markup: str, base: str = "") -> tuple[str | None, str]:
    """Safe HTML (``None`` without markup) and plain text of a body that is HTML in a string.

    ``base``: the address that its relative links are relative to, if it is known.
    """
    markup = printable(markup)
    if not looks_like_html(markup):
        blocks = re.split(r"\n[^\S\n]*\n", markup)
        return None, "\n\n".join(joined for block in blocks if (joined := one_line(block)))
    if simple := simple_markup(markup):
        return simple.safe, simple.text
    safe = clean_html(markup, base)
    try:
        root = lxml.html.fragment_fromstring(safe, create_parent="div", parser=HTML_PARSER)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return safe.strip(), to_text(safe).strip()
    return _body_in(root)


def note_lines(note: etree._Element | str) -> list[str]:
    """The lines of a note to editors that is written as markup, without its headings."""
    root: etree._Element = (
        lxml.html.fragment_fromstring(clean_html(note), create_parent="div") if isinstance(note, str) else note
    )
    _, text = body_of(root, lambda element: name_of(element) in _HEADINGS)
    return [line for line in text.split("\n") if line]


def paragraphs(text: str) -> str:
    """Plain text with one blank line between paragraphs; tables keep their lines.

    Where blank lines or indented lines mark paragraphs, the lines within are joined; else every line is one.
    """
    lines = printable(text).replace("\t", "   ").split("\n")
    indented = [bool(re.match(r"\A {2,}\S", line)) for line in lines]
    blank = [not line.strip() for line in lines]
    if any(indented) and any(not mark and not empty for mark, empty in zip(indented[1:], blank[1:], strict=True)):
        starts = [mark or empty for mark, empty in zip(indented, blank, strict=True)]
    elif any(blank[1:-1]):
        starts = blank
    else:
        starts = [True] * len(lines)
    blocks: list[list[str]] = [[]]
    for line, starts_here in zip(lines, starts, strict=True):
        if starts_here:
            blocks.append([])
        blocks[-1].append(line)
    return "\n\n".join(merged([block for block in blocks if any(line.strip() for line in block)]))


def xhtml_content(root: etree._Element) -> etree._Element:
    """The element that holds the text: ``body`` of a whole document, else the element itself."""
    found = descendant(root, "body") if name_of(root) != "body" else None
    return root if found is None else found


def _unwrap(element: etree._Element) -> None:
    """Puts right texts that were laid out for a printer, or escaped twice.

    Paragraphs by indentation within one element become elements, lines of one width ended by ``br`` are joined.
    """
    if element.text and "&" in element.text:
        element.text = _TWICE.sub(lambda found: html.unescape(found.group()), element.text)
    if element.tail and "&" in element.tail:
        element.tail = _TWICE.sub(lambda found: html.unescape(found.group()), element.tail)
    name, text = name_of(element), element.text or ""
    if name in {"p", "pre", "div", "block", "body", "body.content"} and len(element) == 0 and _is_laid_out(text):
        element.text = None
        for paragraph in paragraphs(text).split("\n\n"):
            etree.SubElement(element, "p").text = paragraph
        if name in {"p", "pre"}:
            element.tag = "div"
    breaks = [child for child in element if name_of(child) == "br"]
    if name == "p" and breaks and len(breaks) == len(element):
        lines = [one_line(part) for part in (text, *(child.tail for child in breaks))]
        if all(_WRAPPED[0] <= len(line) <= _WRAPPED[1] for line in lines[:-1]) and len(lines[-1]) <= _WRAPPED[1]:
            for child in breaks:
                element.remove(child)
            element.text = " ".join(lines)


def _is_laid_out(text: str) -> bool:
    """Whether some lines stand at the margin and others are indented; markup printed nicely has no such mixture."""
    lines = printable(text).replace("\t", "    ").split("\n")[1:]
    at_margin = sum(bool(re.match(r"\S", line)) for line in lines)
    return at_margin > 0 and any(re.match(r"\A {2,}\S", line) for line in lines)


def _cut(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _to_html(element: etree._Element, name: str) -> None:
    wanted = _AS_HTML.get(name, name)
    href = attribute(element, "href") if name == "a" else ""
    spans = {key: attribute(element, key) for key in ("colspan", "rowspan") if name in {"td", "th"}}
    element.attrib.clear()
    for key, span in spans.items():
        if span:
            element.set(key, span)
    element.tag = wanted if _NAME.fullmatch(wanted) else "span"
    if href:
        element.set("href", href)
