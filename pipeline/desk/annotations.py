"""A story's text with its named entities and quotations, annotated by offsets. Pure.

The result is segments of text, not markup: the template escapes every piece. Offsets come from the index and are
checked against the text: a span outside it, or one whose text differs, is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pipeline.index.persons import person_name

#: Labels that are shown, with the facet that a click leads to.
FACET_OF_LABEL: dict[str, str] = {
    "PERSON": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "NORP": "nationality",
}
_PARAGRAPH = re.compile(r"[^\n]+")


@dataclass(frozen=True)
class Run:
    """A piece of text.

    Attributes:
        facet: that the entity which it names, if any, is counted in; ``name``: the story's name of it.
        value: that of the facet: of a person the one name in all stories.
    """

    text: str
    facet: str | None = None
    name: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class Segment:
    """Consecutive runs that belong to the same quotation, or to none.

    Attributes:
        quote: index of the quotation in the list given; ``None``: not a quotation.
        runs: the text.
        ends: the quotation ends here (it may continue in the next paragraph).
    """

    quote: int | None
    runs: tuple[Run, ...]
    ends: bool = False


@dataclass(frozen=True)
class _Mention:
    start: int
    end: int
    facet: str
    name: str
    value: str


def annotated_paragraphs(
    body: str, entities: Sequence[Mapping[str, Any]], quotes: Sequence[Mapping[str, Any]]
) -> list[tuple[Segment, ...]]:
    """The text by paragraphs, each a sequence of segments.

    Args:
        body: the text; line ends separate paragraphs.
        entities: as stored: label, name, mentions with start, end, text (and field, if it is not the body).
        quotes: as stored: start, end; characters of the body.
    """
    mentions = _mentions(body, entities)
    spans = _spans(body, quotes)
    result = []
    for paragraph in _PARAGRAPH.finditer(body):
        start, end = paragraph.span()
        cuts = {start, end}
        cuts |= {cut for span in spans for cut in span[:2] if start < cut < end}
        edges = sorted(cuts)
        result.append(tuple(_stretch(body, left, right, spans, mentions) for left, right in pairwise(edges)))
    return result


def _stretch(
    body: str, start: int, end: int, spans: Sequence[tuple[int, int, int]], mentions: Sequence[_Mention]
) -> Segment:
    quote = next((span for span in spans if span[0] <= start and end <= span[1]), None)
    runs: list[Run] = []
    at = start
    for mention in mentions:
        if mention.start < at or mention.end > end:
            continue
        if mention.start > at:
            runs.append(Run(body[at : mention.start]))
        runs.append(Run(body[mention.start : mention.end], mention.facet, mention.name, mention.value))
        at = mention.end
    if at < end:
        runs.append(Run(body[at:end]))
    return Segment(quote[2] if quote else None, tuple(runs), ends=quote is not None and quote[1] == end)


def _mentions(body: str, entities: Sequence[Mapping[str, Any]]) -> list[_Mention]:
    """The mentions in the body, in order; of two that overlap the longer one."""
    found = [
        _Mention(mention["start"], mention["end"], FACET_OF_LABEL[entity["label"]], entity["name"], _value(entity))
        for entity in entities
        if entity["label"] in FACET_OF_LABEL
        for mention in entity.get("mentions", ())
        if mention.get("field", "body") == "body"
        and 0 <= mention["start"] < mention["end"]
        and body[mention["start"] : mention["end"]] == mention["text"]
    ]
    return _without_overlaps(found)


def persons_of(entities: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The one name of each person, by the name that the story has."""
    return {entity["name"]: _value(entity) for entity in entities if entity["label"] == "PERSON"}


def _value(entity: Mapping[str, Any]) -> str:
    return person_name(entity["name"], entity.get("id")) or entity["name"]


def _without_overlaps(found: Sequence[_Mention]) -> list[_Mention]:
    kept: list[_Mention] = []
    for mention in sorted(found, key=lambda one: (one.start, one.start - one.end)):
        if not kept or kept[-1].end <= mention.start:
            kept.append(mention)
    return kept


def _spans(body: str, quotes: Sequence[Mapping[str, Any]]) -> list[tuple[int, int, int]]:
    """Start, end and index of the quotations in the body; of two that overlap the first one."""
    spans: list[tuple[int, int, int]] = []
    for place, quote in sorted(enumerate(quotes), key=lambda pair: pair[1].get("start", 0)):
        start, end = quote.get("start", 0), quote.get("end", 0)
        if 0 <= start < end <= len(body) and (not spans or spans[-1][1] <= start):
            spans.append((start, end, place))
    return spans
