"""Definite descriptions of people: "the top diplomat", "Russia's foreign minister", and whom they can mean.

One fits where the office, its rank, what it is for and its country agree. Where several people fit, the one named last
is meant only if no other was named near; otherwise nobody is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.enrich.entities.offices import GENERIC, HEADS, MODIFIERS, can_be_called, heads_of, role_words
from pipeline.enrich.entities.people import Person, countries_in
from pipeline.enrich.entities.spans import FieldName, StoryText
from pipeline.enrich.gazetteer import known_names
from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns

_PATTERNS = patterns("entities/descriptors")

_RANKS = ENGLISH.modifiers("rank")
_PORTFOLIOS = ENGLISH.modifiers("portfolio")
#: What anybody can be called: "the member" of what, "the friend" of whom?
_COMMON_HEADS = ENGLISH.nouns_that("common")


@dataclass(frozen=True)
class Described:
    """A descriptor in a field."""

    field: FieldName
    start: int
    end: int
    text: str


_WORD = re.compile(r"[’'.-]{0,3}\w+(?:[’'.-]{1,3}\w+)*")
_MAX_MODIFIERS = 4


def descriptors(text: StoryText) -> list[Described]:
    """Descriptors in a story that no name follows."""
    found = []
    for field, content in text.parts:
        words = list(_WORD.finditer(content))
        for index, word in enumerate(words):
            if word.group().lower() in HEADS:
                behind = words[index + 1].group().lower() if index + 1 < len(words) else ""
                if behind in HEADS and content[word.end() : words[index + 1].start()] == " ":
                    continue
                start = _article_before(content, words, index)
                if start is not None and not _PATTERNS["name_or_more"].match(content[word.end() : word.end() + 4]):
                    found.append(Described(field, start, word.end(), content[start : word.end()]))
    return found


def _article_before(text: str, words: list[re.Match[str]], index: int) -> int | None:
    """Where the descriptor begins whose head is a word: at "the" or at a country's genitive."""
    names = known_names()
    for at in range(index - 1, max(index - _MAX_MODIFIERS - 2, -1), -1):
        word = words[at].group()
        if text[words[at].end() : words[at + 1].start()] != " ":
            return None
        owner = word.replace("’", "'").removesuffix("'s").removesuffix("'")
        if word in {"the", "The"} or (owner != word and owner in names):
            return words[at].start()
        if word.lower() not in MODIFIERS and word not in names and word.lower() not in HEADS:
            return None
    return None


def who_is(
    descriptor: str, place: tuple[int, int], people: Sequence[Person], paragraph_start: int
) -> tuple[Person | None, float]:
    """The person whom a descriptor means and how sure that is; ``None`` where it is not clear.

    Args:
        descriptor: as printed.
        place: where it stands in the story, in reading order.
        people: of the story.
        paragraph_start: start of the paragraph before the one in which it stands.
    """
    fitting = [person for person in people if any(fits(descriptor, role) for role in (*person.roles, *person.styles))]
    countries = countries_in(descriptor)
    sure = [person for person in fitting if person.countries & countries]
    fitting = sure or [person for person in fitting if not countries or not person.countries]
    if len(fitting) > 1 and len(exact := [person for person in fitting if _all_words(descriptor, person)]) == 1:
        fitting = exact
    if len(fitting) == 1:
        return fitting[0], 0.85
    near = [person for person in fitting if _named_between(person, (place[0], paragraph_start), place)]
    return (near[0], 0.6) if len(near) == 1 else (None, 0.0)


def _all_words(descriptor: str, person: Person) -> bool:
    """Whether one of a person's roles has every word of a descriptor: "the opposition chief whip"."""
    wanted = set(role_words(descriptor)) - {"the"}
    return any(wanted <= set(role_words(role)) for role in person.roles)


def _named_between(person: Person, start: tuple[int, int], end: tuple[int, int]) -> bool:
    at = bisect_left(person.mentions, start, key=lambda span: span.place)
    return at < len(person.mentions) and person.mentions[at].place < end


@lru_cache(maxsize=4096)
def fits(descriptor: str, role: str) -> bool:
    """Whether somebody of this role can be called so, countries left aside."""
    heads = heads_of(descriptor)
    if heads <= _COMMON_HEADS:
        return False
    if not can_be_called(descriptor, heads_of(role)):
        return False
    mine, theirs = set(role_words(descriptor)), set(role_words(role))
    *others, _ = [word for word in role_words(descriptor) if word in HEADS] or [""]
    if not {word for word in others if word not in GENERIC} <= theirs:
        return False  # General Moe is not an attorney general
    if heads & heads_of(role) and mine & _RANKS != theirs & _RANKS:
        return False
    if ("former" in theirs) != ("former" in mine) or ("acting" in mine and "acting" not in theirs):
        return False
    wanted, held = _portfolios(mine), _portfolios(theirs)
    return not wanted or wanted <= held


def _portfolios(words: set[str]) -> set[str]:
    return {"defense" if word == "defence" else "labor" if word == "labour" else word for word in words & _PORTFOLIOS}
