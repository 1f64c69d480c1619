"""Statements made by what somebody does: calls, accuses, vows; and those that a noun holds ("her claim that …")."""

from __future__ import annotations

from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.cues import passive_or_infinitive, still_said
from pipeline.enrich.quotes.phrases import FINITE
from pipeline.enrich.quotes.source import Source, agree, sentence_subject, subject_of_act
from pipeline.enrich.quotes.statement import Statement, clause_end
from pipeline.enrich.quotes.subject import first_verb

_PATTERNS = patterns("quotes/acts")

_CALLING = _PATTERNS["calling"]
#: Up to what somebody is accused of, and up to the marks within what something is called.
_ACCUSED = _PATTERNS["accused"]
_CALLED = _PATTERNS["called"]
#: Of something done; what cannot speak threatens as well.
_ACCUSING, _WARNING_OF = ENGLISH.forms("accuses"), ENGLISH.forms("warns_of")
_PROMISING = _PATTERNS["promising"]
_CLAIM = _PATTERNS["claim"]
#: What is done with a claim, so that its subject is who makes or meets it.
_VOICED = _PATTERNS["voiced"]
#: "…, calling it "a disaster"", "a statement calling the report "false"": the subject of the sentence does.
_CALLING_IT = _PATTERNS["calling_it"]
_MARKED = _PATTERNS["marked"]
#: "what she described as "a basket of fools"": what was described is not a part of it.
_FUSED = _PATTERNS["fused"]
_AS = _PATTERNS["as"]
#: "…, holding photos of the missing"
_PARTICIPLE = _PATTERNS["participle"]


def called(frame: str, start: int, end: int) -> list[Statement]:
    """``SOURCE called SOMETHING "…"``, ``SOURCE accused SOMEBODY of SOMETHING``."""
    for verb in _CALLING.finditer(frame, start, end):
        at, begin = verb.span()
        if frame[at - 1 : at] == "-" or (passive_or_infinitive(frame, at) and not still_said(frame, at)):
            continue
        accused = verb.group() in _ACCUSING
        named = (_ACCUSED if accused else _CALLED).match(frame, begin, end)
        if named is None or FINITE.search(named.group()) or (not accused and _OTHER_CLAUSE.search(named.group())):
            continue
        subject = subject_of_act(frame, start, at)
        source = Source(*subject, verb.group(), at, begin) if subject is not None else None
        if source is not None and agree(source, frame):
            as_what = _AS.match(frame, begin, end) if _FUSED.search(frame, start, source.start) else None
            content = as_what.end() if as_what else begin + 1
            rule = "accused_of" if accused else "called"
            return [Statement(content, _finish(frame, named.end(), end), source, rule)]
    calling = _CALLING_IT.search(frame, start, end)
    subject = sentence_subject(frame, start, calling.start()) if calling else None
    if calling is None or subject is None or FINITE.search(frame, calling.end("verb"), calling.end()):
        return []
    source = Source(*subject, calling.group("verb"), *calling.span("verb"))
    return [Statement(calling.end("verb") + 1, _finish(frame, calling.end() - 1, end), source, "calling_it")]


#: "denounced the raid, while Moe called it …": what is called stands in a clause of its own.
_OTHER_CLAUSE = _PATTERNS["other_clause"]


def _finish(frame: str, at: int, end: int) -> int:
    """Where a call ends: "…, who has called it "a hunt," left": with its marked words, if the sentence goes on there."""
    marked = _MARKED.match(frame, at) or _MARKED.match(frame, at - 1)
    if marked is not None and ("," in marked.group() or _PARTICIPLE.match(frame, marked.end())):
        return marked.end()
    if marked is not None and first_verb(frame, marked.end(), end) == marked.end() + 1:
        return marked.end()
    return clause_end(frame, at, end)


#: What threatens to do something and says nothing.
_NOBODY = _PATTERNS["nobody"]
#: "on pledges to"
_NOUN_BEFORE = _PATTERNS["noun_before"]


def promised(frame: str, start: int, end: int) -> list[Statement]:
    """``SOURCE vowed TO DO SOMETHING``."""
    for verb in _PROMISING.finditer(frame, start, end):
        at, begin = verb.span()
        if passive_or_infinitive(frame, at) or not _PATTERNS["to_do"].match(frame[begin:end]):
            continue
        if _NOUN_BEFORE.search(frame, max(start, at - 12), at):
            continue
        subject = subject_of_act(frame, start, at)
        if subject is None:
            continue
        source = Source(*subject, verb.group(), at, begin)
        if agree(source, frame) and not (verb.group() in _WARNING_OF and _NOBODY.search(source.text(frame))):
            finish = clause_end(frame, begin, end)
            other = frame.find(", but ", begin, finish)
            return [Statement(begin + 1, other if other > 0 else finish, source, "promised")]
    return []


#: "promised "stern action" against …", "called for "an examination of conscience" by …"
_WISHED = _PATTERNS["wished"]


def wished(frame: str, start: int, end: int) -> list[Statement]:
    """``SOURCE promised "SOMETHING"``, ``SOURCE called for "SOMETHING"``."""
    for verb in _WISHED.finditer(frame, start, end):
        subject = None if passive_or_infinitive(frame, verb.start()) else subject_of_act(frame, start, verb.start())
        if subject is not None:
            source = Source(*subject, verb.group().strip(), verb.start(), verb.end() - 1)
            return [Statement(verb.end(), clause_end(frame, verb.end(), end), source, "wished")]
    return []


def claimed(frame: str, start: int, end: int) -> list[Statement]:
    """``… SOMEBODY's claim that CONTENT``, ``SOURCE repeated the claim that CONTENT``, at the end of a sentence."""
    claim, voiced = _CLAIM.search(frame, start, end), _VOICED.search(frame, start, end)
    same = claim is not None and voiced is not None and claim.end() == voiced.end()
    if claim is not None and not same and first_verb(frame, start, claim.start()) is not None:
        source = Source(*claim.span("who"), claim.group("claim"), *claim.span("claim"))
        return [Statement(claim.end(), end, source, "claim_of")]
    subject = subject_of_act(frame, start, voiced.start()) if voiced else None
    if voiced is None or subject is None or passive_or_infinitive(frame, voiced.start()):
        return []
    source = Source(*subject, voiced.group("claim"), *voiced.span("claim"))
    return [Statement(voiced.end(), clause_end(frame, voiced.end(), end), source, "claim_voiced")]
