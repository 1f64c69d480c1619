"""Attributions by structure: marked words, a name and a finite verb are a quotation, whatever the verb.

"I never agreed to that," Ann Moe snapped.      "Get out," snapped Ann Moe.      Ann Moe went on, "We were late."
"""

from __future__ import annotations

import re

from pipeline.enrich.lexicon import ENGLISH, any_of
from pipeline.enrich.quotes.phrases import plausible
from pipeline.enrich.quotes.source import Source

#: A finite verb in the past, or in the present of a third person, with what may follow it as its particle.
_PAST = rf"(?:(?!(?:named|called|entitled|titled|dubbed)\b)[a-z]{{2,}}ed|{any_of(ENGLISH.irregular_pasts)})"
_PARTICLE = r"(?: (?:on|out|in|up|back|off|down|away|over|slip)(?= [A-Z]|[.,:]|$| (?:the|a|an|his|her|from|as|at|to|with|when|after)\b))?"
_PRONOUN = r"[Hh]e|[Ss]he|[Tt]hey|[Ww]e|I"
_NAME = r"[A-ZÀ-Þ][\w’'.-]*\w(?: (?:[a-z]{2,3} )?[A-ZÀ-Þ][\w’'.-]*\w){0,4}"
_WORD = r"(?!(?:of|for|from|with|at|in|on|who|that)\b)[\w’'-]+"
_NOUN = (
    rf"(?:[Tt]he|[Aa]n?|[Oo]ne|[Aa]nother|[Hh]is|[Hh]er|[Tt]heir|[Ii]ts) (?:{_WORD} ){{0,3}}?{_WORD}"
    rf"(?: (?:of|for|from) (?:the |an? |his |her )?{_WORD})?"
)
#: What ends the clause of the attribution, or goes on with to whom, when, where and how.
_ENDS = (
    r"(?=[.,;:?!]|\s*$|\s[-–—]| (?:on|at|in|as|after|before|during|when|while|with|to|from|by|into|about|over|through|back|and|then"
    r"|again|later|[a-z]+ly|[a-z]+ing|his|her|their|him|them|me|us|reporters|the|an?)\b)"
)
_WHO = rf"(?P<who>{_PRONOUN}|{_NAME}|{_NOUN})"
_NAME_VERB = re.compile(rf"{_WHO}(?: (?:also|then|later|once|finally|[a-z]+ly))? (?P<verb>{_PAST}{_PARTICLE}){_ENDS}")
_VERB_NAME = re.compile(rf"(?P<verb>{_PAST}{_PARTICLE}) (?P<who>{_NAME}|{_NOUN}){_ENDS}")
_LEADS_UP = re.compile(
    rf"\s*(?:(?:But|And|Then|So) )?{_WHO}(?: (?:also|then|later|once|finally|[a-z]+ly))? (?P<verb>{_PAST}{_PARTICLE})(?: [a-z]+ly)?[,:]\s*"
)
_GAP = re.compile(r"[\s,–—-]*")
#: Auxiliaries are no verbs of their own: "…," Moe had.
_NO_VERB = frozenset("had did need used".split())


def any_verb_after(frame: str, start: int, end: int) -> Source | None:
    """The attribution that follows a closing mark: ``"…," NAME VERB`` or ``"…," VERB NAME``.

    Args:
        frame: the text, all marked words hidden.
        start: after the closing mark.
        end: of the sentence, or where the next marks open.
    """
    gap = _GAP.match(frame, start, end)
    begin = gap.end() if gap else start
    for rule, pattern in (("marks_name_any_verb", _NAME_VERB), ("marks_any_verb_name", _VERB_NAME)):
        if found := pattern.match(frame, begin, end):
            return _source(found, rule)
    return None


def any_verb_before(frame: str, start: int, end: int) -> Source | None:
    """The attribution that leads up to an opening mark: ``NAME VERB, "…"``, ``NAME VERB: "…"``.

    Args:
        frame: the text, all marked words hidden.
        start: of the sentence.
        end: where the marks open.
    """
    found = _LEADS_UP.fullmatch(frame, start, end)
    return _source(found, "name_any_verb_marks") if found else None


def _source(found: re.Match[str], rule: str) -> Source | None:
    verb = found.group("verb")
    if verb in _NO_VERB or not plausible(found.group("who")):
        return None
    return Source(*found.span("who"), verb, *found.span("verb"), rule)
