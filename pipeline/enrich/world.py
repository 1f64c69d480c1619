"""Countries and cities by their names in other languages, for texts that no pipeline reads.

    cities.tsv         from GeoNames: id, name, country, latitude, longitude, people, other names
    towns.tsv          from GeoNames, of a hundred thousand people and more: the same without other names; for maps only
    country_names.tsv  from Unicode CLDR: country, language, name; more_country_names.tsv: what papers write too
    not_places.tsv     language, name that usually means something else
    word_forms.tsv     language, how its names are told

Every place has its English name, so that Moskau, Москва and Moscow are one in lists and searches.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple, cast

from pipeline.enrich.gazetteer import lookup
from pipeline.enrich.scripts import possible, script_of
from pipeline.events.tables import table_rows

_Forms = Literal["words", "inflected", "characters"]
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|\S")
#: Letters of the shortest name whose end may change, and by how many an inflected form is longer at most.
_LEAST_STEM, _MOST_ENDING = 6, 2
#: A city with so many times the people of its namesake is meant.
_BY_FAR = 5
#: Letters whose stroke is no accent of their own.
_STROKES = str.maketrans("łŁøØđĐ", "lLoOdD")
_LAST_LETTERS = frozenset("йaeiouyаеиоуыэюяьіїαεηιουω")


@dataclass(frozen=True)
class Place:
    """A country or a city.

    Attributes:
        name: in English.
        id: ``Q…`` (Wikidata) where the gazetteer has one, else ``geonames:…``.
        iso: of the country that it is or lies in.
        is_country: whether it is one.
        point: latitude and longitude of a city.
    """

    name: str
    id: str | None
    iso: str
    is_country: bool
    point: tuple[float, float] | None = None


class Found(NamedTuple):
    """``[start, end)`` of a text names a place."""

    start: int
    end: int
    place: Place


def _rows(name: str) -> Iterator[list[str]]:
    return table_rows("pipeline.enrich", "data", name)


@cache
def _countries() -> dict[str, Place]:
    return {row[0]: Place(row[1], row[2] or None, row[0], is_country=True) for row in _rows("countries.tsv")}


@cache
def _cities() -> tuple[tuple[Place, tuple[str, ...]], ...]:
    """The cities, largest first, with all their names."""
    found = []
    for id_, name, iso, latitude, longitude, _, others in _rows("cities.tsv"):
        known = lookup(name)
        has_id = known is not None and known.id and known.label == "GPE" and not known.iso
        place = Place(
            name,
            known.id if known and has_id else f"geonames:{id_}",
            iso,
            is_country=False,
            point=(float(latitude), float(longitude)),
        )
        found.append((place, (name, *filter(None, others.split("|")))))
    return tuple(found)


@cache
def _by_name() -> dict[str, list[tuple[Place, int]]]:
    """By English name, the cities that have it, with their people."""
    found: dict[str, list[tuple[Place, int]]] = defaultdict(list)
    for (place, _), row in zip(_cities(), _rows("cities.tsv"), strict=True):
        found[place.name].append((place, int(row[5])))
    return dict(found)


@cache
def _towns() -> dict[str, list[tuple[Place, int]]]:
    """By name, with and without its accents, the towns that have it, with their people."""
    found: dict[str, list[tuple[Place, int]]] = defaultdict(list)
    for id_, name, iso, latitude, longitude, people in _rows("towns.tsv"):
        place = Place(name, f"geonames:{id_}", iso, is_country=False, point=(float(latitude), float(longitude)))
        for written in {name, _without_accents(name)}:
            found[written].append((place, int(people)))
    return dict(found)


def _without_accents(name: str) -> str:
    plain = "".join(one for one in unicodedata.normalize("NFD", name) if not unicodedata.combining(one))
    return plain.translate(_STROKES)


def city(name: str, countries: Collection[str]) -> Place | None:
    """The city that a name stands for; ``None``: there is none, or it is not clear which.

    Args:
        name: in English.
        countries: ISO codes of those that the story names; a town is only found in one of these.
    """
    known, towns = _by_name().get(name, []), _towns().get(name, [])
    found = [(place, people) for place, people in known or towns if place.iso in countries]
    if not found and known and not any(people > known[0][1] for _, people in towns):
        found = known  # no small capital where a larger town of its name may be meant
    if not found or (len(found) > 1 and found[0][1] < _BY_FAR * found[1][1]):
        return None
    return found[0][0]


@cache
def languages() -> frozenset[str]:
    """The languages in which countries have names here (ISO 639-1)."""
    return frozenset(row[1] for row in _rows("country_names.tsv"))


@cache
def _forms(language: str) -> _Forms:
    forms = next((row[1] for row in _rows("word_forms.tsv") if row[0] == language), "words")
    return cast("_Forms", forms)


@cache
def names_in(language: str) -> dict[str, Place]:
    """Places by their names in a language.

    Names of cities are not told apart by language: those count that the language's script can write.
    """
    banned = {row[1] for row in _rows("not_places.tsv") if row[0] in {"*", language}}
    names: dict[str, Place] = {}
    for iso, of, name in (*_rows("country_names.tsv"), *_rows("more_country_names.tsv")):
        if of == language and name not in banned:
            names[name] = _countries()[iso]
    for place, written in _cities():
        for name in written:
            if name not in banned and name not in names and possible(language, name, script_of(name)):
                names[name] = place
    return names


@cache
def _by_first(language: str) -> dict[str, list[tuple[tuple[str, ...], Place]]]:
    """By first word, or by its first letters where endings change: the words of each name, the longest first."""
    by_first: dict[str, list[tuple[tuple[str, ...], Place]]] = defaultdict(list)
    for name, place in names_in(language).items():
        words = tuple(_tokens(name, _forms(language)))
        if words:
            by_first[_key(words[0][0], _forms(language))].append((tuple(word for word, _ in words), place))
    for entries in by_first.values():
        entries.sort(key=lambda entry: (-len(entry[0]), -sum(map(len, entry[0]))))
    return dict(by_first)


def _key(word: str, forms: _Forms) -> str:
    return word[: _LEAST_STEM - 1] if forms == "inflected" else word


def _tokens(text: str, forms: _Forms) -> list[tuple[str, int]]:
    if forms == "characters":
        return [(character, at) for at, character in enumerate(text) if not character.isspace()]
    return [(found.group(), found.start()) for found in _WORD.finditer(text)]


def places_in(text: str, language: str) -> list[Found]:
    """The places that a text names, in order, not overlapping."""
    forms, names = _forms(language), _by_first(language)
    tokens = _tokens(text, forms)
    found: list[Found] = []
    behind = 0
    for at, (word, start) in enumerate(tokens):
        if at < behind:
            continue
        for name, place in names.get(_key(word, forms), ()):
            last = at + len(name) - 1
            if last < len(tokens) and all(
                _is_form(tokens[at + offset][0], written, forms) for offset, written in enumerate(name)
            ):
                end = tokens[last][1] + len(tokens[last][0])
                if "\n" not in text[start:end]:
                    found.append(Found(start, end, place))
                    behind = last + 1
                    break
    return found


def _is_form(word: str, name: str, forms: _Forms) -> bool:
    """Whether a word is a form of a word of a name."""
    if word == name:
        return True
    if forms != "inflected" or len(name) < _LEAST_STEM:
        return False
    stem = name[:-1] if name[-1] in _LAST_LETTERS else name
    return word.startswith(stem) and len(word) <= len(name) + _MOST_ENDING
