"""Which of the people named in a source is the one who speaks: not "Moe" in "Moe's lawyer"."""

from __future__ import annotations

import re

from pipeline.enrich.bodies import KINDS_OF_BODY
from pipeline.enrich.entities.offices import MODIFIERS, is_head
from pipeline.enrich.entities.people import Person
from pipeline.enrich.entities.spans import Span
from pipeline.enrich.entities.titles import title_before
from pipeline.enrich.gazetteer import lookup
from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.phrases import names_role
from pipeline.enrich.quotes.source import Source
from pipeline.enrich.quotes.words import DOCUMENTS, ROLE_NOUNS
from pipeline.enrich.speakers.descriptions import is_demonym, is_paper_of
from pipeline.events import EntityLabel

_PATTERNS = patterns("speakers/heads")

_PAPER = _PATTERNS["paper"]
#: What may follow a body's name: "the official Xinhua news agency".
_MEDIA = ENGLISH.nouns_that("media")
#: "Amnesty International, a rights group, said"; not "Israel, the United States and Peru"
_APPOSED = _PATTERNS["apposed"]
_OF_BODY = _PATTERNS["of_body"]
#: "a report in Sunday's New York Times"
_IN_PAPER = _PATTERNS["in_paper"]
_LED_BY = _PATTERNS["led_by"]
_LINKS = ENGLISH.function_words("kind_link")
_NAMES = re.compile(r"[A-ZÀ-Þ][\w’'.-]*(?: [A-ZÀ-Þ][\w’'.-]*)*")
_NOUNS = re.compile(r" ((?:[a-z-]+ ){0,2}[a-z-]+)")
#: What is called after a name and speaks for nobody of that name.
_AROUND = ENGLISH.nouns_that("around")
#: "a doctor working for the relief agency Moe Hands"
_OF_THE_ONE = _PATTERNS["of_the_one"]


#: "Supporters of the jailed leader Ann Moe", "lawyers for Ann Moe"
_OF_SEVERAL = _PATTERNS["of_several"]


_LINKED = _PATTERNS["linked"]
#: "the partner of missing diver Owen Hale"
_RELATIONS = ENGLISH.nouns_that("common") - {"member"}
_LINKED_TO_NOUN = _PATTERNS["linked_to_noun"]
_HONORIFIC_AT_END = _PATTERNS["honorific_at_end"]


def _is_another(noun: str, of: str) -> bool:
    """Whether a noun of a person and one after its "of" mean two: "spokesman for jailed leader Ann Moe".

    Not "head of security Ann Moe", "member of parliament Ann Moe".
    """
    return is_head(of) or (noun in _RELATIONS and of not in MODIFIERS and of not in KINDS_OF_BODY)


def _is_whose(body: str, span: Span, source: Source) -> bool:
    """Whether a name says whose: "a senior Moe administration official", "the Moe campaign"."""
    nouns = _NOUNS.fullmatch(body, span.end, source.end)
    return nouns is not None and (names_role(nouns.group(1)) or nouns.group(1).split()[-1] in _AROUND)


def is_head_of(body: str, span: Span, source: Source) -> bool:
    """Whether a name is the source's head: not in "Moe's lawyer" and not in "a spokesman for President Moe"."""
    if _PATTERNS["genitive"].match(body[span.end : span.end + 3]) or _is_whose(body, span, source):
        return False
    title = title_before(body, span.start)
    begin = max(title.start if title else span.start, source.start)
    lead = body[source.start : begin].rstrip()
    if (title is None and _OF_THE_ONE.match(lead)) or _OF_SEVERAL.match(lead):
        return False
    linked = _LINKED.search(_HONORIFIC_AT_END.sub("", lead)) or _LINKED_TO_NOUN.search(lead)
    if linked is not None and linked.re is _LINKED_TO_NOUN and not _is_another(*linked.groups()):
        return True
    # "the University of Oslo president Ann Moe": a name before the preposition, not a trade.
    return linked is None or is_paper_of(lead) or (linked.group(1)[0].isupper() and not is_head(linked.group(1)))


def is_body(text: str, span: Span, source: Source, label: EntityLabel) -> bool:
    """Whether a body is the source's head, or its paper: "the rights group Amnesty", "software maker Blue Sail", "a UN report".

    Not in "a Blue Sail researcher" and not in "a spokesman for the advocacy group Blue Sail".
    """
    lead = text[source.start : span.start].strip()
    rest = _APPOSED.sub("", text[span.end : source.end]).rstrip(" ,")
    media = label == "ORG" and rest.strip() in _MEDIA
    if rest and not media and not (label == "ORG" and _OF_BODY.fullmatch(rest)):
        return False
    inside = _IN_PAPER.search(lead)
    if is_paper_of(lead) or (label == "ORG" and inside is not None and inside.group(1) in DOCUMENTS):
        return True
    led = _LED_BY.fullmatch(lead)
    if led is None:
        return False
    words = led.group(1).split()
    if not words:
        return True
    if label == "GPE" or any(word in _LINKS for word in words):
        return False
    *_, last = words
    if media:
        return True
    # "the Chinese Red Cross" is not the Red Cross.
    fits = last in KINDS_OF_BODY or not (is_head(last) or last in ROLE_NOUNS or is_demonym(last))
    return fits and all(_says_where(name) for name in _NAMES.findall(led.group(1)))


def _says_where(name: str) -> bool:
    """Whether a name before a body says of what country or place it is: "Palestinian", "London-based", "North Korea's"."""
    known = lookup(_PATTERNS["genitive_at_end"].sub("", name))
    return name.endswith("-based") or (known is not None and known.label in {"NORP", "GPE"})


def owns_paper(body: str, span: Span, source: Source) -> bool:
    """Whether a name says whose paper the source is: "Moe's statement", "Moe's open letter"."""
    paper = _PAPER.fullmatch(body, span.end, source.end)
    return span.start == source.start and paper is not None and paper.group(1) in DOCUMENTS


def led_by_role(body: str, span: Span, source: Source) -> bool:
    """Whether what leads up to the first name says of what: "the head of Peru's Moe Fund, Ann Roe"."""
    return _PATTERNS["preposition"].search(body[source.start : span.start]) is not None


def linked_to_name(body: str, first: Span, span: Span, end: int) -> bool:
    """Whether a name belongs to the first one: "Ann Moe of Roe & Sons", "Ann Moe of the union, Blue Sail" up to ``end``."""
    between = body[first.end : span.start]
    linked = _PATTERNS["of_a_body_behind"].match(between) or (
        span.end == end and _PATTERNS["of_a_noun"].fullmatch(between)
    )
    return span.start > first.end and bool(linked)


def apposed(body: str, heads: list[tuple[Span, Person]], source: Source) -> bool:
    """Whether the second name is next to the first, as one person's: "Ann Moe, known as Jan Roe, …"."""
    return parted_by_comma(body, heads) and source.end > heads[1][0].end


def parted_by_comma(body: str, heads: list[tuple[Span, Person]]) -> bool:
    """Whether a comma and no "and" is between the first two names."""
    between = body[heads[0][0].end : heads[1][0].start]
    return between.lstrip().startswith(",") and not _PATTERNS["and"].search(between)
