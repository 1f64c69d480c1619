"""Descriptions of speakers without a name: "the head of the fire brigade", "one juror", "a report"."""

from __future__ import annotations

import re

from pipeline.enrich.bodies import BODY_NOUNS
from pipeline.enrich.entities.offices import is_head
from pipeline.enrich.quotes.words import PAPERS

_WORD = re.compile(r"[\w’'-]*\w")
_OF_WHOM = re.compile(
    r"([\w-]+) (?:(?:issued|released|published|posted|signed|written|sent) )?(?:by|from)(?: the)?$", re.IGNORECASE
)
_FRONT_ENDS = re.compile(r",|\b(?:of|for|at|in|with|from|on|who|which|that)\b")


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
    indefinite = re.match(r"(?:An?|One|Another)\s", role, re.IGNORECASE) is not None
    if head in {"reporter", "journalist", "interviewer"}:
        return False  # who asks, and is not spoken of
    return is_head(head) or (indefinite and head not in BODY_NOUNS | PAPERS)


def is_paper_of(lead: str) -> bool:
    """Whether words lead up to the one whose paper it is: "a statement from the", "the letter by"."""
    found = _OF_WHOM.search(lead)
    return found is not None and found.group(1).lower() in PAPERS


def is_the_body(role: str) -> bool:
    """Whether a description means a body that was named before: "the group"."""
    return re.match(r"[Tt]he ", role) is not None and head_of(role) in BODY_NOUNS
