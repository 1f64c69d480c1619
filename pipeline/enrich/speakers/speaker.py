"""Who a source stands for."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.enrich.entities.identity import person_id
from pipeline.enrich.entities.people import Person
from pipeline.enrich.entities.things import Thing


@dataclass(frozen=True)
class Speaker:
    """Who a source stands for."""

    name: str | None = None
    id: str | None = None
    role: str | None = None
    confidence: float = 0.0
    person: Person | None = None
    thing: Thing | None = None


def of_person(person: Person, confidence: float) -> Speaker:
    """The speaker that a person of the story is."""
    role = person.roles[0] if person.roles else None
    return Speaker(person.name, person_id(person.name, person.countries), role, confidence, person=person)


def of_thing(thing: Thing, confidence: float) -> Speaker:
    """The speaker that a body of the story is."""
    return Speaker(thing.name, thing.known.id if thing.known else None, None, confidence, thing=thing)
