"""Writes pipeline/cluster/data/words-en.tsv: ``python -m tests.cluster.word_table FOLDER > pipeline/cluster/data/words-en.tsv``.

Needs the sample data of the Groningen Meaning Bank in FOLDER/nlp/gmb.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pipeline.cluster.terms import terms_of

_SENTENCES_OF_STORY = 15
#: Rarer words, in per mille of the stories, are left to the stream.
_LEAST = 4

_HEADER = """\
# How common words are in English news: of 1,000 stories, how many have the word.
# Counted over the Groningen Meaning Bank's news texts (public domain), 15 sentences a story: tests/cluster/word_table.py."""


def table(sentences: Sequence[str]) -> list[tuple[str, int]]:
    """Words and in how many of 1,000 stories they are, the commonest first."""
    starts = range(0, len(sentences), _SENTENCES_OF_STORY)
    having: Counter[str] = Counter()
    for at in starts:
        having.update({term.lstrip("^") for term in terms_of(" ".join(sentences[at : at + _SENTENCES_OF_STORY]))})
    rows = ((word, round(1000 * count / len(starts))) for word, count in having.items())
    return sorted((row for row in rows if row[1] >= _LEAST), key=lambda row: (-row[1], row[0]))


if __name__ == "__main__":
    from tests.cluster.texts import gmb

    lines = (f"{word}\t{count}" for word, count in table(gmb(Path(sys.argv[1]))))
    print("\n".join((_HEADER, *lines)))
