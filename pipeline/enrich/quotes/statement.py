"""A reported statement within a sentence, where its clause ends, and what is not a part of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.source import Source
from pipeline.enrich.quotes.subject import first_verb
from pipeline.enrich.quotes.words import SAYING

_PATTERNS = patterns(
    "quotes/statement",
    verbs_again=[
        form for form in SAYING if form.endswith("d") or form in {"say", "says", "adds", "claim", "insist", "insists"}
    ],
)


@dataclass(frozen=True)
class Statement:
    """A reported statement ``[start, end)`` and who made it."""

    start: int
    end: int
    source: Source
    #: Name of the rule that made it, as in ``rules.yaml``.
    rule: str


#: The subject goes on to do or say something else: "…, and is asking rebels", "… and added that".
ELLIPTIC = _PATTERNS["elliptic"]


def clause_end(frame: str, at: int, end: int) -> int:
    """Where a statement's clause ends at the latest: where its subject goes on to do something else."""
    stop = ELLIPTIC.search(frame, at, end)
    return stop.start() if stop else end


#: Participles of saying after a comma: "…, adding that".
SAYING_TOO_WORDS = ENGLISH.forms("too")


#: What the writer says of a statement after it, or how it came to be made.
_COMMENT = _PATTERNS["comment"]
#: What links a sentence to the one before is the writer's; so is a credit, "(Harwick Post)".
_LINK = _PATTERNS["link"]


def bare(frame: str, start: int, one: Statement) -> Statement:
    """A statement without what the sentence says of it ("…, a view that alarmed allies", "… when asked about it").

    ``start``: where the sentence begins.
    """
    link = _LINK.match(frame, start) if one.start == start else None
    comment = _COMMENT.search(frame, one.start, one.end)
    end = comment.start() if comment and comment.start() > one.start else one.end
    return replace(one, start=link.end() if link else one.start, end=end)


#: Where the main clause may go on: "…, repeated the charge", "…, has left".
_RESUMES = _PATTERNS["resumes"]
_LAST_VERB = 20  # characters within which a verb ends


def within_relative(frame: str, start: int, one: Statement) -> Statement:
    """A statement of a clause with "who", up to where the main clause goes on: "Moe, who says CONTENT, left".

    ``start``: where the sentence begins; nothing may have been done in it before the clause.
    """
    who = one.source.start
    if frame[who : one.source.end].lower() not in {"who", "which"} or not frame.startswith(", ", who - 2):
        return one
    first = frame.find(", ", one.start, one.end)
    begun = frame.startswith("to ", one.start) or " of " in frame[one.start : max(first, one.start)]
    if first < 0 or first_verb(frame, start, who) is not None:
        return one
    if not begun and first_verb(frame, one.start, first) is None:
        return one  # "who says the plan, based on lies, will fail"
    for comma in _RESUMES.finditer(frame, one.start, one.end):
        at = comma.end("adverb")
        if first_verb(frame, at, min(at + _LAST_VERB, one.end)) == at:
            return replace(one, end=comma.start())
    return one
