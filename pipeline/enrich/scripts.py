"""The script that a text is mostly written in, and the languages that it leaves possible (data/scripts.tsv)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline.events.tables import table_rows

#: Part of a text's letters that are in its script; names and brands in Latin letters are the rest.
_MOSTLY = 0.5
#: Part of the letters of a Japanese text that are kana, at least; Chinese has none.
_LEAST_KANA = 0.05
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Script:
    """A script other than Latin."""

    name: str
    characters: re.Pattern[str]
    languages: tuple[str, ...]


@cache
def scripts() -> tuple[tuple[Script, ...], frozenset[str]]:
    """All scripts, and the languages that are never written in Latin letters."""
    found: list[Script] = []
    never: set[str] = set()
    for name, ranges, languages in table_rows("pipeline.enrich", "data", "scripts.tsv"):
        bounds = (pair.split("-") for pair in ranges.split())
        characters = "".join(f"{chr(int(first, 16))}-{chr(int(last, 16))}" for first, last in bounds)
        names = languages.split()
        never.update(language for language in names if not language.endswith("+"))
        found.append(Script(name, re.compile(f"[{characters}]"), tuple(language.rstrip("+") for language in names)))
    return tuple(found), frozenset(never)


def script_of(text: str) -> Script | None:
    """The script other than Latin that most letters of a text are in; ``None``: Latin, no letters or a mixture."""
    letters = len(_LETTER.findall(text))
    if not letters or text.isascii():
        return None
    counts = [(len(script.characters.findall(text)), script) for script in scripts()[0]]
    kana, han = counts[0][0], counts[1][0]
    if kana + han > _MOSTLY * letters:
        return counts[0][1] if kana >= _LEAST_KANA * letters else counts[1][1]
    most, script = max(counts, key=lambda pair: pair[0])
    return script if most > _MOSTLY * letters else None


def possible(language: str, text: str, script: Script | None) -> bool:
    """Whether a text that is mostly in a script can be in a language."""
    if script is not None:
        return language in script.languages
    # Mostly Latin: no text of another script has so many Latin letters; one without letters can be in any.
    return language not in scripts()[1] or not _LETTER.search(text) or not text.isascii()
