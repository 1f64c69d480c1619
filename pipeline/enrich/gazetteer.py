"""What is known of names without reading a story: countries, demonyms, capitals, international bodies.

Tables written for this project (``data/*.tsv``; ISO 3166-1 codes, Wikidata ids where certain). An alias that stands
for two things links to nothing: it is known as a name of its kind, without an id.

    countries.tsv   iso, name, Wikidata id, demonyms, capital, its Wikidata id, other names
    bodies.tsv      label, name, Wikidata id, other names
    ambiguous.tsv   label, alias: names in the tables above that also are something else
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache

from pipeline.events import EntityLabel
from pipeline.events.tables import file_of, table_rows, wrong_cells


@dataclass(frozen=True)
class Known:
    """One thing that the tables know."""

    label: EntityLabel
    name: str
    id: str | None = None
    iso: str | None = None


_LEAST_COLUMNS = 2  # what it is and its name


def _rows(name: str, columns: int) -> list[list[str]]:
    found = list(table_rows("pipeline.enrich", "data", name))
    for row in found:
        if not _LEAST_COLUMNS <= len(row) <= columns:
            raise wrong_cells(file_of("pipeline.enrich", "data", name), " ".join(row[:2]), len(row), columns)
    return [[*row, *[""] * (columns - len(row))] for row in found]


def _listed(cell: str) -> list[str]:
    return [part for part in cell.split(",") if part]


@cache
def _meanings() -> dict[str, set[Known]]:
    """All that each name and alias can stand for, as printed (case matters: US, us)."""
    meanings: dict[str, set[Known]] = defaultdict(set)
    plurals: dict[str, Known] = {}
    for iso, name, wikidata, demonyms, capital, capital_id, others in _rows("countries.tsv", 7):
        for alias in (name, *_listed(others)):
            meanings[alias].add(Known("GPE", name, wikidata or None, iso))
        for demonym in _listed(demonyms):
            people = Known("NORP", demonyms.split(",")[0], wikidata or None, iso)
            meanings[demonym].add(people)
            if not demonym.endswith(("s", "sh", "ch", "ese", "shman", "chman", "men")):
                plurals[f"{demonym}s"] = people
        if capital and capital != name:
            meanings[capital].add(Known("GPE", capital, capital_id or None))
    for label, name, wikidata, others in _rows("bodies.tsv", 4):
        for alias in (name, *_listed(others)):
            meanings[alias].add(Known(label, name, wikidata or None))  # type: ignore[arg-type]
    for plural, people in plurals.items():
        if plural not in meanings:  # the Philippines are no people called Philippine
            meanings[plural].add(people)
    return dict(meanings)


@cache
def known_names() -> dict[str, Known]:
    """Every name and alias that stands for exactly one thing."""
    doubtful = {alias for _, alias in _rows("ambiguous.tsv", 2)}
    return {
        alias: next(iter(known)) for alias, known in _meanings().items() if len(known) == 1 and alias not in doubtful
    }


@cache
def ambiguous_names() -> dict[str, Known]:
    """Names that stand for several things: what kind they are, with no id."""
    listed = {alias: Known(label, alias) for label, alias in _rows("ambiguous.tsv", 2)}  # type: ignore[arg-type]
    shared = {
        alias: replace(min(known, key=lambda one: one.name), name=alias, id=None, iso=None)
        for alias, known in _meanings().items()
        if len(known) > 1
    }
    return shared | listed


@cache
def meanings_of(alias: str) -> frozenset[Known]:
    """All that the tables know a name to stand for, ambiguous or not."""
    return frozenset(_meanings().get(alias, ()))


def lookup(name: str) -> Known | None:
    """What a name stands for; ``None`` where it is unknown or ambiguous. A leading article is overlooked."""
    names = known_names()
    bare = name.removeprefix("the ").removeprefix("The ")
    return names.get(name) or names.get(bare)


@cache
def capital_of(iso: str) -> str | None:
    """The name of a country's capital."""
    return next((row[4] or None for row in _rows("countries.tsv", 7) if row[0] == iso), None)
