"""Statements after their attribution: "SOURCE CUE (to whom, when, where) that CONTENT", one or several in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.content import content_after
from pipeline.enrich.quotes.cues import PLAIN_WORD, cue_words
from pipeline.enrich.quotes.phrases import FINITE, finds
from pipeline.enrich.quotes.source import QUOTED_AS, Source, agree, before_cue
from pipeline.enrich.quotes.statement import ELLIPTIC, Statement, clause_end
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
        if _SUBORDINATE.match(frame, start, source.start):
            main = frame.find(", ", content, clause_end(frame, content, end))
            if main > 0:
                yield Statement(content, main, source, "name_verb_statement")
                return
        yield from stated(frame, content, end, source, "name_verb_statement")
        return


def stated(frame: str, content: int, end: int, source: Source, rule: str) -> Iterator[Statement]:
    """The statement that begins at ``content``, and those after it in the sentence: "… and added that …", "…, but Moe says …"."""
    stop = ELLIPTIC.search(frame, content, end)
    finish = stop.start() if stop else end
    for following in _NEXT.finditer(frame, content, finish):
        if "and" in following.group() and not _is_clause(frame, content, following.start()):
            continue  # "evidence and tests showed": one subject
        others = list(next_statement(frame, following.end(), end))
        if others:
            yield Statement(content, following.start(), source, rule)
            yield from others
            return
    yield Statement(content, finish, source, rule)
    if stop is not None:
        # "but added", "but has insisted": the verb is the expression's last word or the one after it.
        verb = frame.rfind(" ", content, stop.end()) + 1
        yield from list(said_again(frame, verb, end, source)) or said_again(frame, stop.end() + 1, end, source)


def said_again(frame: str, verb: int, end: int, source: Source) -> Iterator[Statement]:
    """``… and added that CONTENT``: the same speaker again, by the verb at an offset."""
    word = PLAIN_WORD.match(frame, verb, end)
    for cue in cue_words(frame, *word.span()) if word else ():
        content = content_after(frame, cue, end)
        if content is not None:
            again = Source(source.start, source.end, cue.group(), cue.start(), cue.end())
            yield from stated(frame, content, end, again, "verb_again")


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
