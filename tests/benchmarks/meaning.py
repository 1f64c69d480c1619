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
from itertools import permutations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from thinc.api import NumpyOps, set_current_ops

from pipeline.enrich.analyse import Analyser
from pipeline.events import Content
from pipeline.meaning.encoder import Encoder, story_text
from tests.benchmarks.figures import ROUNDS, Contestant, Figure, take_turns
from tests.benchmarks.language import texts
from tests.benchmarks.results import ROOT
from tests.benchmarks.show import show
from tests.meaning.parallel import PROMISED, directions, found_first, sentences, stories

_THRESHOLDS = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75)
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


def joining(encoder: Encoder, data: Path) -> None:
    """Precision and recall of "the same story" for pairs in two languages, by likeness alone."""
    told = {language: directions(encoder, found) for language, found in stories(data).items()}
    halves = (slice(0, 50), slice(50, None))
    print("pairs of stories in two languages, by likeness alone: precision and recall on each half")
    for threshold in _THRESHOLDS:
        results = [_precision_recall({name: rows[half] for name, rows in told.items()}, threshold) for half in halves]
        print(f"  {threshold:.2f}  " + "  ".join(f"P {one:.4f} R {other:.4f}" for one, other in results))


def _precision_recall(told: dict[str, NDArray[np.float32]], threshold: float) -> tuple[float, float]:
    right = alike = wanted = 0
    for one, other in permutations(told, 2):
        joined = told[one] @ told[other].T >= threshold
        right += int(np.trace(joined))
        alike += int(joined.sum())
        wanted += len(joined)
    return right / max(1, alike), right / wanted


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
    set_current_ops(NumpyOps(use_blis=False))
    encoder = Encoder()
    found = retrieval(encoder, given.data)
    joining(encoder, given.data)
    show("meaning", [*found, *cost(encoder, given.data, given.stories, given.words, given.rounds)])


if __name__ == "__main__":
    main()
