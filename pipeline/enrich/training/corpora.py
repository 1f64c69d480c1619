"""Readers of the corpora of names, each in its own format and with its own labels (raw; projection.py unifies them)."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

from pipeline.enrich.iob import spaces_in, spans_of
from pipeline.enrich.training.sentence import Sentence, guessed_spaces


def read_gmb(file: Path) -> Iterator[Sentence]:
    """Groningen Meaning Bank, CSV (latin-1, gzip): ``Sentence #, Word, POS, Tag``."""
    words: list[str] = []
    tags: list[str] = []
    with gzip.open(file, "rt", encoding="latin-1", newline="") as handle:
        rows = csv.reader(handle)
        next(rows)
        for number, word, _, tag in rows:
            if number and words:
                yield _sentence(words, tags, "gmb")
                words, tags = [], []
            word = _repaired(word)  # noqa: PLW2901 - the same word, read rightly
            if word:
                words.append(word)
                tags.append(tag)
    yield _sentence(words, tags, "gmb")


def _repaired(word: str) -> str:
    """latin-1 holds a few Windows quotation marks and dashes, and UTF-8 read twice."""
    try:
        word = word.encode("latin-1").decode("utf-8")
    except UnicodeError:
        word = word.encode("latin-1").decode("cp1252", errors="ignore")
    return word.strip()


def _sentence(words: list[str], tags: list[str], source: str, document: str = "") -> Sentence:
    spans = tuple(spans_of(tags))
    return Sentence(tuple(words), tuple(guessed_spaces(words)), spans, source=source, document=document)


def read_iob(file: Path, source: str) -> Iterator[Sentence]:
    """Lines of ``word … tag`` (spaces or tabs) and empty lines between sentences: WikiGold, re3d."""
    words: list[str] = []
    tags: list[str] = []
    for line in [*file.read_text(encoding="utf-8").splitlines(), ""]:
        parts = line.split()
        if len(parts) >= 2 and parts[0] != "-DOCSTART-":
            words.append(parts[0])
            tags.append(parts[-1])
        elif words:
            yield _sentence(words, tags, source, document=file.stem)
            words, tags = [], []


def read_iob2(file: Path, source: str) -> Iterator[Sentence]:
    """Universal NER: ``# text =`` and tab-separated ``number, word, tag`` lines."""
    document = text = ""
    words: list[str] = []
    tags: list[str] = []
    for line in [*file.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("#"):
            name, _, value = line[1:].partition("=")
            document = value.strip() if name.strip() == "newdoc id" else document
            text = value.strip() if name.strip() == "text" else text
        elif line.strip():
            _, word, tag = line.split("\t")[:3]
            words.append(word)
            # The earlier release writes "B-O" for a word outside that follows a name.
            tags.append("O" if tag == "B-O" else tag)
        elif words:
            yield Sentence(
                tuple(words), tuple(spaces_in(text, words)), tuple(spans_of(tags)), source=source, document=document
            )
            words, tags = [], []
