"""Gold names in CoNLL/IOB files, read with the words as the corpus has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.enrich.scores import LabelledSpan


@dataclass(frozen=True)
class GoldSentence:
    """Words as the corpus has them and the names in them."""

    words: tuple[str, ...]
    spaces: tuple[bool, ...]
    spans: tuple[LabelledSpan, ...]


def read_gold(file: Path) -> Iterator[GoldSentence]:
    """Sentences of an IOB file; ``# text =`` lines, where there are some, tell the spaces."""
    words: list[str] = []
    tags: list[str] = []
    text = ""
    for line in [*file.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("# ") and "=" in line:
            name, _, value = line[2:].partition("=")
            text = value.strip() if name.strip() == "text" else text
        elif line.strip() and not line.startswith("-DOCSTART-"):
            word, tag = _columns(line)
            words.append(word)
            tags.append(tag)
        elif words:
            yield GoldSentence(tuple(words), tuple(spaces_in(text, words)), tuple(spans_of(tags)))
            words, tags, text = [], [], ""


_TAG = re.compile(r"O|[BIES]-\S+")


def _columns(line: str) -> tuple[str, str]:
    fields = line.split("\t") if "\t" in line else line.split()
    numbered = len(fields) > 2 and fields[0].isdigit()
    word, rest = (fields[1], fields[2:]) if numbered else (fields[0], fields[1:])
    tags = [field for field in rest if _TAG.fullmatch(field)]
    return word, (tags[0] if numbered else tags[-1]) if tags else "O"


def spaces_in(text: str, words: Iterable[str]) -> list[bool]:
    """Which words a space follows in the text they were taken from; a word not found is followed by one."""
    spaces: list[bool] = []
    at = 0
    for word in words:
        found = text.find(word, at)
        at = found + len(word) if found >= 0 else at
        spaces.append(found < 0 or at >= len(text) or text[at].isspace())
    return spaces


def spans_of(tags: list[str]) -> list[LabelledSpan]:
    """Spans of IOB1 or IOB2 tags; an ``I-`` after another label begins a span (CoNLL-2000, -2003)."""
    spans: list[LabelledSpan] = []
    start, label = 0, ""
    for at, tag in enumerate([*tags, "O"]):
        kind, _, name = tag.partition("-")
        if label and (kind != "I" or name != label):
            spans.append((start, at, label))
            label = ""
        if name and not label:
            start, label = at, name
    return spans
