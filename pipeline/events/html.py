"""Safe HTML by an allow-list (ammonia, through nh3)."""

from __future__ import annotations

import re
from typing import Literal

import nh3

from pipeline.events.links import SCHEMES

#: What becomes of relative links: nothing, or they are taken as relative to an address.
RelativeLinks = Literal["pass_through"] | tuple[Literal["rewrite_with_base"], str]

#: Elements that a story's HTML may have.
ALLOWED_TAGS = frozenset(
    (
        "p br h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote q em i strong b u s sub sup cite abbr code pre a "
        "table thead tbody tfoot tr td th caption hr span div figure figcaption"
    ).split()
)
#: Elements that are removed together with what is in them.
REMOVED_TAGS = frozenset(
    {"script", "style", "title", "noscript", "template", "iframe", "object", "svg", "math", "select"}
)
MAX_DEPTH = 200
_OPEN_OR_CLOSED = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_ATTRIBUTES = {"a": {"href", "title"}, "abbr": {"title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
#: Elements that end where the next one begins, or have no end.
_SELF_CLOSING = frozenset(
    "p li dt dd tr td th br hr img input meta link wbr area base col embed param source track option".split()
)


def has_tags(markup: str) -> bool:
    """Whether there is a tag in a text."""
    return _OPEN_OR_CLOSED.search(markup) is not None


def too_deep(markup: str) -> bool:
    """Whether elements are nested deeper than any story's: the time to read such markup grows with its square."""
    depth = 0
    for tag in _OPEN_OR_CLOSED.finditer(markup):
        if tag[2].lower() not in _SELF_CLOSING:
            depth = max(depth - 1, 0) if tag[1] else depth + 1
            if depth > MAX_DEPTH:
                return True
    return False


def safe_html(markup: str, relative: RelativeLinks = "pass_through") -> str:
    """HTML with allowed elements and attributes only; links are http, https or mailto and say nofollow.

    Args:
        markup: not nested deeper than ``too_deep`` says.
        relative: what becomes of relative links.

    Raises:
        ValueError: the base of relative links is not an address.
    """
    return nh3.clean(
        markup,
        tags=set(ALLOWED_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
        clean_content_tags=set(REMOVED_TAGS),
        url_relative=relative,
    )
