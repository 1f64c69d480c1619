"""Who speaks: from the words that name a source to a person or body of the story.

A name is looked up; "he", "the minister", "the company" are resolved by role, agreement, recency and place in the
sentence. Gender counts only where the story states it (Mr, spokeswoman), never by a given name. Where it is not clear
the speaker stays unresolved: a wrong name is worse than none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from pipeline.enrich.bodies import BODY_NOUNS, body_called
from pipeline.enrich.entities.descriptors import Described, who_is
from pipeline.enrich.entities.offices import is_head
from pipeline.enrich.entities.people import Person
from pipeline.enrich.entities.spans import FIELDS, Span, bare_name
from pipeline.enrich.entities.story import StoryEntities
from pipeline.enrich.entities.things import Thing
from pipeline.enrich.entities.titles import title_before
from pipeline.enrich.gazetteer import lookup
from pipeline.enrich.places import InOrder
from pipeline.enrich.quotes.found import Found
from pipeline.enrich.quotes.source import Source, sentence_subject
from pipeline.enrich.quotes.words import PRONOUNS, ROLE_NOUNS
from pipeline.enrich.sentences import sentence_spans

_Named = TypeVar("_Named", Person, Thing)

_BODY = FIELDS.index("body")
_BODIES = frozenset(("ORG", "GPE", "FAC"))
#: "in his words, …"
_OWNERS = {"his": "he", "its": "it", "their": "they"}
_GENDERS = {"he": "m", "she": "f", "him": "m", "her": "f"}
_NEAR = 1500  # characters: no paragraph of the wire is longer
_REACH = 3  # sentences that a pronoun looks back
_WORD = re.compile(r"[\w’'-]*\w")
#: What may stand behind a body's name: "the official Xinhua news agency".
_MEDIA = frozenset(
    ("news agency", "newspaper", "daily", "television", "TV", "news service", "network", "radio", "magazine", "website", "channel",
     "party", "group", "company", "firm")
)  # fmt: skip
#: Behind the name of an agency in a dateline: "SEATTLE (Reuters) - ".
_AGENCY_SLOT = re.compile(r"\) ?[-–—]")
_PAPERS = frozenset(
    "statement report study poll survey letter message memo email e-mail note tweet post article paper document lawsuit"
    " complaint indictment affidavit website blog sign release ruling transcript".split()
)
#: Words that begin a sentence and name nobody.
_NOBODY = frozenset("one another some others many most both few several all you this that".split())
_PERSON_OF = re.compile(r"[Tt]he \d{1,3}-year-old(?: [a-z]+)?")
#: Offices of which a story can have several nameless holders.
_ANY_OFFICE = frozenset(
    "official officer spokesman spokeswoman spokesperson diplomat lawyer analyst expert judge prosecutor".split()
)


@dataclass(frozen=True)
class Speaker:
    """Who a source stands for."""

    name: str | None = None
    id: str | None = None
    role: str | None = None
    confidence: float = 0.0
    person: Person | None = None
    thing: Thing | None = None


def _in_body(named: Sequence[_Named]) -> InOrder[tuple[Span, _Named]]:
    return InOrder([(span.start, (span, one)) for one in named for span in one.mentions if span.field == "body"])


class Speakers:
    """Resolves the sources of one story, in the order in which they stand.

    Args:
        story: its people and things.
        found: its quotations.
        described: descriptors in the story.
    """

    def __init__(self, story: StoryEntities, found: Sequence[Found], described: Sequence[Described]) -> None:
        self._story = story
        self._body = story.text.of("body")
        self._quoted = InOrder([(quote.start, quote) for quote in found if quote.type == "direct"])
        self._sentences = [span for span in sentence_spans(self._body) if not self._is_quoted(*span)]
        self._people = _in_body(story.people)
        self._things = _in_body(story.things)
        self._spoke: dict[int, Speaker] = {}  # by start of the source
        self._called: dict[str, list[str]] = {}
        referred: list[tuple[int, tuple[int, Person]]] = []
        for one in described:
            person = self._describe(one)
            if person is not None and one.field == "body":
                referred.append((one.start, (one.end, person)))
        self._referred = InOrder(referred)

    @property
    def called(self) -> dict[str, list[str]]:
        """By a person's name, the descriptors that surely mean that person."""
        return self._called

    def _describe(self, one: Described) -> Person | None:
        place = (FIELDS.index(one.field), one.start)
        person, confidence = who_is(one.text, place, self._story.people, self._paragraph_before(one.start))
        if person is None or confidence < 0.8:
            return None
        self._called.setdefault(person.name, []).append(one.text)
        return person

    def _paragraph_before(self, at: int) -> int:
        first = max(at - _NEAR, 0)
        here = max(self._body.rfind("\n", first, at), first)
        return max(self._body.rfind("\n", first, max(here - 1, first)), first)

    def resolve(self, source: Source) -> Speaker:
        """Whom a source stands for. The same source gives the same speaker."""
        if source.start not in self._spoke:
            self._spoke[source.start] = self._resolve(source)
        return self._spoke[source.start]

    def _resolve(self, source: Source) -> Speaker:
        words = source.text(self._body)
        lowered = words.lower().strip("[] ")
        lowered = _OWNERS.get(lowered, lowered)
        if lowered in PRONOUNS:
            return self._pronoun(lowered, source)
        if _PERSON_OF.fullmatch(words) or self._is_people(words):
            return self._person_before(source, None)
        return self._named(source) or self._described(words, source) or self._as_printed(words)

    def _is_people(self, words: str) -> bool:
        """Whether a demonym stands for a person: "the Frenchman"."""
        known = lookup(words)
        return known is not None and known.label == "NORP" and bool(re.match(r"[Tt]he ", words))

    def _named(self, source: Source) -> Speaker | None:
        people = self._people.between(source.start, source.end)
        heads = [(span, person) for span, person in people if self._is_head(span, source)]
        # "Ann Moe of Roe & Sons": who stands behind no preposition is the one.
        heads = [head for head in heads if not self._linked_to_name(heads[0][0], head[0])] if heads else heads
        if len({person.name for _, person in heads}) > 1 and not self._apposed(heads, source):
            if re.search(r"[,&/]|\b(?:and|or)\b", self._body[heads[0][0].start : heads[-1][0].start]):
                return Speaker()
            heads = heads[-1:]  # "Harwick manager Ann Moe": what stands before the name says whose manager
        if heads:
            span, person = heads[0]
            if person.shared:
                return self._bearer(person, source)
            return _of_person(person, 0.95 if len(person.parts) > 1 else 0.8)
        if people and not heads:
            return None
        for span, thing in self._things.between(source.start, source.end):
            if span.end <= source.end and thing.label in _BODIES:
                rest = self._body[span.end : source.end].strip(" ,")
                lead = self._body[source.start : span.start].strip().lower()
                if (not rest and lead in {"", "the"}) or (thing.label == "ORG" and rest in _MEDIA):
                    return Speaker(thing.name, thing.known.id if thing.known else None, None, 0.9, thing=thing)
        return None

    def _bearer(self, surname: Person, source: Source) -> Speaker:
        """Which of those who share a surname: the only one named in this paragraph or the one before."""
        near = {
            person.name: person
            for _, person in self._people.between(self._paragraph_before(source.start), source.start)
            if len(person.parts) > 1 and person.parts[-1] == surname.parts[-1]
        }
        return _of_person(next(iter(near.values())), 0.6) if len(near) == 1 else Speaker()

    def _is_head(self, span: Span, source: Source) -> bool:
        """Not "Moe's lawyer" and not "a spokesman for President Moe"."""
        if re.match(r"['’]s?\s", self._body[span.end : span.end + 3]):
            return False
        title = title_before(self._body, span.start)
        begin = max(title.start if title else span.start, source.start)
        lead = self._body[source.start : begin].rstrip()
        linked = re.search(
            r"([\w’'-]+) (?:for|of|to|by|under|from|with|against|about|near)(?: (?:the|an?|former|then))?$", lead
        )
        # "the University of Oslo president Ann Moe": a name before the preposition, not a trade.
        return linked is None or (linked.group(1)[0].isupper() and not is_head(linked.group(1)))

    def _linked_to_name(self, first: Span, span: Span) -> bool:
        between = self._body[first.end : span.start]
        return span.start > first.end and bool(re.match(r",? (?:of|for|at|from|with)\b(?!.*,)", between))

    def _apposed(self, heads: list[tuple[Span, Person]], source: Source) -> bool:
        between = self._body[heads[0][0].end : heads[1][0].start]
        return between.lstrip().startswith(",") and not re.search(r"\band\b", between) and source.end > heads[1][0].end

    def _described(self, words: str, source: Source) -> Speaker | None:
        front, last = _front(words), _head_of(words)
        if not (last in ROLE_NOUNS or is_head(last) or last in BODY_NOUNS):
            return None
        definite = re.match(r"(?:the|The|[A-ZÀ-Þ][\w.]*['’]s?|his|her|its|their|His|Her|Its|Their)\s", words)
        if definite and last in BODY_NOUNS:
            thing = self._body_called(last, source)
            if thing is not None:
                return Speaker(thing.name, thing.known.id if thing.known else None, None, 0.6, thing=thing)
        if definite or (front[:1].isupper() and " " in front and not re.match(r"(?:An?|One|Some|Another)\s", front)):
            place = (_BODY, source.start)
            person, sure = who_is(front, place, self._story.people, self._paragraph_before(source.start))
            if person is not None:
                return _of_person(person, sure)
        if definite and is_head(last) and last not in _ANY_OFFICE:
            spoke = self._person_before(source, None)
            if spoke.person is not None and not spoke.person.roles and self._alone(spoke.person, source):
                return _of_person(spoke.person, 0.55)
        if re.match(r"(?:An?|One)\s", words, re.IGNORECASE) and (later := self._named_later(last, source)):
            return later
        return Speaker(role=words)

    def _alone(self, person: Person, source: Source) -> bool:
        """Whether nobody else was named so far whose office is not known."""
        return all(other is person or other.roles for _, other in self._people.between(0, source.start))

    def _body_called(self, noun: str, source: Source) -> Thing | None:
        near = [
            thing
            for span, thing in self._things.between(self._paragraph_before(source.start), source.start)
            if thing.label == "ORG" and not _AGENCY_SLOT.match(self._body, span.end)
        ]
        spoke = [self._spoke[at].thing for at in sorted(self._spoke, reverse=True) if at < source.start]
        bodies = [thing for thing in self._story.things if thing.label == "ORG"]
        return body_called(noun, bodies, near, [thing for thing in spoke if thing is not None])

    def _named_later(self, noun: str, source: Source) -> Speaker | None:
        """``"…," a spokesman said. The spokesman, Jan Roe, …``: an office whose holder is named afterwards."""
        later = re.compile(rf"\b[Tt]he (?:[\w-]+ )?{re.escape(noun)}, (?=[A-ZÀ-Þ])")
        found = later.search(self._body, source.end, source.end + _NEAR)
        named = self._people.between(found.end(), found.end() + 1) if found else []
        return _of_person(named[0][1], 0.6) if named else None

    def _as_printed(self, words: str) -> Speaker:
        """A name that no mention covers is its own; anything else is nobody."""
        name = bare_name(words)
        plain = _WORD.findall(name)
        if (
            plain
            and len(plain) <= 5
            and all(word[0].isupper() for word in plain)
            and not name.isupper() | name.isdigit()
            and not (len(plain) == 1 and plain[0].lower() in _NOBODY)
        ):
            known = next((thing for thing in self._story.things if thing.name == name), None)
            return Speaker(name, known.known.id if known and known.known else None, None, 0.6)
        return Speaker(role=words)

    def _pronoun(self, pronoun: str, source: Source) -> Speaker:
        if pronoun in {"it", "they"}:
            return self._body_before(source)
        if pronoun == "who":
            near = self._people.between(source.start - 60, source.start)
            before = [person for span, person in near if 0 < source.start - span.end <= 2]
            return _of_person(before[0], 0.8) if before else Speaker()
        return self._person_before(source, _GENDERS[pronoun]) if pronoun in _GENDERS else Speaker()

    def _person_before(self, source: Source, gender: str | None) -> Speaker:
        """The person spoken of before: who spoke last, else the only one named in the nearest sentence, else its subject."""
        for distance, (start, end) in enumerate(self._sentences_before(source.start)):
            candidates = self._candidates(start, min(end, source.start), gender)
            candidates = _agreeing(candidates, gender)
            names = {person.name for _, person in candidates}
            spoke = self._speaker_of(start, end, source.start)
            if spoke is not None and spoke.person is not None and spoke.person.name in names:
                return _of_person(spoke.person, 0.8 if distance < 2 else 0.65)
            nameless = self._nameless_speaker(start, end, source.start)
            if nameless is not None and all(at < nameless[0] for at, _ in candidates):
                return nameless[1]
            if len(names) == 1:
                return _of_person(candidates[0][1], 0.7 if distance < 2 else 0.55)
            if len(names) > 1:
                return self._subject(start, candidates)
        return Speaker()

    def _sentences_before(self, at: int) -> list[tuple[int, int]]:
        """The sentence itself and those before it, nearest first; what is nothing but quotation is left out."""
        last = bisect_left(self._sentences, (at, at))
        return self._sentences[max(last - _REACH - 1, 0) : last][::-1]

    def _is_quoted(self, start: int, end: int) -> bool:
        return any(start + 1 >= begin and end - 2 <= quote.end for begin, quote in self._quoted.around(start + 2))

    def _candidates(self, start: int, end: int, gender: str | None) -> list[tuple[int, Person]]:
        """People named in a stretch outside quotations who agree with a gender as far as theirs is known."""
        named = [(span.start, person) for span, person in self._people.between(start, end)]
        named += [(at, person) for at, (_, person) in self._referred.items(start, end)]
        return sorted(
            (
                (at, person)
                for at, person in named
                if (gender is None or person.gender in {None, gender})
                and not person.shared
                and not any(at < quote.end for _, quote in self._quoted.around(at + 1))
            ),
            key=lambda entry: entry[0],
        )

    def _speaker_of(self, start: int, end: int, before: int) -> Speaker | None:
        for at in range(min(end, before) - 1, start - 1, -1):
            if at in self._spoke:
                return self._spoke[at] if self._spoke[at].name else None
        return None

    def _nameless_speaker(self, start: int, end: int, before: int) -> tuple[int, Speaker] | None:
        """Where the one acts or spoke last of whom the story says an office and no name: "he" is nobody named before."""
        at = max((at for at in self._spoke if start <= at < min(end, before)), default=None)
        if at is None:
            subject = sentence_subject(self._body, start, min(end, before))
            words = self._body[slice(*subject)] if subject else ""
            indefinite = re.match(r"(?:An?|One|Another)\s", words) and is_head(_head_of(words))
            return (subject[1], Speaker(role=words)) if subject and indefinite else None
        spoke = self._spoke[at]
        return (at, spoke) if spoke.name is None and spoke.role and _is_somebody(spoke.role) else None

    def _subject(self, start: int, candidates: list[tuple[int, Person]]) -> Speaker:
        """Of several people in one sentence the one it begins with, where that one is its subject."""
        at, person = candidates[0]
        lead = self._body[start:at]
        span = next((one for one, _ in self._people.between(at, at + 1)), None)
        after = self._body[span.end : span.end + 5] if span else ""
        if (
            len(lead) > 60
            or re.match(r"['’]|,? and", after)
            or re.search(r"\b(?:of|for|by|with|and|to|from|after)\b", lead)
        ):
            return Speaker()
        return _of_person(person, 0.55)

    def _body_before(self, source: Source) -> Speaker:
        for start, end in self._sentences_before(source.start)[:2]:
            spoke = self._speaker_of(start, end, source.start)
            if spoke is not None:
                return Speaker(spoke.name, spoke.id, None, 0.6, thing=spoke.thing) if spoke.thing else Speaker()
        return Speaker()


