"""Take out of a body's HTML what was taken out of its text, so that both say the same."""

from __future__ import annotations

from collections.abc import Iterator

import lxml.html
from lxml import etree

from connectors.markup import clean_html
from pipeline.events.html import too_deep

#: Elements that are something although they have no text.
_VOID = frozenset({"img", "hr", "br", "td", "th", "tr", "table", "figure"})
#: Paragraphs that the HTML does not have: it is another text.
_MOST_MISSES = 20
#: More pieces than that are a different text.
_MOST_PIECES = 200


def without_removed(markup: str | None, before: str | None, after: str | None) -> str | None:
    """A body's HTML without what its text has lost.

    Args:
        markup: safe HTML.
        before: the text as it was, paragraphs separated by blank lines.
        after: the text as it is.
    """
    if not markup or not before or before == after:
        return markup
    pieces = removed_pieces(before.split("\n\n"), (after or "").split("\n\n"))
    if not pieces or sum(bool(piece) for _, piece in pieces) > _MOST_PIECES or too_deep(markup):
        return markup
    try:
        root = lxml.html.fragment_fromstring(markup, create_parent="div", parser=lxml.html.HTMLParser(huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return markup
    touched = _cut(root, pieces)
    for element in touched:
        _prune(element)
    inner = (root.text or "") + "".join(etree.tostring(child, encoding="unicode", method="html") for child in root)
    return clean_html(inner).strip() or None


def removed_pieces(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    """The paragraphs, each with what it has lost, up to the last that has lost something; nothing for another text."""
    found: list[tuple[str, str]] = []
    kept = iter([*(paragraph for paragraph in after if paragraph), ""])
    wanted = next(kept)
    for paragraph in before:
        if wanted and paragraph == wanted:
            found.append((paragraph, ""))
            wanted = next(kept)
        elif wanted and paragraph.endswith(wanted):
            found.append((paragraph, paragraph[: -len(wanted)]))
            wanted = next(kept)
        elif wanted and paragraph.startswith(wanted):
            found.append((paragraph, paragraph[len(wanted) :]))
            wanted = next(kept)
        elif wanted and wanted in paragraph:
            place = paragraph.index(wanted)
            found += [(paragraph, paragraph[:place]), (paragraph, paragraph[place + len(wanted) :])]
            wanted = next(kept)
        else:
            found.append((paragraph, paragraph))
    last = max((index for index, (_, piece) in enumerate(found, start=1) if piece), default=0)
    return found[:last] if not wanted else []


def _cut(root: etree._Element, pieces: list[tuple[str, str]]) -> list[etree._Element]:
    """Take the pieces out of a tree; white space does not count. Gives back the elements that have lost text."""
    places = list(_letters(root))
    letters = "".join(letter for letter, _, _, _ in places)
    gone: dict[tuple[int, bool], set[int]] = {}
    owners: dict[int, etree._Element] = {}
    cursor = misses = 0
    for paragraph, piece in pieces:
        whole, part = "".join(paragraph.split()), "".join(piece.split())
        start = letters.find(whole, cursor)
        if start < 0:
            misses += 1
            if misses > _MOST_MISSES:
                break
            continue
        offset = 0 if whole.startswith(part) else len(whole) - len(part)
        for _, element, is_tail, index in places[start + offset : start + offset + len(part)]:
            owners[id(element)] = element
            gone.setdefault((id(element), is_tail), set()).add(index)
        cursor = start + (len(whole) if offset or not part else len(part))
    for (owner, is_tail), indexes in gone.items():
        element = owners[owner]
        left = _left((element.tail if is_tail else element.text) or "", indexes)
        if is_tail:
            element.tail = left
        else:
            element.text = left
    return list(owners.values())


def _left(text: str, gone: set[int]) -> str:
    """A text without some letters, and without the white space between them and at the end that they leave open."""
    kept = [index for index, letter in enumerate(text) if not letter.isspace() and index not in gone]
    if not kept:
        return ""
    out: list[str] = []
    before = -1
    for index in kept:
        between = text[before + 1 : index]
        if any(place in gone for place in range(before + 1, index)):
            between = " " if before >= 0 else ""
        out.append(between + text[index])
        before = index
    end = text[before + 1 :]
    return "".join(out) + ("" if any(place in gone for place in range(before + 1, len(text))) else end)


def _letters(root: etree._Element) -> Iterator[tuple[str, etree._Element, bool, int]]:
    for event, element in etree.iterwalk(root, events=("start", "end")):
        text = element.text if event == "start" else element.tail if element is not root else None
        for index, letter in enumerate(text or ""):
            if not letter.isspace():
                yield letter, element, event == "end", index


def _prune(element: etree._Element) -> None:
    """Remove an element that has become empty, and those above that are empty without it."""
    while (parent := element.getparent()) is not None:
        if len(element) or (element.text or "").strip() or element.tag in _VOID:
            return
        tail = element.tail or ""
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = ((parent.text or "") + tail).lstrip()
        parent.remove(element)
        element = parent
