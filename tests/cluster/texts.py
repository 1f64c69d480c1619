"""Sentences of real texts: the Groningen Meaning Bank (public-domain news) and GUM (openly licensed genres)."""

from __future__ import annotations

import csv
import gzip
import io
import re
from pathlib import Path

_NO_SPACE_BEFORE = re.compile(r" ([.,;:!?%)\]]|'s\b|n't\b|'\w\w?\b)")
_NO_SPACE_AFTER = re.compile(r"([(\[$]) ")


def gmb(data: Path) -> list[str]:
    """The sentences of GMB, each once, in their order, joined as print has them."""
    with gzip.open(data / "nlp" / "gmb" / "ner_dataset.csv.gz") as packed:
        rows = csv.reader(io.TextIOWrapper(packed, "latin-1"))
        next(rows)
        sentences: list[list[str]] = []
        for row in rows:
            if row[0]:
                sentences.append([])
            sentences[-1].append(row[1])
    return list(dict.fromkeys(_print(words) for words in sentences if len(words) >= 8))


def gum(data: Path) -> list[str]:
    """The sentences of GUM's written genres, each once."""
    sentences: dict[str, None] = {}
    for genre in ("news", "bio", "voyage", "academic", "textbook"):
        for path in sorted((data / "nlp" / "ud_gum").glob(f"GUM_{genre}_*.conllu")):
            for line in path.read_text(encoding="utf-8").splitlines():
                if line.startswith("# text = ") and line.count(" ") >= 10:
                    sentences[line.removeprefix("# text = ")] = None
    return list(sentences)


def _print(words: list[str]) -> str:
    text = " ".join(word for word in words if word not in {"``", "''", '"'})
    return _NO_SPACE_AFTER.sub(r"\1", _NO_SPACE_BEFORE.sub(r"\1", text))
