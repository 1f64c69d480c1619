"""What is known of names without reading a story: countries, demonyms, capitals, international bodies.

Two tables written for this project (``data/*.tsv``; ISO 3166-1 codes, Wikidata ids where certain). An alias that stands
for two things links to nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pipeline.events import EntityLabel


@dataclass(frozen=True)
class Known:
    """One thing that the tables know."""

    label: EntityLabel
    name: str
    id: str | None = None
    iso: str | None = None


def _rows(name: str) -> list[list[str]]:
    text = files("pipeline.enrich").joinpath("data", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


@cache
def known_names() -> dict[str, Known]:
    """Every name and alias that stands for exactly one thing, as printed (case matters: US, us)."""
    meanings: dict[str, set[Known]] = defaultdict(set)
    for iso, name, wikidata, demonyms, capital, capital_id, others in (
        row + [""] * (7 - len(row)) for row in _rows("countries.tsv")
    ):
        country = Known("GPE", name, wikidata or None, iso)
        for alias in (name, *filter(None, others.split(","))):
            meanings[alias].add(country)
        for demonym in filter(None, demonyms.split(",")):
            meanings[demonym].add(Known("NORP", demonym, wikidata or None, iso))
            if not demonym.endswith(("s", "sh", "ch", "ese")):
                meanings[f"{demonym}s"].add(Known("NORP", demonym, wikidata or None, iso))
        if capital and capital != name:
            meanings[capital].add(Known("GPE", capital, capital_id or None))
    for label, name, wikidata, others in (row + [""] * (4 - len(row)) for row in _rows("bodies.tsv")):
        known = Known(label, name, wikidata or None)  # type: ignore[arg-type]
        for alias in (name, *filter(None, others.split(","))):
            meanings[alias].add(known)
    return {alias: next(iter(known)) for alias, known in meanings.items() if len(known) == 1}


def lookup(name: str) -> Known | None:
    """What a name stands for; ``None`` where it is unknown or ambiguous. A leading article is overlooked."""
    names = known_names()
    bare = name.removeprefix("the ").removeprefix("The ")
    return names.get(name) or names.get(bare)
