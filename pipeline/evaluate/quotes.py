"""Quotations against gold in brat stand-off folders.

Content is scored by type and over all types, exact and by overlap, and source and cue next to it. The fragments of a
quotation that its attribution interrupts count one by one. Where guidelines differ a span is not marked down: marks and
stops at its edges do not count, nor does the "that" by which a content begins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.quotes.extract import find_quotes
from pipeline.enrich.quotes.quotation import Quotation
from pipeline.enrich.quotes.source import Source
from pipeline.enrich.scores import LabelledSpan, Scores, Tally
from pipeline.evaluate.brat import Attribution, Offsets, read_folder, trimmed
from pipeline.events import Content, Quote

Finder = Callable[[str], Iterable[Quotation]]


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


def finder_with(model: str) -> Finder:
    """The quotations of the whole analysis, which reads names with a model before it looks for quotations.

    Args:
        model: a bundled or installed pipeline's name, or its folder.

    Raises:
        ConfigurationError: there is no such model.
    """
    analyser = Analyser({"en": model})

    def find(text: str) -> list[Quotation]:
        [result] = analyser.analyse([Content(body=text, language="en")])
        return [_found(quote, text) for quote in result.quotes]

    return find


def _found(quote: Quote, text: str) -> Quotation:
    source = None
    if quote.source_start is not None and quote.source_end is not None:
        cue = quote.cue or ""
        at = _nearest(text, cue, quote.source_start, quote.source_end)
        source = Source(quote.source_start, quote.source_end, cue, at, at + len(cue))
    return Quotation(quote.type, quote.start, quote.end, source, quote.rule or "")


def _nearest(text: str, cue: str, start: int, end: int) -> int:
    """Where the cue is that is nearest to a source: right after it, else before it."""
    after, before = text.find(cue, end), text.rfind(cue, 0, start)
    return before if after < 0 or (before >= 0 and start - before < after - end) else after


def evaluate_quotes(
    gold_dir: Path, *, texts: Path | None = None, find: Finder = find_quotes, model: str | None = None
) -> QuoteScores:
    """Score a finder of quotations on a folder.

    Args:
        gold_dir: a folder with ``.ann`` files: text bounds Source, Cue, Content joined by an Attribution event.
        texts: where the ``.txt`` files are, if not next to them.
        find: from a text to its quotations.
        model: a pipeline's name: the quotations of the whole analysis with it are scored instead.

    Raises:
        ConfigurationError: the folder holds no gold, or a file is damaged.
    """
    tallies = {name: Tally() for name in ("by_type", "content", "source", "cue")}
    find = find if model is None else finder_with(model)
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


def _spans(text: str, found: Iterable[Quotation]) -> dict[str, list[LabelledSpan]]:
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
