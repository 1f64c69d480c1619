"""Finding things in XML trees whose namespaces, prefixes and case real files get wrong.

All look-ups are by local name, without case. Nothing here raises for what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from connectors.markup import text_of
from connectors.parsers.draft import one_line


def name_of(element: etree._Element) -> str:
    """The local name in lower case; empty for comments and entity references."""
    tag = element.tag
    return tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower() if isinstance(tag, str) else ""


def children(element: etree._Element | None, *names: str) -> list[etree._Element]:
    """The children of one of these names, or all that are elements."""
    if element is None:
        return []
    wanted = {name.lower() for name in names}
    return [child for child in element if (found := name_of(child)) and (not wanted or found in wanted)]


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The first element down a path of names."""
    for name in path:
        if element is None:
            return None
        wanted = name.lower()
        element = next((child for child in element if name_of(child) == wanted), None)
    return element


def descendants(element: etree._Element | None, *names: str) -> Iterator[etree._Element]:
    """All elements of these names below, in the order of the document."""
    if element is None:
        return
    wanted = {name.lower() for name in names}
    for found in element.iterdescendants():
        if name_of(found) in wanted:
            yield found


def descendant(element: etree._Element | None, *names: str) -> etree._Element | None:
    """The first element of these names below."""
    return next(descendants(element, *names), None)


def attribute(element: etree._Element | None, *names: str) -> str:
    """The first attribute of these names that is not empty, stripped; else an empty text."""
    if element is None:
        return ""
    for name in names:
        for key, value in element.attrib.items():
            plain = str(key).rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower()
            if plain == name.lower() and str(value).strip():
                return str(value).strip()
    return ""


def plain(element: etree._Element | None) -> str:
    """All text within, on one line."""
    return one_line("".join(_texts(element))) if element is not None else ""


def lines(element: etree._Element | None) -> str:
    """All text within; block elements break lines, white space does not."""
    if element is None:
        return ""
    return "\n".join(line for line in text_of(element).split("\n") if line)


def text_at(element: etree._Element | None, *path: str) -> str:
    """The text of the first element down a path of names, on one line."""
    return plain(child(element, *path))


def language_of(element: etree._Element | None) -> str:
    """``xml:lang`` of the element or the nearest above."""
    while element is not None:
        found = attribute(element, "lang")
        if found:
            return found
        element = element.getparent()
    return ""


def _texts(element: etree._Element) -> Iterator[str]:
    for text in element.itertext():
        yield str(text)
