"""What somebody holds, where the verb is none of saying: "is convinced that", "made the case that", "whose view is that"."""

from __future__ import annotations

import re

from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.quotes.phrases import FINITE, OWNER
from pipeline.enrich.quotes.source import Source, agree
from pipeline.enrich.quotes.statement import Statement, clause_end
from pipeline.enrich.quotes.subject import subject_before

_BE = r"(?:is|are|was|were|remains?|remained|grew|became)"
_SURE = r"(?:convinced|confident|concerned|worried|hopeful|certain|sure|afraid|optimistic)"
#: A clause that needs no "that": "is confident he will win".
_CLAUSE = rf"(?=(?:the|his|her|its|their|he|she|it|they|there|[A-Z][\w’'.-]*)\b[^,;:.\x01]{{0,50}}?{FINITE.pattern})"
_HELD = re.compile(
    rf"\b(?P<cue>{_BE} (?:also |still |now |not |[a-z]+ly )?(?:{_SURE}|adamant|insistent|fearful|skeptical|sceptical|doubtful|pessimistic)"
    r"|(?:makes?|made) (?:the|an?) (?:case|argument|point)|(?:takes?|took) the (?:position|view|stance|line)"
    r"|(?:issued?|issues|gives?|gave) (?:an?|the)? ?(?:[a-z]+ )?(?:warnings?|assurances?|guarantees?)"
    r"|(?:came|comes?) to the conclusion|(?:reached|drew) the conclusion|lets? it be known|left no doubt|leaves no doubt) "
    rf"that (?!(?:[a-z]+ed|{FINITE.pattern})\b)"
)
_HELD_STRAIGHT = re.compile(rf"\b(?P<cue>{_BE} (?:also |still |now |[a-z]+ly )?{_SURE}) {_CLAUSE}")
#: "Moe's argument is that …"
_WHOSE = re.compile(
    rf"(?P<who>{OWNER})(?:['’]s?)? (?:[a-z]+ )?"
    r"(?P<cue>argument|view|point|claim|contention|theory|message|belief|position|explanation|reasoning) (?:is|was|has been)"
    r" (?:simply |also |always )?that "
)
#: "Moe left, saying she was confident he would win"
_PRONOUN_AT_END = re.compile(r"\b(?:[Hh]e|[Ss]he|[Tt]hey|[Ii]t|[Ww]e|I)$")
#: "Asked if she was concerned that …": nobody says that she was.
_QUESTIONED = re.compile(r"\b(?:if|whether) [^,]*$")
_NOBODY = ENGLISH.function_words("holds_nothing")


def held(frame: str, start: int, end: int) -> list[Statement]:
    """``SOURCE is convinced that CONTENT``, ``SOURCE made the case that CONTENT``, ``SOURCE's view is that CONTENT``."""
    found = _HELD.search(frame, start, end) or _HELD_STRAIGHT.search(frame, start, end)
    if found is not None:
        head = frame[start : found.start()].rstrip()
        if _QUESTIONED.search(head):
            return []
        pronoun = _PRONOUN_AT_END.search(head)
        subject = pronoun.span() if pronoun else subject_before(head)
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
