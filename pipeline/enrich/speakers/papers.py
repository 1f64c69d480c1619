"""Whose paper it is that speaks: "The union issued a statement …. The statement said", "A report by the union …. The report said"."""

from __future__ import annotations

import re

from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.source import sentence_subject
from pipeline.enrich.sentences import sentence_spans
from pipeline.enrich.speakers.before import NEAR

_PATTERNS = patterns("speakers/papers")

#: What follows a paper: "a report released by the union".
_BY = _PATTERNS["by"]
#: What precedes it: "the union's annual report", "a Blue Sail report".
_OF = _PATTERNS["of"]
_ISSUED = _PATTERNS["issued"]
_NEW = _PATTERNS["new"]
_LEAD = 80  # characters before a paper in which its owner is named


def owner_of(body: str, paper: str, at: int) -> tuple[int, int] | None:
    """``[start, end)`` of the words that say whose paper is meant by "the statement", "the report".

    Args:
        body: the text.
        paper: the noun.
        at: where the description stands; the paper was introduced before.
    """
    first = max(at - NEAR, 0)
    introduced = list(re.compile(rf"\b{re.escape(paper)}\b").finditer(body, first, at))
    for found in reversed(introduced):
        if by := _BY.match(body, found.end()):
            return by.span(1)
        lead = max(found.start() - _LEAD, first)
        if _ISSUED.search(body, lead, found.start()):
            start = first + sentence_spans(body[first : found.end()])[-1][0]
            return sentence_subject(body, start, found.end())
        if owner := _OF.search(body, lead, found.start()):
            return owner.span(1)
        if _NEW.search(body, lead, found.start()):
            return None
    return None
