"""Texts of feeds as feedparser leaves them: relative addresses made absolute, wrongly encoded characters restored.

What is certain to stay as it is skips feedparser's reader of HTML, which takes most of the time of a feed; all else
goes through it.
"""

from __future__ import annotations

import contextlib
import re
from functools import lru_cache

from feedparser.html import _cp1252
from feedparser.mixin import _FeedParserMixin
from feedparser.urls import _urljoin, resolve_relative_uris

_ENTITY = (
    r"&(?:amp|lt|gt|quot|nbsp|[lr][sd]quo|[mn]dash|hellip|[a-z]uml|[a-z]acute|szlig|euro|copy|"
    r"#(?!34;|39;|1[2-5][0-9];)[1-9][0-9]{1,5}|#x(?![89][0-9a-f];)[1-9a-f][0-9a-f]{1,4});"
)
_PAIRED = r"</?(?:p|a|b|i|u|em|strong|span|div|ul|ol|li|h[1-6]|blockquote|figure|figcaption|cite|q|code|pre)>"
_ATTRIBUTES = r"""(?:[ ][a-z][a-z-]{0,30}="[^"<>&'\n\r\t]*+")*+"""
#: Text, references and tags without attributes that the reader writes as it read them.
_UNCHANGED = re.compile(rf"\A(?:[^<&]|{_ENTITY}|{_PAIRED})*+\Z", re.ASCII)
#: The same, with tags that the reader changes each by itself.
_SEPARATE = re.compile(
    rf"\A(?:[^<&]|{_ENTITY}|</[a-z][a-z0-9]{{0,20}}>|<[a-z][a-z0-9]{{0,20}}{_ATTRIBUTES}[ ]?/?>)*+\Z", re.ASCII
)
_TAG = re.compile(r"<[^<>]*>")
_NOT_LATIN_1 = re.compile("[^\x00-\xff]")
_IS_CHANGED_BY_CP1252 = re.compile("[\x80-\x9f]")
#: An absolute address that joining with another and taking apart leave as it is.
_ABSOLUTE = re.compile(r"https?://[A-Za-z0-9.-]++(?:/[^\s?#;\x00-\x20]*+)?+(?:\?[^\s?#;\x00-\x20]++)?+", re.ASCII)
_HTML = frozenset({"text/html", "application/xhtml+xml"})


@lru_cache(4096)
def _tag(tag: str, base: str) -> str:
    resolved: str = resolve_relative_uris(tag, base, "utf-8", "text/html")
    return resolved


def resolved(markup: str, base: str) -> str:
    """HTML as ``feedparser.urls.resolve_relative_uris`` writes it.

    Args:
        markup: of type text/html.
        base: what its relative addresses are relative to; "" where that is not known.
    """
    if _UNCHANGED.match(markup):
        return markup
    if _SEPARATE.match(markup):
        return _TAG.sub(lambda found: _tag(found[0], base), markup)
    whole: str = resolve_relative_uris(markup, base, "utf-8", "text/html")
    return whole


def joined(base: str, address: str) -> str:
    """An address made absolute, as feedparser does it."""
    if is_plainly_absolute(address):
        return address
    found: str = _urljoin(base, address)
    return found


def is_plainly_absolute(address: str) -> bool:
    """Whether joining a base with an address leaves the address as it is."""
    return _ABSOLUTE.fullmatch(address) is not None


def repaired(text: str) -> str:
    """UTF-8 that was taken for Latin-1 and encoded again, and Windows-1252 in the place of control characters."""
    if text.isascii():
        return text
    if _NOT_LATIN_1.search(text) is None:
        with contextlib.suppress(UnicodeError):
            text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_cp1252) if _IS_CHANGED_BY_CP1252.search(text) else text


def content_text(text: str, content_type: str, base: str, *, atom: bool) -> str:
    """The value of a title, summary or content.

    Args:
        text: between the tags, without blanks around.
        content_type: text/plain or text/html, as declared or usual for the element.
        base: what its relative addresses are relative to.
        atom: in Atom a type is believed; elsewhere plain text that looks like HTML is HTML.
    """
    if not atom and content_type == "text/plain" and ("<" in text or "&" in text):
        content_type = "text/html" if _FeedParserMixin.looks_like_html(text) else content_type
    return repaired(resolved(text, base) if content_type in _HTML else text)
