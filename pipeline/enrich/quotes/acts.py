"""Statements made by what somebody does: calls, accuses, vows; and those that a noun holds ("her claim that …")."""

from __future__ import annotations

import re

from pipeline.enrich.quotes.content import HIDDEN
from pipeline.enrich.quotes.framed import ELLIPTIC, Framed
from pipeline.enrich.quotes.source import Source, passive_or_infinitive
from pipeline.enrich.quotes.subject import FINITE, first_verb, subject_before
from pipeline.enrich.quotes.words import CALLING, PROMISING

_CALLING = re.compile(rf"\b(?:{'|'.join(sorted(CALLING))})\b")
_PROMISING = re.compile(rf"\b(?:{'|'.join(sorted(PROMISING))})\b")
_CLAIM = re.compile(
    r"(?P<who>\b(?:his|her|their)|(?:\b[Tt]he [a-z-]+|(?:\b[A-Z][\w.-]+ )*\b[A-Z][\w.-]*\w)(?=['’]s? )|\b[A-Z]\w+s(?=['’] ))"
    r"(?:['’]s?)? (?:[a-z-]+ ){0,2}?(?P<claim>claims?|assertions?|allegations?|beliefs?|view|contention|argument|accusations?|suggestions?"
    r"|statements?|warnings?|insistence|prediction|promise|denials?|charges?|complaints?|conclusion|assurances?|fears?|hopes?|comments?) that "
)


def called(frame: str, start: int, end: int) -> list[Framed]:
    """``SOURCE called SOMETHING "…"``, ``SOURCE accused SOMEBODY of SOMETHING``."""
    for verb in _CALLING.finditer(frame, start, end):
        at, begin = verb.span()
        if frame[at - 1 : at] == "-" or passive_or_infinitive(frame, at):
            continue
        what = frame[begin:end]
        if verb.group().startswith("accus"):
            named = re.match(r" [^,;:]{2,90}? of ", what)
        else:
            named = re.match(rf" (?!(?:for|on|in|to|off|up|by)\b)[^{HIDDEN}]{{0,160}}{HIDDEN}", what)
        if named is None or FINITE.search(named.group()):
            continue
        subject = subject_before(frame[start:at])
        if subject is not None:
            return [Framed(begin + 1, end, Source(start + subject[0], start + subject[1], verb.group(), at, begin))]
    return []


def promised(frame: str, start: int, end: int) -> list[Framed]:
    """``SOURCE vowed TO DO SOMETHING``."""
    for verb in _PROMISING.finditer(frame, start, end):
        at, begin = verb.span()
        if passive_or_infinitive(frame, at) or not re.match(r" (?:not )?to [a-z]", frame[begin:end]):
            continue
        subject = subject_before(frame[start:at])
        if subject is None:
            continue
        stop = ELLIPTIC.search(frame, begin, end)
        source = Source(start + subject[0], start + subject[1], verb.group(), at, begin)
        return [Framed(begin + 1, stop.start() if stop else end, source)]
    return []


def claimed(frame: str, start: int, end: int) -> list[Framed]:
    """``… SOMEBODY's claim that CONTENT``, at the end of a sentence."""
    claim = _CLAIM.search(frame, start, end)
    if claim is None or first_verb(frame, start, claim.start()) is None:
        return []
    source = Source(*claim.span("who"), claim.group("claim"), *claim.span("claim"))
    return [Framed(claim.end(), end, source)]
