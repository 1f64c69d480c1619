"""The same news sentences in ten languages (../shared/data/parallel), and stories built from five of them each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.meaning.encoder import Encoder

#: Languages for which the project promises that a story is found by its translation.
PROMISED = ("de", "fr", "es", "it", "ru", "zh")
_SENTENCES = 5


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


def found_first(queries: NDArray[np.float32], stored: NDArray[np.float32]) -> float:
    """The part of the queries whose most alike stored text is their translation (acc@1)."""
    return float(np.mean((queries @ stored.T).argmax(axis=1) == np.arange(len(queries))))
