"""People of a story: all mentions of one person joined under the fullest name.

"Lavrov" is the Lavrov named in full; "Clinton" is nobody certain where two of that name are in the story, unless only
one of them was named before. Honorifics and gendered trades tell a gender, given names never do.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.enrich.entities.offices import gender_of, heads_of, portfolio
from pipeline.enrich.entities.scan import gazetteer_matches
from pipeline.enrich.entities.spans import Span, StoryText, bare_name
from pipeline.enrich.entities.titles import Role, apposition_after, apposition_before, title_before
from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.events.persons import name_particles, plain_letters

_PATTERNS = patterns("entities/people")

_SUFFIXES = ENGLISH.function_words("suffix")
_PARTICLES = name_particles()
#: Letters of names that may be misspelt in one letter, and in two.
_LONG_ENOUGH, _VERY_LONG = 5, 8
_INITIAL_AND_NAME = re.compile(r"\b([A-Z])\.(?=[A-ZÀ-Þ][\w-]{2})")
_SPACES = re.compile(r"[ \u00a0]+")
_HONORIFIC_BEFORE = _PATTERNS["honorific_before"]


@dataclass
class Person:
    """One person while a story is being read.

    Attributes:
        parts: the words of the fullest name, folded.
        roles: as printed, titles and appositions only.
        styles: honorifics that say what somebody is: "Dr." is a doctor.
        shared: a surname that several people of the story have, so that it names none of them.
        countries: ISO codes that the roles name.
    """

    name: str
    parts: tuple[str, ...]
    mentions: list[Span] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    genders: set[str] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)
    styles: set[str] = field(default_factory=set)
    shared: bool = False

    @property
    def heads(self) -> frozenset[str]:
        """The offices this person is known to hold."""
        return frozenset().union(*[heads_of(role) for role in self.roles])

    @property
    def portfolio(self) -> frozenset[str]:
        """What those offices are for."""
        return frozenset().union(*[portfolio(role) for role in self.roles])

    @property
    def gender(self) -> str | None:
        """Gender, "m" or "f", where the story says so without contradiction."""
        return next(iter(self.genders)) if len(self.genders) == 1 else None

    def can_be(self, gender: str | None) -> bool:
        """Whether nothing speaks against a gender: what the story says, else a given name that has the other one.

        A given name only rules somebody out; it never says who is meant.
        """
        if gender is None or not self.genders:
            return gender is None or len(self.parts) < 2 or ENGLISH.given_names.get(self.parts[0], gender) == gender
        return gender in self.genders

    def add_role(self, role: str) -> None:
        """Keep a role once, whatever its capitals; without the full stop of its sentence or of an abbreviated title."""
        role = role.strip(" ,;:")
        if role.endswith(".") and "." not in role.rsplit(" ", 1)[-1][:-1]:
            role = role.rstrip(". ")
        if role and role.lower() not in {known.lower() for known in self.roles}:
            self.roles.append(role)
            self.countries |= countries_in(role)
            if gender := gender_of(role):
                self.genders.add(gender)


def countries_in(role: str) -> set[str]:
    """ISO codes of the countries that a role names by name or demonym."""
    return {match.known.iso for match in gazetteer_matches(role) if match.known.iso}


@lru_cache(maxsize=4096)
def folded(name: str) -> tuple[str, ...]:
    """The words of a name without accents, capitals, full stops and generational suffixes."""
    name = _INITIAL_AND_NAME.sub(r"\1. ", name)  # "U.Khurelsukh"
    words = [word.strip(".,'’-").lower() for word in _SPACES.split(plain_letters(bare_name(name) or name))]
    return tuple(word for word in words if word and word not in _SUFFIXES)


def is_particle(word: str) -> bool:
    """Whether a word belongs to a surname and begins it: "van", "de", "bin"."""
    return word.lower() in _PARTICLES


def join_people(spans: list[Span], text: StoryText) -> list[Person]:
    """The people whom the mentions name, in the order of their first mention.

    Args:
        spans: mentions with label PERSON, in reading order.
        text: the story.
    """
    people: list[Person] = []
    by_word: dict[str, list[Person]] = defaultdict(list)
    for span in sorted((one for one in spans if len(folded(one.text)) > 1), key=lambda one: one.place):
        _full_name(people, by_word, span)
    for person in people:
        for span in person.mentions:
            _learn(person, span, text.of(span.field))
    for span in sorted((one for one in spans if len(folded(one.text)) == 1), key=lambda one: one.place):
        person = _short_name(people, by_word, span, honorific_gender(text.of(span.field), span.start))
        _learn(person, span, text.of(span.field))
    for person in people:
        person.mentions.sort(key=lambda one: one.place)
    people.sort(key=lambda person: person.mentions[0].place)
    return people


def _full_name(people: list[Person], by_word: dict[str, list[Person]], span: Span) -> None:
    parts = folded(span.text)
    for person in by_word[parts[-1]] + by_word[parts[0]]:
        if same_person(person.parts, parts) and generation(person.name) == generation(span.text):
            person.mentions.append(span)
            if len(parts) > len(person.parts) or (len(parts) == len(person.parts) and "." in person.name):
                person.name, person.parts = bare_name(span.text), parts
            return
    person = Person(bare_name(span.text), parts, [span])
    people.append(person)
    for word in {*parts, *surname_keys(parts)}:
        by_word[word].append(person)


def generation(name: str) -> str:
    """The suffix that tells a child from its parent: "jr". Who has none, or "Sr", is the parent."""
    last = name.rstrip(".").rsplit(" ", 1)[-1].lower()
    return last if last in _SUFFIXES and last != "sr" else ""


def romanised(surname: str) -> str:
    """A surname with one spelling of the endings that have many: Zelensky, Zelenskyy, Zelenskiy; Gorbachev, Gorbachov."""
    for ending, its in ENGLISH.surname_endings:
        if surname.endswith(ending) and len(surname) > len(ending) + 2:
            return romanised(surname[: -len(ending)] + its) if ending != its else surname
    return surname


def given_name(name: str) -> str:
    """A given name in the spelling that stands for all: Sergey is Sergei, Muhammad is Mohammed; Tim is Timothy."""
    long = ENGLISH.nicknames.get(name, frozenset())
    plain = next(iter(long)) if len(long) == 1 else name
    return _given(plain)


def _given(name: str) -> str:
    return ENGLISH.given_spellings.get(name, name)


def same_person(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two full names are one: surname and given name agree, as far as both have them."""
    shorter, longer = sorted((one, other), key=len)
    if shorter == longer:
        return True
    if len(shorter) < 2:
        return False
    # "van der Bellen" of "Alexander Van der Bellen"; "Mohammed bin Salman" of "Crown Prince Mohammed bin Salman Al Saud"
    if shorter[0] in _PARTICLES and longer[-len(shorter) :] == shorter:
        return True
    first, last = _given(shorter[0]), shorter[-1]
    if romanised(last) != romanised(longer[-1]):
        return len(shorter) > 2 and longer[: len(shorter)] == shorter
    given = _given(longer[0])
    return (
        first == given
        or (len(first) == 1 and given.startswith(first))
        or (len(given) == 1 and first.startswith(given))
        or misspelt(first, given)
        or given in ENGLISH.nicknames.get(first, ())
        or first in ENGLISH.nicknames.get(given, ())
    ) and _middles_agree(shorter[1:-1], longer[1:-1])


