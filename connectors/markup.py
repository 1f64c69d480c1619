"""From markup to text and to safe HTML.

Everything from outside passes here: text for search and language work, HTML (by allow-list, ammonia through nh3) for
pages. Block elements end paragraphs; scripts, styles and comments vanish with their content.
"""

from __future__ import annotations

import contextlib
import html
import re

import lxml.html
import nh3
from lxml import etree

from connectors.parsers.rows import joined
from connectors.simple_markup import simple_markup
from pipeline.events.html import ALLOWED_TAGS, MAX_DEPTH, REMOVED_TAGS, has_tags, safe_html, too_deep

_BLOCKS = frozenset(
    (
        "p div br h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre table tr hr section article aside header "
        "footer figure figcaption hl1 hl2 block nitf:p media byline dateline"
    ).split()
)
_SILENT = frozenset("script style noscript template iframe object embed head title svg math form select button".split())
# No "<" within a tag: else a text of a million "<a" takes hours.
_TAG = re.compile(r"<[a-zA-Z!/][^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+\d*);")
#: Tags that were escaped once more than they should have been.
_ESCAPED_TAG = re.compile(
    r"&lt;/?(?:p|br|div|span|a|img|b|i|em|strong|ul|ol|li|h[1-6]|figure|blockquote)\b[^<>&]{0,300}&gt;"
)
#: Its elements have no methods of Python's, which take time to look up.
HTML_PARSER = etree.HTMLParser(huge_tree=False)
#: How the pieces of a text are told apart while it is collected.
_OWN_SIGNS = re.compile("[\x00-\x03]")
#: A text in columns rather than sentences.
_LINES_OF_PRE = re.compile(r"\S(?:\t| {3})[^\n]{0,200}\n")
#: Characters that XML does not allow; readers of trees refuse texts with them.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def looks_like_html(text: str) -> bool:
    """Whether a text has tags or entities, so that it must be read as markup."""
    return bool(_TAG.search(text))


def unescaped_twice(text: str) -> str:
    """The markup that a text is after one more layer of escaping; a text that has tags of its own is left as it is."""
    return html.unescape(text) if _ESCAPED_TAG.search(text) and not has_tags(text) else text


def clean_html(markup: str, base: str = "") -> str:
    """HTML with allowed tags and attributes only; links are http, https or mailto and say nofollow.

    Markup that is nested without end is left with its text.

    Args:
        markup: from anywhere.
        base: the address that relative links in it are relative to, if it is known.
    """
    markup = _FORBIDDEN.sub("", markup)
    if too_deep(markup):
        return html.escape(html.unescape(_TAG.sub(" ", markup)))
    if base.startswith(("http://", "https://")):
        with contextlib.suppress(ValueError):  # the base is not an address
            return safe_html(markup, ("rewrite_with_base", base))
    return safe_html(markup)


def to_text(markup: str) -> str:
    """Plain text of HTML or of text with entities; one blank line between block elements."""
    if "<" not in markup and "&" not in markup:
        return markup if markup.isprintable() else _FORBIDDEN.sub("", markup)
    markup = _FORBIDDEN.sub("", markup)
    if not looks_like_html(markup):
        return markup
    if simple := simple_markup(markup):
        return simple.text
    if too_deep(markup):
        return html.unescape(_TAG.sub(" ", markup))
    safe = nh3.clean(markup, tags=set(ALLOWED_TAGS), attributes={}, clean_content_tags=set(REMOVED_TAGS))
    try:
        root = lxml.html.fragment_fromstring(safe, create_parent="div", parser=HTML_PARSER)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return html.unescape(_TAG.sub(" ", safe))
    return text_of(root)


def text_of(root: etree._Element) -> str:
    """Text of an element tree (HTML, XHTML, NITF): names are compared without namespace, case and prefix.

    The rows of a table are lines of one paragraph, their cells separated by tabs; a table with one column is layout.
    """
    parts: list[str] = []
    _collect(root, parts, 0)
    paragraphs = "".join(parts).split("\x00")
    return "\n\n".join(text for paragraph in paragraphs if (text := _laid_out(paragraph)))


def _laid_out(paragraph: str) -> str:
    """A paragraph on one line, or its rows (ended by 1) with their cells (ended by 2), or its lines (ended by 3)."""
    if "\x03" in paragraph:
        return joined(paragraph.split("\x03"))
    if "\x01" not in paragraph:
        return " ".join(paragraph.split())
    rows = []
    for row in paragraph.split("\x01"):
        rows.append(row.replace("\n", " ").removesuffix("\x02").replace("\x02", "\t").rstrip())
    return "\n".join(row for row in rows if row.strip())


def _collect(element: etree._Element, parts: list[str], depth: int) -> None:
    name = _name(element)
    if name and name not in _SILENT and depth < MAX_DEPTH:
        if name == "table" and _has_columns(element):
            _collect_rows(element, parts, depth)
        elif name == "pre" and not len(element) and _LINES_OF_PRE.search(element.text or ""):
            parts += ["\x00", _safe(element.text).expandtabs(8).replace("\n", "\x03"), "\x00"]
        else:
            _collect_text(element, name, parts, depth)
    parts.append(_safe(element.tail) if depth else "")


def _collect_text(element: etree._Element, name: str, parts: list[str], depth: int) -> None:
    block = name in _BLOCKS
    if block:
        parts.append("\x00")
    parts.append(_safe(element.text))
    for child in element:
        _collect(child, parts, depth + 1)
    if block:
        parts.append("\x00")
    elif name in {"td", "th"}:
        parts.append(" ")


def _has_columns(table: etree._Element) -> bool:
    """Whether a table has rows of several cells and no table within."""
    most = 0
    for element in table.iterdescendants():
        name = _name(element)
        if name == "table":
            return False
        if name == "tr" and most < 2:
            most = max(most, sum(_name(cell) in {"td", "th"} for cell in element))
    return most > 1


def _collect_rows(table: etree._Element, parts: list[str], depth: int) -> None:
    parts.append("\x00")
    for element in table.iterdescendants():
        name = _name(element)
        if name == "caption":
            words: list[str] = []
            _collect_text(element, "span", words, depth + 1)
            parts += ["".join(words).replace("\x00", " "), "\x00"]
        elif name == "tr":
            for cell in element:
                if _name(cell) in {"td", "th"}:
                    words = []
                    _collect_text(cell, "span", words, depth + 1)
                    pieces = [" ".join(piece.split()) for piece in "".join(words).split("\x00")]
                    parts += ["  ".join(piece for piece in pieces if piece), "\x02" if len(pieces) < 2 else " \x02"]
            parts.append("\x01")
    parts.append("\x00")


def _name(element: etree._Element) -> str:
    # Not etree.QName: it refuses the tags with undeclared prefixes that a repaired document may have.
    return element.tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower() if isinstance(element.tag, str) else ""


def _safe(text: str | None) -> str:
    return _OWN_SIGNS.sub("", text) if text else ""
