"""The places in a text whose language no pipeline reads, and where the places of any text lie."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pipeline.enrich import world
from pipeline.enrich.entities.spans import StoryText
from pipeline.enrich.entities.story import salience
from pipeline.events import Entity, Mention


def places_of(text: StoryText, language: str) -> tuple[Entity, ...]:
    """Countries and cities under their English names, most salient first.

    Args:
        text: the story.
        language: ISO 639-1; in one without names of places nothing is found.
    """
    if language not in world.languages():
        return ()
    mentions: dict[world.Place, list[Mention]] = defaultdict(list)
    for field, content in text.parts:
        for start, end, place in world.places_in(content, language):
            mentions[place].append(Mention(start=start, end=end, text=content[start:end], field=field))
    found = [
        Entity(
            label="GPE", name=place.name, id=place.id, iso=place.iso if place.is_country else None,
            mentions=tuple(where), count=len(where), point=place.point,
        )
        for place, where in mentions.items()
    ]  # fmt: skip
    most = max((entity.count for entity in found), default=1)
    scored = [entity.model_copy(update={"salience": salience(entity, most)}) for entity in found]
    return tuple(sorted(scored, key=lambda entity: (-entity.salience, -entity.count, entity.name)))


def located(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """The entities, with the point of each city that is known; of two cities of one name that of a country named too.

    A city that shares its name is only placed where the story names its country, or where it is by far the larger.
    """
    countries = frozenset(entity.iso for entity in entities if entity.iso)
    return tuple(
        entity.model_copy(update={"point": city.point, "id": entity.id or city.id})
        if entity.label == "GPE" and not entity.iso and (city := world.city(entity.name, countries))
        else entity
        for entity in entities
    )
