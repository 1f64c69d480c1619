"""Speed of entities and quotations on whole stories beside spaCy with the same weights, in the same run.

    python -m tests.benchmarks.language [--stories 96] [--batch 16]

The contestants take turns, batch by batch, so that a busy machine slows all of them; processor time of one thread is
counted. Every story is read once by each, so that nothing comes out of the memory of paragraphs.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is loaded

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import spacy
from rich.progress import track
from thinc.api import NumpyOps, set_current_ops

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.models import model_path
from pipeline.events import Content
from tests.benchmarks.figures import Figure
from tests.benchmarks.results import ROOT
from tests.benchmarks.show import show

_GENRES = ("news", "interview", "speech", "bio", "voyage", "textbook", "academic")


@dataclass
class Contestant:
    """One way to read stories, and the seconds that each batch took it."""

    name: str
    read: Callable[[Sequence[str]], object]
    rounds: list[float] = field(default_factory=list)


def texts(data: Path, count: int) -> list[str]:
    """Whole documents of GUM, news first; paragraphs separated by a blank line."""
    found = [path for genre in _GENRES for path in sorted((data / "nlp" / "ud_gum").glob(f"GUM_{genre}_*.conllu"))]
    return [_text(path) for path in found[:count]]


def _text(path: Path) -> str:
    paragraphs: list[list[str]] = [[]]
    for line in path.read_text(encoding="utf-8").splitlines():
        if line == "# newpar":
            paragraphs.append([])
        elif line.startswith("# text = "):
            paragraphs[-1].append(line.removeprefix("# text = "))
    return "\n\n".join(" ".join(sentences) for sentences in paragraphs if sentences)


def contestants() -> list[Contestant]:
    folder = model_path("en_wire")
    assert folder is not None
    analyser = Analyser({"en": "en_wire"})
    whole = spacy.load(folder)
    parsed = spacy.load(folder, exclude=["morphologizer", "trainable_lemmatizer"])
    names = spacy.load(folder, enable=["ner"])
    return [
        Contestant(
            "entities + quotations (Analyser)",
            lambda batch: analyser.analyse([Content(body=text, language="en") for text in batch]),
        ),
        Contestant("nlp(text) one by one, all components", lambda batch: [whole(text) for text in batch]),
        Contestant("nlp.pipe, tagger + parser + ner", lambda batch: list(parsed.pipe(batch, batch_size=16))),
        Contestant("nlp(text) one by one, ner alone", lambda batch: [names(text) for text in batch]),
        Contestant("nlp.pipe, ner alone", lambda batch: list(names.pipe(batch, batch_size=16))),
    ]


def race(racers: Sequence[Contestant], stories: Sequence[str], size: int) -> None:
    """Let each read every batch, in turns that rotate."""
    for racer in racers:
        racer.read(["The first text pays for what is loaded late."])
    for number, start in enumerate(track(range(0, len(stories), size), description="batches")):
        for turn in range(len(racers)):
            racer = racers[(number + turn) % len(racers)]
            begin = time.process_time()
            racer.read(stories[start : start + size])
            racer.rounds.append(time.process_time() - begin)


def figures(racers: Sequence[Contestant], tokens: int) -> list[Figure]:
    """Tokens a second of the first against each of the others."""
    ours = tokens / sum(racers[0].rounds)
    goals = {"nlp.pipe, ner alone": "0.8 x", "nlp(text) one by one, all components": "1.16 x"}
    return [
        Figure("entities + quotations", "tokens/s", ours, racer.name, tokens / sum(racer.rounds), "larger",
               goals.get(racer.name, ""))
        for racer in racers[1:]
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=96)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    arguments = parser.parse_args()
    set_current_ops(NumpyOps(use_blis=False))
    stories = texts(arguments.data, arguments.stories)
    tokenizer = spacy.blank("en").tokenizer
    tokens = sum(len(tokenizer(text)) for text in stories)
    print(f"{len(stories)} stories of {tokens / len(stories):.0f} tokens")
    racers = contestants()
    race(racers, stories, arguments.batch)
    show("language", figures(racers, tokens))


if __name__ == "__main__":
    main()
