r"""Expressions in data, by language: the files under ``patterns/<language>/``, one for each module that uses them.

An entry has a name, what it reads, and the expression, as one text or in pieces that are joined:

    calling_it:
      reads: 'A participle that calls something by marked words: "…, calling it "a disaster"".'
      expression:
      - '(?:, |\b(?:{document}|speech|remarks) )(?P<verb>{verbs:calls:g})'
      - ' (?!(?:for|on|in)\b)[^{hidden}]{1,120}{hidden}'
      examples:
      - '⟦Moe left, calling it "a farce"⟧ …'

``{name}`` is another entry of the file or of ``shared.yaml``; ``{verbs:use}``, ``{nouns:use}`` and the like are words of
the lexicon, ``{hidden}`` is any character between marks. What no module asks for is a piece of others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.enrich.lexicon import ENGLISH, Lexicon, any_of, capitalised
from pipeline.events.tables import file_of, wrong_entry, yaml_table

#: Stands for every character between marks.
HIDDEN = "\x01"
_REFERENCE = re.compile(r"\{([a-z][a-z_]*(?::[a-z_:]+)?)\}")
_SHARED = "shared"
_LEXICONS = {"en": ENGLISH}
_WORDS: Mapping[str, Callable[[Lexicon, str], frozenset[str]]] = {
    "verbs": lambda lexicon, use: lexicon.forms(*use.split(":")),
    "nouns": Lexicon.nouns_that,
    "names": Lexicon.names_that,
    "modifiers": Lexicon.modifiers,
    "capital_modifiers": lambda lexicon, use: frozenset(map(capitalised, lexicon.modifiers(use))),
    "words": Lexicon.function_words,
}


@dataclass(frozen=True)
class Entry:
    """An expression as its file states it.

    Attributes:
        reads: what it reads, in words.
        expression: with references to others.
        examples: lines with marked quotations that are read wrong without it.
        parts: text of which it reads the marked part: of pieces, and of what trims the words of others.
        negative: text in which it reads nothing.
    """

    reads: str
    expression: str
    examples: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()


class Patterns(Mapping[str, re.Pattern[str]]):
    """The expressions of a file, compiled when they are asked for.

    Args:
        name: of the file under ``patterns/<language>``, without its suffix.
        language: ISO 639-1.
        words: by name, words that the module itself knows and its expressions refer to.
    """

    def __init__(self, name: str, language: str = "en", words: Mapping[str, Collection[str]] | None = None) -> None:
        self.name, self.language = name, language
        self._words = {key: any_of(frozenset(values)) for key, values in (words or {}).items()}
        self._compiled: dict[str, re.Pattern[str]] = {}

    @property
    def entries(self) -> Mapping[str, Entry]:
        """All entries of the file, those too that are pieces of others."""
        return _entries(self.language, self.name)

    def __getitem__(self, name: str) -> re.Pattern[str]:
        if name not in self._compiled:
            expression = self.entries[name].expression
            try:
                self._compiled[name] = re.compile(self.expand(expression))
            except (KeyError, re.error) as error:
                problem = f"{error} is no entry" if isinstance(error, KeyError) else f"no expression: {error}"
                hint = "Compare it with the entries around it."
                raise wrong_entry(_file(self.language, self.name), name, problem, hint) from error
        return self._compiled[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def expand(self, expression: str) -> str:
        """An expression with what its references stand for.

        Raises:
            KeyError: a reference names nothing.
        """
        return _REFERENCE.sub(lambda found: self._referred(found.group(1)), expression)

    def _referred(self, name: str) -> str:
        kind, _, use = name.partition(":")
        lexicon = _LEXICONS[self.language]
        if use:
            return any_of(_WORDS[kind](lexicon, use))
        if name == "hidden":
            return HIDDEN
        if name in self._words:
            return self._words[name]
        if name == "irregular_pasts":
            return any_of(lexicon.irregular_pasts)
        if name == "honorifics":
            return any_of(frozenset(map(capitalised, lexicon.honorifics)))
        entry = self.entries.get(name) or _entries(self.language, _SHARED)[name]
        return self.expand(entry.expression)


#: By language and name, the files that modules have asked for.
ASKED: dict[tuple[str, str], Patterns] = {}


def patterns(name: str, language: str = "en", **words: Collection[str]) -> Patterns:
    """The expressions of a file.

    Args:
        name: of the file under ``patterns/<language>``, without its suffix.
        language: ISO 639-1.
        words: by name, words that the module itself knows and its expressions refer to.
    """
    if words or (language, name) not in ASKED:
        ASKED[language, name] = Patterns(name, language, words)
    return ASKED[language, name]


def rows_of(name: str, language: str = "en") -> Mapping[str, Any]:
    """The entries of a file under ``patterns/<language>``, as they are written there.

    Raises:
        ConfigurationError: the file is wrong, or an entry has no names and values.
    """
    rows: Any = yaml_table("pipeline.enrich.patterns", language, f"{name}.yaml")
    file, hint = (
        _file(language, name),
        "Write an entry as those in the file: its name, and under it phrase, reads and so on.",
    )
    if not isinstance(rows, dict):
        raise wrong_entry(file, "the file", "it has no entries", hint)
    for key, row in rows.items():
        if not isinstance(row, dict):
            raise wrong_entry(file, key, f"{str(row)[:60]!r} is no entry", hint)
    return rows


def _file(language: str, name: str) -> str:
    return file_of("pipeline.enrich.patterns", language, f"{name}.yaml")


@cache
def _entries(language: str, name: str) -> Mapping[str, Entry]:
    return {key: _entry(key, row, _file(language, name)) for key, row in rows_of(name, language).items()}


def _entry(name: str, row: Mapping[str, str | list[str]], file: str) -> Entry:
    if missing := {"expression", "reads"} - row.keys():
        raise wrong_entry(file, name, f"it has no {min(missing)}", "Add it.")
    expression = row["expression"]
    return Entry(
        str(row["reads"]),
        expression if isinstance(expression, str) else "".join(map(str, expression)),
        *(tuple(texts) if isinstance(texts := row.get(key, []), list) else () for key in ("examples", "parts", "not")),
    )


#: What several modules read.
SHARED = patterns(_SHARED)
