"""The terms of a story and what each says about its event: tf-idf over the stories of the days before.

A term's weight grows with its count in the story and falls with the part of the stories that have it (Spärck Jones
1972). Names, which are words that a story writes with a capital letter only, weigh more: they are what separates one
earthquake from another. Until enough stories have passed, a table says how common the words of a language are
(data/words-en.tsv); afterwards the stream outweighs it.
"""

from __future__ import annotations

import math
import re
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

import xxhash

from pipeline.cluster.clusterer import language_code
from pipeline.events.tables import table_rows

Vector = dict[str, float]

#: Only the top of a text says what it is about.
_TOP = 4000
#: Terms kept of a story.
_TERMS = 100
_NAME_WEIGHT = 2.5
#: The table counts like so many stories.
_TABLE_STORIES = 1000
#: Stories of a language after which older ones count half, and terms remembered of one.
_MEMORY = 20_000
_MOST_TERMS = 200_000
_MOST_LANGUAGES = 60
#: Words by which a sentence is known again; one that so many texts have, which are no copies, says nothing.
_SENTENCE_WORDS = 8
_REPEATED = 2
_MOST_SENTENCES = 200_000
_SENTENCE = re.compile(r"[.!?。！？]\s|\n")
#: Scripts without spaces between words: two neighbouring characters are a term.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]+|\d+(?:[.,]+\d+)*|[^\W\d_{_UNSPACED}][\w’'-]+")
_UNSPACED_WORD = re.compile(rf"[{_UNSPACED}]")


class Frequencies:
    """How many of the last stories of each language have a term: bounded, and a function of the stories so far."""

    def __init__(self) -> None:
        self._having: defaultdict[int, Counter[str]] = defaultdict(Counter)
        self._stories: Counter[int] = Counter()

    def vector(self, counts: Mapping[str, int], language: int) -> Vector:
        """The weightiest terms of a story as a vector of length one; the story then counts among those before.

        Args:
            counts: how often the story has each term.
            language: its code.
        """
        table, size = _table(language)
        # Beyond so many languages, which no installation has, they share one memory.
        memory = language if language in self._stories or len(self._stories) < _MOST_LANGUAGES else 0
        having, stories = self._having[memory], self._stories[memory]
        weights = {
            term: (1 + math.log(count))
            * math.log((size + stories + 1) / (table.get(plain := term.lstrip("^"), 0.0) + having[plain] + 1))
            * (_NAME_WEIGHT if term[0] == "^" else 1)
            for term, count in counts.items()
        }
        self._count(memory, {term.lstrip("^") for term in counts})
        top = sorted(weights, key=lambda term: (-weights[term], term))[:_TERMS]
        length = math.sqrt(sum(weights[term] ** 2 for term in top))
        return {term: weights[term] / length for term in top if weights[term]}

    def state(self) -> dict[str, Any]:
        """All that is remembered, as JSON."""
        return {
            "stories": [[language, count] for language, count in self._stories.items()],
            "having": [[language, dict(having)] for language, having in self._having.items()],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over what ``state`` gave."""
        self._stories = Counter(dict(state["stories"]))
        self._having = defaultdict(Counter, {language: Counter(having) for language, having in state["having"]})

    def _count(self, language: int, terms: set[str]) -> None:
        having = self._having[language]
        having.update(terms)
        self._stories[language] += 1
        if self._stories[language] >= _MEMORY:
            self._stories[language] //= 2
            self._having[language] = Counter({term: half for term, count in having.items() if (half := count // 2)})
        elif len(having) > _MOST_TERMS:
            self._having[language] = Counter({term: count for term, count in having.items() if count > 1})


class Repeated:
    """Sentences that several of the last texts have: disclaimers, background paragraphs, forms; bounded."""

    def __init__(self) -> None:
        self._count: OrderedDict[int, int] = OrderedDict()

    def without(self, text: str) -> str:
        """The top of a text without the sentences that several earlier ones have; its own are then counted.

        Returns:
            Nothing where the text opens with such a sentence: a form that is filled in anew each time.
        """
        left: list[str] = []
        known: set[int] = set()
        for number, sentence in enumerate(_SENTENCE.split(text[:_TOP])):
            words = [word for word in _WORD.findall(sentence) if not word[0].isdigit()][:_SENTENCE_WORDS]
            if len(words) == _SENTENCE_WORDS:
                fingerprint = xxhash.xxh3_64_intdigest(" ".join(words).lower().encode())
                if fingerprint in known:
                    continue
                known.add(fingerprint)
                earlier = self._count.pop(fingerprint, 0)
                self._count[fingerprint] = earlier + 1
                if earlier >= _REPEATED:
                    if number == 0:
                        left = []
                        break
                    continue
            left.append(sentence)
        while len(self._count) > _MOST_SENTENCES:
            self._count.popitem(last=False)
        return "\n".join(left)

    def state(self) -> list[tuple[int, int]]:
        """All that is remembered, as JSON."""
        return list(self._count.items())

    def restore(self, state: Iterable[tuple[int, int]]) -> None:
        """Take over what ``state`` gave."""
        self._count = OrderedDict((sentence, count) for sentence, count in state)


def terms_of(text: str) -> Counter[str]:
    """How often each term is in the top of a text; names begin with ``^``."""
    words: list[str] = []
    for word in _WORD.findall(text[:_TOP]):
        if len(word) > 1 and _UNSPACED_WORD.match(word):
            words += map("".join, pairwise(word))
        else:
            words.append(word)
    small = {word for word in words if word[0].islower()}
    return Counter(
        "^" + word.lower() if word[0].isupper() and word.lower() not in small else word.lower() for word in words
    )


@cache
def _table(language: int) -> tuple[Mapping[str, float], int]:
    """How many of the table's stories have each word, and their number; empty for languages without a table."""
    if language not in (language_code("en"), language_code(None)):
        return {}, 0
    rows = table_rows("pipeline.cluster", "data", "words-en.tsv")
    return {word: int(per_mille) / 1000 * _TABLE_STORIES for word, per_mille in rows}, _TABLE_STORIES
