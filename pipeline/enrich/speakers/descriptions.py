"""Descriptions of speakers without a name: "the head of the fire brigade", "one juror", "a report"."""

from __future__ import annotations

import re

from pipeline.enrich.bodies import BODY_NOUNS
from pipeline.enrich.entities.offices import is_head
from pipeline.enrich.gazetteer import lookup
from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.words import DOCUMENTS

_PATTERNS = patterns("speakers/descriptions")

#: What a word of a country makes a body of: "the Israeli government".
_OF_STATES = ENGLISH.nouns_that("of_state")
#: What a name makes a body of: "the Obama administration".
_OF_NAMES = _OF_STATES | ENGLISH.nouns_that("of_name")
_WHOSE = ENGLISH.capitals("owner")
_LINKS = ENGLISH.function_words("body_link")
_REPORTERS = ENGLISH.nouns_that("reporter")
_WORD = re.compile(r"[’'-]{0,3}\w+(?:[’'-]{1,3}\w+)*")
_OF_WHOM = _PATTERNS["of_whom"]
_FRONT_ENDS = _PATTERNS["front_ends"]


def front(words: str) -> str:
    """A description without what follows its head: "the head" of "the head of the fire brigade"."""
    ends = _FRONT_ENDS.search(words)
    return words[: ends.start() if ends else len(words)].strip()


def head_of(words: str) -> str:
    """The noun that a description is built on, lower case: "head" of "the head of the fire brigade"."""
    found = list(_WORD.finditer(front(words)))
    return found[-1].group().lower() if found else ""


def is_somebody(role: str) -> bool:
    """Whether a description means one person: an office, or anybody ("one juror") but a paper or a body."""
    head = head_of(role)
    indefinite = _PATTERNS["one"].match(role) is not None
    if head in _REPORTERS:
        return False  # who asks, and is not spoken of
    return is_head(head) or (indefinite and head not in BODY_NOUNS | DOCUMENTS)


def is_paper_of(lead: str) -> bool:
    """Whether words lead up to the one whose paper it is: "a statement from the", "the letter by"."""
    found = _OF_WHOM.search(lead)
    return found is not None and found.group(1).lower() in DOCUMENTS


def printed_body(words: str) -> str | None:
    """The name of a body that a name and a common noun make: "Obama administration" of "the Obama administration"."""
    if not _PATTERNS["article_or_name"].match(words):
        return None
    found = _PATTERNS["article"].sub("", words).split()
    if not _LINKS.isdisjoint(found):
        return None
    while len(found) > 2 and (found[0].islower() or (is_demonym(found[0]) and found[1][:1].isupper())):
        del found[0]
    *names, noun = found or [""]
    if not names or noun not in _OF_NAMES or not all(name[0].isupper() and name not in _WHOSE for name in names):
        return None
    known = [lookup(_PATTERNS["genitive"].sub("", name)) for name in names]
    country = known[0] is not None and known[0].label in {"NORP", "GPE"}
    if (country and noun not in _OF_STATES) or (
        not country and any(_PATTERNS["genitive"].search(name) for name in names)
    ):
        return None
    return " ".join(found)


def is_demonym(word: str) -> bool:
    """Whether a word says of what people: "Israeli", "Sunni"."""
    known = lookup(word)
    return known is not None and known.label == "NORP"
