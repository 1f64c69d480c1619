"""Quotations against gold in brat stand-off folders.

Content is scored by type and over all types, exact and by overlap, and source and cue next to it. The fragments of a
quotation that its attribution interrupts count one by one. Where guidelines differ a span is not marked down: marks and
stops at its edges do not count, nor does the "that" by which a content begins.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.entities.people import folded, same_person
from pipeline.enrich.gazetteer import lookup
from pipeline.enrich.quotes.extract import find_quotes
from pipeline.enrich.quotes.quotation import Quotation
from pipeline.enrich.quotes.source import Source
from pipeline.enrich.scores import LabelledSpan, Scores, Tally
from pipeline.evaluate.brat import Attribution, Offsets, read_folder, trimmed
from pipeline.events import Content, Quote

Finder = Callable[[str], Iterable[Quotation]]


@dataclass
class RuleCounts:
    """How often a rule found something, and how often that is content of the gold, exactly or in part."""

    found: int = 0
    exact: int = 0
    overlap: int = 0


@dataclass
class SpeakerCounts:
    """The quotations whose speaker the gold names: how many got that name, and how many another."""

    gold: int = 0
    right: int = 0
    wrong: int = 0


@dataclass(frozen=True)
class QuoteScores:
    """Scores of a folder.

    Attributes:
        scores: ``by_type`` (content by direct, indirect, mixed; a wrong type is a miss), ``content`` (of any type),
            ``source`` and ``cue``, each with exact and overlap scores.
        rules: by name of the rule.
        speakers: of what was found with a model; without one nobody is named.
        documents: how many were read.
        without_text: annotation files that were left out because their text is not there.
    """

    scores: dict[str, Scores]
    rules: dict[str, RuleCounts]
    speakers: SpeakerCounts | None
    documents: int
    without_text: tuple[Path, ...]


class _Reader:
    """The quotations of the whole analysis, which reads names with a model before it looks for quotations."""

    def __init__(self, model: str) -> None:
        self._analyser = Analyser({"en": model})

    def read(self, text: str) -> tuple[Quote, ...]:
        [result] = self._analyser.analyse([Content(body=text, language="en")])
        return result.quotes


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
    reader = _Reader(model) if model else None
    rules: dict[str, RuleCounts] = defaultdict(RuleCounts)
    speakers = SpeakerCounts()
    gold = read_folder(gold_dir, texts)
    for document in gold.documents:
        text, wanted = document.text, _gold(document.text, document.attributions)
        named = reader.read(text) if reader else ()
        found = [_found(quote, text) for quote in named] if reader else list(find(text))
        for name, system in _spans(text, found).items():
            tallies[name].add(wanted[name], system)
        for quote in found:
            _count(rules[quote.rule], _span(text, (quote.start, quote.end), "content"), wanted["content"])
        for one in document.attributions:
            _count_speaker(speakers, one, named, text)
    scores = {name: tally.scores() for name, tally in tallies.items()}
    by_rule = dict(sorted(rules.items(), key=lambda item: -item[1].found))
    return QuoteScores(scores, by_rule, speakers if reader else None, len(gold.documents), gold.without_text)


def _count(counts: RuleCounts, found: LabelledSpan, gold: Sequence[LabelledSpan]) -> None:
    counts.found += 1
    counts.exact += found in gold
    counts.overlap += any(one[0] < found[1] and found[0] < one[1] for one in gold)


def _count_speaker(counts: SpeakerCounts, gold: Attribution, found: Sequence[Quote], text: str) -> None:
    if not gold.speaker:
        return
    counts.gold += 1
    start, end = gold.content[0]
    quote = next((one for one in found if one.start < end and start < one.end), None)
    if quote is not None and quote.speaker is not None:
        right = same_speaker(quote.speaker, text[slice(*gold.speaker[0])])
        counts.right += right
        counts.wrong += not right


def same_speaker(found: str, name: str) -> bool:
    """Whether two names name one, by gazetteer, or by surname and given name."""
    one, other = lookup(found), lookup(name)
    if one is not None and other is not None:
        return one == other
    mine, theirs = folded(found), folded(name)
    return (
        mine == theirs
        or same_person(mine, theirs)
        or (len(theirs) == 1 and theirs[0] in mine)
        or mine[-1:] == theirs[-1:]
    )


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
