"""Sources of quotations that have none in their own sentence: from the sentence before or after, or the next quotation."""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.content import words
from pipeline.enrich.quotes.cues import cue_words
from pipeline.enrich.quotes.next_to_marks import before_quote
from pipeline.enrich.quotes.quotation import Quotation
from pipeline.enrich.quotes.source import (
    SIGNED,
    Source,
    agree,
    before_cue,
    can_speak,
    inverted,
    sentence_subject,
)
from pipeline.enrich.sentences import sentence_spans

_PATTERNS = patterns("quotes/alone")

_NEAR = 1500  # characters: no sentence is longer
_MIN_SPEECH = 6  # words; what is shorter and has no source may be a title or a sign
_OPENING = "\"“„«‘'`"
#: What may follow an attribution that says no more than who spoke: whom, when, where.
_NOTHING_MORE = _PATTERNS["nothing_more"]


def introduced(text: str, frame: str, found: list[Quotation], alone: list[int]) -> None:
    """A paragraph that ends in a colon introduces the quotation that begins the next one."""
    for index in list(alone):
        first = max(found[index].start - _NEAR, 0)
        before = frame[first : found[index].start].rstrip("\"“”„«'‘ \n")
        if before.endswith(":") and "\n" in text[first + len(before) : found[index].start]:
            start = max(before.rfind("\n"), before.rfind(". "), 0)
            source = before_quote(frame, first + start, first + len(before))
            if source is not None:
                found[index] = replace(found[index], source=source, rule="paragraph_before_colon")
                alone.remove(index)


def followed(frame: str, found: list[Quotation], alone: list[int]) -> None:
    """A sentence that says no more than who spoke belongs to the quotation before it: ""We will wait." Moe said."

    Args:
        frame: the text with all marked words hidden.
        found: the quotations in order.
        alone: which of them have no source yet; those that get one are taken out.
    """
    for index in list(alone):
        begin = found[index].end
        line = frame.find("\n", begin)
        line = min(line if line >= 0 else len(frame), begin + _NEAR)
        begin += len(re.match(r"[\s\x01.,?!…”»\"’']*", frame[begin:line]).group())  # type: ignore[union-attr]
        sentences = sentence_spans(frame[begin:line])
        if sentences and (source := _bare_attribution(frame, begin, begin + sentences[0][1])):
            found[index] = replace(found[index], source=source, rule="sentence_after")
            alone.remove(index)


def _bare_attribution(frame: str, start: int, end: int) -> Source | None:
    cue = next(iter(cue_words(frame, start, end)), None)
    if cue is None:
        return None
    source = before_cue(frame, start, cue) or inverted(frame, cue, end)
    if source is None or not agree(source, frame) or frame[start : min(source.start, cue.start())].strip():
        return None
    return source if _NOTHING_MORE.match(frame, max(source.end, cue.end()), end) else None


def inherit(text: str, found: list[Quotation], alone: list[int]) -> list[Quotation]:
    """A quotation without a source of its own belongs to the speaker of the one next to it."""
    for index in alone:
        quote = found[index]
        before = found[index - 1] if index else None
        if before is not None and before.source is not None and before.source.cue == SIGNED:
            before = None  # it stands by itself
        after = found[index + 1] if index + 1 < len(found) else None
        if before and before.source and _near(text, before, quote, paragraphs=0):
            found[index] = _taken(quote, before.source, "same_as_before")
        elif after and after.source and after.type == "direct" and _near(text, quote, after, paragraphs=0):
            found[index] = _taken(quote, after.source, "same_as_after")
        elif (acted := _acted_before(text, quote)) and not (before and acted.start < before.end):
            found[index] = _taken(quote, acted, "actor_before")
        elif before and before.source and _near(text, before, quote, paragraphs=1):
            found[index] = _taken(quote, before.source, "same_as_paragraph_before")
        elif acted := _acted_in_paragraph_before(text, quote):
            found[index] = _taken(quote, acted, "actor_in_paragraph_before")
    return [quote for quote in found if quote.source is not None or words(text[quote.start : quote.end]) >= _MIN_SPEECH]


def _taken(quote: Quotation, source: Source, rule: str) -> Quotation:
    return replace(quote, source=source, rule=rule, inherited=True)


def _acted_before(text: str, quote: Quotation) -> Source | None:
    """``The mayor shrugged. "People differ."``: who acts in the sentence before, in the same paragraph."""
    return _actor(text, max(text.rfind("\n", 0, quote.start) + 1, quote.start - _NEAR), quote.start)


def _acted_in_paragraph_before(text: str, quote: Quotation) -> Source | None:
    """A paragraph that begins with a quotation is spoken by whoever acts at the end of the paragraph before."""
    head = text[max(quote.start - _NEAR, 0) : quote.start].rstrip(_OPENING)
    if not head.endswith("\n") or words(text[quote.start : quote.end]) < _MIN_SPEECH:
        return None
    end = max(quote.start - _NEAR, 0) + len(head.rstrip())
    return _actor(text, max(text.rfind("\n", 0, end) + 1, quote.start - _NEAR), end)


def _actor(text: str, start: int, end: int) -> Source | None:
    """The subject of the last sentence of a stretch, if it can speak."""
    before = text[start:end].rstrip(_OPENING + " ")
    sentences = sentence_spans(before)
    if not sentences or before[-1:] not in {".", "!"}:
        return None
    subject = sentence_subject(text, start + sentences[-1][0], start + sentences[-1][1])
    if subject is None or not can_speak(text[slice(*subject)]):
        return None
    return Source(*subject, "", subject[1], subject[1])


def _near(text: str, one: Quotation, other: Quotation, *, paragraphs: int) -> bool:
    between = text[one.end : other.start]
    return between.count("\n\n") <= paragraphs and len(between) < 250
