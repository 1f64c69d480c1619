"""Names of the gazetteer in a text: the longest alias at each word, told by words and not by characters.

Case matters (US, us; WHO, who), except in a text set in capitals, where short aliases are not looked for at all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache, lru_cache
from typing import NamedTuple

from pipeline.enrich.gazetteer import Known, ambiguous_names, known_names

_TOKEN = re.compile(r"(?:[A-Z]\.){2,}|\w+|[^\w\s]")
_Words = tuple[str, ...]


class Match(NamedTuple):
    """``[start, end)`` of a text is a name of the gazetteer; ``known`` has no id where the name is ambiguous."""

    start: int
    end: int
    known: Known


@cache
def _aliases() -> dict[str, list[tuple[_Words, Known]]]:
    """By first word: the words of each alias, longest first."""
    by_first: dict[str, list[tuple[_Words, Known]]] = defaultdict(list)
    for alias, known in (known_names() | ambiguous_names()).items():
        words = tuple(_TOKEN.findall(alias.replace("’", "'")))
        by_first[words[0]].append((words, known))
    for aliases in by_first.values():
        aliases.sort(key=lambda entry: -len(entry[0]))
    return dict(by_first)


@cache
def _capital_aliases() -> dict[str, list[tuple[_Words, Known]]]:
    by_first: dict[str, list[tuple[_Words, Known]]] = defaultdict(list)
    for aliases in _aliases().values():
        for words, known in aliases:
            if sum(map(len, words)) > 4:
                by_first[words[0].upper()].append((tuple(word.upper() for word in words), known))
    for entries in by_first.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return dict(by_first)


def is_capitals(text: str) -> bool:
    """Whether a text is set in capitals throughout, as some wires set headlines."""
    return text.isupper() and len(text) > 12 and " " in text


#: Characters up to which a text is remembered: titles and roles, which are asked for again and again.
_REMEMBERED_CHARS = 128


def gazetteer_matches(text: str) -> tuple[Match, ...]:
    """Names of the gazetteer in a text, not overlapping, in order. Short texts are remembered, at most 4,096 of them."""
    return _remembered(text) if len(text) <= _REMEMBERED_CHARS else _matches(text)


@lru_cache(maxsize=4096)
def _remembered(text: str) -> tuple[Match, ...]:
    return _matches(text)


def _matches(text: str) -> tuple[Match, ...]:
    aliases = _capital_aliases() if is_capitals(text) else _aliases()
    tokens = list(_TOKEN.finditer(text))
    words = [token.group() if token.group() != "’" else "'" for token in tokens]
    matches: list[Match] = []
    behind = 0
    for at, word in enumerate(words):
        if at < behind or word not in aliases:
            continue
        for alias, known in aliases[word]:
            last = at + len(alias) - 1
            if last < len(words) and tuple(words[at : last + 1]) == alias:
                start, end = tokens[at].start(), tokens[last].end()
                if "\n" not in text[start:end] and end - start < 2 * sum(map(len, alias)) + len(alias):
                    matches.append(Match(start, end, known))
                    behind = last + 1
                    break
    return tuple(matches)
