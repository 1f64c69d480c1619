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
    markup = _FORBIDDEN.sub("", markup)
    if not looks_like_html(markup):
        return markup
    if too_deep(markup):
        return html.unescape(_TAG.sub(" ", markup))
    safe = nh3.clean(markup, tags=set(ALLOWED_TAGS), attributes={}, clean_content_tags=set(REMOVED_TAGS))
    try:
        root = lxml.html.fragment_fromstring(safe, create_parent="div", parser=lxml.html.HTMLParser(huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return html.unescape(_TAG.sub(" ", safe))
    return text_of(root)


def text_of(root: etree._Element) -> str:
    """Text of an element tree (HTML, XHTML, NITF): names are compared without namespace, case and prefix."""
    parts: list[str] = []
    _collect(root, parts, 0)
    paragraphs = ("".join(parts)).split("\x00")
    lines = (" ".join(paragraph.split()) for paragraph in paragraphs)
    return "\n\n".join(line for line in lines if line)


def _collect(element: etree._Element, parts: list[str], depth: int) -> None:
    # Not etree.QName: it refuses the tags with undeclared prefixes that a repaired document may have.
    name = element.tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower() if isinstance(element.tag, str) else ""
    if name and name not in _SILENT and depth < MAX_DEPTH:
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
    parts.append(_safe(element.tail) if depth else "")


def _safe(text: str | None) -> str:
    return text.replace("\x00", "") if text else ""
