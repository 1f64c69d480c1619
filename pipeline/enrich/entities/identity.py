"""A stable id for a person across stories: from the name, with what the story says of him or her where namesakes are known.

    Sergey Lavrov, Sergei V. Lavrov     person:sergei-lavrov
    George W. Bush                      person:george-bush:w        (namesakes.tsv: told apart by middle names)
    John Smith, minister of Australia   person:john-smith:au        (told apart by country)
    John Smith                          none: it can be either

An id says that names are one by their spelling, so that facets and searches hold together; it is no proof that two
stories mean one person. Where one name stands for several, the table of namesakes says how they differ; ``namesakes.py``
finds them in an index.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from itertools import dropwhile

from pipeline.enrich.entities.offices import HONORIFICS
from pipeline.enrich.entities.people import folded, generation, given_name, is_particle, romanised
from pipeline.events.persons import PERSON_PREFIX
from pipeline.events.tables import table_rows


@cache
def known_namesakes() -> dict[str, str]:
    """By key, what tells its bearers apart: ``middle`` or ``country``."""
    return dict(table_rows("pipeline.enrich", "data", "namesakes.tsv"))


def add_namesakes(table: Mapping[str, str]) -> None:
    """Keep the namesakes of an installation apart as well, in this process; before any story is read."""
    known_namesakes().update(table)


def person_key(name: str) -> str | None:
    """The key of a full name: given name and surname, in one spelling; ``None`` for less than a full name."""
    parts = tuple(dropwhile(HONORIFICS.__contains__, folded(name)))
    if len(parts) < 2 or len(parts[0]) < 2:
        return None
    first = next((at for at, part in enumerate(parts[1:-1], start=1) if is_particle(part)), len(parts) - 1)
    surname = "-".join([*parts[first:-1], romanised(parts[-1])])
    suffix = generation(name)
    return "-".join(filter(None, (given_name(parts[0]), surname, suffix)))


def person_id(name: str, countries: Collection[str] = (), apart: Mapping[str, str] | None = None) -> str | None:
    """The id of a person; ``None`` where the name is not full, or several bear it and nothing says who is meant.

    Args:
        name: the longest form that the story has.
        countries: ISO codes of the countries of the person's roles.
        apart: by key, what tells namesakes apart; that of the table where it is not given.
    """
    key = person_key(name)
    if key is None:
        return None
    by = (known_namesakes() if apart is None else apart).get(key)
    if by is None:
        return f"{PERSON_PREFIX}{key}"
    told = middle_of(name) if by == "middle" else next(iter(countries)).lower() if len(countries) == 1 else ""
    return f"{PERSON_PREFIX}{key}:{told}" if told else None


def middle_of(name: str) -> str:
    """The initials of the middle names: "h-w" of George Herbert Walker Bush."""
    return "-".join(part[0] for part in folded(name)[1:-1] if not is_particle(part))
