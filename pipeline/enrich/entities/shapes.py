"""Names told by their shape: what a title or a verb of saying is next to, what ends in "Ministry" or "River".

With a learned model only the surest shapes count (a title before, a verb of saying before); without one, sequences of
capitalised words inside sentences are taken as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pipeline.enrich.entities.offices import HONORIFICS, heads_of
from pipeline.enrich.entities.scan import Match, is_capitals
from pipeline.enrich.entities.titles import Role, apposition_after, apposition_before, title_before, without_title
from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.events import EntityLabel

_PATTERNS = patterns("entities/shapes")

_SEQUENCE = _PATTERNS["sequence"]
_OF = _PATTERNS["of"]

_ORG_WORDS = ENGLISH.ends_of_names("ORG")
#: "… of …" belongs to the name: Bank of England, University of Oslo, Ministry for Europe.
_HEAD_ORG_WORDS = ENGLISH.names_that("of")
_LOC_WORDS = ENGLISH.ends_of_names("LOC")
_FAC_WORDS = ENGLISH.ends_of_names("FAC")
_EVENT_WORDS = ENGLISH.ends_of_names("EVENT")
_ENDINGS = _ORG_WORDS | _LOC_WORDS | _FAC_WORDS | _EVENT_WORDS
_NO_NAME = ENGLISH.capitals("no_name")


#: "New Delhi-based" of a body
_BASED = _PATTERNS["based"]


_FIRST_WORD = re.compile(r"\[?[\w’'-]+\.?\]?")
_POSSESSIVE = _PATTERNS["possessive"]
_OWNER = _PATTERNS["owner"]


class Shape(NamedTuple):
    """A stretch of text that looks like a name.

    Attributes:
        sure: it has a title or a verb of saying next to it, or a word of its kind in it.
        strong: an age or a role in commas says that it is a person.
    """

    start: int
    end: int
    label: EntityLabel
    sure: bool = True
    strong: bool = False


def name_shapes(text: str, names: Iterable[Match], *, headline: bool) -> Iterator[Shape]:
    """Names told by shape, in order.

    Args:
        text: the field.
        names: the gazetteer's names in it.
        headline: capitals mean nothing there; only names after a title are found.
    """
    if is_capitals(text):
        return
    known = {match.start: match for match in names}
    for first, last in _sequences(text):
        end = without_credit(text, first, last)
        start = _first_name(text, first, end, known)
        if end <= start:
            continue
        shape = _kind(text, start, end, headline=headline)
        if shape is None and not headline:
            shape = _person(text, start, end)
        elif shape is None:
            shape = _titled(text, start, end, headline=True)
        if shape is not None:
            yield shape


#: What precedes the name of who took a picture.
_CREDIT = _PATTERNS["credit"]


def without_credit(text: str, start: int, end: int) -> int:
    """Where a name ends that runs into the credit of a picture: "Ann Moe Image: Tom Reyes."."""
    credit = _CREDIT.search(text, start, end)
    if credit is None:
        return end
    return start + len(text[start : credit.start()].rstrip())


def _sequences(text: str) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words, parted at possessives: "Apple's Tim Cook" is two."""
    for match in _SEQUENCE.finditer(text):
        start = match.start()
        for owner in _OWNER.finditer(match.group()):
            yield start, match.start() + owner.start()
            start = match.start() + owner.end()
        yield start, _before_possessive(text, start, match.end())


def _before_possessive(text: str, start: int, end: int) -> int:
    found = _POSSESSIVE.search(text[start:end])
    return start + found.start() if found else end


def _first_name(text: str, start: int, end: int, known: Mapping[int, Match]) -> int:
    """Where the name in a sequence begins: after sentence starters, demonyms, titles."""
    at = start
    of_a_kind = text[start:end].rsplit(" ", 1)[-1] in _ENDINGS  # "Student Christian Organization" has no title
    while at < end:
        word = _FIRST_WORD.match(text, at, end)
        if word is None:
            break
        plain = word.group().strip(".")
        match = known.get(at)
        if plain in _NO_NAME:
            at = word.end()
        elif based := _BASED.match(text, at, end):
            at = based.end()
        elif match is not None and match.end < end and _belongs_to_another(text, match, end):
            at = match.end
        elif not of_a_kind and (behind := without_title(text, at, end)) > at:
            at = behind
        else:
            break
        while at < end and text[at] == " ":
            at += 1
    return at


