"""Datelines in a body: words that nobody says and that name no speaker."""

from __future__ import annotations

import re

from pipeline.events.datelines.any_agency import find_any

_LINE = re.compile(r"[^\n]+")
#: Words in capitals and a dash at the head of a sentence: a place that no list has, or a label.
_CAPITALS = re.compile(
    r"\s{0,9}[A-ZÀ-Þ][A-ZÀ-Þ.'’-]{1,30}(?:[ /][A-ZÀ-Þ][A-ZÀ-Þ.'’-]{0,30}){0,4}(?<=[A-ZÀ-Þ]{3}) {1,3}"
    r"(?:(?:--|[–—_]) {1,3}(?=[\"“„«'‘(]{0,2}(?:[A-ZÀ-Þ][a-zß-ÿ'’]|[AI] ))|- {1,3}(?=[\"“„«‘]))"
)


def without_datelines(body: str) -> str:
    """A text, as long as before, with spaces for the datelines at the heads of its lines: ``HARWICK (AP) - ``."""
    return _LINE.sub(_blanked, body)


def _blanked(line: re.Match[str]) -> str:
    text = line.group()
    dateline = find_any(text, rest_chars=1)
    label = None if dateline else _CAPITALS.match(text)
    end = dateline.end if dateline else label.end() if label else 0
    return " " * end + text[end:]
