"""A stream of which half are copies and updates, against ``nlp(text)`` for each.

    python -m tests.benchmarks.reuse [--stories 60]

Each story of GUM comes three times more: word for word from another provider, with a new first paragraph, and with one
paragraph more at its end, as copies and updates of a wire do.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is loaded

import argparse
import random
from pathlib import Path

import spacy
from thinc.api import NumpyOps, set_current_ops

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.models import model_path
from pipeline.events import Content
from tests.benchmarks.figures import ROUNDS, Contestant, faster, take_turns
from tests.benchmarks.language import texts
from tests.benchmarks.results import ROOT
from tests.benchmarks.show import show

_NEW_LEAD = "UPDATED: Officials in Geneva gave new figures on Tuesday."
_NEW_END = "The talks go on in Vienna next week, Foreign Minister Ana Prado said."


def stream(stories: list[str], seed: int = 1) -> list[str]:
    """Stories with copies and updates, in an order in which each comes near its first version."""
    chance = random.Random(seed)
    placed = []
    for number, text in enumerate(stories):
        versions = [text, text, f"{_NEW_LEAD}\n\n{text}", f"{text}\n\n{_NEW_END}"]
        placed += [(number + place + chance.random(), version) for place, version in enumerate(versions)]
    return [text for _, text in sorted(placed)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    given = parser.parse_args()
    set_current_ops(NumpyOps(use_blis=False))
    folder = model_path("en_wire")
    assert folder is not None
    stories = stream(texts(given.data, given.stories))
    whole = spacy.load(folder)

    def ours() -> None:
        # A new one each turn: nothing is remembered of the turn before.
        analyser = Analyser({"en": str(folder)})
        for start in range(0, len(stories), 16):
            analyser.analyse([Content(body=text, language="en") for text in stories[start : start + 16]])

    wiredesk = Contestant("wiredesk", ours)
    each = Contestant("nlp(text) each, all components", lambda: [whole(text) for text in stories])
    take_turns([wiredesk, each], given.rounds)
    show("reuse", [faster("3 of 4 copies or updates", wiredesk, each, work=len(stories), unit="stories/s", goal="4 x")])


if __name__ == "__main__":
    main()