def _belongs_to_another(text: str, match: Match, end: int) -> bool:
    """Whether a known name at the head of a sequence is a name next to it: Russian …, US President …, Canada Ann Moe."""
    rest = text[match.end : end].strip(" '’s")
    words = rest.split(" ")
    if match.known.label == "NORP":
        return bool(match.known.iso) and words[-1] not in _ENDINGS
    titled = without_title(text, match.end + 1, end) > match.end + 1
    named = len(words) > 1 or "." in words[0][:-1]  # "Mongolia U.Khurelsukh"
    return match.known.label != "PERSON" and (titled or named) and words[-1] not in _ENDINGS


def _kind(text: str, start: int, end: int, *, headline: bool) -> Shape | None:
    words = text[start:end].split(" ")
    if len(words) < 2 and words[0] not in _HEAD_ORG_WORDS:
        return None
    if words[-1] in _LOC_WORDS and len(words) > 1:
        return Shape(start, end, "LOC")
    if words[-1] in _FAC_WORDS and len(words) > 1:
        return Shape(start, end, "FAC")
    if words[-1] in _EVENT_WORDS and len(words) > 1:
        return Shape(start, end, "EVENT")
    if words[-1] not in _ORG_WORDS:
        return None
    of = _OF.match(text, end)
    if of is not None and words[-1] in _HEAD_ORG_WORDS:
        more = _SEQUENCE.match(text, of.end())
        if more is not None and more.group().split(" ")[0] not in _NO_NAME:
            return Shape(start, _before_possessive(text, start, more.end()), "ORG")
    return Shape(start, end, "ORG") if len(words) > 1 and not headline else None


def _titled(text: str, start: int, end: int, *, headline: bool) -> Shape | None:
    honorific = re.search(r"(\w+)\.? $", text[max(0, start - 12) : start])
    if honorific is not None and honorific.group(1).lower() in HONORIFICS:
        return Shape(start, end, "PERSON")
    role = title_before(text, start, headline=headline)
    if role is None or text[start - 1 : start] != " ":
        return None
    return Shape(start, end, "PERSON") if role.text[:1].isupper() or " " in text[start:end] else None


def _person(text: str, start: int, end: int) -> Shape | None:
    words = text[start:end].split(" ")
    plain = [word for word in words if word[:1].isupper() or word.startswith("[")]
    if len(plain) > 4 or any(word.isupper() and len(word) > 2 for word in words):
        return None
    if words[-1] in _ENDINGS:
        return None
    titled = _titled(text, start, end, headline=False)
    if titled is not None:
        return titled
    if len(plain) < 2 or any(word.strip("[]") in _NO_NAME for word in words):
        return None
    if _apposed(text, start, end):
        return Shape(start, end, "PERSON", strong=True)
    return Shape(start, end, "PERSON", sure=_after_cue(text, start))


def _apposed(text: str, start: int, end: int) -> bool:
    """Whether an age or a role in commas says that this is a person: "Tina Voss, 61, …", "the mayor, Ann Moe, …"."""
    if text[end : end + 1] == "," and _IS_A_PERSON.match(text, end):
        return True
    if text[end : end + 1] == "," and _of_person(apposition_after(text, end)):
        return True
    return (
        text[start - 2 : start] == ", "
        and text[end : end + 1] in {",", "."}
        and _of_person(apposition_before(text, start))
    )


def _of_person(role: Role | None) -> bool:
    return role is not None and not heads_of(role.text) <= _BODIES_TOO


_IS_A_PERSON = _PATTERNS["is_a_person"]
#: Roles that companies and countries have as well as people.
_BODIES_TOO = ENGLISH.nouns_that("bodies")


def _after_cue(text: str, start: int) -> bool:
    before = re.search(r"([a-z]+) $", text[max(0, start - 16) : start])
    return bool(before and before.group(1) in {"said", "says", "told", "added"})
