"""Names that a story does not speak of: those of credit lines, and what a headline's capitals make a name of."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.enrich.entities.spans import Span, StoryText
from pipeline.enrich.patterns import patterns

_PATTERNS = patterns("entities/support")

#: "(Reporting by Ann Moe in Oslo; Editing by Kim Sand)": who is named there is an author.
_CREDIT_LINE = _PATTERNS["credit_line"]
#: A headline of fewer words says nothing about how it is set.
_FEW_WORDS = 4
_WORD = re.compile(r"\w+")


def supported(spans: Iterable[Span], text: StoryText) -> list[Span]:
    """The mentions of whom and what a story speaks of.

    Args:
        spans: mentions of all fields.
        text: the story.
    """
    lines = [(field, *line.span()) for field, content in text.parts for line in _CREDIT_LINE.finditer(content)]
    body = text.of("body")
    capitals = set(re.findall(r"[A-ZÀ-Þ]\w*", body))
    titled = {
        field for field, content in text.parts if field in {"headline", "subheadline"} and _in_title_case(content)
    }
    return [
        span
        for span in spans
        if not any(field == span.field and start <= span.start < end for field, start, end in lines)
        and (span.field not in titled or not body or _is_spoken_of(span, capitals))
    ]


def _in_title_case(headline: str) -> bool:
    """Whether a headline has capitals everywhere, so that they tell no names."""
    words = [word for word in _WORD.findall(headline) if len(word) > 3 and word.isalpha()]
    return len(words) >= _FEW_WORDS and all(word[0].isupper() for word in words) and not headline.isupper()


def _is_spoken_of(span: Span, capitals: set[str]) -> bool:
    """Whether the gazetteer or the body knows a name: a person's surname, all words of others."""
    words = _WORD.findall(span.text)
    if span.known is not None or span.text.isupper() or not words:
        return True
    if span.label == "PERSON":
        return words[-1] in capitals
    return all(word in capitals for word in words if word[0].isupper())
