"""Precision, recall and F1 of labelled spans, exact and by overlap."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

#: ``(start, end, label)``; words or characters, as long as gold and system agree.
LabelledSpan = tuple[int, int, str]


@dataclass(frozen=True)
class Score:
    """Counts of one label: ``found_gold`` gold spans were found, ``right_system`` of the system's spans are right."""

    gold: int
    system: int
    found_gold: int
    right_system: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right, 0 to 1; 0 where nothing was found."""
        return self.right_system / self.system if self.system else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold that was found, 0 to 1; 0 where there is no gold."""
        return self.found_gold / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def as_dict(self) -> dict[str, float]:
        """For JSON: percentages with two digits, and the counts."""
        return {
            "precision": round(100 * self.precision, 2),
            "recall": round(100 * self.recall, 2),
            "f1": round(100 * self.f1, 2),
            "gold": self.gold,
            "system": self.system,
        }


@dataclass(frozen=True)
class Scores:
    """Exact and overlap scores by label; the key ``all`` is over all labels."""

    exact: dict[str, Score]
    overlap: dict[str, Score]

    def as_dict(self) -> dict[str, dict[str, dict[str, float]]]:
        """For JSON."""
        return {
            "exact": {label: score.as_dict() for label, score in self.exact.items()},
            "overlap": {label: score.as_dict() for label, score in self.overlap.items()},
        }


class Tally:
    """Adds up the spans of one text after the other."""

    def __init__(self) -> None:
        self._gold: Counter[str] = Counter()
        self._system: Counter[str] = Counter()
        self._hits: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, gold: Iterable[LabelledSpan], system: Iterable[LabelledSpan]) -> None:
        """Count the spans of one text. Overlap: at least one shared unit with a span of the same label."""
        golds, systems = sorted(set(gold)), sorted(set(system))
        shared = set(golds) & set(systems)
        for _, _, label in golds:
            self._gold[label] += 1
        for _, _, label in systems:
            self._system[label] += 1
        for _, _, label in shared:
            self._hits["exact"][label] += 1
        for name, ones, others in (("gold", golds, systems), ("system", systems, golds)):
            for start, end, label in ones:
                if any(other[2] == label and other[0] < end and start < other[1] for other in others):
                    self._hits[name][label] += 1

    def scores(self) -> Scores:
        """All scores so far."""
        labels = sorted({*self._gold, *self._system})
        hits = self._hits
        exact = {k: Score(self._gold[k], self._system[k], hits["exact"][k], hits["exact"][k]) for k in labels}
        overlap = {k: Score(self._gold[k], self._system[k], hits["gold"][k], hits["system"][k]) for k in labels}
        return Scores({**exact, "all": _total(exact)}, {**overlap, "all": _total(overlap)})


def _total(scores: dict[str, Score]) -> Score:
    parts = scores.values()
    return Score(
        sum(part.gold for part in parts),
        sum(part.system for part in parts),
        sum(part.found_gold for part in parts),
        sum(part.right_system for part in parts),
    )
