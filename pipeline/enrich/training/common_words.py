"""Makes ``lexicon/en/common_words.tsv``: ``python -m pipeline.enrich.training.common_words DATA``.

A word is common if running text has it in lower case often and hardly ever with a capital within a sentence. Counted in UD
English EWT's training part and the Groningen Meaning Bank; names that are words too ("Rice", "Brown") stay out.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_LEAST = 4
_SHARE = 0.9
_HEAD = """\
# Words that text has in lower case often and hardly ever with a capital within a sentence: no part of a name that
# nothing else says is one. Made by python -m pipeline.enrich.training.common_words.
word
"""


def common_words(sentences: Iterator[list[str]]) -> list[str]:
    """The common words of sentences, sorted.

    Args:
        sentences: the words of each; the first one, which has a capital for its place, is not counted.
    """
    lower: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for sentence in sentences:
        for word in sentence[1:]:
            if word.isalpha() and len(word) > 1:
                (lower if word.islower() else capital)[word.lower()] += 1
    return sorted(
        word for word, count in lower.items() if count >= _LEAST and count >= _SHARE * (count + capital[word])
    )


def _gmb(file: Path) -> Iterator[list[str]]:
    words: list[str] = []
    with gzip.open(file, "rt", encoding="latin-1", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["Sentence #"] and words:
                yield words
                words = []
            words.append(row["Word"])
    yield words


def _ewt(file: Path) -> Iterator[list[str]]:
    for block in file.read_text(encoding="utf-8").split("\n\n"):
        rows = [line.split("\t") for line in block.splitlines() if line[:1].isdigit()]
        yield [row[1] for row in rows if row[0].isdigit()]


def main() -> None:
    data = Path(sys.argv[1])
    train = next((data / "ud_ewt").glob("*train*.conllu"))

    def sentences() -> Iterator[list[str]]:
        yield from _gmb(data / "gmb" / "ner_dataset.csv.gz")
        yield from _ewt(train)

    target = Path(__file__).parent.parent / "lexicon" / "en" / "common_words.tsv"
    target.write_text(_HEAD + "\n".join(common_words(sentences())) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
