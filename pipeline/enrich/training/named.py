"""Training examples and scores for names (the ``ner`` component)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from pipeline.enrich.training.conllu import read_gum_names
from pipeline.enrich.training.corpora import read_gmb, read_iob, read_iob2
from pipeline.enrich.training.projection import unified
from pipeline.enrich.training.sentence import Sentence
from pipeline.enrich.training.spelling import varied
from pipeline.enrich.training.splits import gum_files


def training_sentences(data: Path) -> list[Sentence]:
    """All sentences with names that may be trained on, with the project's labels.

    Left out: Universal NER's PUD, its EWT dev and test parts, GUM's dev and test parts and all of GUM's news, which are
    for measuring.
    """
    sentences: list[Sentence] = []
    sentences += read_gmb(data / "gmb" / "ner_dataset.csv.gz")
    sentences += read_iob2(data / "uner_ewt" / "en_ewt-ud-train.OLDER-VERSION.iob2", "ewt")
    sentences += read_iob(data / "wikigold" / "wikigold.conll.txt", "wikigold")
    for file in sorted((data / "re3d").glob("*/*.conll")):
        sentences += read_iob(file, "re3d")
    for file in gum_files(data / "ud_gum", "train"):
        if "_news_" not in file.name:
            sentences += read_gum_names(file)
    return [unified(sentence) for sentence in sentences]


def dev_sentences(data: Path) -> list[Sentence]:
    """What training chooses its best weights by: Universal NER EWT dev and GUM dev without its news."""
    sentences = list(read_iob2(data / "uner_ewt" / "en_ewt-ud-dev.iob2", "ewt"))
    for file in gum_files(data / "ud_gum", "dev"):
        if "_news_" not in file.name:
            sentences += read_gum_names(file)
    return [unified(sentence) for sentence in sentences]


def raw_sentences(file: Path) -> list[Sentence]:
    """A Universal NER file with nothing projected but the labels' names: gold to be measured against."""
    kept = {"PER": "PERSON", "ORG": "ORG", "LOC": "LOC"}
    return [
        replace(sentence, spans=tuple((a, b, kept[label]) for a, b, label in sentence.spans if label in kept))
        for sentence in read_iob2(file, "ewt")
    ]


def gum_news(data: Path) -> list[Sentence]:
    """All of GUM's news: never trained on for names, so that it can be measured against."""
    files = sorted((data / "ud_gum").glob("GUM_news_*.conllu"))
    return [unified(sentence) for file in files for sentence in read_gum_names(file)]


def examples(
    nlp: Language, sentences: list[Sentence], chance: random.Random, *, rate: float, together: int
) -> Iterator[Example]:
    """Documents of up to ``together`` neighbouring sentences, varied, in spaCy's own tokens."""
    at = 0
    while at < len(sentences):
        size = chance.randint(1, together)
        group = [s for s in sentences[at : at + size] if s.source == sentences[at].source]
        at += len(group)
        yield example(nlp, [varied(sentence, chance, rate=rate) for sentence in group])


def example(nlp: Language, group: Iterable[Sentence]) -> Example:
    """One example of sentences printed one after the other."""
    words: list[str] = []
    spaces: list[bool] = []
    spans: list[tuple[int, int, str]] = []
    missing: list[int] = []
    for sentence in group:
        by = len(words)
        words += sentence.words
        spaces += [*sentence.spaces[:-1], True]
        spans += [(start + by, end + by, label) for start, end, label in sentence.spans]
        missing += [at + by for at in sentence.missing]
    gold = Doc(nlp.vocab, words=words, spaces=spaces)
    gold.set_ents(
        [Span(gold, start, end, label=label) for start, end, label in spans],
        missing=[Span(gold, at, at + 1) for at in missing],
        default="outside",
    )
    return Example(nlp.make_doc(gold.text), gold)
