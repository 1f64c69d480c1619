"""Whom a pronoun or a bare description looks back to: the people and bodies named and heard before it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from typing import TypeVar

from pipeline.enrich.entities.offices import is_head
from pipeline.enrich.entities.people import Person
from pipeline.enrich.entities.spans import Span
from pipeline.enrich.entities.story import StoryEntities
from pipeline.enrich.entities.things import Thing
from pipeline.enrich.patterns import patterns
from pipeline.enrich.places import InOrder
from pipeline.enrich.quotes.quotation import Quotation
from pipeline.enrich.quotes.source import SIGNED, Source, sentence_subject
from pipeline.enrich.sentences import sentence_spans
from pipeline.enrich.speakers.descriptions import head_of, is_somebody
from pipeline.enrich.speakers.heads import is_body, is_head_of
from pipeline.enrich.speakers.speaker import Speaker, of_person, of_thing

_PATTERNS = patterns("speakers/before")

_Named = TypeVar("_Named", Person, Thing)

#: Characters: no paragraph of the wire is longer.
NEAR = 1500
_REACH = 3  # sentences that a pronoun looks back
_PRONOUN = _PATTERNS["pronoun"]
_LED_BY_ANOTHER = _PATTERNS["led_by_another"]
_OWNED = _PATTERNS["owned"]


def _in_body(named: Sequence[_Named]) -> InOrder[tuple[Span, _Named]]:
    return InOrder([(span.start, (span, one)) for one in named for span in one.mentions if span.field == "body"])


class Before:
    """What precedes a source in the body of one story.

    Args:
        story: its people and things.
        found: its quotations.

    Attributes:
        people: who is named where.
        things: what is named where.
        referred: descriptors that surely mean somebody: where they begin and end, and whom.
        spoke: speakers known so far, by the start of their source; added to by ``remember``.
    """

    def __init__(self, story: StoryEntities, found: Sequence[Quotation]) -> None:
        self._body = story.text.of("body")
        self._quoted = InOrder([(quote.start, quote) for quote in found if quote.type == "direct"])
        self._reported = InOrder([(quote.start, quote) for quote in found if quote.type != "direct"])
        self._sentences = [span for span in sentence_spans(self._body) if not self._is_quoted(*span)]
        self.people = _in_body(story.people)
        self.things = _in_body(story.things)
        self.referred: InOrder[tuple[int, Person]] = InOrder([])
        self.spoke: dict[int, Speaker] = {}
        self._heard: list[int] = []

    def remember(self, at: int, speaker: Speaker) -> None:
        """Remember who the source is that begins at a place."""
        self.spoke[at] = speaker
        insort(self._heard, at)

    def _heard_between(self, start: int, end: int) -> list[int]:
        """Where sources begin whose speakers are known, the last one first."""
        return self._heard[bisect_left(self._heard, start) : bisect_left(self._heard, end)][::-1]

    def heard_last(self, start: int, end: int) -> Speaker | None:
        """Who spoke last between two places."""
        at = next(iter(self._heard_between(start, end)), None)
        return self.spoke[at] if at is not None else None

    def names(self, person: Person, start: int, end: int) -> bool:
        """Whether a person is named between two places."""
        return any(other is person for _, other in self.people.between(start, end))

    def paragraph_before(self, at: int) -> int:
        first = max(at - NEAR, 0)
        here = max(self._body.rfind("\n", first, at), first)
        return max(self._body.rfind("\n", first, max(here - 1, first)), first)

    def person_before(self, source: Source, gender: str | None) -> Speaker:
        """The person spoken of before: who spoke last, else the only one named in the nearest sentence, else its subject."""
        for distance, (start, end) in enumerate(self._sentences_before(source.start)):
            if self._goes_on(start, min(end, source.start), gender, same=distance == 0):
                continue
            candidates = self._candidates(start, min(end, source.start), gender)
            spoke = self._speaker_of(start, end, source.start)
            last = spoke.person if spoke is not None else None
            if last is not None and any(person is last for _, person in candidates):
                return of_person(last, 0.8 if distance < 2 else 0.65)
            candidates = _agreeing(candidates, gender)
            names = {person.name for _, person in candidates}
            nameless = self._nameless_speaker(start, end, source.start)
            # Of whom a nameless one spoke is not who goes on: "A spokesman says Moe was worried. He says …".
            if nameless is not None and all(at < nameless[0] or self._is_reported(at) for at, _ in candidates):
                return nameless[1]
            if len(names) == 1:
                return of_person(candidates[0][1], 0.7 if distance < 2 else 0.55)
            if len(names) > 1:
                subject = self._subject(start, min(end, source.start), candidates)
                return subject if subject.person is not None else self._heard_last(start, names)
        return Speaker()

    def _goes_on(self, start: int, end: int, gender: str | None, *, same: bool) -> bool:
        """Whether a sentence only goes on with who was spoken of before, so that whom it names is somebody else.

        "He took the oath before Moe. He said …", and in the sentence itself "Intoning the words of Moe, he said …".
        """
        if same:
            return _LED_BY_ANOTHER.match(self._body, max(start, end - NEAR), end) is not None
        pronoun = _PRONOUN.match(self._body, start, end)
        return (
            pronoun is not None
            and gender in {None, "f" if pronoun.group(1).lower() == "she" else "m"}
            and not self._heard_between(start, end)
        )

    def _sentences_before(self, at: int) -> list[tuple[int, int]]:
        """The sentence itself and those before it, nearest first; what is nothing but quotation is left out."""
        last = bisect_left(self._sentences, (at, at))
        return self._sentences[max(last - _REACH - 1, 0) : last][::-1]

    def _is_quoted(self, start: int, end: int) -> bool:
        return any(start + 1 >= begin and end - 2 <= _end_of(quote) for begin, quote in self._quoted.around(start + 2))

    def _candidates(self, start: int, end: int, gender: str | None) -> list[tuple[int, Person]]:
        """People named in a stretch outside quotations who agree with a gender as far as theirs is known."""
        named = [(span.start, person) for span, person in self.people.between(start, end)]
        named += [(at, person) for at, (_, person) in self.referred.items(start, end)]
        # "He insisted that Roe …": he is named as well, if it is known who he is.
        heard = [(at, self.spoke[at].person) for at in self._heard_between(start, end)]
        named += [(at, person) for at, person in heard if person is not None]
        fitting = sorted(
            (
                (at, person)
                for at, person in named
                if person.can_be(gender)
                and not person.shared
                and not any(at < quote.end for _, quote in self._quoted.around(at + 1))
            ),
            key=lambda entry: entry[0],
        )
        return [entry for entry in fitting if not self._owns_another(entry[0], fitting)]

    def _is_reported(self, at: int) -> bool:
        """Whether a place is within an indirect quotation."""
        return any(at < quote.end for _, quote in self._reported.around(at + 1))

    def _owns_another(self, at: int, candidates: list[tuple[int, Person]]) -> bool:
        """Whether a name only says whose the next one is: "Westpac's chief Ann Moe"."""
        span = next((one for one, _ in self.people.between(at, at + 1)), None)
        owned = _OWNED.match(self._body, span.end) if span else None
        return owned is not None and any(owned.start() < other <= owned.end() for other, _ in candidates)

    def _heard_last(self, before: int, names: set[str]) -> Speaker:
        """Of several people the one who spoke last, not long ago."""
        for at in self._heard_between(before - NEAR, before):
            person = self.spoke[at].person
            if person is not None:
                return of_person(person, 0.5) if person.name in names else Speaker()
        return Speaker()

    def _speaker_of(self, start: int, end: int, before: int) -> Speaker | None:
        spoke = self.heard_last(start, min(end, before))
        return spoke if spoke is not None and spoke.name else None

    def _nameless_speaker(self, start: int, end: int, before: int) -> tuple[int, Speaker] | None:
        """Where the one acts or spoke last of whom the story says an office and no name: "he" is nobody named before."""
        at = next(iter(self._heard_between(start, min(end, before))), None)
        if at is None:
            subject = sentence_subject(self._body, start, min(end, before))
            words = self._body[slice(*subject)] if subject else ""
            indefinite = _PATTERNS["one"].match(words) and is_head(head_of(words))
            return (subject[1], Speaker(role=words)) if subject and indefinite and not self._names(*subject) else None
        spoke = self.spoke[at]
        return (at, spoke) if spoke.name is None and spoke.role and is_somebody(spoke.role) else None

    def _names(self, start: int, end: int) -> bool:
        """Whether the words of a subject name who it is: "A spokesman for the bank, Ann Moe"."""
        subject = Source(start, end, "", end, end)
        return any(is_head_of(self._body, span, subject) for span, _ in self.people.between(start, end))

    def _subject(self, start: int, end: int, candidates: list[tuple[int, Person]]) -> Speaker:
        """Of several people in one sentence the one it begins with, where that one is its subject."""
        clause = sentence_subject(self._body, start, end)
        if clause is not None:
            within = [one for one in candidates if clause[0] <= one[0] < clause[1]]
            if len(within) == 1 and self._is_subject(within[0][0], clause):
                return of_person(within[0][1], 0.55)
        at, person = candidates[0]
        lead = self._body[start:at]
        span = next((one for one, _ in self.people.between(at, at + 1)), None)
        after = self._body[span.end : span.end + 5] if span else ""
        if len(lead) > 60 or _PATTERNS["genitive_or_and"].match(after) or _PATTERNS["preposition"].search(lead):
            return Speaker()
        return of_person(person, 0.55)

    def _is_subject(self, at: int, clause: tuple[int, int]) -> bool:
        """Whether a name within the subject of a sentence is its head."""
        return (
            self._names(*clause)
            and not _OWNED.match(self._body, at)
            and all(
                is_head_of(self._body, span, Source(*clause, "", clause[1], clause[1]))
                for span, _ in self.people.between(at, at + 1)
            )
        )

    def body_before(self, source: Source) -> Speaker:
        """The body spoken of before: who spoke last, else the one with which the nearest sentence begins."""
        for start, end in self._sentences_before(source.start)[:3]:
            spoke = self.heard_last(start, min(end, source.start))
            if spoke is not None:
                return of_thing(spoke.thing, 0.6) if spoke.thing else Speaker()
            subject = sentence_subject(self._body, start, min(end, source.start))
            if subject is not None:
                return self._body_within(*subject)
            outside = max([start, *(quote.end for _, quote in self._quoted.around(source.start))])
            if start < source.start <= end and self._body[outside : source.start].count(" ") > 3:
                return Speaker()  # of whom the sentence speaks is not clear
        return Speaker()

    def _body_within(self, start: int, end: int) -> Speaker:
        """The body that a subject is, or whose paper it is: "The ministry of Peru", "A statement by the ministry"."""
        bodies = [
            (span, thing)
            for span, thing in self.things.between(start, end)
            if thing.label in {"ORG", "GPE"} and not self._body.startswith("-based", span.end)
        ]
        if len({thing.name for _, thing in bodies}) != 1:
            return Speaker()
        body = bodies[0][1]
        subject = Source(start, end, "", end, end)
        plain = body.label == "ORG" or self._body[start : bodies[0][0].start].strip().lower() in {"", "the"}
        if plain and any(is_body(self._body, span, subject, body.label) for span, _ in bodies):
            return of_thing(body, 0.55)
        return Speaker()


def _end_of(quote: Quotation) -> int:
    """Where a quotation ends, with its signature if it has one."""
    signed = quote.source is not None and quote.source.cue == SIGNED
    return max(quote.end, quote.source.end) if quote.source is not None and signed else quote.end


def _agreeing(candidates: list[tuple[int, Person]], gender: str | None) -> list[tuple[int, Person]]:
    """Of several people the one whose gender the story states, if only one has it."""
    stated = [entry for entry in candidates if gender is not None and entry[1].gender == gender]
    return stated if len({person.name for _, person in stated}) == 1 else candidates
