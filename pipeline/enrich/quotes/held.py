"""What somebody holds, where the verb is none of saying: "is convinced that", "made the case that", "whose view is that"."""

from __future__ import annotations

from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.source import Source, agree
from pipeline.enrich.quotes.statement import Statement, clause_end
from pipeline.enrich.quotes.subject import subject_before

_PATTERNS = patterns("quotes/held")

_HELD = _PATTERNS["held"]
_HELD_STRAIGHT = _PATTERNS["held_straight"]
#: "Moe's argument is that …"
_WHOSE = _PATTERNS["whose"]
#: "Asked if she was concerned that …": nobody says that she was.
_QUESTIONED = _PATTERNS["questioned"]
_NOBODY = ENGLISH.function_words("holds_nothing")


def held(frame: str, start: int, end: int) -> list[Statement]:
    """``SOURCE is convinced that CONTENT``, ``SOURCE made the case that CONTENT``, ``SOURCE's view is that CONTENT``."""
    found = _HELD.search(frame, start, end) or _HELD_STRAIGHT.search(frame, start, end)
    if found is not None:
        head = frame[start : found.start()].rstrip()
        if _QUESTIONED.search(head):
            return []
        subject = subject_before(head)
        if subject is None or frame[start + subject[0] : start + subject[1]].lower() in _NOBODY:
            return []
        source = Source(start + subject[0], start + subject[1], found.group("cue"), *found.span("cue"))
        made = Statement(found.end(), clause_end(frame, found.end(), end), source, "holds_that")
        return [made] if agree(source, frame) else []
    whose = _WHOSE.search(frame, start, end)
    if whose is None:
        return []
    source = Source(*whose.span("who"), whose.group("cue"), *whose.span("cue"))
    return [Statement(whose.end(), clause_end(frame, whose.end(), end), source, "whose_view")]
