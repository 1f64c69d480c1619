"""Quotations of a text: direct, indirect and mixed, with the words that name their source.

What is between marks is hidden first, so that sentences and attributions are looked for in the frame around it.
A direct quotation is a span between marks with an attribution next to it, or one that stands alone next to another. A
mixed one is an indirect frame that holds marked words. Titles, nicknames and scare quotes have neither.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from pipeline.enrich.datelines import without_datelines
from pipeline.enrich.places import InOrder
from pipeline.enrich.quotes.alone import followed, inherit, introduced
from pipeline.enrich.quotes.blocks import blocks
from pipeline.enrich.quotes.content import HIDDEN, words
from pipeline.enrich.quotes.direct import direct_quotes, is_title
from pipeline.enrich.quotes.frames import framed
from pipeline.enrich.quotes.marks import MarkedSpan, marked_spans, plain_marks
from pipeline.enrich.quotes.quotation import Quotation
from pipeline.enrich.quotes.rest import rest
from pipeline.enrich.quotes.source import MAX_CHARS
from pipeline.enrich.quotes.statement import Statement
from pipeline.enrich.sentences import sentence_spans

#: Longer sentences are cut to pieces.
MAX_SENTENCE = MAX_CHARS


def find_quotes(text: str, marked: Sequence[MarkedSpan] | None = None) -> list[Quotation]:
    """All quotations in the order of the text; each has words in it.

    Args:
        text: the body of a story.
        marked: what is between quotation marks, in order; found in the text where it is not given.
    """
    # A body's own control character is not a hidden word.
    text = without_datelines(text).replace(HIDDEN, " ")
    spans = marked_spans(text) if marked is None else list(marked)
    frame = _frame(plain_marks(text), spans)
    opens = [span.open_at for span in spans]
    found: list[Quotation] = []
    alone: list[int] = []
    unmarked = InOrder([(block.start, block) for block in blocks(text, frame)])
    for start, end in _pieces(sentence_spans(frame)):
        if block := next((one for _, one in unmarked.around(start + 1) if start < one.end), None):
            if not found or found[-1].start < block.start:
                found.append(block)
            continue
        inside = spans[bisect_left(opens, start) : bisect_left(opens, end)]
        direct = direct_quotes(text, frame, start, end, inside)
        made = rest(frame, start, end, direct) if direct else framed(frame, start, end)
        for quote in sorted([*direct, *_reported(text, made, inside)], key=lambda one: one.start):
            if quote.source is None:
                alone.append(len(found))
            found.append(quote)
    introduced(text, frame, found, alone)
    followed(frame, found, alone)
    return inherit(text, found, alone)


def _pieces(sentences: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sentences; what is longer than any sentence is a list or no prose, and is read in pieces."""
    for start, end in sentences:
        for at in range(start, end, MAX_SENTENCE):
            yield at, min(at + MAX_SENTENCE, end)


def _frame(text: str, spans: list[MarkedSpan]) -> str:
    """The text with all marked words hidden, but for a full stop or comma that ends them."""
    parts, at = [], 0
    for span in spans:
        inner = text[span.start : span.end]
        hidden = re.sub(r"[^\n]", HIDDEN, inner).replace("\n", HIDDEN)
        if (stop := inner.rstrip()[-1:]) in {".", ","} and span.close_at > span.end:
            hidden = hidden[:-1] + stop
        parts += [text[at : span.start], hidden]
        at = span.end
    return "".join(parts) + text[at:]


def _reported(text: str, statements: Iterable[Statement], inside: list[MarkedSpan]) -> Iterator[Quotation]:
    """The indirect and mixed quotations that a sentence's frame makes."""
    for one in statements:
        begin, finish = _stripped(text, one.start, one.end)
        if not words(text[begin:finish]):
            continue  # 'Ann Moe was quoted as saying "—".'
        within = [span for span in inside if begin <= span.open_at and span.end <= finish]
        if one.source.cue in _NAMING and within and _is_name(text, begin, within[0]):
            continue
        marked = bool(within)
        yield Quotation("mixed" if marked else "indirect", begin, finish, one.source, one.rule)


#: What is called by a name is not spoken of: "a reception called the "Boots Ball"".
_NAMING = frozenset(("call", "called", "calling", "calls"))


def _is_name(text: str, begin: int, span: MarkedSpan) -> bool:
    return text[begin : span.open_at].strip() in {"", "the", "itself the"} and is_title(
        text[span.start : span.end].rstrip(",")
    )


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in " ,;:":
        start += 1
    while end > start and text[end - 1] in " ,;:.":
        end -= 1
    if text[end - 2 : end] in {" -", " –", " —"}:
        end -= 2
    if text[start : start + 1] in {"`", "'"} and text[start - 1 : start] == text[start]:
        start -= 1
    if text[end - 1 : end] in {"'", "’"} and text[end : end + 1] == text[end - 1]:
        end += 1
    return start, end
