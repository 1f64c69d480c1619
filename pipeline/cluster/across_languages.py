"""The second vote on events: stories in another language, by what they say.

An event has its words in one language. A story that begins an event of its language takes the id of an event in
another one where both say the same: the cosine of their vectors of meaning, and half that of the names and numbers that
both have as they are written, are together at least ``LEAST``. Two earthquakes say nearly the same; what they share in
names and numbers is what separates them. Each language keeps its own words, so that nothing changes within one.

A vector is one of the story's, which intake computed; without the extra ``meaning`` there are none, and no votes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.meaning.vectors import DIMENSIONS, Vector, from_text, length, quantised, to_text

#: Meaning and half of the names; measured on one half of translated stories and reported on the other
#: (python -m tests.benchmarks meaning).
LEAST = 0.65
#: Whatever names are shared, the texts must say something alike.
LEAST_MEANING = 0.45
_NAMES = 0.5
#: A later telling counts at least so much of the mean.
_MOST_WEIGHT = 20
_FIRST_CAPACITY = 256


@dataclass
class Meanings:
    """The mean vector of each event, by the event's number; a function of the vectors added so far."""

    _rows: NDArray[np.float32] = field(default_factory=lambda: np.zeros((_FIRST_CAPACITY, DIMENSIONS), np.float32))
    _lengths: NDArray[np.float64] = field(default_factory=lambda: np.ones(_FIRST_CAPACITY))
    _numbers: NDArray[np.int64] = field(default_factory=lambda: np.full(_FIRST_CAPACITY, -1, np.int64))
    #: Event's number → its row, and how many vectors are in it.
    _row_of: dict[int, tuple[int, int]] = field(default_factory=dict)
    _free: list[int] = field(default_factory=lambda: list(range(_FIRST_CAPACITY))[::-1])

    def add(self, number: int, vector: Vector) -> None:
        """A story with this vector was placed in an event."""
        if number not in self._row_of:
            self._set(number, vector, 1)
            return
        row, stories = self._row_of[number]
        weight = min(stories, _MOST_WEIGHT)
        mean = self._rows[row].astype(np.float64) * (weight / self._lengths[row]) + vector.astype(np.float64) / length(
            vector
        )
        self._set(number, quantised(mean) if mean.any() else vector, stories + 1)

    def forget(self, number: int) -> None:
        """An event has ended."""
        known = self._row_of.pop(number, None)
        if known:
            self._numbers[known[0]] = -1
            self._free.append(known[0])

    def alike(self, vector: Vector) -> Iterator[tuple[int, float]]:
        """Events that say something alike: number and cosine."""
        if not self._row_of:
            return
        cosines = (self._rows @ vector).astype(np.float64) / (self._lengths * length(vector))
        for row in np.flatnonzero((cosines >= LEAST_MEANING) & (self._numbers >= 0)).tolist():
            yield int(self._numbers[row]), float(cosines[row])

    def state(self) -> list[tuple[int, int, str]]:
        """All that is remembered, as JSON."""
        return [(number, stories, to_text(self._rows[row])) for number, (row, stories) in self._row_of.items()]

    def restore(self, state: Iterable[tuple[int, int, str]]) -> None:
        """Take over what ``state`` gave."""
        for number, stories, text in state:
            self._set(number, from_text(text), stories)

    def _set(self, number: int, vector: Vector, stories: int) -> None:
        if number in self._row_of:
            row = self._row_of[number][0]
        else:
            if not self._free:
                self._grow()
            row = self._free.pop()
        self._rows[row], self._lengths[row], self._numbers[row] = vector, length(vector), number
        self._row_of[number] = row, stories

    def _grow(self) -> None:
        size = len(self._numbers)
        self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._lengths = np.concatenate([self._lengths, np.ones(size)])
        self._numbers = np.concatenate([self._numbers, np.full(size, -1, np.int64)])
        self._free += range(size, 2 * size)[::-1]


def agreement(cosine: float, one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """How much two stories in two languages tell of one event; from ``LEAST`` on they do.

    Args:
        cosine: of their vectors of meaning.
        one: weights of the terms of one, where a name begins with ``^``.
        other: those of the other.
    """
    return cosine + _NAMES * _shared(_names(one), _names(other)) if cosine >= LEAST_MEANING else 0.0


def _names(terms: Mapping[str, float]) -> dict[str, float]:
    """Names and numbers, which are often written alike in two languages."""
    return {term: weight for term, weight in terms.items() if term[0] == "^" or term[0].isdigit()}


def _shared(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    lengths = math.hypot(*one.values()) * math.hypot(*other.values())
    return sum(weight * other.get(term, 0.0) for term, weight in one.items()) / lengths if lengths else 0.0
