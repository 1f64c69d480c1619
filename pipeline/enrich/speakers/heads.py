"""Which of the people named in a source is the one who speaks: not "Moe" in "Moe's lawyer"."""

from __future__ import annotations

import re

from pipeline.enrich.entities.offices import is_head
from pipeline.enrich.entities.people import Person
from pipeline.enrich.entities.spans import Span
from pipeline.enrich.entities.titles import title_before
from pipeline.enrich.quotes.phrases import names_role
from pipeline.enrich.quotes.source import Source
from pipeline.enrich.quotes.words import PAPERS
from pipeline.enrich.speakers.descriptions import is_paper_of

_PAPER = re.compile(r"['’]s? (?:[a-z-]+ ){0,2}([a-z-]+)")
_NOUNS = re.compile(r" ((?:[a-z-]+ ){0,2}[a-z-]+)")
#: What is called after a name and speaks for nobody of that name.
_AROUND = frozenset("administration campaign camp family team supporters aides allies lawyers officials".split())
#: "a doctor working for the relief agency Moe Hands"
_OF_THE_ONE = re.compile(r"(?:[Aa]n?|[Tt]he|[Oo]ne|[Aa]nother) [^,]*\b(?:for|from|with|at|by) [^,]*\b[a-z]+$")


#: "Supporters of the jailed leader Ann Moe", "lawyers for Ann Moe"
_OF_SEVERAL = re.compile(
    r"(?:[\w-]+ )?(?!(?:news|affairs) )[a-z]+s (?:of|for|with|against|to|at|from|in)\b[^,]*$", re.IGNORECASE
)


def _is_whose(body: str, span: Span, source: Source) -> bool:
    """Whether a name says whose: "a senior Moe administration official", "the Moe campaign"."""
    nouns = _NOUNS.fullmatch(body, span.end, source.end)
    return nouns is not None and (names_role(nouns.group(1)) or nouns.group(1).split()[-1] in _AROUND)


def is_head_of(body: str, span: Span, source: Source) -> bool:
    """Whether a name is the source's head: not in "Moe's lawyer" and not in "a spokesman for President Moe"."""
    if re.match(r"['’]s?\s", body[span.end : span.end + 3]) or _is_whose(body, span, source):
        return False
    title = title_before(body, span.start)
    begin = max(title.start if title else span.start, source.start)
    lead = body[source.start : begin].rstrip()
    if (title is None and _OF_THE_ONE.match(lead)) or _OF_SEVERAL.match(lead):
        return False
    linked = re.search(
        r"([\w’'-]+) (?:for|of|to|by|under|from|with|against|about|near)(?: [^,]*['’]s?(?: [a-z-]+)*)?"
        r"(?: (?:the|an?|former|then|Mr|Mrs|Ms|Miss|Dr)\.?)?$",
        lead,
    )
    # "the University of Oslo president Ann Moe": a name before the preposition, not a trade.
    return linked is None or is_paper_of(lead) or (linked.group(1)[0].isupper() and not is_head(linked.group(1)))


def owns_paper(body: str, span: Span, source: Source) -> bool:
    """Whether a name says whose paper the source is: "Moe's statement", "Moe's open letter"."""
    paper = _PAPER.fullmatch(body, span.end, source.end)
    return span.start == source.start and paper is not None and paper.group(1) in PAPERS


def led_by_role(body: str, span: Span, source: Source) -> bool:
    """Whether what leads up to the first name says of what: "the head of Peru's Moe Fund, Ann Roe"."""
    return re.search(r"\b(?:of|for|at|in|from|with)\b", body[source.start : span.start]) is not None


def linked_to_name(body: str, first: Span, span: Span, end: int) -> bool:
    """Whether a name belongs to the first one: "Ann Moe of Roe & Sons", "Ann Moe of the union, Blue Sail" up to ``end``."""
    between = body[first.end : span.start]
    linked = re.match(r",? (?:of|for|at|from|with)\b(?!.*(?:,| and ))", between) or (
        span.end == end and re.fullmatch(r" (?:of|for|at|from|with) (?:the|an?) [^,]+, ", between)
    )
    return span.start > first.end and bool(linked)


def apposed(body: str, heads: list[tuple[Span, Person]], source: Source) -> bool:
    """Whether the second name stands beside the first, as one person's: "Ann Moe, known as Jan Roe, …"."""
    return parted_by_comma(body, heads) and source.end > heads[1][0].end


def parted_by_comma(body: str, heads: list[tuple[Span, Person]]) -> bool:
    """Whether a comma and no "and" stands between the first two names."""
    between = body[heads[0][0].end : heads[1][0].start]
    return between.lstrip().startswith(",") and not re.search(r"\band\b", between)
