"""Statements after their attribution: "SOURCE CUE (to whom, when, where) that CONTENT", one or several in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.content import content_after
from pipeline.enrich.quotes.cues import cue_words
from pipeline.enrich.quotes.phrases import FINITE, finds
from pipeline.enrich.quotes.source import QUOTED_AS, Source, agree, before_cue
from pipeline.enrich.quotes.statement import ELLIPTIC, Statement
from pipeline.enrich.quotes.subject import first_verb, subject_before
from pipeline.enrich.quotes.words import FINDING

_PATTERNS = patterns("quotes/leading")

_SHORTENED = _PATTERNS["shortened"]
_NEAR = 40  # characters between a source and its verb
#: "some allies, speaking on condition of anonymity, acknowledged"
_INSERTED = _PATTERNS["inserted"]
#: A new main clause within what was said: it is another statement if it has a speaker of its own.
_NEXT = _PATTERNS["next"]


#: "a move Ann Moe says is right": no "which" before who says so.
_REDUCED = _PATTERNS["reduced"]


def leading(frame: str, start: int, end: int) -> Iterator[Statement]:
    """``SOURCE CUE (to whom, when, where) that CONTENT``; without "that" after the plain verbs of saying and thinking."""
    for cue in cue_words(frame, start, end)[:5]:
        content = content_after(frame, cue, end)
        if content is None:
            continue
        source = _quoted_as(frame, start, cue) or before_cue(frame, start, cue)
        if FINITE.match(frame, content):
            source = _of_a_noun(frame, start, cue, source)
        if source is None or source.start > cue.start() or not agree(source, frame):
            continue
        if cue.group().lower() in FINDING and not finds(source.text(frame)):
            continue
        stop = ELLIPTIC.search(frame, content, end)
        finish = stop.start() if stop else end
        if _SUBORDINATE.match(frame, start, source.start) and (main := frame.find(", ", content, finish)) > 0:
            yield Statement(content, main, source, "name_verb_statement")
            return
        for following in _NEXT.finditer(frame, content, finish):
            if "and" in following.group() and not _is_clause(frame, content, following.start()):
                continue  # "evidence and tests showed": one subject
            others = list(next_statement(frame, following.end(), end))
            if others:
                yield Statement(content, following.start(), source, "name_verb_statement")
                yield from others
                return
        yield Statement(content, finish, source, "name_verb_statement")
        if stop is not None:
            yield from _again(frame, stop.end(), end, source)
        return


def _of_a_noun(frame: str, start: int, cue: re.Match[str], source: Source | None) -> Source | None:
    """Who says something of a noun: "charges that critics say were made up", "a move Ann Moe says is right"; not "What he said was …"."""
    if source is not None and frame[start : source.start].endswith((" which ", " that ", " what ", " who ")):
        return source
    reduced = _REDUCED.search(frame, start, cue.start())
    return Source(*reduced.span(1), cue.group(), cue.start(), cue.end()) if reduced else None


#: "When I replied that he was a recruiter, the man smiled"
_SUBORDINATE = _PATTERNS["subordinate"]


def _is_clause(frame: str, start: int, end: int) -> bool:
    return first_verb(frame, start, end) is not None or bool(_SHORTENED.search(frame, start, end))


def _again(frame: str, at: int, end: int, source: Source) -> Iterator[Statement]:
    """``… and added that CONTENT``: the same speaker again."""
    cues = cue_words(frame, at - 14, end)[:1]
    if cues and cues[0].start() <= at + 1:
        content = content_after(frame, cues[0], end)
        if content is not None:
            cue = cues[0]
            again = Source(source.start, source.end, cue.group(), cue.start(), cue.end())
            yield Statement(content, end, again, "verb_again")


def next_statement(frame: str, start: int, end: int) -> Iterator[Statement]:
    """The statement that a clause makes which begins here, if its speaker stands at its head."""
    cues = cue_words(frame, start, min(end, start + 150))[:1]
    source = before_cue(frame, start, cues[0]) if cues else None
    if source is None or source.start - start > 3:
        return
    if cues[0].start() - source.end > _NEAR and not _INSERTED.fullmatch(frame, source.end, cues[0].start()):
        return
    yield from leading(frame, start, end)


def _quoted_as(frame: str, start: int, cue: re.Match[str]) -> Source | None:
    """``The agency quoted her as saying``: she speaks; "she was quoted as saying" is read from her."""
    if cue.group() != "saying":
        return None
    head = frame[start : cue.start()].rstrip()
    if quoted := QUOTED_AS.search(head):
        begin = start + quoted.start(1)
        return Source(begin, begin + len(quoted.group(1)), cue.group(), cue.start(), cue.end())
    if passive := _PATTERNS["was_quoted_as"].search(head):
        subject = subject_before(head[: passive.start()])
        if subject is not None:
            return Source(start + subject[0], start + subject[1], cue.group(), cue.start(), cue.end())
    return None
