"""What each rule for quotations reads, with its examples: the table ``rules.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.enrich.quotes.taught import phrases
from pipeline.events.tables import file_of, wrong_entry, yaml_table


@dataclass(frozen=True)
class Rule:
    """A rule for quotations.

    Attributes:
        reads: what it reads, in words and capitals.
        examples: sentences in which ⟦what is said⟧ and {who says it} are marked.
        counterexamples: sentences in which nothing is said.
    """

    name: str
    reads: str
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...] = ()


@cache
def rules() -> Mapping[str, Rule]:
    """All rules by name.

    Raises:
        ConfigurationError: a phrase has the name of another rule.
    """
    table = yaml_table("pipeline.enrich.quotes", "rules.yaml")
    listed = {
        name: Rule(name, row["reads"], tuple(row["examples"]), _several(row.get("not"))) for name, row in table.items()
    }
    if twice := listed.keys() & phrases().keys():
        file = file_of("pipeline.enrich.patterns", "en", "phrases.yaml")
        raise wrong_entry(file, min(twice), "rules.yaml has a rule of that name", "Give the phrase another one.")
    return listed | {name: Rule(name, one.reads, one.examples, one.counterexamples) for name, one in phrases().items()}


def _several(sentences: str | list[str] | None) -> tuple[str, ...]:
    return (sentences,) if isinstance(sentences, str) else tuple(sentences or ())
