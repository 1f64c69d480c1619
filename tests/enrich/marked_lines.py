"""Lines in which ⟦what was said⟧ and {who said it} are marked, next to what is found in them."""

from __future__ import annotations

import re

from pipeline.enrich.quotes.extract import find_quotes

#: Marks, commas and full stops at the edges of a span do not count.
_EDGES = " \"“”'‘’,.;:`"

_BRACKETS = r"[⟦⟧{}]"

Found = tuple[set[str], set[str]]


def _marked(line: str, opening: str, closing: str) -> list[str]:
    """The stretches between brackets, those within others too; all brackets left out."""
    parts, open_at = [], []
    for at, character in enumerate(line):
        if character == opening:
            open_at.append(at)
        elif character == closing:
            parts.append(re.sub(_BRACKETS, "", line[open_at.pop() : at]))
    return parts


def said_and_sources(line: str) -> tuple[Found, Found]:
    """What is found in a line and what is marked in it: what was said, and by whom."""
    said = {part.strip(_EDGES) for part in _marked(line, "⟦", "⟧")}
    sources = {part.strip(" ,") for part in _marked(line, "{", "}")}
    text = re.sub(_BRACKETS, "", line)
    found = find_quotes(text)
    return (
        {text[quote.start : quote.end].strip(_EDGES) for quote in found},
        {quote.source.text(text) for quote in found if quote.source},
    ), (said, sources)
