"""A reported statement within a sentence, where its clause ends, and what is not a part of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pipeline.enrich.lexicon import ENGLISH, any_of
from pipeline.enrich.quotes.phrases import CREDIT
from pipeline.enrich.quotes.source import Source
from pipeline.enrich.quotes.subject import first_verb
from pipeline.enrich.quotes.words import SAYING


@dataclass(frozen=True)
class Statement:
    """A reported statement ``[start, end)`` and who made it."""

    start: int
    end: int
    source: Source
    #: Name of the rule that made it, as in ``rules.yaml``.
    rule: str


#: The subject goes on to do or say something else: "…, and is asking rebels", "… and added that".
ELLIPTIC = re.compile(
    r", (?:and|but) (?:also |later |then )?(?:(?:is|are|was|were)(?! (?:being|been|not|now|still|(?!expected|scheduled)[a-z]+ed)\b)|has|have|expects|(?:(?:on [A-Z]\w+day|last week|this week|later),? )?(?:he|she|they) (?:also |first )?(?:urged|called (?:on|for)|asked|vowed|promised|pledged|(?:is|are) (?:calling|urging|asking)"
    r"|(?:did|does|do) not (?:give|elaborate|offer|provide|specify|name|identify))|did not|gave no|offered no|would not|called|urged|vowed|promised|declined|refused|asked)\b"
    r"|,? (?:and|but) (?:also |later |then |has |have |had )?(?:declined to|denied|(?:called|described|dismissed|denounced|accused|criticized|praised|vowed|pledged|promised|urged)(?= [a-z“\"])"
    rf"|{'|'.join(sorted(form for form in SAYING if form.endswith('d') or form in {'say', 'says', 'adds', 'claim', 'insist', 'insists'}))})\b"
)


def clause_end(frame: str, at: int, end: int) -> int:
    """Where a statement's clause ends at the latest: where its subject goes on to do something else."""
    stop = ELLIPTIC.search(frame, at, end)
    return stop.start() if stop else end


#: Participles of saying after a comma: "…, adding that".
SAYING_TOO_WORDS = ENGLISH.forms("too")
SAYING_TOO = rf"(?:{any_of(SAYING_TOO_WORDS)})"


#: What the writer says of a statement after it, or how it came to be made.
_COMMENT = re.compile(
    r"(?:, |(?<=[\"”]) )(?:an?|the same) (?:[a-z]+ )?(?:view|claim|statement|position|move|charge|remark|assertion|argument|sentiment|notion|idea|accusation|allegation"
    r"|contention|suggestion|prediction|promise|pledge|reference|phrase|comment) (?:that|which|he|she|they|to|echoed|shared|made|[A-Z][\w.]*(?: [\w.]+){0,3} (?:has |have )?(?:\w+ly )?den(?:y|ies|ied)|[a-z][a-z-]+ (?:has|have|had))\b"
    r"|,? when (?:asked|pressed|questioned)\b|, citing\b|\s[-–—]+ an? (?:view|claim|line|statement|charge|remark|assertion|notion|idea|accusation|allegation|suggestion|pledge|phrase|term)\b|, as (?:he|she|it|they) (?:had|has|have) (?:promised|pledged|vowed|threatened|planned)\b|(?<=,[\"”]) (?:after|[a-z]+ing)\b|, (?:referring|alluding|in reference) to\b"
)
#: What links a sentence to the one before is the writer's; so is a credit, "(Harwick Post)".
_LINK = re.compile(
    r"(?:For example|For instance|Also|However|Meanwhile|In addition|Moreover|Furthermore|In fact|Instead), "
    rf"|{CREDIT} "
)


def bare(frame: str, start: int, one: Statement) -> Statement:
    """A statement without what the sentence says of it ("…, a view that alarmed allies", "… when asked about it").

    ``start``: where the sentence begins.
    """
    link = _LINK.match(frame, start) if one.start == start else None
    comment = _COMMENT.search(frame, one.start, one.end)
    end = comment.start() if comment and comment.start() > one.start else one.end
    return replace(one, start=link.end() if link else one.start, end=end)


#: Where the main clause may go on: "…, repeated the charge", "…, has left".
_RESUMES = re.compile(r", (?P<adverb>(?:[a-z]+ly |also |then |now |later )?)(?=[a-z’']+(?! (?:by|and|or)\b))")
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