def _middles_agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether middle names do not contradict each other: George W. is not George H. W."""
    shorter, longer = sorted((one, other), key=len)
    return all(a.startswith(b) or b.startswith(a) for a, b in zip(shorter, longer, strict=False))


def misspelt(one: str, other: str) -> bool:
    """Whether two words are likely one name in two spellings: "Kristen" and "Kristin", "Waters" and "Water".

    One letter is another, missing, or two have changed places; long names may differ in two. The first letter is the
    same, and short names ("Dan", "Dean") are never taken for each other.
    """
    shorter = min(len(one), len(other))
    if shorter < _LONG_ENOUGH or one[0] != other[0]:
        return False
    return _edits(one, other) <= (2 if shorter >= _VERY_LONG else 1)


def spelt_like(people: Iterable[Person], surname: str) -> list[Person]:
    """Those named in full whose surname a word is likely a misspelling of."""
    return [person for person in people if len(person.parts) > 1 and misspelt(person.parts[-1], surname)]


def _edits(one: str, other: str) -> int:
    """Letters to change, add, leave out or exchange with the next (Damerau-Levenshtein, optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        older, before, row = before, row, [at]
        for place, its in enumerate(other, start=1):
            best = min(before[place] + 1, row[place - 1] + 1, before[place - 1] + (letter != its))
            if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == its:
                best = min(best, older[place - 2] + 1)
            row.append(best)
    return row[-1]


def surname_keys(parts: tuple[str, ...]) -> set[str]:
    """Words by which a person named in full is named again: the surname, or the first word of an Asian name."""
    keys = {parts[-1]}
    if "-" in parts[-1]:
        keys.add(parts[-1].rsplit("-", 1)[-1])
    return keys


def honorific_gender(text: str, start: int) -> str | None:
    """Gender that the form of address before a name says: "Mr", "Lady"."""
    honorific = _HONORIFIC_BEFORE.search(text[max(0, start - 8) : start])
    return gender_of(honorific.group(1)) if honorific else None


def _short_name(people: list[Person], by_word: dict[str, list[Person]], span: Span, gender: str | None) -> Person:
    """Join a surname or given name to the person it means, or make a new one; ``gender`` as its form of address says."""
    (part,) = folded(span.text)
    named = [person for person in by_word[part] if person.can_be(gender)]
    surnames = [person for person in named if len(person.parts) > 1 and part in surname_keys(person.parts)]
    firsts = [person for person in named if len(person.parts) > 1 and part == person.parts[0]]
    # "Lula" of Luiz Inácio Lula da Silva; never a particle.
    middles = [person for person in named if part in person.parts[1:-1] and part not in _PARTICLES and len(part) > 3]
    alone = [person for person in named if person.parts == (part,)]
    stated = [person for person in surnames if gender is not None and person.gender == gender]
    for candidates in (stated, surnames, firsts, middles):
        person = _only(candidates, span)
        if person is not None:
            person.mentions.append(span)
            return person
    if alone:
        alone[0].mentions.append(span)
        return alone[0]
    if not by_word[part] and (meant := _only(spelt_like(people, part), span)):
        meant.mentions.append(span)
        return meant
    # "Mr Yates", where only a Betty Yates is named: somebody of whom no more is known.
    person = Person(
        bare_name(span.text), (part,), [span], shared=len(surnames) > 1 or bool(by_word[part] and not named)
    )
    people.append(person)
    by_word[part].append(person)
    return person


def _only(candidates: list[Person], span: Span) -> Person | None:
    """The one candidate; of several, the only one who was named in full before this mention."""
    if len(candidates) > 1:
        candidates = [person for person in candidates if person.mentions[0].place < span.place]
    return candidates[0] if len(candidates) == 1 else None


def _learn(person: Person, span: Span, text: str) -> None:
    """Titles, appositions and honorifics next to a mention."""
    headline = span.field in {"headline", "subheadline"}
    found: list[Role | None] = [title_before(text, span.start, headline=headline)]
    if not headline:
        found += [apposition_after(text, span.end), None if found[0] else apposition_before(text, span.start)]
    for role in found:
        if role is not None:
            person.add_role(role.text)
    if _PATTERNS["doctor"].search(text[max(0, span.start - 5) : span.start]):
        person.styles.add("doctor")
    if gender := honorific_gender(text, span.start):
        person.genders.add(gender)
