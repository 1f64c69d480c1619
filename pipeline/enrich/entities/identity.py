"""A stable id for a person across stories: from the name, with what the story says of him or her where namesakes are known.

    Sergey Lavrov, Sergei V. Lavrov     person:sergei-lavrov
    George W. Bush                      person:george-bush:w        (namesakes.tsv: told apart by middle names)
    John Smith, minister of Australia   person:john-smith:au        (told apart by country)
    John Smith                          none: it can be either

An id says that names are one by their spelling, so that facets and searches hold together; it is no proof that two
stories mean one person. Wherever an index shows that one name stands for several, ``namesakes`` says how they differ.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import dropwhile

from pipeline.enrich.entities.offices import HONORIFICS
from pipeline.enrich.entities.people import folded, generation, given_name, is_particle, romanised
from pipeline.events.tables import table_rows

_PREFIX = "person:"
#: Stories that must show each of two namesakes before a name counts as that of several.
_ENOUGH = 3


@dataclass(frozen=True)
class Observation:
    """What one story says of a person.

    Attributes:
        name: in full, as the story prints it.
        countries: ISO codes of the countries of the person's roles.
    """

    name: str
    countries: frozenset[str] = frozenset()


@cache
def known_namesakes() -> Mapping[str, str]:
    """By key, what tells its bearers apart: ``middle`` or ``country``."""
    return dict(table_rows("pipeline.enrich", "data", "namesakes.tsv"))


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
        return f"{_PREFIX}{key}"
    told = _middle(name) if by == "middle" else next(iter(countries)).lower() if len(countries) == 1 else ""
    return f"{_PREFIX}{key}:{told}" if told else None


def _middle(name: str) -> str:
    """The initials of the middle names: "h-w" of George Herbert Walker Bush."""
    return "-".join(part[0] for part in folded(name)[1:-1] if not is_particle(part))


def namesakes(observed: Iterable[Observation]) -> dict[str, str]:
    """The keys that several persons bear, with what tells them apart.

    Middle names that contradict each other, or countries that are never said of one person together, each in
    several stories, are two persons. What is seen less often is left as it is.

    Args:
        observed: one for each story and person.
    """
    middles: dict[str, Counter[str]] = defaultdict(Counter)
    countries: dict[str, Counter[frozenset[str]]] = defaultdict(Counter)
    for one in observed:
        key = person_key(one.name)
        if key is None:
            continue
        if middle := _middle(one.name):
            middles[key][middle] += 1
        if one.countries:
            countries[key][one.countries] += 1
    found = {key: "country" for key, seen in countries.items() if _conflict(seen)}
    return found | {key: "middle" for key, seen in middles.items() if _contradict(seen)}


def _conflict(seen: Counter[frozenset[str]]) -> bool:
    often = {next(iter(one)) for one, count in seen.items() if len(one) == 1 and count >= _ENOUGH}
    together = {frozenset((one, other)) for both in seen for one in both for other in both if one != other}
    return any(frozenset((one, other)) not in together for one in often for other in often if one < other)


def _contradict(seen: Counter[str]) -> bool:
    often = [one.split("-") for one, count in seen.items() if count >= _ENOUGH]
    return any(any(mine != its for mine, its in zip(one, other, strict=False)) for one in often for other in often)
