"""What else a sentence reports that holds direct quotations: before them and after them.

Moe said the bill would die, adding, "We are done."      "We are done," Moe said, adding that the bill would die.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.content import content_after
from pipeline.enrich.quotes.cues import cue_words
from pipeline.enrich.quotes.frames import framed
from pipeline.enrich.quotes.leading import said_again
from pipeline.enrich.quotes.quotation import Quotation
from pipeline.enrich.quotes.source import Source, before_cue
from pipeline.enrich.quotes.statement import Statement

_PATTERNS = patterns("quotes/rest")

#: Where the clause begins whose verb introduces the quotation.
_CLAUSE = _PATTERNS["clause"]
_GOES_ON = _PATTERNS["goes_on"]
_ANOTHER = _PATTERNS["another"]


def rest(frame: str, start: int, end: int, direct: Sequence[Quotation]) -> list[Statement]:
    """The reported statements next to the direct quotations of a sentence, in order.

    Args:
        frame: the text, all marked words hidden.
        start: where the sentence begins.
        end: where it ends.
        direct: its direct quotations, at least one.
    """
    return [*_around(frame, start, end, direct[0]), *_before(frame, start, direct[0]), *_behind(frame, end, direct[-1])]


def _around(frame: str, start: int, end: int, first: Quotation) -> list[Statement]:
    """``Moe said the crowd shouted "…"``: who is quoted speaks in another's statement."""
    source = first.source
    if source is None or source.start > first.start or source.start <= start:
        return []
    for cue in cue_words(frame, start, source.start):
        if content_after(frame, cue, end) == source.start and (teller := before_cue(frame, start, cue)):
            return [Statement(source.start, end, teller, "statement_around_marks")]
    return []


def _before(frame: str, start: int, first: Quotation) -> list[Statement]:
    """``Moe said the bill would die, adding, "…"``"""
    source = first.source
    if source is None or source.cue_end > first.start or source.cue_start <= start:
        return []
    lead = frame[start : first.start].rstrip(' "“')
    if lead.endswith(";"):
        return framed(frame, start, start + len(lead) - 1)
    clauses = list(_CLAUSE.finditer(frame, start, source.cue_start))
    return framed(frame, start, clauses[-1].start()) if clauses else []


def _behind(frame: str, end: int, last: Quotation) -> list[Statement]:
    """``"…," Moe said, adding that the bill would die``"""
    source = last.source
    if source is None:
        return []
    begin = max(last.end, source.end, source.cue_end)
    if goes_on := _GOES_ON.match(frame, begin, end):
        again = Source(source.start, source.end, goes_on.group("cue"), *goes_on.span("cue"))
        return [Statement(goes_on.end(), end, again, "participle_after_marks")]
    another = _ANOTHER.match(frame, begin, end)
    if another is None:
        return []
    verb = another.end("adverbs")
    return list(said_again(frame, verb, end, source)) or framed(frame, another.end(), end)
