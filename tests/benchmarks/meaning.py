"""Vectors of meaning: translations found, stories joined across languages, and what they cost beside the language work.

    python -m tests.benchmarks.meaning [--stories 40]

The sentences are in ../shared/data/parallel. A query in one language looks for its translation among the English
ones. Joining: stories of five sentences in two languages, told alike or not at each threshold; the first half of the
stories is for choosing a threshold, the second half for reporting it.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is loaded

import argparse
import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray
from thinc.api import NumpyOps, set_current_ops

from pipeline.cluster.across_languages import LEAST, LEAST_MEANING, agreement
from pipeline.cluster.clusterer import language_code
from pipeline.cluster.terms import Frequencies, terms_of
from pipeline.enrich.analyse import Analyser
from pipeline.events import Content
from pipeline.meaning.encoder import Encoder, story_text
from tests.benchmarks.figures import ROUNDS, Contestant, Figure, take_turns
from tests.benchmarks.language import texts
from tests.benchmarks.results import ROOT
from tests.benchmarks.show import show
from tests.cluster.texts import gmb
from tests.meaning.parallel import (
    PROMISED,
    directions,
    found_first,
    joined,
    pairs_of_languages,
    sentences,
    stories,
)

_THRESHOLDS = (0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)
_HALVES = (slice(0, 50), slice(50, None))
_OTHERS = 3000
_PRECISION = 0.99
_MOST_CPU = 0.20


def retrieval(encoder: Encoder, data: Path) -> list[Figure]:
    """acc@1 by language, of sentences and of stories."""
    alone = {language: directions(encoder, found) for language, found in sentences(data).items()}
    told = {language: directions(encoder, found) for language, found in stories(data).items()}
    print("acc@1: sentences to English, English to sentences, stories to English")
    for language, rows in alone.items():
        if language != "en":
            found = [
                found_first(rows, alone["en"]),
                found_first(alone["en"], rows),
                found_first(told[language], told["en"]),
            ]
            print(f"  {language}  " + "  ".join(f"{value:.3f}" for value in found))
    return [
        Figure(
            f"least acc@1 of {', '.join(PROMISED)}", "", min(found_first(alone[one], alone["en"]) for one in PROMISED),
            better="larger", goal="0.98",
        )
    ]  # fmt: skip


def joining(encoder: Encoder, data: Path) -> list[Figure]:
    """Precision and recall of "one event" for stories in two languages, among 3,000 other stories in English."""
    told = stories(data)
    lines = gmb(data)
    others = [" ".join(lines[at : at + 15]) for at in range(0, 15 * _OTHERS, 15)]
    frequencies = Frequencies()
    other = [
        _Read(row, terms)
        for row, terms in zip(directions(encoder, others), _terms(frequencies, others, "en"), strict=True)
    ]
    read = {
        language: [_Read(*both) for both in zip(directions(encoder, found), _terms(frequencies, found, language), strict=True)]
        for language, found in told.items()
    }  # fmt: skip
    print(f"pairs of stories in two languages, and {_OTHERS} other stories: precision and recall on each half")
    by_half = [_agreements({name: one[half] for name, one in read.items()}, other) for half in _HALVES]
    for threshold in _THRESHOLDS:
        print(
            f"  {threshold:.2f}" + "".join("  P {:.4f} R {:.4f}".format(*_scored(*one, threshold)) for one in by_half)
        )
    chosen = next(threshold for threshold in _THRESHOLDS if _scored(*by_half[0], threshold)[0] >= _PRECISION)
    print(f"  least with P {_PRECISION} on the first half: {chosen}; the cluster stage has {LEAST}")
    precision, recall = _streamed(encoder, told, others)
    print(f"  a stream of all, shuffled, through the cluster stage: P {precision:.4f} R {recall:.4f}")
    return [
        Figure("precision of joining, second half", "", _scored(*by_half[1], LEAST)[0], better="larger", goal="0.97")
    ]


@dataclass(frozen=True)
class _Read:
    """A story's vector of length one, and its terms."""

    vector: NDArray[np.float32]
    terms: dict[str, float]


def _terms(frequencies: Frequencies, texts: Sequence[str], language: str) -> list[dict[str, float]]:
    return [frequencies.vector(terms_of(text), language_code(language)) for text in texts]


def _agreements(read: Mapping[str, Sequence[_Read]], others: Sequence[_Read]) -> tuple[list[float], list[float]]:
    """How much pairs of one story agree, and pairs of two."""
    same, different = [], []
    background = np.stack([other.vector for other in others])
    for one, two in combinations(read, 2):
        for at, first in enumerate(read[one]):
            for place, second in enumerate(read[two]):
                agreed = agreement(float(first.vector @ second.vector), first.terms, second.terms)
                (same if at == place else different).append(agreed)
    for language, found in read.items():
        for story in found if language != "en" else ():
            for place in np.flatnonzero(background @ story.vector >= LEAST_MEANING).tolist():
                cosine = float(background[place] @ story.vector)
                different.append(agreement(cosine, story.terms, others[place].terms))
    return same, different


def _scored(same: Sequence[float], different: Sequence[float], threshold: float) -> tuple[float, float]:
    right, wrong = (sum(agreed >= threshold for agreed in one) for one in (same, different))
    return right / max(1, right + wrong), right / len(same)


def _streamed(encoder: Encoder, told: Mapping[str, Sequence[str]], others: Sequence[str]) -> tuple[float, float]:
    stream = [
        (f"{number}-{language}", language, text)
        for language, found in told.items()
        for number, text in enumerate(found)
    ]
    stream += [(f"other{number}-en", "en", text) for number, text in enumerate(others)]
    random.Random(0).shuffle(stream)
    vectors = encoder.encoded([text for *_, text in stream])
    whole = [(*one, vector) for one, vector in zip(stream, vectors, strict=True)]
    return pairs_of_languages(whole, joined(whole))


def cost(encoder: Encoder, data: Path, count: int, words: int, rounds: int) -> list[Figure]:
    """Processor time beside that of the enrich stage, on the same stories by turns."""
    bodies = [" ".join(text.split()[:words]) for text in texts(data, count)]
    contents = [Content(headline=text[:60], body=text, language="en") for text in bodies]
    read = [story_text(content.headline, content.description, content.body) for content in contents]

    def analysed() -> None:
        # A new one each turn: nothing is remembered of the turn before.
        analyser = Analyser({"en": "en_wire"})
        for start in range(0, len(contents), 16):
            analyser.analyse(contents[start : start + 16])

    meaning, enrich = Contestant("meaning", lambda: encoder.vectors(read)), Contestant("enrich", analysed)
    load = Contestant("loading", lambda: Analyser({"en": "en_wire"}))
    take_turns([meaning, enrich, load], rounds)
    share = meaning.median / (enrich.median - load.median)
    print(f"stories of {words} words: {meaning.median / len(contents) * 1000:.1f} ms each for the vector")
    return [Figure("processor time added to the language work", "", share, goal=f"{_MOST_CPU} at most")]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=40)
    parser.add_argument("--words", type=int, default=140, help="of each story whose cost is measured")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    set_current_ops(NumpyOps(use_blis=False))
    encoder = Encoder()
    found = retrieval(encoder, given.data)
    found += joining(encoder, given.data)
    show("meaning", [*found, *cost(encoder, given.data, given.stories, given.words, given.rounds)])


if __name__ == "__main__":
    main()
