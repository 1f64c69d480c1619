"""A headline for stories that come without one."""

from __future__ import annotations

import re

from pipeline.events.item import Item

_MIN_CHARS = 20
_MAX_CHARS = 140
_SENTENCE_END = re.compile(r"[.!?…。]['\"”’»)]{0,2}(?=\s|$)")


def with_headline(item: Item) -> Item:
    """The item; one without a headline gets the first sentence of its text."""
    text = item.body_text or item.description or ""
    if item.headline or not text.strip():
        return item
    return item.model_copy(update={"headline": first_sentence(text)})


def first_sentence(text: str) -> str:
    """The first sentence of a text, at most 140 characters of it.

    Args:
        text: not blank.
    """
    paragraph = " ".join(text.strip().split("\n\n", 1)[0][: 4 * _MAX_CHARS].split())
    ends = (end.end() for end in _SENTENCE_END.finditer(paragraph))
    sentence = paragraph[: next((end for end in ends if end >= _MIN_CHARS), len(paragraph))]
    if len(sentence) <= _MAX_CHARS:
        return sentence
    return f"{sentence[:_MAX_CHARS].rsplit(' ', 1)[0]} …"
