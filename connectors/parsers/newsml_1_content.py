"""Content of NewsML 1.x components: the text, and the files next to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from lxml import etree

from connectors.parsers.codes import item_type
from connectors.parsers.content import body_of, html_body, paragraphs, xhtml_content
from connectors.parsers.draft import Draft
from connectors.parsers.figures import figures, figures_of
from connectors.parsers.nitf import read_nitf
from connectors.parsers.tree import attribute, child, children, descendants, lines, name_of, plain, text_at
from pipeline.events.item import Media

#: Roles of components whose content is not the story.
_ASIDE = frozenset({
    "stylesheet", "headline", "subheadline", "contact", "logo", "photo", "picture", "image", "caption", "thumbnail",
    "preview", "quicklook", "highres", "icon", "graphic", "credit", "biography", "related",
})  # fmt: skip
_MEDIA = ("picture", "graphic", "audio", "video")


def read_content(components: list[etree._Element], draft: Draft) -> None:
    """The body from the first component that has a text, media from all of them.

    Args:
        components: the outer before the inner.
        draft: where it goes.
    """
    caption_within = cache(_caption_within)  # many pictures may be in one component
    for component in components:
        written_role = attribute(child(component, "Role"), "FormalName")
        role = written_role.lower()
        caption = _caption(component, caption_within) or None
        credit = text_at(component, "NewsLines", "CreditLine") or None
        for content in children(component, "ContentItem"):
            data = child(content, "DataContent")
            if attribute(content, "Href") or _is_media(content):
                draft.add("media", [_file(content, written_role or None, caption, credit)])
            elif data is not None and role not in _ASIDE:
                _text(content, data, draft)
            elif data is not None and role == "subheadline":
                draft.text("subheadline", plain(data))
            elif data is not None and role == "headline":
                draft.text("headline", plain(data))
    kinds = [
        kind for component in components for content in children(component, "ContentItem") if (kind := _kind(content))
    ]
    draft.text("type", "text" if draft["body_text"] else next((kind for kind in kinds if kind in _MEDIA), "text"))


def _text(content: etree._Element, data: etree._Element, draft: Draft) -> None:
    if "css" in _mime(content) or draft["body_text"]:
        return
    inner = children(data)
    if not inner:
        text = data.text or ""
        kind = f"{_mime(content)} {attribute(child(content, 'Format'), 'FormalName')}".lower()
        if "html" in kind or "nitf" in kind:
            draft.add("media", figures(text))
            html, text = html_body(text)
            draft.body(text, html)
        else:
            draft.body(paragraphs(text))
    elif name_of(inner[0]) == "nitf":
        read_nitf(inner[0], draft)
    else:
        root = data if len(inner) > 1 or name_of(inner[0]) not in {"html", "body", "body.content"} else inner[0]
        html, text = body_of(xhtml_content(root))
        draft.body(text, html)
        draft.add("media", figures_of(root))


def _file(content: etree._Element, role: str | None, caption: str | None, credit: str | None) -> Media | None:
    href = attribute(content, "Href")
    if not href:
        return None
    facts = child(content, "Characteristics")
    numbers = {
        attribute(part, "FormalName").lower().removeprefix("pixel"): attribute(part, "Value")
        for part in children(facts, "Property")
    }
    use = next((attribute(part, "Value") for part in children(facts, "Property")
                if attribute(part, "FormalName").lower() == "imageuse"), "")  # fmt: skip
    return Media(
        href=href, type=_mime(content) or None, description=caption, credit=credit, rendition=use or role,
        width=_pixels(numbers.get("width", "")), height=_pixels(numbers.get("height", "")),
    )  # fmt: skip


def _caption(component: etree._Element, within: Callable[[etree._Element | None], str | None]) -> str:
    """A caption is in a component of that role within the picture's or next to it, or it is the picture's headline."""
    for around in (component, component.getparent()):
        if (found := within(around)) is not None:
            return found
    return text_at(component, "NewsLines", "HeadLine")


def _caption_within(around: etree._Element | None) -> str | None:
    for near in children(around, "NewsComponent"):
        if attribute(child(near, "Role"), "FormalName").lower() == "caption":
            return lines(child(near, "ContentItem", "DataContent"))
    return None


def is_medium(component: etree._Element) -> bool:
    """Whether a component within a story is a picture or a film, whose makers are not the story's authors."""
    parent = component.getparent()
    if parent is None or name_of(parent) != "newscomponent":
        return False
    found = list(descendants(component, "ContentItem"))
    files = [content for content in found if attribute(content, "Href") and _kind(content) in _MEDIA]
    texts = [
        content
        for content in found
        if child(content, "DataContent") is not None
        and attribute(child(content.getparent(), "Role"), "FormalName").lower() not in _ASIDE
    ]
    return bool(files) and not texts


def _is_media(content: etree._Element) -> bool:
    return _kind(content) in _MEDIA and child(content, "DataContent") is None


def _kind(content: etree._Element) -> str | None:
    word = attribute(child(content, "MediaType"), "FormalName") or _mime(content).split("/")[0]
    return item_type(word) if word and word.lower() != "application" else None


def _mime(content: etree._Element) -> str:
    return attribute(child(content, "MimeType"), "FormalName").lower()


def _pixels(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
