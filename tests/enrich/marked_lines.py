"""Lines in which ⟦what was said⟧ and {who said it} are marked, beside what is found in them."""

from __future__ import annotations

import re

from pipeline.enrich.quotes.extract import find_quotes

#: Marks, commas and full stops at the edges of a span do not count.
_EDGES = " \"“”'‘’,.;:`"

Found = tuple[set[str], set[str]]


def said_and_sources(line: str) -> tuple[Found, Found]:
    """What is found in a line and what is marked in it: what was said, and by whom."""
    said = {part.strip(_EDGES) for part in re.findall(r"⟦(.*?)⟧", re.sub(r"[{}]", "", line))}
    sources = {part.strip(" ,") for part in re.findall(r"\{(.*?)\}", re.sub(r"[⟦⟧]", "", line))}
    text = re.sub(r"[⟦⟧{}]", "", line)
    found = find_quotes(text)
    return (
        {text[quote.start : quote.end].strip(_EDGES) for quote in found},
        {quote.source.text(text) for quote in found if quote.source},
    ), (said, sources)
