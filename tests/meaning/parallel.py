"""The same news sentences in ten languages (../shared/data/parallel), and stories built from five of them each."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.cluster.same_event import Events
from pipeline.meaning.encoder import Encoder
from pipeline.meaning.vectors import Vector, length

#: Languages for which the project promises that a story is found by its translation.
PROMISED = ("de", "fr", "es", "it", "ru", "zh")
_SENTENCES = 5
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def likeness(one: Vector, other: Vector) -> float:
    """The cosine of two vectors: 1 for one meaning, about 0 for texts that have nothing in common."""
    return float(np.dot(one, other)) / (length(one) * length(other))


def sentences(data: Path) -> dict[str, list[str]]:
    """Sentences by language, each language's in the same order."""
    head, *rows = [
        line.split("\t") for line in (data / "parallel" / "pud-news.tsv").read_text(encoding="utf-8").splitlines()
    ]
    return {language: [row[at] for row in rows] for at, language in enumerate(head) if at}


def stories(data: Path) -> dict[str, list[str]]:
    """Stories of five sentences by language."""
    return {
        language: [" ".join(texts[at : at + _SENTENCES]) for at in range(0, len(texts), _SENTENCES)]
        for language, texts in sentences(data).items()
    }


def directions(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors of length one, a row for each text."""
    found = [vector for vector in encoder.vectors(texts) if vector is not None]
    assert len(found) == len(texts)
    rows = np.stack(found)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def joined(told: Sequence[tuple[str, str, str, str | None]], restarted: int | None = None) -> list[str]:
    """The event of each story of a stream of 40 hours.

    Args:
        told: id, language, text and vector of each.
        restarted: before this one the stage is restored from its state.
    """
    grouped, found = Events(), []
    for number, (name, language, text, meaning) in enumerate(told):
        if number == restarted:
            state = json.loads(json.dumps(grouped.state()))
            grouped = Events()
            grouped.restore(state)
        found.append(grouped.place(name, text, language, NOON + timedelta(hours=40) * number / len(told), meaning))
    return found


def pairs_of_languages(told: Sequence[tuple[str, str, str, str | None]], found: Sequence[str]) -> tuple[float, float]:
    """Precision and recall of "one event" over all pairs of stories in two languages.

    Args:
        told: the stream; an id is the story's number, a hyphen, and anything.
        found: the event of each.
    """
    marks = [(name.split("-")[0], language, event) for (name, language, *_), event in zip(told, found, strict=True)]
    by_event: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for story, language, event in marks:
        by_event[event].append((story, language))
    together = [
        one[0] == other[0]
        for members in by_event.values()
        for one, other in combinations(members, 2)
        if one[1] != other[1]
    ]
    stories = Counter(story for story, _, _ in marks)
    wanted = sum(count * (count - 1) // 2 for count in stories.values())
    return sum(together) / max(1, len(together)), sum(together) / wanted


def found_first(queries: NDArray[np.float32], stored: NDArray[np.float32]) -> float:
    """The part of the queries whose most alike stored text is their translation (acc@1)."""
    return float(np.mean((queries @ stored.T).argmax(axis=1) == np.arange(len(queries))))
