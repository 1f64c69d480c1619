"""Statements whose source is named next to them: "according to Moe", "as Moe told the Harwick Post"."""

from __future__ import annotations

from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.phrases import plausible
from pipeline.enrich.quotes.source import Source, according_to, agree
from pipeline.enrich.quotes.statement import Statement
from pipeline.enrich.quotes.subject import first_verb
from pipeline.enrich.quotes.words import SAYING, TELLING

_PATTERNS = patterns("quotes/according")

#: "As Moe told the Harwick Post, the bridge is gone"
_AS_TOLD = _PATTERNS["as_told"]


#: "In Moe's view, the bridge is gone"
_IN_VIEW = _PATTERNS["in_view"]


def as_told(frame: str, start: int, end: int) -> Statement | None:
    """``As Moe told the Harwick Post, CONTENT``, ``In Moe's view, CONTENT``."""
    if view := _IN_VIEW.match(frame, start, end):
        return Statement(view.end(), end, Source(*view.span(1), view.group(2), *view.span(2)), "in_view")
    lead = _AS_TOLD.match(frame, start, end)
    if lead is None or lead.group(2) not in SAYING | TELLING or first_verb(frame, *lead.span(3)) is not None:
        return None
    source = Source(*lead.span(1), lead.group(2), *lead.span(2))
    if not plausible(lead.group(1)) or not agree(source, frame):
        return None
    return Statement(lead.end(), end, source, "as_told")


def according(frame: str, start: int, end: int) -> list[Statement]:
    """``CONTENT, according to SOURCE``, before, after or around its source."""
    source = according_to(frame, start, end)
    if source is None:
        return []
    behind = frame.find(",", source.end, end) + 1
    if _PATTERNS["clause_of"].search(frame[start : source.cue_start]):
        return [Statement(behind, end, source, "according_to")] if behind > 0 else []
    if source.cue_start - start < 3:
        begin = source.end if frame[source.end : source.end + 1] == " " else behind
        return [Statement(begin, end, source, "according_to")] if begin > 0 else []
    first = Statement(start, source.cue_start, source, "according_to")
    # "The bill, according to Moe, would cost jobs": the clause goes on with its verb.
    if (
        behind == source.end + 1
        and frame[: source.cue_start].endswith(", ")
        and _GOES_ON_WITH_VERB.match(frame, behind, end)
    ):
        return [first, Statement(behind, end, source, "according_to")]
    return [first]


_GOES_ON_WITH_VERB = _PATTERNS["goes_on_with_verb"]
