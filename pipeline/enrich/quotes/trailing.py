"""Statements whose attribution is the last clause: "CONTENT, SOURCE CUE (when, where)"."""

from __future__ import annotations

import re

from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.content import HIDDEN, THAT, words
from pipeline.enrich.quotes.cues import cue_words
from pipeline.enrich.quotes.phrases import FINITE, finds
from pipeline.enrich.quotes.source import agree, before_cue, inverted
from pipeline.enrich.quotes.statement import Statement
from pipeline.enrich.quotes.subject import first_verb
from pipeline.enrich.quotes.taught import taught_cues
from pipeline.enrich.quotes.words import BASE_FORMS, FINDING, PROMISING, SAYING, TELLING, THINKING

_PATTERNS = patterns("quotes/trailing")


def trailing(frame: str, start: int, end: int) -> list[Statement]:
    """``CONTENT, SOURCE CUE (when, where)``: the attribution is the last clause."""
    commas = [match.start() for match in re.finditer(",", frame[start:end])]
    phrases = taught_cues(frame, start, end) if commas else []
    for comma in reversed(commas):
        clause = start + comma + 1
        cues = [(cue, "") for cue in cue_words(frame, clause, end)[:1]]
        cues += [(cue, phrase) for cue, phrase in phrases if cue.start() > clause]
        if not cues:
            continue
        cue, phrase = min(cues, key=lambda found: found[0].start())
        source = before_cue(frame, clause, cue) or inverted(frame, cue, end)
        head = frame[start : start + comma]
        if (
            source is None
            or not agree(source, frame)
            or source.text(frame).lower() in {"who", "which"}
            or (cue.group() in PROMISING and frame[clause:].startswith(" as "))
            or (source.start > cue.start() and cue.group() in BASE_FORMS - _INVERTED)
            or frame[clause : min(source.start, cue.start())].strip(' “"') not in {"", "as", "or so"}
            or not (phrase or says(cue, source.text(frame)))
            or _goes_on(frame, max(cue.end(), source.end), end)
        ):
            continue
        if source.start > cue.start() and (_apposed_subject(frame, start, cue) or _INSERTED.fullmatch(head)):
            return []
        while (earlier := frame.rfind(",", start, clause - 1)) > 0:
            whole = before_cue(frame, earlier + 1, cue)
            if whole is None or whole.start > earlier + 2 or whole.end != source.end or source.start > cue.start():
                break
            source, clause, head = whole, earlier + 1, frame[start:earlier]
        # "Wounded in the leg by a guard, he shot back": nothing was said.
        if _too_short(frame, start, head) or only_lead(head) or (phrase and not _is_clause(head)):
            return []
        return [Statement(start, start + len(head), source, phrase or "statement_name_verb")]
    return []


def says(cue: re.Match[str], source: str) -> bool:
    """Whether a verb of saying can follow what was said: "…, he said", "…, the study found", not "…, he demanded"."""
    verb = cue.group().lower()
    return verb in SAYING | THINKING | TELLING or (verb in FINDING and finds(source))


#: "The memo, first reported by the Post, says": what is between commas is not a statement's end.
_INSERTED = _PATTERNS["inserted"]


def _apposed_subject(frame: str, start: int, cue: re.Match[str]) -> bool:
    """``Ann Moe, a Harwick lawmaker, said the delay …``: who speaks is all that precedes the verb."""
    whole = before_cue(frame, start, cue)
    return whole is not None and whole.start - start < 3 and "," in whole.text(frame)


def _is_clause(head: str) -> bool:
    """Whether a verb has its subject before it."""
    return (first_verb(head, 0, len(head)) or 0) > 0


def _too_short(frame: str, start: int, head: str) -> bool:
    """Whether words are too few for a statement: under four, or three without a verb."""
    count = words(head)
    return count < 4 and not (count == 3 and first_verb(frame, start, start + len(head)) is not None)


#: "…, say officials"; "…, maintain forests" is an item of a list.
_INVERTED = ENGLISH.forms("turned")
_PRONOUN_AND_VERB = _PATTERNS["pronoun_and_verb"]


#: Why somebody is not named: "…, two officials told the paper on condition of anonymity because they were not authorized to speak"
_UNNAMED = _PATTERNS["unnamed"]


def _goes_on(frame: str, at: int, end: int) -> bool:
    """Whether the clause goes on with a statement of its own after the cue."""
    rest = _UNNAMED.sub("", frame[at:end]).strip(" .")
    if HIDDEN in rest or FINITE.match(rest.lstrip(", ")) or _PRONOUN_AND_VERB.match(rest) or THAT.search(rest):
        return True
    return words(rest) > 14 or (words(rest) > 3 and bool(FINITE.search(rest)))


_NO_CLAUSE = _PATTERNS["no_clause"]


def only_lead(head: str) -> bool:
    """Whether words only lead up to a statement: "On Monday", "Asked about it"; not "In 2019, exports rose"."""
    comma = head.rfind(", ")
    if (
        comma > 0
        and not _NO_CLAUSE.match(head, comma + 2)
        and (first_verb(head, comma + 2, len(head)) or 0) > comma + 2
    ):
        return False
    return bool(_PATTERNS["leads_up"].match(head)) and not (
        FINITE.search(head) and not _PATTERNS["clause_leads_up"].match(head)
    )
