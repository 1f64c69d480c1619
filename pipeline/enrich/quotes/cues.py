"""Verbs of saying and thinking: which words of a sentence are such verbs, and not nouns, names or passives."""

from __future__ import annotations

import re

from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.words import ALSO_NOUNS, CAPITAL_CUES, CUES, PROGRESSIVE, THINKING

_PATTERNS = patterns("quotes/cues")

#: A word as verbs of saying are written.
PLAIN_WORD = re.compile(r"[A-Za-z]+")
_WORD_BEFORE = re.compile(r"([\w.’']+)\s$")
#: "Moe, asked whether he would run, said"
_WAS_ASKED = _PATTERNS["was_asked"]
_REPORTERS = frozenset(("police", "media", "news"))
_OF_REPORTERS = _PATTERNS["of_reporters"]
_SPOKEN_BEHIND = _PATTERNS["spoken_behind"]
_IS_DOING = _PATTERNS["is_doing"]
#: "find suspected smugglers" suspects nobody.
_OF_NOUNS = ENGLISH.forms("adjective")
_OF_A_CLAUSE = _PATTERNS["of_a_clause"]
#: "declined to say", "have not said", "was told".
_NOT_SAID = _PATTERNS["not_said"]
#: "did not believe that …" is what somebody believes; "went on to say that …" was said.
_STILL_SAID = _PATTERNS["still_said"]
_NEGATED = _PATTERNS["negated"]
_BEFORE_NOUNS = ENGLISH.function_words("before_noun")
_MARK_BEHIND = re.compile(r"[,:]?\s{0,2}[\"“„«‘]")
_LEADS_UP = re.compile(r"[,:] [\"“„«‘]")
_MARK_BEFORE = re.compile(r"[\"”»’]\s*$")

#: Every other word is none, whatever is around it.
_MAY_BE = CUES | CAPITAL_CUES | PROGRESSIVE | {"saying", "asked"}


def cue_words(text: str, start: int, end: int) -> list[re.Match[str]]:
    """The verbs of saying between two offsets."""
    return [match for match in PLAIN_WORD.finditer(text, start, end) if match[0] in _MAY_BE and _is_cue(text, match)]


def passive_or_infinitive(text: str, at: int) -> bool:
    """Whether a verb form is not a statement of its subject: "declined to say", "was told"."""
    return bool(_NOT_SAID.search(text, max(0, at - 24), at))


def still_said(text: str, at: int) -> bool:
    """Whether an infinitive tells what was said all the same: "went so far as to call"."""
    return _STILL_SAID.search(text, max(0, at - 24), at) is not None


def _is_cue(text: str, match: re.Match[str]) -> bool:
    word, at = match.group(), match.start()
    if word == "saying" and text[at - 4 : at] == " as ":
        return True
    if word == "asked" and _WAS_ASKED.match(text, at - 2):
        return False
    if word in PROGRESSIVE:
        return _IS_DOING.search(text, max(0, at - 24), at) is not None
    if (word not in CUES and word not in CAPITAL_CUES) or _is_no_verb(text, match):
        return False
    if text[max(0, at - 4) : at].lower().strip() in {"as", "than"} and word not in {"said", "says"}:
        return False
    if not passive_or_infinitive(text, at):
        return True
    return still_said(text, at) or (word in THINKING and bool(_NEGATED.search(text, max(0, at - 24), at)))


def _is_no_verb(text: str, match: re.Match[str]) -> bool:
    """Whether a word that can be a verb of saying is part of a name or noun here: "the state", "suspected smugglers"."""
    word, at, end = match.group(), match.start(), match.end()
    if text[at - 1 : at] == "-" or text[end : end + 1] == "-":
        return True
    if word in {"read", "reads"}:  # who reads says nothing
        return not (_MARK_BEHIND.match(text, end) or _MARK_BEFORE.search(text, max(0, at - 6), at))
    if word in ALSO_NOUNS and not still_said(text, at):
        return _is_noun(text, at, end)
    return word in _OF_NOUNS and not _OF_A_CLAUSE.match(text, end)


def _is_noun(text: str, at: int, end: int) -> bool:
    """Whether what can be verb or noun is a noun: "the report", "official reports say", "voters in western states were"."""
    if _SPOKEN_BEHIND.match(text, end) or text.startswith(" of ", end):
        return True
    found = _WORD_BEFORE.search(text, max(0, at - 20), at)
    before = found.group(1).lower() if found else ""
    if before in {"and", "but", "then"} and _LEADS_UP.match(text, end):
        return False  # "makes the case and states, "…""
    if before in _REPORTERS and text.startswith(" that ", end) and not _OF_REPORTERS.search(text, max(0, at - 24), at):
        return False  # "police report that", not "a police report that"
    return before in _BEFORE_NOUNS or before.endswith(("ed", "'s", "’s"))