_FRONT_ENDS = re.compile(r",|\b(?:of|for|at|in|with|from|on|who|which|that)\b")


def _front(words: str) -> str:
    """A description without what follows its head: "the head" of "the head of the fire brigade"."""
    ends = _FRONT_ENDS.search(words)
    return words[: ends.start() if ends else len(words)].strip()


def _head_of(words: str) -> str:
    found = list(_WORD.finditer(_front(words)))
    return found[-1].group().lower() if found else ""


def _is_somebody(role: str) -> bool:
    """Whether a description means one person: an office, or anybody ("one juror") but a paper or a body."""
    head = _head_of(role)
    indefinite = re.match(r"(?:An?|One|Another)\s", role, re.IGNORECASE) is not None
    return is_head(head) or (indefinite and head not in BODY_NOUNS | _PAPERS)


def _agreeing(candidates: list[tuple[int, Person]], gender: str | None) -> list[tuple[int, Person]]:
    """Of several people the one whose gender the story states, if only one has it."""
    stated = [entry for entry in candidates if gender is not None and entry[1].gender == gender]
    return stated if len({person.name for _, person in stated}) == 1 else candidates


def _of_person(person: Person, confidence: float) -> Speaker:
    return Speaker(person.name, None, person.roles[0] if person.roles else None, confidence, person=person)
