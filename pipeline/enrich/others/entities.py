"""The people that titles name, joined with the entities that a pipeline or the gazetteer found."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.enrich.entities.spans import StoryText
from pipeline.enrich.entities.story import salience
from pipeline.enrich.others.people import titled
from pipeline.enrich.others.words import LANGUAGES
from pipeline.events import Entity, Mention

_MOST_PEOPLE = 100
_MOST_MENTIONS = 200


def with_titles(entities: Sequence[Entity], text: StoryText, language: str) -> tuple[Entity, ...]:
    """The entities, people with the titles that the text gives them; who has a title and is not among them is added.

    Args:
        entities: of the story.
        text: its fields.
        language: ISO 639-1; in one without tables nothing changes.
    """
    if language not in LANGUAGES:
        return tuple(entities)
    roles: dict[str, list[str]] = {}
    for _, content in text.parts:
        for one in titled(content, language):
            if len(roles) < _MOST_PEOPLE or one.name in roles:
                roles.setdefault(one.name, []).append(one.role)
    known = {entity.name: entity for entity in entities if entity.label == "PERSON"}
    changed = {
        name: known[name].model_copy(update={"roles": tuple(dict.fromkeys((*known[name].roles, *given)))})
        for name, given in roles.items()
        if name in known
    }
    new = [_person(name, given, text) for name, given in roles.items() if name not in known]
    most = max((entity.count for entity in (*entities, *new)), default=1)
    taken = [(at.field, at.start, at.end) for person in new for at in person.mentions]
    kept = [
        _without(changed.get(entity.name, entity) if entity.label == "PERSON" else entity, taken) for entity in entities
    ]
    found = [entity for entity in kept if entity is not None]
    found += [person.model_copy(update={"salience": salience(person, most)}) for person in new]
    return (
        tuple(sorted(found, key=lambda entity: (-entity.salience, -entity.count, entity.name))) if new else tuple(found)
    )


def _person(name: str, roles: Sequence[str], text: StoryText) -> Entity:
    """A person with all mentions of the name, and of the surname alone."""
    surname = name.rsplit(maxsplit=1)[-1]
    pattern = re.compile(rf"(?<!\w)(?:{re.escape(name)}|{re.escape(surname)})(?!\w)")
    mentions = [
        Mention(start=at.start(), end=at.end(), text=at.group(), field=field)
        for field, content in text.parts
        for at in pattern.finditer(content)
    ][:_MOST_MENTIONS]
    return Entity(
        label="PERSON", name=name, roles=tuple(dict.fromkeys(roles)), mentions=tuple(mentions), count=len(mentions)
    )


def _without(entity: Entity, taken: Sequence[tuple[str, int, int]]) -> Entity | None:
    """The entity without mentions that lie in the names of people found by titles; ``None``: none is left."""
    left = [
        at
        for at in entity.mentions
        if not any(field == at.field and start < at.end and at.start < end for field, start, end in taken)
    ]
    if len(left) == len(entity.mentions):
        return entity
    return entity.model_copy(update={"mentions": tuple(left), "count": len(left)}) if left else None
