"""Attributions by structure: marked words, a name and a finite verb are a quotation, whatever the verb.

"I never agreed to that," Ann Moe snapped.      "Get out," snapped Ann Moe.      Ann Moe went on, "We were late."
"""

from __future__ import annotations

import re

from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.phrases import plausible
from pipeline.enrich.quotes.source import Source

_PATTERNS = patterns("quotes/any_verb")

_NAME_VERB = _PATTERNS["name_verb"]
_VERB_NAME = _PATTERNS["verb_name"]
_LEADS_UP = _PATTERNS["leads_up"]
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
