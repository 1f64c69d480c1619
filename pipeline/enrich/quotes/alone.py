"""Sources of quotations that have none in their own sentence: from the sentence before or behind, or the next quotation."""

from __future__ import annotations

from dataclasses import replace

from pipeline.enrich.quotes.content import words
from pipeline.enrich.quotes.found import Found
from pipeline.enrich.quotes.source import Source, before_quote, sentence_subject
from pipeline.enrich.sentences import sentence_spans

_NEAR = 1500  # characters: no sentence is longer


def introduced(text: str, frame: str, found: list[Found], alone: list[int]) -> list[Found]:
    """A paragraph that ends in a colon introduces the quotation that begins the next one."""
    for index in list(alone):
        first = max(found[index].start - _NEAR, 0)
        before = frame[first : found[index].start].rstrip("\"“”„«'‘ \n")
        if before.endswith(":") and "\n" in text[first + len(before) : found[index].start]:
            start = max(before.rfind("\n"), before.rfind(". "), 0)
            source = before_quote(frame, first + start, first + len(before))
            if source is not None:
                found[index] = replace(found[index], source=source)
                alone.remove(index)
    return found


def inherit(text: str, found: list[Found], alone: list[int]) -> list[Found]:
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
    start = max(text.rfind("\n", 0, quote.start) + 1, quote.start - _NEAR)
    before = text[start : quote.start].rstrip("\"“„«‘'` ")
    sentences = sentence_spans(before)
    if not sentences or before[-1:] not in {".", "!"}:
        return None
    subject = sentence_subject(text, start + sentences[-1][0], start + sentences[-1][1])
    return Source(*subject, "", subject[1], subject[1]) if subject else None


def _near(text: str, one: Found, other: Found, *, paragraphs: int) -> bool:
    between = text[one.end : other.start]
    return between.count("\n\n") <= paragraphs and len(between) < 250
