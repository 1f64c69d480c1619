"""The difference between two versions of a story as an editor reads it: headline and paragraphs."""

from __future__ import annotations

import difflib

from pipeline.events import Content


def unified(before: Content, after: Content) -> str | None:
    """A unified diff of headline and body, one line for each paragraph; ``None``: both are equal."""
    lines = difflib.unified_diff(_lines(before), _lines(after), "before", "after", lineterm="", n=1)
    return "\n".join(lines) or None


def _lines(content: Content) -> list[str]:
    return [content.headline or "", *content.body.split("\n\n")]
