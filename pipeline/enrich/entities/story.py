"""Who and what a story is about: mentions joined, canonical names, roles, salience."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.enrich.entities.identity import person_id
from pipeline.enrich.entities.mentions import mentions_of
from pipeline.enrich.entities.people import Person, folded, is_particle, join_people
from pipeline.enrich.entities.recogniser import Labelled
from pipeline.enrich.entities.scan import Match
from pipeline.enrich.entities.spans import FieldName, Span, StoryText
from pipeline.enrich.entities.support import supported
from pipeline.enrich.entities.things import STORM, Thing, join_things
from pipeline.enrich.gazetteer import lookup
from pipeline.enrich.patterns import patterns
from pipeline.events import Entity, Mention

_PATTERNS = patterns("entities/story")

#: What a story is never "about", however often it is named.
_QUANTITIES = frozenset(("DATE", "TIME", "MONEY", "PERCENT", "CARDINAL", "ORDINAL", "QUANTITY"))
_LEAD_CHARS = 300
#: A surname that begins with its article: "al-Sadr".
_PARTICLED = _PATTERNS["particled"]


@dataclass(frozen=True)
class StoryEntities:
    """A story with its people and things."""

    text: StoryText
    people: list[Person]
    things: list[Thing]


def read_entities(
    text: StoryText,
    labelled: Mapping[FieldName, Sequence[Labelled]],
    names: Mapping[FieldName, Sequence[Match]],
    *,
    learned: bool,
) -> StoryEntities:
    """Join what was found in the fields of one story.

    Args:
        text: the story.
        labelled: what the recogniser found, by field.
        names: of the gazetteer, by field.
        learned: whether the labels come from a trained model.
    """
    spans = [
        span
        for field, content in text.parts
        for span in mentions_of(field, content, labelled.get(field, ()), names.get(field, ()), learned=learned)
    ]
    spans = _companies(_storms(supported(_named_again(spans, text), text)), text)
    people = join_people([span for span in spans if span.label == "PERSON"], text)
    things = join_things([span for span in spans if span.label != "PERSON"], text)
    return StoryEntities(text, people, things)


def _storms(spans: list[Span]) -> list[Span]:
    """``Katrina`` is nobody where the story names Hurricane Katrina."""
    storms = {storm.group(1) for span in spans if (storm := STORM.fullmatch(span.text))}
    return [replace(span, label="EVENT") if span.text in storms and span.label == "PERSON" else span for span in spans]


#: What a company is called right before its name.
_COMPANY_CALLED = _PATTERNS["company_called"]


def _companies(spans: list[Span], text: StoryText) -> list[Span]:
    """``Novatek`` is nobody where the story speaks of the chip maker Novatek."""
    named = {called.group(1) for _, content in text.parts for called in _COMPANY_CALLED.finditer(content)}
    return [replace(span, label="ORG") if span.text in named and span.label == "PERSON" else span for span in spans]


def _named_again(spans: list[Span], text: StoryText) -> list[Span]:
    """Surnames of the people named in full, wherever they stand: one name means one person within a story."""
    surnames = {
        span.text.split()[-1].strip("[]")
        for span in spans
        if span.label == "PERSON" and len(folded(span.text)) > 1 and span.known is None
    }
    surnames = {name for name in surnames if len(name) > 2 and (name[0].isupper() or _PARTICLED.match(name))}
    if not surnames:
        return spans
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(surnames, key=len, reverse=True)))})(?![\w-])")
    result = list(spans)
    replaced: dict[Span, Span] = {}
    for field, content in text.parts:
        taken = {at: span for span in spans if span.field == field for at in range(span.start, span.end)}
        words = set(re.findall(r"\b[a-z][\w’'-]*", content))
        for match in pattern.finditer(content):
            if match.group().lower() in words:
                continue  # "Brown", where the story also speaks of something brown
            overlap = list({id(taken[at]): taken[at] for at in range(*match.span()) if at in taken}.values())
            name = Span(field, match.start(), match.end(), "PERSON", match.group(), None, "shape")
            if not overlap:
                result.append(name)
            elif len(overlap) == 1 and _wavers(overlap[0], match.group(), content):
                replaced[overlap[0]] = replace(overlap[0], label="PERSON", known=None, by="shape")
    return [replaced.get(span, span) for span in result]


_AT_A_PLACE = _PATTERNS["at_a_place"]


def _wavers(span: Span, name: str, content: str) -> bool:
    """Whether a surname was taken for something else: by a recogniser, or for a city where no city can stand."""
    *before, last = span.text.split()
    if last != name or not all(is_particle(word) for word in before):
        return False
    if span.known is None:
        return span.label in {"ORG", "GPE", "LOC", "MISC", "NORP", "FAC"}
    return span.label == "GPE" and not _AT_A_PLACE.search(content, max(0, span.start - 12), span.start)


def entities_of(
    story: StoryEntities, called: Mapping[str, Sequence[str]], nearby: Sequence[str] = ()
) -> tuple[Entity, ...]:
    """The entities as they are indexed, most salient first.

    Args:
        story: what was read.
        called: by a person's name, descriptors that stand for that person ("the top diplomat").
        nearby: names that are next to the text (place of the dateline, agency); the gazetteer's are taken, with no
            mention and no salience of their own.
    """
    found = [_person(person, called.get(person.name, ())) for person in story.people]
    found += [_thing(thing) for thing in story.things]
    for known in filter(None, map(lookup, nearby)):
        if all(entity.name != known.name for entity in found):
            found.append(Entity(label=known.label, name=known.name, id=known.id, iso=known.iso, count=0))
    most = max((entity.count for entity in found), default=0) or 1  # names next to a text are not in it
    scored = [entity.model_copy(update={"salience": salience(entity, most)}) for entity in found]
    return tuple(sorted(scored, key=lambda entity: (-entity.salience, -entity.count, entity.name)))


def _person(person: Person, called: Sequence[str]) -> Entity:
    joined = replace(person, roles=list(person.roles))
    for role in called:
        joined.add_role(role)
    return Entity(
        label="PERSON",
        name=person.name,
        id=person_id(person.name, joined.countries),
        roles=tuple(joined.roles),
        mentions=_mentions(person.mentions),
        count=len(person.mentions),
    )


def _thing(thing: Thing) -> Entity:
    return Entity(
        label=thing.label,
        name=thing.name,
        id=thing.known.id if thing.known else None,
        iso=thing.known.iso if thing.known else None,
        mentions=_mentions(thing.mentions),
        count=len(thing.mentions),
    )


def _mentions(spans: Sequence[Span]) -> tuple[Mention, ...]:
    return tuple(Mention(start=span.start, end=span.end, text=span.text, field=span.field) for span in spans)


def salience(entity: Entity, most: int) -> float:
    """How much a story is about an entity, of which ``most`` mentions is the most that any has.

    0 … 1: 0.4 for the headline, 0.25 for the lead, up to 0.35 for how often it is named.
    """
    fields = {mention.field for mention in entity.mentions}
    lead = bool(fields & {"subheadline", "description"}) or any(
        mention.field == "body" and mention.start < _LEAD_CHARS for mention in entity.mentions
    )
    score = 0.4 * ("headline" in fields) + 0.25 * lead + 0.35 * entity.count / most
    return round(score * (0.2 if entity.label in _QUANTITIES else 1.0), 3)
