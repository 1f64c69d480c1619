"""Quotations against gold in brat stand-off folders.

Content is scored by type and over all types, exact and by overlap, and source and cue beside it. The fragments of a
quotation that its attribution interrupts count one by one. Where guidelines differ a span is not marked down: marks and
stops at its edges do not count, nor does the "that" by which a content begins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.enrich.quotes.extract import find_quotes
from pipeline.enrich.quotes.found import Found
from pipeline.enrich.scores import LabelledSpan, Scores, Tally
from pipeline.evaluate.brat import Attribution, Offsets, read_folder, trimmed

Finder = Callable[[str], Iterable[Found]]


@dataclass(frozen=True)
class QuoteScores:
    """Scores of a folder.

    Attributes:
        scores: ``by_type`` (content by direct, indirect, mixed; a wrong type is a miss), ``content`` (of any type),
            ``source`` and ``cue``, each with exact and overlap scores.
        documents: how many were read.
        without_text: annotation files that were left out because their text is not there.
    """

    scores: dict[str, Scores]
    documents: int
    without_text: tuple[Path, ...]


def evaluate_quotes(gold_dir: Path, *, texts: Path | None = None, find: Finder = find_quotes) -> QuoteScores:
    """Score a finder of quotations on a folder.

    Args:
        gold_dir: a folder with ``.ann`` files: text bounds Source, Cue, Content joined by an Attribution event.
        texts: where the ``.txt`` files are, if not beside them.
        find: from a text to its quotations.

    Raises:
        ConfigurationError: the folder holds no gold, or a file is damaged.
    """
    tallies = {name: Tally() for name in ("by_type", "content", "source", "cue")}
    gold = read_folder(gold_dir, texts)
    for document in gold.documents:
        wanted = _gold(document.text, document.attributions)
        for name, system in _spans(document.text, find(document.text)).items():
            tallies[name].add(wanted[name], system)
    scores = {name: tally.scores() for name, tally in tallies.items()}
    return QuoteScores(scores, len(gold.documents), gold.without_text)


def _gold(text: str, gold: Sequence[Attribution]) -> dict[str, list[LabelledSpan]]:
    return {
        "by_type": [_span(text, part, one.type) for one in gold for part in one.content],
        "content": [_span(text, part, "content") for one in gold for part in one.content],
        "source": [_span(text, part, "source") for one in gold for part in one.source],
        "cue": [_span(text, part, "cue") for one in gold for part in one.cue],
    }


def _spans(text: str, found: Iterable[Found]) -> dict[str, list[LabelledSpan]]:
    quotes = list(found)
    sources = [quote.source for quote in quotes if quote.source is not None]
    return {
        "by_type": [_span(text, (quote.start, quote.end), quote.type) for quote in quotes],
        "content": [_span(text, (quote.start, quote.end), "content") for quote in quotes],
        "source": [_span(text, (source.start, source.end), "source") for source in sources],
        "cue": [
            _span(text, (source.cue_start, source.cue_end), "cue")
            for source in sources
            if source.cue_end > source.cue_start
        ],
    }


def _span(text: str, offsets: Offsets, label: str) -> LabelledSpan:
    start, end = trimmed(text, *offsets)
    if label not in {"source", "cue"} and (that := re.match(r"that\b[\s,]*", text[start:end], re.IGNORECASE)):
        start, end = trimmed(text, start + that.end(), end)
    return (start, end, label)
