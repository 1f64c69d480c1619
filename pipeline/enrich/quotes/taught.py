"""Quotations that a phrase in plain words reports: the table ``patterns/en/phrases.yaml``, to which a line adds one.

SOURCE [urge] REQUEST      SOURCE [call] for THING      SOMEBODY (was|were) accused by SOURCE of CONTENT
SOURCE on MEDIUM: QUOTE

The words between the slots are an expression; who speaks and where a statement ends is found as for any other rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.enrich.lexicon import ALL_FORMS, ENGLISH, any_of
from pipeline.enrich.patterns import patterns, rows_of
from pipeline.enrich.quotes.cues import passive_or_infinitive
from pipeline.enrich.quotes.phrases import FINITE, names_role, plausible
from pipeline.enrich.quotes.source import Source, can_speak, subject_of_act
from pipeline.enrich.quotes.statement import Statement, clause_end
from pipeline.enrich.quotes.subject import first_verb
from pipeline.events.errors import ConfigurationError
from pipeline.events.tables import file_of, wrong_entry

_PATTERNS = patterns("quotes/taught")
_TOKEN = re.compile(r"\[(?P<verbs>[^\]]+)\]|\((?P<words>[^)]+)\)(?P<maybe>\??)|(?P<slot>[A-Z]{4,})|(?P<word>[^\s\[(]+)")
_FILE = file_of("pipeline.enrich.patterns", "en", "phrases.yaml")
#: What an entry says, with the type of each and how messages name it.
_VALUES: Mapping[str, tuple[type, str]] = {
    "phrase": (str, "a text"),
    "reads": (str, "a text"),
    "examples": (list, "a list of sentences"),
    "not": (list, "a list of sentences"),
    "gold": (bool, "true or false"),
}
_SHOWN_CHARS = 60
_LAST_SPACE = re.compile(r" (?=\)?\Z)")
#: What a phrase leaves open.
SLOTS = frozenset("SOURCE CONTENT REQUEST THING SOMEBODY QUOTE NAME ROLE MEDIUM".split())


@dataclass(frozen=True)
class Phrase:
    """A phrase of the table.

    Attributes:
        phrase: slots and words.
        reads: what it reads, in words and capitals.
        examples: sentences in which ⟦what is said⟧ and {who says it} are marked.
        counterexamples: sentences in which nothing is said.
        in_gold: whether the hand-made gold counts such statements.
    """

    name: str
    phrase: str
    reads: str
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]
    in_gold: bool


@dataclass(frozen=True)
class _Compiled:
    """A phrase as an expression.

    Attributes:
        expression: from its first word on, without a source before that.
        leads: its source is the subject before it.
        content: the slot of what is said.
        follows: its words before "that", which may follow what is said as well: "…, Ann Moe shot back".
    """

    name: str
    expression: re.Pattern[str]
    leads: bool
    content: str
    follows: re.Pattern[str] | None


@cache
def phrases(language: str = "en") -> Mapping[str, Phrase]:
    """All phrases by name.

    Raises:
        ConfigurationError: an entry lacks something.
    """
    return {name: _phrase(name, row) for name, row in rows_of("phrases", language).items()}


def _phrase(name: str, row: Mapping[str, Any]) -> Phrase:
    if missing := {"phrase", "reads", "examples"} - row.keys():
        raise _wrong(name, f"it has no {' and no '.join(sorted(missing))}", "Add it, as other entries have it.")
    for key, value in row.items():
        if key not in _VALUES:
            raise _wrong(name, f"{key} is none of {', '.join(_VALUES)}", "Rename it or take it out.")
        kind, what = _VALUES[key]
        if not isinstance(value, kind):
            raise _wrong(name, f"its {key} is {str(value)[:_SHOWN_CHARS]!r}", f"Write {what}.")
    return Phrase(
        name, row["phrase"], row["reads"], tuple(row["examples"]), tuple(row.get("not", ())), row.get("gold", True)
    )


def _wrong(name: str, problem: str, hint: str) -> ConfigurationError:
    return wrong_entry(_FILE, name, problem, hint)


@cache
def _compiled() -> tuple[tuple[_Compiled, ...], tuple[_Compiled, ...], frozenset[str]]:
    """The phrases that report a statement, those that lead up to marks, and words of which one is in each of the first."""
    framed: list[_Compiled] = []
    marked: list[_Compiled] = []
    words = set[str]()
    for one in phrases().values():
        made, its = compiled(one)
        (marked if made.content == "QUOTE" else framed).append(made)
        words |= its
    return tuple(framed), tuple(marked), frozenset(words)


def compiled(phrase: Phrase) -> tuple[_Compiled, frozenset[str]]:
    """A phrase as an expression, and words of which one is in each sentence that it reads.

    Raises:
        ConfigurationError: it has an unknown slot or form of a verb, or no source or nothing said.
    """
    if left := _TOKEN.sub("", phrase.phrase).strip():
        raise _wrong(phrase.name, f"{left[0]!r} has no counterpart in {phrase.phrase!r}", "Close each bracket.")
    tokens = list(_TOKEN.finditer(phrase.phrase))
    slots = [token["slot"] for token in tokens if token["slot"] in SLOTS]
    if unknown := [token["slot"] for token in tokens if token["slot"] and token["slot"] not in SLOTS]:
        hint = "Use one of these; other words are written in small letters."
        raise _wrong(phrase.name, f"{unknown[0]} is none of {', '.join(sorted(SLOTS))}", hint)
    content = next((slot for slot in slots if slot in {"CONTENT", "REQUEST", "THING", "QUOTE"}), None)
    if content is None or not {"SOURCE", "NAME"} & set(slots):
        needed = "a phrase needs SOURCE or NAME, and CONTENT, REQUEST, THING or QUOTE"
        raise _wrong(phrase.name, f"{needed}, not {phrase.phrase!r}", "Add what is missing.")
    leads = tokens[0]["slot"] == "SOURCE" and content != "QUOTE"
    parts, words = [], frozenset[str]()
    for token in tokens[leads:]:
        if token["verbs"]:
            forms = _forms(phrase.name, token["verbs"])
            words = words or forms
            parts.append(f"(?P<cue>{any_of(forms)}) ")
        elif token["words"]:
            chosen = frozenset(word.strip() for word in token["words"].split("|"))
            words = words or (frozenset[str]() if token["maybe"] else chosen)
            parts.append(f"(?:(?:{any_of(chosen)}) ){token['maybe']}")
        elif token["slot"] in SLOTS:
            parts.append(_PATTERNS.expand("{" + token["slot"].lower() + "}") + " ")
        else:
            word = token.group()
            if word in ",:;" and parts:
                parts[-1] = parts[-1].rstrip(" ")
            else:
                words = words or frozenset((word,))
            parts.append(f"{re.escape(word)} ")
    text = "".join(parts).rstrip(" ")
    try:
        expression = re.compile(text if content == "QUOTE" else rf"\b{text}")
    except re.error as error:
        hint = "Write each slot and a verb in brackets once."
        raise _wrong(phrase.name, f"{phrase.phrase!r} cannot be read", hint) from error
    stated = (
        leads
        and len(tokens) > 3
        and [token.group() for token in tokens[-2:]] == ["that", "CONTENT"]
        and not tokens[-3]["maybe"]
    )
    follows = re.compile(rf"\b{_LAST_SPACE.sub('', ''.join(parts[:-2]))}\b") if stated else None
    return _Compiled(phrase.name, expression, leads, content, follows), words


def _forms(name: str, verbs: str) -> frozenset[str]:
    lemmas, _, letters = verbs.partition(".")
    if unknown := set(letters) - set(ALL_FORMS):
        hint = "After the full stop are the first letters of forms, as the head of the file explains them."
        raise _wrong(name, f"[{verbs}]: {min(unknown)} is none of {', '.join(ALL_FORMS)}", hint)
    if set("be am is are was were have has had do does did".split()) & set(lemmas.split("|")):
        raise _wrong(name, f"[{verbs}] has forms of its own", "Write them, such as (is|are|was|were).")
    return frozenset(form for lemma in lemmas.split("|") for form in ENGLISH.forms_of(lemma, letters or "bsd"))


def trigger_words() -> frozenset[str]:
    """Words of which a sentence must hold one for a statement to be reported by a phrase."""
    return _compiled()[2]


def taught(frame: str, start: int, end: int) -> list[Statement]:
    """The first statement in a sentence that a phrase reports."""
    for phrase in _compiled()[0]:
        for found in phrase.expression.finditer(frame, start, end):
            if made := _statement(frame, start, end, phrase, found):
                return [made]
    return []


def _statement(frame: str, start: int, end: int, phrase: _Compiled, found: re.Match[str]) -> Statement | None:
    named = found.groupdict()
    cue = found.span("cue") if named.get("cue") else (found.start(), found.start("content") - 1)
    begin = found.start("content")
    object_ = frame[begin : found.end()]
    if FINITE.search(object_) or (
        phrase.content == "REQUEST" and first_verb(frame, begin, found.end("whom")) is not None
    ):
        return None
    if phrase.leads:
        if passive_or_infinitive(frame, found.start()) or _PATTERNS["noun_before"].search(frame, start, found.start()):
            return None
        who = subject_of_act(frame, start, found.start())
    else:
        who = found.span("source")
    if who is None or not plausible(frame[slice(*who)]) or _PATTERNS["thing_that"].fullmatch(frame[slice(*who)]):
        return None
    if phrase.content == "THING" and not (
        can_speak(frame[slice(*who)]) or _PATTERNS["they"].fullmatch(frame[slice(*who)])
    ):
        return None
    source = Source(*who, frame[slice(*cue)], *cue)
    finish = clause_end(frame, found.end(), end)
    other = frame.find(", but ", begin, finish)
    return Statement(begin, other if other > 0 else finish, source, phrase.name)


def taught_cues(frame: str, start: int, end: int) -> list[tuple[re.Match[str], str]]:
    """The phrases that may follow what is said, each with its name: "The pier was never safe, Ann Moe *shot back*"."""
    return [
        (found, phrase.name)
        for phrase in _compiled()[0]
        if phrase.follows is not None
        for found in phrase.follows.finditer(frame, start, end)
    ]


def taught_before_marks(frame: str, start: int, end: int) -> Source | None:
    """Who speaks where a phrase leads up to an opening mark: ``NAME on Facebook: "…"``."""
    for phrase in _compiled()[1]:
        found = phrase.expression.fullmatch(frame, start, end)
        if found is None or not plausible(found["source"]):
            continue
        if found.groupdict().get("role") is None or names_role(found["role"]):
            return Source(*found.span("source"), "", found.end("source"), found.end("source"), phrase.name)
    return None
