"""Quotations of a text: direct, indirect and mixed, with the words that name their source.

What stands between marks is hidden first, so that sentences and attributions are looked for in the frame around it.
A direct quotation is a span between marks with an attribution beside it, or one that stands alone next to another. A
mixed one is an indirect frame that holds marked words. Titles, nicknames and scare quotes have neither.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.enrich.quotes.content import HIDDEN, words
from pipeline.enrich.quotes.frames import framed
from pipeline.enrich.quotes.marks import MarkedSpan, marked_spans, plain_marks
from pipeline.enrich.quotes.source import Source, after_quote, before_quote, sentence_subject
from pipeline.enrich.quotes.words import CALLING, CUES
from pipeline.enrich.sentences import sentence_spans

_MIN_DIRECT_WORDS = 3
_MAX_SENTENCE = 1500
#: What may stand right before an opening mark without comma or colon.
_LEADS_UP = re.compile(
    r"\b(?:(?:said|says|asked|told \w+|replied|added|wrote|stated)(?: that)?|(?:saying|writing|adding|stating)(?: [^\s,]+){0,6})\s*$"
)
#: "said that "…"": the frame goes on into the marks.
_FRAMED = re.compile(r"((?:[\w.’'&-]+ ){1,9})that\b[^\x01:]*$")


#: "… that day, he added, "…"": another verb of saying stands right before the marks.
_CUE_AT_END = re.compile(r"\b((?:\w+ ){0,2}\w+),\s*$")


@dataclass(frozen=True)
class Found:
    """A quotation as found in the text; offsets are characters."""

    type: Literal["direct", "indirect", "mixed"]
    start: int
    end: int
    source: Source | None
    #: The source was taken over from the quotation beside it.
    inherited: bool = False


def find_quotes(text: str) -> list[Found]:
    """All quotations in the order in which they stand."""
    spans = marked_spans(text)
    frame = _frame(plain_marks(text), spans)
    opens = [span.open_at for span in spans]
    found: list[Found] = []
    alone: list[int] = []
    for start, end in _pieces(sentence_spans(frame)):
        inside = spans[bisect_left(opens, start) : bisect_left(opens, end)]
        direct = _direct(text, frame, start, end, inside)
        for quote in direct:
            if quote.source is None:
                alone.append(len(found))
            found.append(quote)
        if not direct:
            found.extend(_framed(text, frame, start, end, inside))
    return _inherit(text, _introduced(text, frame, found, alone), alone)


def _pieces(sentences: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sentences; what is longer than any sentence is a list or no prose, and is read in pieces."""
    for start, end in sentences:
        for at in range(start, end, _MAX_SENTENCE):
            yield at, min(at + _MAX_SENTENCE, end)


def _introduced(text: str, frame: str, found: list[Found], alone: list[int]) -> list[Found]:
    """A paragraph that ends in a colon introduces the quotation that begins the next one."""
    for index in list(alone):
        first = max(found[index].start - _MAX_SENTENCE, 0)
        before = frame[first : found[index].start].rstrip("\"“”„«'‘ \n")
        if before.endswith(":") and "\n" in text[first + len(before) : found[index].start]:
            start = max(before.rfind("\n"), before.rfind(". "), 0)
            source = before_quote(frame, first + start, first + len(before))
            if source is not None:
                found[index] = replace(found[index], source=source)
                alone.remove(index)
    return found


def _frame(text: str, spans: list[MarkedSpan]) -> str:
    """The text with all marked words hidden, but for a full stop that ends a sentence within the marks."""
    parts, at = [], 0
    for span in spans:
        inner = text[span.start : span.end]
        hidden = re.sub(r"[^\n]", HIDDEN, inner).replace("\n", HIDDEN)
        if inner.rstrip().endswith(".") and span.close_at > span.end:
            hidden = hidden[:-1] + "."
        parts += [text[at : span.start], hidden]
        at = span.end
    return "".join(parts) + text[at:]


def _direct(text: str, frame: str, start: int, end: int, inside: list[MarkedSpan]) -> list[Found]:
    quotes: list[Found] = []
    source: Source | None = None
    next_opens = _next_opens(text, inside, end)
    for index, span in enumerate(inside):
        inner = text[span.start : span.end]
        next_open = next_opens[index]
        previous_close = inside[index - 1].close_at if index else start
        pre, post = frame[previous_close : span.open_at], frame[span.close_at : next_open]
        own = _adjacent(frame, span, previous_close, next_open, inner, pre, post)
        whole = not pre.strip(" ([") and not post.strip(" .)]")
        if own is None and not whole and not (source and _continues(pre)):
            continue
        least = 2 if whole and inner.rstrip()[-1:] in {".", "!", "?"} else _MIN_DIRECT_WORDS
        if words(inner) < least and not (own and inner.rstrip()[-1:] in {",", "?", "!", "."}):
            continue
        source = own or source
        if own and index == 0 and own.start > span.close_at and _begins_before(pre):
            begin = start + len(frame[start : span.open_at]) - len(frame[start : span.open_at].lstrip())
            quotes.append(Found("mixed", begin, span.close_at, own))
            continue
        begin, finish = _trimmed(text, span.start, span.end)
        quotes.append(Found("direct", begin, finish, own or (source if not whole else None)))
    return quotes


