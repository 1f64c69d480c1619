"""Figures in a body: pictures with their captions, which are media of the story and not part of its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

import lxml.html
from lxml import etree

from connectors.parsers.draft import one_line, printable
from connectors.parsers.tree import attribute, children, descendant, descendants, name_of, plain
from pipeline.events.html import too_deep
from pipeline.events.item import Media

#: The rendition of a picture in the body.
FIGURE = "figure"
_FIGURE = re.compile(r"<figure\b|wp-caption|<img\b", re.IGNORECASE)
#: A picture outside a figure is one of the story if it is so large, or has a text for those who cannot see it.
_LEAST_PIXELS = 200
_MOST_FIGURES = 20
_MOST_DIGITS = 7
_LEAST_ALT = 8
_MAX_CHARS = 2_000_000
_SOURCES = {
    "img": ("src", "data-src", "data-original"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "source": ("src",),
}
_KINDS = {"video": "video", "audio": "audio"}


def figures(markup: str, base: str | None = None) -> list[Media]:
    """The figures of a body that is HTML in a string.

    Args:
        markup: as the feed has it.
        base: the address that relative links are relative to.
    """
    if not _FIGURE.search(markup[:_MAX_CHARS]) or len(markup) > _MAX_CHARS or too_deep(markup):
        return []
    try:
        # Not as a fragment: lxml asserts that a fragment has a body, and a broken page may have none.
        root = lxml.html.document_fromstring(printable(markup), parser=lxml.html.HTMLParser(huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return []
    return figures_of(root, base)


def figures_of(root: etree._Element, base: str | None = None) -> list[Media]:
    """The figures of a body that is an element, each address once."""
    found: dict[str, Media] = {}
    for figure in _figures(root):
        caption = next(
            (text for part in _captions(figure) if (text := plain(part))), ""
        ) or attribute(descendant(figure, "img"), "alt")  # fmt: skip
        for part in descendants(figure, *_SOURCES):
            href = _absolute(attribute(part, *_SOURCES[name_of(part)]), base)
            if href and href not in found:
                parent = part.getparent()
                kind = _KINDS.get(name_of(part)) or _KINDS.get(name_of(parent) if parent is not None else "")
                found[href] = Media(
                    href=href,
                    type=attribute(part, "type") or kind,
                    description=one_line(caption) or None,
                    rendition=FIGURE,
                )
                break
        if len(found) >= _MOST_FIGURES:
            break
    for image in descendants(root, "img"):
        href = _absolute(attribute(image, "src"), base)
        if href and href not in found and len(found) < _MOST_FIGURES and _is_picture(image):
            alt = one_line(attribute(image, "alt"))
            found[href] = Media(href=href, type=None, description=alt or None, rendition=FIGURE)
    return list(found.values())


def _is_picture(image: etree._Element) -> bool:
    """Whether an image is a picture of the story rather than a counter, an icon or a button."""
    sizes = [attribute(image, name).removesuffix("px") for name in ("width", "height")]
    known = [int(size) for size in sizes if size.isascii() and size.isdigit() and len(size) < _MOST_DIGITS]
    if known:
        return min(known) >= _LEAST_PIXELS
    return len(attribute(image, "alt")) > _LEAST_ALT


def with_figures(media: tuple[Media, ...], found: list[Media]) -> tuple[Media, ...]:
    """Media with those of the body: one that is known already gets its caption there, if it has none."""
    captions = {figure.href: figure.description for figure in found}
    known = {medium.href for medium in media}
    named = tuple(
        medium.model_copy(update={"description": captions[medium.href]})
        if not medium.description and captions.get(medium.href)
        else medium
        for medium in media
    )
    return (*named, *(figure for figure in found if figure.href not in known))


def _figures(root: etree._Element) -> Iterator[etree._Element]:
    for element in root.iterdescendants():
        classes = attribute(element, "class").split()
        if (name_of(element) == "figure" and not _nested(element)) or "wp-caption" in classes:
            yield element


def _nested(figure: etree._Element) -> bool:
    """Whether figures are within this one: a gallery, whose pictures have their own captions."""
    return descendant(figure, "figure") is not None


def _captions(figure: etree._Element) -> Iterator[etree._Element]:
    yield from descendants(figure, "figcaption")
    for element in children(figure):
        if "wp-caption-text" in attribute(element, "class").split():
            yield element


def _absolute(href: str, base: str | None) -> str:
    try:
        found = urljoin(base, href) if base and href else href
    except ValueError:
        return ""
    return found if found.startswith(("http://", "https://", "cid:")) else ""
