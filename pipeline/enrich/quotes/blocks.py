"""Quotations without marks: a paragraph of its own after "Moe said:", and one that ends in a dash and a name.

In a statement on Monday Moe said:                We had no more than a day to get out of there —
                                                  Ann Moe, mayor of Troy
We had no more than a day to get out of there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.next_to_marks import before_quote
from pipeline.enrich.quotes.quotation import Quotation
from pipeline.enrich.quotes.source import SIGNED, Source
from pipeline.enrich.quotes.subject import first_verb
from pipeline.enrich.sentences import sentence_spans

_PATTERNS = patterns("quotes/blocks")

_MIN_WORDS = 6
_MAX_CHARS = 1500
_PARAGRAPH = re.compile(r"[^\n]+")
_LEADS_UP = _PATTERNS["leads_up"]
#: What begins an item of a list, a quotation with marks, a label or a caption.
_NO_BLOCK = re.compile(r"[\"“„«‘'`•*·\-–—\d(]|\w+:|[A-Z][\w ]{0,30}: ")
_SIGNED = re.compile(
    r"(?P<said>[^\"“”«»—–]+?)\s+(?:[—–]|--)\s?(?P<who>[A-ZÀ-Þ][\w’'.-]*(?: (?:[a-z]{2,3} )?[A-ZÀ-Þ][\w’'.-]*){1,4}(?:, [^.:;—–\"“”]{3,60})?)"
)


def blocks(text: str, frame: str) -> Iterator[Quotation]:
    """The quotations without marks, in order.

    Args:
        text: the whole text.
        frame: the same with all marked words hidden.
    """
    before: re.Match[str] | None = None
    for paragraph in _PARAGRAPH.finditer(text):
        found = _signed(paragraph) or (_led_up_to(frame, before, paragraph) if before else None)
        if found is not None:
            yield found
        before = paragraph


def _signed(paragraph: re.Match[str]) -> Quotation | None:
    """``We had no more than a day — Ann Moe, mayor of Troy``"""
    words = paragraph.group()
    if len(words) > _MAX_CHARS or ("—" not in words and "–" not in words and "--" not in words):
        return None
    signed = _SIGNED.fullmatch(words.rstrip())
    if signed is None or len(signed.group("said").split()) < _MIN_WORDS:
        return None
    start = paragraph.start() + len(words) - len(words.lstrip())
    end, at = paragraph.start() + signed.end("said"), paragraph.start() + signed.start("who")
    if first_verb(paragraph.string, start, end) is None:
        return None
    source = Source(at, paragraph.start() + signed.end("who"), SIGNED, end, at)
    return Quotation("direct", start, end, source, "signed_paragraph")


def _led_up_to(frame: str, before: re.Match[str], paragraph: re.Match[str]) -> Quotation | None:
    """A paragraph after one that ends in "Moe said:"."""
    words = paragraph.group().strip()
    lead = before.group().rstrip()
    if not _LEADS_UP.search(lead[-120:]) or _NO_BLOCK.match(words) or len(words) > _MAX_CHARS:
        return None
    if len(words.split()) < _MIN_WORDS or words[-1] not in ".!?…]":
        return None
    stop = before.start() + len(lead)
    sentences = sentence_spans(frame[before.start() : stop])
    source = before_quote(frame, before.start() + sentences[-1][0], stop) if sentences else None
    start = paragraph.start() + paragraph.group().index(words)
    return Quotation("direct", start, start + len(words), source, "paragraph_after_colon") if source else None