def _next_opens(text: str, inside: list[MarkedSpan], end: int) -> list[int]:
    """For each span where the next one opens, names passed over: '…," said the head of "Cartoon" magazine'."""
    found: list[int] = []
    for span in reversed(inside):
        found.append(end)
        end = end if _names(text, span) else span.open_at
    return found[::-1]


def _names(text: str, span: MarkedSpan) -> bool:
    """Whether marked words are a name or a term within the frame: few, no punctuation."""
    inner = text[span.start : span.end]
    return len(inner.split()) <= 3 and not re.search(r"[,.?!]$", inner)


def _begins_before(pre: str) -> bool:
    """``He called it "a disaster," Moe said``: the statement begins before the marks."""
    return (
        len(re.findall(r"\w+", pre)) > 1
        and not pre.rstrip().endswith((",", ":", "—", "–"))
        and not _LEADS_UP.search(pre)
    )


def _adjacent(
    frame: str, span: MarkedSpan, previous_close: int, next_open: int, inner: str, pre: str, post: str
) -> Source | None:
    """The attribution right beside a span: after a closing comma, or before the opening mark."""
    ends_open = inner.rstrip()[-1:] in {",", "?", "!", "…", "—", "-"} or post.lstrip()[:1] in {",", "—", "–", "-"}
    if ends_open or re.match(r"\s+[a-z]*\s?(?:said|says|according)", post):
        found = after_quote(frame, span.close_at, next_open)
        if found is not None:
            return found
    if (pre.rstrip().endswith((",", ":")) or _LEADS_UP.search(pre)) and not _in_frame(pre):
        found = before_quote(frame, previous_close, span.open_at)
        return found if found is None or found.cue not in CALLING else None
    if re.match(r"\s*[-–—]\s*[A-Z]", post) and not pre.strip():
        return after_quote(frame, span.close_at, next_open)
    return None


def _in_frame(pre: str) -> bool:
    """``He said that officials, "…"``: the statement begins before the marks."""
    found = _FRAMED.search(pre)
    if found is None or pre.rstrip().endswith(":") or not any(word in CUES for word in found.group(1).split()):
        return False
    again = _CUE_AT_END.search(pre, found.end(1) + len("that"))
    return again is None or not any(word in CUES for word in again.group(1).split())


def _continues(pre: str) -> bool:
    """``"…," he said, "…"``: the second part follows a comma, an "and" or a full stop."""
    return pre.rstrip().endswith((",", ":", ";", ".", "and", "adding", "—", "–")) or not pre.strip()


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    inner = text[start:end]
    begin = start + len(inner) - len(inner.lstrip())
    finish = start + len(inner.rstrip().rstrip(",").rstrip())
    return begin, max(finish, begin)


def _framed(text: str, frame: str, start: int, end: int, inside: list[MarkedSpan]) -> list[Found]:
    """The indirect and mixed quotations that a sentence's frame makes."""
    made = []
    for one in framed(frame, start, end):
        begin, finish = _stripped(text, one.start, one.end)
        marked = any(begin <= span.open_at and span.end <= finish for span in inside)
        made.append(Found("mixed" if marked else "indirect", begin, finish, one.source))
    return made


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in " ,;:":
        start += 1
    while end > start and text[end - 1] in " ,;:.":
        end -= 1
    if text[start : start + 1] in {"`", "'"} and text[start - 1 : start] == text[start]:
        start -= 1
    if text[end - 1 : end] in {"'", "’"} and text[end : end + 1] == text[end - 1]:
        end += 1
    return start, end


def _inherit(text: str, found: list[Found], alone: list[int]) -> list[Found]:
    """A quotation without a source of its own belongs to the speaker of the one beside it."""
    for index in alone:
        quote = found[index]
        before = found[index - 1] if index else None
        after = found[index + 1] if index + 1 < len(found) else None
        if before and before.source and _near(text, before, quote, paragraphs=0):
            found[index] = replace(quote, source=before.source, inherited=True)
        elif after and after.source and after.type == "direct" and _near(text, quote, after, paragraphs=0):
            found[index] = replace(quote, source=after.source, inherited=True)
        elif before and before.source and _near(text, before, quote, paragraphs=1):
            found[index] = replace(quote, source=before.source, inherited=True)
        elif acted := _acted_before(text, quote):
            found[index] = replace(quote, source=acted, inherited=True)
    return [quote for quote in found if quote.source is not None or words(text[quote.start : quote.end]) >= 6]


def _acted_before(text: str, quote: Found) -> Source | None:
    """``The mayor shrugged. "People differ."``: who acts in the sentence before, in the same paragraph."""
    start = max(text.rfind("\n", 0, quote.start) + 1, quote.start - _MAX_SENTENCE)
    before = text[start : quote.start].rstrip("\"“„«‘'` ")
    sentences = sentence_spans(before)
    if not sentences or before[-1:] not in {".", "!"}:
        return None
    subject = sentence_subject(text, start + sentences[-1][0], start + sentences[-1][1])
    return Source(*subject, "", subject[1], subject[1]) if subject else None


def _near(text: str, one: Found, other: Found, *, paragraphs: int) -> bool:
    between = text[one.end : other.start]
    return between.count("\n\n") <= paragraphs and len(between) < 250
