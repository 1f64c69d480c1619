"""The long form of the hostile texts: thousands of real stories and many more spoilt ones, in a real worker process.

The process has its time limit for each story and is killed where one runs over it, which a dead letter tells.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import random
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.entities.recogniser import BLANK
from pipeline.enrich.pool import AnalysisPool, PoolLimits
from pipeline.events import Content, Enrichment
from pipeline.events.errors import RejectError

_BATCH = 32
_STORY_SECONDS = 30.0  # as configured by default
_SPOILS = (
    "\"'“”‘’«»„‚‹›``''[]()—–-:,.;?!…",
    "\u202e\u202d\u200b\u200d\ufeff\u0301",
    "\x00\x01\x02\x07\x1b\x7f\x85\u2028",
    "🇷🇺👩‍👩‍👧😀",
    "مرحباעברית汉字",
    "\n\n\t  \r\n",
)
_SAID = (
    " said ",
    " told reporters that ",
    ", according to ",
    " who ",
    ' "',
    '," ',
    " said, adding that ",
    " Mr. ",
    " U.S. ",
)


def _real(data: Path) -> Iterator[str]:
    """Stories of five sentences from the GMB, and whole documents of GUM."""
    with gzip.open(data / "nlp/gmb/ner_dataset.csv.gz", "rt", encoding="latin-1", newline="") as file:
        story: list[str] = []
        sentences = 0
        for number, word, *_ in csv.reader(file):
            if number.startswith("Sentence:"):
                sentences += 1
                if sentences % 5 == 1 and story:
                    yield " ".join(story)
                    story = []
            story.append(word)
    yield " ".join(story)
    for path in sorted((data / "nlp/ud_gum").glob("*.conllu")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for start in range(0, len(lines), 400):
            texts = [line[9:] for line in lines[start : start + 400] if line.startswith("# text = ")]
            yield "\n\n".join(texts)


def _spoilt(chance: random.Random, text: str) -> str:
    """A piece of a text with a few things done to it that no agency does."""
    begin = chance.randrange(max(len(text) - 300, 1))
    piece = text[begin : begin + chance.randrange(20, 400)]
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(piece) + 1)
        kind = chance.randrange(6)
        if kind == 0:
            piece = piece[:at] + "".join(chance.choices(chance.choice(_SPOILS), k=chance.randrange(1, 9))) + piece[at:]
        elif kind == 1:
            piece = piece[:at] + chance.choice(_SAID) * chance.randrange(1, 4) + piece[at:]
        elif kind == 2:
            piece = piece.replace(" ", chance.choice(("", "\n", "\u00a0", "  ")))
        elif kind == 3:
            piece = piece[:at] + piece[at:] * 2
        elif kind == 4:
            piece = chance.choice((piece.upper(), piece.lower(), piece.title(), piece[::-1]))
        else:
            piece = piece[:at] + chance.choice(_SPOILS)[0] * chance.randrange(1, 200) + piece[at:]
    return piece


async def _check(pool: AnalysisPool, texts: Sequence[str]) -> None:
    stories = [Content(headline=text[:60], body=text, language="en") for text in texts]
    for story, result in zip(stories, await pool.analyse(stories), strict=True):
        assert not isinstance(result, RejectError), (str(result), story.body)
        _stands(story, result)


def _stands(story: Content, result: Enrichment) -> None:
    for quote in result.quotes:
        assert story.body[quote.start : quote.end] == quote.text
    for entity in result.entities:
        for mention in entity.mentions:
            assert getattr(story, mention.field)[mention.start : mention.end] == mention.text


def _analyse_all(model: str, texts: Sequence[str]) -> None:
    pool = AnalysisPool(partial(Analyser, {"en": model}, "en"), PoolLimits(1, _STORY_SECONDS, 20_000))

    async def run() -> None:
        await pool.start()
        for start in range(0, len(texts), _BATCH):
            await _check(pool, texts[start : start + _BATCH])

    try:
        asyncio.run(run())
    finally:
        pool.stop()


@pytest.mark.shared
@pytest.mark.parametrize("count", [40, pytest.param(10_000, marks=[pytest.mark.long, pytest.mark.timeout(3600)])])
def test_real_stories(shared_data, count):
    texts = list(_real(shared_data))
    random.Random(1).shuffle(texts)
    assert len(texts) >= count
    _analyse_all("en_wire", texts[:count])


@pytest.mark.shared
@pytest.mark.parametrize("count", [200, pytest.param(100_000, marks=[pytest.mark.long, pytest.mark.timeout(3600)])])
def test_spoilt_stories(shared_data, count):
    """By the rules alone: the recogniser's time depends on the length of a text only."""
    chance = random.Random(2)
    texts = list(_real(shared_data))
    _analyse_all(BLANK, [_spoilt(chance, chance.choice(texts)) for _ in range(count)])


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param("word " * 1_000_000, id="words", marks=pytest.mark.long),
        pytest.param("x" * 5_000_000, id="one word", marks=pytest.mark.long),
        pytest.param('"' * 5_000_000, id="marks"),
    ],
)
def test_a_line_of_five_megabytes(body):
    _analyse_all(BLANK, [body])
