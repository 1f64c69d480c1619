"""Whose paper it is that speaks: "The union issued a statement …. The statement said", "A report by the union …. The report said"."""

from __future__ import annotations

import re

from pipeline.enrich.quotes.phrases import FULL_NAME
from pipeline.enrich.quotes.source import sentence_subject
from pipeline.enrich.sentences import sentence_spans
from pipeline.enrich.speakers.before import NEAR

#: What follows a paper: "a report released by the union".
_BY = re.compile(
    rf" (?:(?:released|issued|published|written|sent|signed|posted|prepared|compiled|obtained) (?:[A-Z]\w+day )?)?(?:by|from) (?:the )?({FULL_NAME})"
)
#: What precedes it: "the union's annual report", "a Blue Sail report".
_OF = re.compile(rf"\b({FULL_NAME}\.?) (?:(?!(?:the|an?|that|this|his|her|its|their)\b)[a-z-]+ )?$")
_ISSUED = re.compile(r"\b(?:issued|released|published|put out|sent) an? (?:[a-z-]+ )?$")
_NEW = re.compile(r"\b[Aa]n? (?:[\w-]+ ){0,2}$")
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
