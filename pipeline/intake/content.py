"""From an item's fields to clean content: white space, line ends, control characters, length.

Nothing is reworded. Paragraphs are separated by one blank line, so that offsets of entities and quotations mean the
same in every stage.
"""

from __future__ import annotations

import re
import unicodedata

from pipeline.events import Content
from pipeline.events.html import safe_html, too_deep
from pipeline.events.item import Item
from pipeline.events.links import safe_address, safe_identifier
from pipeline.events.text import beginning, stream_safe

_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_SPACES_IN_ROWS = re.compile(r"[ \u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_AROUND_NEWLINE = re.compile(r" ?\n ?")
# C0 and C1 controls but tab and newline, soft hyphen, zero-width marks, bidi overrides: invisible, they split words.
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")


def clean_text(text: str, *, tables: bool = False) -> str:
    """Text with one form of white space: line feeds within, one blank line between paragraphs (Unicode NFC).

    Args:
        text: from outside.
        tables: keep the tabs between the cells of a row.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "ignore").decode("utf-8")
    # In this order: what is taken out may not join runs of marks, and normalising long runs takes their square.
    text = unicodedata.normalize("NFC", stream_safe(_INVISIBLE.sub("", text)))
    text = _SPACES_IN_ROWS.sub(" ", text) if tables and "\t" in text else _SPACES.sub(" ", text)
    text = _AROUND_NEWLINE.sub("\n", text)
    return _BLANK_LINES.sub("\n\n", text).strip()


def clean_line(text: str | None) -> str | None:
    """A field of one line; ``None`` where nothing is left."""
    if text is None:
        return None
    return " ".join(clean_text(text).split()) or None


def content_of(item: Item, *, default_language: str | None, priority: int | None, max_text_chars: int) -> Content:
    """The clean content of an item.

    Args:
        item: as the parser and the mapping left it.
        default_language: the connector's, where the item names none.
        priority: the connector's, where the item has none.
        max_text_chars: the body is cut there, at the end of a paragraph where one is near.
    """
    body = clean_text(item.body_text or "", tables=True)
    if len(body) > max_text_chars:
        paragraph_end = body.rfind("\n\n", max_text_chars // 2, max_text_chars)
        body = beginning(body, paragraph_end if paragraph_end > 0 else max_text_chars)
    lines = {
        name: clean_line(getattr(item, name))
        for name in (
            *("headline", "subheadline", "kicker", "slugline", "byline", "dateline", "located", "source"),
            *("copyrightnotice", "usageterms", "ednote", "link"),
        )
    }
    lines["link"] = safe_address(lines["link"])
    return Content(
        **lines,
        authors=tuple(one.model_copy(update={"uri": safe_identifier(one.uri)}) for one in item.authors),
        language=item.language or default_language,
        description=clean_text(item.description or "") or None,
        body=body,
        body_html=_safe_body(item.body_html, 2 * max_text_chars),
        urgency=item.urgency,
        priority=item.priority if item.priority is not None else priority,
        type=item.type,
        genre=item.genre,
        subjects=item.subjects,
        keywords=item.keywords,
        media=tuple(one.model_copy(update={"href": safe_address(one.href, own_files=True)}) for one in item.media),
        links=tuple(one.model_copy(update={"href": safe_address(one.href)}) for one in item.links),
        embargoed=item.embargoed,
        expires=item.expires,
    )


def _safe_body(markup: str | None, max_chars: int) -> str | None:
    """A body's HTML, whoever published it; none where it is too long or too deep for a reader."""
    if not markup or len(markup) > max_chars or too_deep(markup):
        return None
    return safe_html(markup)
