"""The words of ``words.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.events.tables import yaml_table

Words = frozenset[str]


@dataclass(frozen=True)
class Vocabulary:
    """Words by their use; see ``words.yaml``. ``after`` and ``before`` map a word to what it counts."""

    units: dict[str, int]
    tens: dict[str, int]
    scales: dict[str, int]
    after: dict[str, str]
    before: dict[str, str]
    anybody: Words
    partly: Words
    roughly: Words
    elsewhere: Words
    months: Words
    helpers: Words
    stop: Words
    toll: Words
    toll_to: Words
    no_names: Words


@cache
def vocabulary() -> Vocabulary:
    """The words, read once."""
    read: dict[str, Any] = yaml_table("pipeline.events.differences", "words.yaml")
    counts = read.pop("counts")
    sides: dict[str, Any] = {
        side: {word: name for name, words in counts.items() for word in words[side].split()}
        for side in ("after", "before")
    }
    plain: dict[str, Any] = {
        name: frozenset(value.split()) if isinstance(value, str) else value for name, value in read.items()
    }
    return Vocabulary(**plain, **sides)
