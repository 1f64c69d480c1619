"""Who speaks: from the words that name a source to a person or body of the story.

A name is looked up; "he", "the minister", "the company" are resolved by role, agreement, recency and place in the
sentence. Gender counts only where the story states it (Mr, spokeswoman), never by a given name. Where it is not clear
the speaker stays unresolved: a wrong name is worse than none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from pipeline.enrich.bodies import BODY_NOUNS, body_called
from pipeline.enrich.entities.descriptors import Described, who_is
from pipeline.enrich.entities.offices import is_head
from pipeline.enrich.entities.people import Person, spelt_like
from pipeline.enrich.entities.spans import FIELDS, Span, bare_name
from pipeline.enrich.entities.story import StoryEntities
from pipeline.enrich.entities.things import Thing
from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.enrich.places import InOrder
from pipeline.enrich.quotes.phrases import PARTICLED
from pipeline.enrich.quotes.quotation import Quotation
from pipeline.enrich.quotes.source import Source
from pipeline.enrich.quotes.words import BASE_FORMS, DOCUMENTS, PRONOUNS, ROLE_NOUNS
from pipeline.enrich.speakers.before import NEAR, Before
from pipeline.enrich.speakers.descriptions import front, head_of, is_demonym, printed_body
from pipeline.enrich.speakers.heads import (
    apposed,
    is_body,
    is_head_of,
    led_by_role,
    linked_to_name,
    owns_paper,
    parted_by_comma,
)
from pipeline.enrich.speakers.papers import owner_of
from pipeline.enrich.speakers.speaker import Speaker, of_person, of_thing

_PATTERNS = patterns("speakers/resolve")

_BODY = FIELDS.index("body")
_BODIES = frozenset(("ORG", "GPE", "FAC"))
#: "in his words, …"
_OWNERS = {"his": "he", "its": "it", "their": "they"}
_GENDERS = {"he": "m", "she": "f", "him": "m", "her": "f"}
_WORD = re.compile(r"[’'-]{0,3}\w+(?:[’'-]{1,3}\w+)*")
#: After the name of an agency in a dateline: "SEATTLE (Reuters) - ".
_AGENCY_SLOT = re.compile(r"\) ?[-–—]")
_OWNER = _PATTERNS["owner"]
#: Between two names of which the first says whose the second is.
_WHOSE = _PATTERNS["whose"]
_NEW = 3  # words after the article by which a body is introduced, not referred to
#: Words that begin a sentence and name nobody.
_NOBODY = ENGLISH.function_words("no_speaker")
_PERSON_OF = _PATTERNS["person_of"]
#: Offices of which a story can have several nameless holders.
_ANY_OFFICE = ENGLISH.nouns_that("many")


class Speakers:
    """Resolves the sources of one story, in the order in which they stand.

    Args:
        story: its people and things.
        found: its quotations.
        described: descriptors in the story.
    """

    def __init__(self, story: StoryEntities, found: Sequence[Quotation], described: Sequence[Described]) -> None:
        self._story = story
        self._body = story.text.of("body")
        self._before = Before(story, found)
        self._called: dict[str, list[str]] = {}
        self._bearers: dict[str, list[Person]] = defaultdict(list)
        for bearer in story.people:
            if len(bearer.parts) > 1:
                self._bearers[bearer.parts[-1]].append(bearer)
        referred: list[tuple[int, tuple[int, Person]]] = []
        for one in described:
            person = self._describe(one)
            if person is not None and one.field == "body":
                referred.append((one.start, (one.end, person)))
        self._before.referred = InOrder(referred)

    @property
    def called(self) -> dict[str, list[str]]:
        """By a person's name, the descriptors that surely mean that person."""
        return self._called

    def _describe(self, one: Described) -> Person | None:
        place = (FIELDS.index(one.field), one.start)
        person, confidence = who_is(one.text, place, self._story.people, self._before.paragraph_before(one.start))
        if person is None or confidence < 0.8:
            return None
        self._called.setdefault(person.name, []).append(one.text)
        return person

    def resolve(self, source: Source) -> Speaker:
        """Whom a source stands for. The same source gives the same speaker."""
        if source.start not in self._before.spoke:
            self._before.remember(source.start, self._resolve(source))
        return self._before.spoke[source.start]

    def _resolve(self, source: Source) -> Speaker:
        words = source.text(self._body)
        lowered = words.lower().strip("[] ")
        lowered = _OWNERS.get(lowered, lowered)
        if lowered in PRONOUNS or lowered == "which":
            return self._pronoun(lowered, source)
        if _PERSON_OF.fullmatch(words) or self._is_people(words):
            return self._before.person_before(source, None)
        return self._named(source) or _printed(words) or self._described(words, source) or self._as_printed(words)

    def _is_people(self, words: str) -> bool:
        """Whether a demonym stands for a person: "the Frenchman"."""
        return is_demonym(words) and bool(_PATTERNS["the"].match(words))

    def _named(self, source: Source) -> Speaker | None:
        people = self._before.people.between(source.start, source.end)
        heads = [(span, person) for span, person in people if is_head_of(self._body, span, source)]
        # "Ann Moe of Roe & Sons": who follows no preposition is the one.
        if heads:
            first = heads[0][0]
            heads = [head for head in heads if not linked_to_name(self._body, first, head[0], source.end)]
        heads = [head for at, head in enumerate(heads) if not self._leads_to(heads, at)]
        several = len({person.name for _, person in heads}) > 1
        if several and parted_by_comma(self._body, heads) and led_by_role(self._body, heads[0][0], source):
            heads = heads[1:]
        elif several and not apposed(self._body, heads, source):
            if _PATTERNS["several"].search(self._body[heads[0][0].start : heads[-1][0].start]):
                return Speaker()
            heads = heads[-1:]  # "Harwick manager Ann Moe": what precedes the name says whose manager
        heads = heads or [(span, person) for span, person in people if owns_paper(self._body, span, source)]
        if heads:
            span, person = heads[0]
            if person.shared:
                return self._bearer(person, source)
            return of_person(person, 0.95 if len(person.parts) > 1 else 0.8)
        if people:
            return None
        for span, thing in self._before.things.between(source.start, source.end):
            if thing.name.lower() in _NOBODY:
                return Speaker(role=source.text(self._body))
            if span.end <= source.end and thing.label in _BODIES and is_body(self._body, span, source, thing.label):
                return of_thing(thing, 0.9)
        return None

    def _leads_to(self, heads: list[tuple[Span, Person]], at: int) -> bool:
        """Whether a name only says whose the next one is: "Sill ally and former senator Doris Quaid"."""
        if at + 1 >= len(heads) or heads[at + 1][1] is heads[at][1]:
            return False
        return _WHOSE.fullmatch(self._body, heads[at][0].end, heads[at + 1][0].start) is not None

    def _bearer(self, surname: Person, source: Source) -> Speaker:
        """Which of those who share a surname: the only one named in this paragraph or the one before."""
        gender = surname.gender
        bearers = {
            person.name: person
            for person in self._bearers[surname.parts[-1]]
            if person.mentions[0].place < (_BODY, source.start) and person.can_be(gender)
        }
        if gender is not None and len(bearers) == 1:
            return of_person(next(iter(bearers.values())), 0.8)
        first = self._before.paragraph_before(source.start)
        near = {name: person for name, person in bearers.items() if self._before.names(person, first, source.start)}
        return of_person(next(iter(near.values())), 0.6) if len(near) == 1 else Speaker()

    def _described(self, words: str, source: Source) -> Speaker | None:
        lead, last = front(words), head_of(words)
        if not (last in ROLE_NOUNS or is_head(last) or last in BODY_NOUNS):
            return None
        definite = _PATTERNS["determined"].match(words)
        # "Peru's largest opposition group" is introduced here, "Peru's government" may be known.
        if definite and last in BODY_NOUNS and lead.count(" ") < _NEW:
            thing = self._body_called(last, source)
            if thing is not None:
                return of_thing(thing, 0.6)
        if definite and last in DOCUMENTS and words.count(" ") == 1 and (issuer := self._owner(last, source)):
            return issuer
        if definite and self._introduced(lead, source):
            return Speaker(role=words)
        if definite or (lead[:1].isupper() and " " in lead and not _PATTERNS["new"].match(lead)):
            place = (_BODY, source.start)
            person, sure = who_is(lead, place, self._story.people, self._before.paragraph_before(source.start))
            owner = _OWNER.match(lead)  # "the family's lawyer" is not the Attorney General
            if person is not None and (owner is None or any(owner.group(1) in role for role in person.roles)):
                return of_person(person, sure)
        if definite and is_head(last) and last not in _ANY_OFFICE and lead == words:
            spoke = self._before.person_before(source, None)
            if spoke.person is not None and not spoke.person.roles and self._alone(spoke.person, source):
                return of_person(spoke.person, 0.55)
        if _PATTERNS["one"].match(words) and (later := self._named_later(last, source)):
            return later
        return Speaker(role=words)

    def _owner(self, paper: str, source: Source) -> Speaker | None:
        """Whose paper it is that speaks, if the story says so before."""
        owner = owner_of(self._body, paper, source.start)
        if owner is None:
            return None
        named = self._named(Source(*owner, "", owner[1], owner[1])) or _printed(self._body[slice(*owner)])
        if named is None or (named.thing and named.thing.label == "GPE"):
            return None  # "A report from Iraq" is not Iraq's
        # "The assessment by Blue Sail said …. The report said": which report, if another body spoke since?
        last = self._before.heard_last(owner[1], source.start)
        return named if last is None or last.name in {None, named.name} else None

    def _introduced(self, definite: str, source: Source) -> bool:
        """Whether somebody without a name was introduced so before: "An investigating officer …. The investigating officer"."""
        what = " ".join(definite.split()[1:])
        first = max(source.start - NEAR, 0)
        if " " not in what or what not in self._body[first : source.start]:
            return False  # a pattern for every description would be dear
        new = re.compile(rf"\b[Aa]n? {re.escape(what)}\b(?!,? [A-ZÀ-Þ])")
        return new.search(self._body, first, source.start) is not None

    def _alone(self, person: Person, source: Source) -> bool:
        """Whether nobody else was named so far whose office is not known."""
        return all(other is person or other.roles for _, other in self._before.people.between(0, source.start))

    def _body_called(self, noun: str, source: Source) -> Thing | None:
        near = [
            thing
            for span, thing in self._before.things.between(self._before.paragraph_before(source.start), source.start)
            if thing.label == "ORG" and not _AGENCY_SLOT.match(self._body, span.end)
        ]
        spoke = [self._before.spoke[at].thing for at in sorted(self._before.spoke, reverse=True) if at < source.start]
        bodies = [thing for thing in self._story.things if thing.label == "ORG"]
        return body_called(noun, bodies, near, [thing for thing in spoke if thing is not None])

    def _named_later(self, noun: str, source: Source) -> Speaker | None:
        """``"…," a spokesman said. The spokesman, Jan Roe, …``: an office whose holder is named afterwards."""
        later = re.compile(rf"\b[Tt]he (?:[\w-]+ )?{re.escape(noun)}, (?=[A-ZÀ-Þ])")
        found = later.search(self._body, source.end, source.end + NEAR)
        named = self._before.people.between(found.end(), found.end() + 1) if found else []
        return of_person(named[0][1], 0.6) if named else None

    def _as_printed(self, words: str) -> Speaker:
        """A name that no mention covers is its own; anything else is nobody."""
        name = bare_name(words)
        plain = _WORD.findall(name)
        if (
            plain
            and len(plain) <= 5
            and all(word[0].isupper() or PARTICLED.match(word) for word in plain)
            and not name.isupper() | name.isdigit()
            and not (len(plain) == 1 and (plain[0].lower() in _NOBODY or _is_several(plain[0].lower())))
        ):
            without = [word for word in plain if not is_demonym(word)]
            if (
                len(without) == 1
                and without != plain
                and without[0].isupper()
                and (short := self._abbreviated(*without))
            ):
                return of_thing(short, 0.7)
            meant = spelt_like(self._story.people, plain[0].lower()) if len(plain) == 1 else []
            if len(meant) == 1:
                return of_person(meant[0], 0.6)
            known = next((thing for thing in self._story.things if thing.name == name), None)
            return Speaker(name, known.known.id if known and known.known else None, None, 0.6)
        return Speaker(role=words)

    def _abbreviated(self, name: str) -> Thing | None:
        """The body that an abbreviation stands for: "the Sunni AMS" of the Association of Muslim Scholars (AMS)."""
        return next((thing for thing in self._story.things if any(span.text == name for span in thing.mentions)), None)

    def _pronoun(self, pronoun: str, source: Source) -> Speaker:
        if pronoun in {"it", "they"}:
            return self._before.body_before(source)
        if pronoun == "who" and source.cue in BASE_FORMS:
            return Speaker()  # "critics like Ann Moe, who say": not she alone
        if pronoun == "who":
            near = self._before.people.between(source.start - 60, source.start)
            before = [person for span, person in near if 0 < source.start - span.end <= 2]
            return of_person(before[0], 0.8) if before else Speaker()
        if pronoun == "which":
            things = self._before.things.between(source.start - 60, source.start)
            named = [thing for span, thing in things if 0 < source.start - span.end <= 2 and thing.label in _BODIES]
            return of_thing(named[0], 0.8) if named else Speaker()
        return self._before.person_before(source, _GENDERS[pronoun]) if pronoun in _GENDERS else Speaker()


def _printed(words: str) -> Speaker | None:
    """A body whose name is told by its last word: "the Israeli government", "the Obama administration"."""
    name = printed_body(words)
    return Speaker(name, confidence=0.6) if name else None


def _is_several(word: str) -> bool:
    """Whether a word that begins a sentence means people without a name: "Forecasters said"."""
    one = word.removesuffix("s")
    return one != word and (one in ROLE_NOUNS or is_head(one))
