"""Files of a ninjs item (``renditions``) and what goes with it (``associations``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.markup import to_text
from connectors.parsers.codes import item_type
from connectors.parsers.draft import Draft, one_line
from connectors.parsers.json_input import Object, first, objects, string, whole
from pipeline.events.item import Link, Media

_MAX_NESTING = 3
#: Renditions that are the story itself.
_TEXTS = frozenset({"nitf", "anpa", "text", "html", "xml"})


def read_renditions(entry: Object, draft: Draft) -> None:
    """The files that the item itself is; its text in another format is a relation, not a medium."""
    files = list(_files(entry, about=False))
    texts = [file for file in files if (file.type or "").startswith("text/") or file.rendition in _TEXTS]
    draft.add("media", [file for file in files if file not in texts])
    draft.add(
        "links",
        [Link(rel=f"rendition {file.rendition or ''}".strip(), href=file.href, title=file.title) for file in texts],
    )


def read_associations(entry: Object, draft: Draft, depth: int = 1) -> None:
    """Pictures and films become media with their captions; every other item is a relation, by its name."""
    for name, written in _named(entry.get("associations")):
        found = {key.lower(): value for key, value in written.items()}
        uri = first(found, "uri", "guid") or None
        title = _headline(found) or None
        files = list(_files(found, about=True))
        draft.add("media", files)
        kind = item_type(first(found, "type"))
        if uri and (not files or kind not in {"picture", "graphic", "video", "audio"}):
            draft.add("links", [Link(rel=first(found, "rel") or name or "association", uri=uri, title=title)])
        if depth < _MAX_NESTING:
            read_associations(found, draft, depth + 1)


def _named(value: Any) -> Iterator[tuple[str, Object]]:
    """1.x: an object of named objects; 2.x and 3.x: a list of objects with a name."""
    if isinstance(value, dict):
        for name, part in value.items():
            for found in objects(part):
                yield name, found
    else:
        for found in objects(value):
            yield first(found, "name"), found


def _files(entry: Object, *, about: bool) -> Iterator[Media]:
    caption = _caption(entry) if about else ""
    credit = first(entry, "creditline", "byline", "by", "copyrightholder") if about else ""
    for name, written in _named(entry.get("renditions")):
        found = {key.lower(): value for key, value in written.items()}
        href = first(found, "href", "url")
        if href:
            yield Media(
                href=href, type=first(found, "mimetype", "contenttype") or None,
                title=one_line(first(found, "title")) or (_headline(entry) if about else "") or None,
                description=caption or None, credit=one_line(credit) or None, rendition=name or None,
                width=whole(found.get("width")), height=whole(found.get("height")),
            )  # fmt: skip


def _caption(entry: Object) -> str:
    for name in ("description_text", "description_caption", "description_html", "description_xhtml", "caption"):
        if first(entry, name):
            return one_line(to_text(first(entry, name)))
    described = objects(entry.get("descriptions"))
    described.sort(key=lambda found: first(found, "role").lower() not in {"caption", "text", "main"})
    return one_line(to_text(string(described[0].get("value")))) if described else ""


def _headline(entry: Object) -> str:
    named = first(entry, "headline", "title")
    return one_line(named or next((first(found, "value") for found in objects(entry.get("headlines"))), ""))
