"""The tables of words of a language: ``lexicon/<language>/*.tsv``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from pipeline.events.tables import file_of, table_rows, wrong_entry

LANGUAGES = frozenset(("fr", "de"))
#: Letters of the shortest end of a compound by which a noun is known.
_LEAST_END = 3
_COLUMNS = 2


@dataclass(frozen=True)
class Words:
    """The words of one language.

    Attributes:
        uses: by use, the words of ``saying.tsv`` and ``around_saying.tsv``.
        phrases: by verb, the words with which it reports a statement.
        nouns: that name who speaks, with their use: office or speaks.
        ends: of compounds, with their use.
    """

    uses: Mapping[str, frozenset[str]]
    phrases: Mapping[str, tuple[tuple[str, ...], ...]]
    nouns: Mapping[str, str]
    ends: Mapping[str, str]
    _joined: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def use(self, *names: str) -> frozenset[str]:
        """The words with any of the uses."""
        if names not in self._joined:
            self._joined[names] = frozenset().union(*(self.uses.get(name, frozenset()) for name in names))
        return self._joined[names]

    def noun(self, word: str) -> str | None:
        """How a noun names who speaks: office or speaks; ``None``: it does not, as far as is known."""
        lower = word.lower()
        if lower in self.nouns:
            return self.nouns[lower]
        if lower.endswith("s") and lower[:-1] in self.nouns:
            return "speaks"  # several
        last = lower.rsplit("-", maxsplit=1)[-1]
        if last in self.nouns:
            return self.nouns[last]
        longest = (lower[at:] for at in range(1, len(lower) - _LEAST_END + 1))
        return next((self.ends[end] for end in longest if end in self.ends), None)


@cache
def words_of(language: str) -> Words:
    """The words of one of ``LANGUAGES``.

    Raises:
        ConfigurationError: a row is wrong.
    """

    def rows(name: str) -> list[list[str]]:
        path = ("pipeline.enrich", "lexicon", language, name)
        found = list(table_rows(*path))
        for row in found:
            if len(row) != _COLUMNS:
                hint = "Write the word, one tab, and what the head of the table says."
                raise wrong_entry(file_of(*path), row[0], f"it has {len(row)} cells instead of {_COLUMNS}", hint)
        return found

    uses: dict[str, set[str]] = defaultdict(set)
    for word, use in (*rows("saying.tsv"), *rows("around_saying.tsv")):
        uses[use].add(word)
    phrases: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for verb, tail in rows("phrases.tsv"):
        phrases[verb].append(tuple(tail.split()))
    nouns = {noun.lstrip("-"): use for noun, use in rows("nouns.tsv")}
    return Words(
        {use: frozenset(found) for use, found in uses.items()},
        {verb: tuple(tails) for verb, tails in phrases.items()},
        nouns,
        {noun[1:]: use for noun, use in rows("nouns.tsv") if noun.startswith("-")},
    )
