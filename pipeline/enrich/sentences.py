"""Sentence boundaries made for wire copy: abbreviations, initials, datelines, marks after the full stop.

Rules, not a model: they are the same for every pipeline and fast enough to run on every text.
"""

from __future__ import annotations

import re

from pipeline.enrich.lexicon import ENGLISH

_END = re.compile(r"[.?!…]{1,20}[\"”’»)\]]{0,20}\s+(?=[\"“‘«„'(\[]?[A-ZÀ-Þ0-9\x01])|\n+")
_ABBREVIATIONS = ENGLISH.abbreviations("stop")
#: Abbreviations that often do end a sentence: they do unless a name or number follows that belongs to them.
_EITHER = ENGLISH.abbreviations("either")
#: Those that stand in lower case; the others are words then: "it does not wash.", "they were ill."
_LOWER = ENGLISH.abbreviations("lower")
_STARTERS = ENGLISH.capitals("starts_sentence")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """``[start, end)`` of each sentence, white space around left out."""
    spans: list[tuple[int, int]] = []
    begin = 0
    for match in _END.finditer(text):
        if match.start() < begin or not _ends(text, match):
            continue
        _add(spans, text, begin, match.end())
        begin = match.end()
    _add(spans, text, begin, len(text))
    return spans


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    part = text[start:end]
    stripped = part.strip()
    if stripped:
        begin = start + part.index(stripped[0])
        spans.append((begin, begin + len(stripped)))


def _ends(text: str, match: re.Match[str]) -> bool:
    mark = match.group()
    if not mark.startswith(".") or mark.startswith(".."):
        return True
    before = re.search(r"[\w.’'&-]+$", text[max(0, match.start() - 20) : match.start()])
    word = before.group().lower().strip("'’") if before else ""
    following = re.match(r"[\"“‘«„'(\[]?(\w+)", text[match.end() :])
    next_word = following.group(1) if following else ""
    if word in _EITHER:
        return next_word in _STARTERS
    if word in _ABBREVIATIONS:
        return before is not None and before.group().islower() and word not in _LOWER
    # An initial: "J. Smith"; but "Vitamin C. The" ends.
    return not (len(word) == 1 and word.isalpha() and word != "i") or next_word in _STARTERS
