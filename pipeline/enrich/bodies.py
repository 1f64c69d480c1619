"""Which body "the company", "the ministry" or "the agency" means."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.enrich.entities.things import Thing
from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns

_PATTERNS = patterns("bodies")

#: "the company" can be any body; these are what the word itself says.
BODY_NOUNS = ENGLISH.nouns_that("body")
#: What precedes a body's name and says what it is: "the rights group Amnesty", "software maker Blue Sail".
KINDS_OF_BODY = BODY_NOUNS | ENGLISH.nouns_that("kind")
_COMPANY = ENGLISH.nouns_that("company")
_PAPER = ENGLISH.nouns_that("newspaper")
_PUBLIC = ENGLISH.nouns_that("public")
_ANY = ENGLISH.nouns_that("any")
#: Words in the names of newspapers.
_OF_A_PAPER = _PATTERNS["of_a_paper"]
#: Words in the names of bodies that are no companies.
_OF_THE_STATE = _PATTERNS["of_the_state"]


def body_called(noun: str, bodies: Sequence[Thing], before: Sequence[Thing], spoke: Sequence[Thing]) -> Thing | None:
    """The body that a definite description means: by its name, else the only one it can mean.

    Args:
        noun: the description's head, in lower case: "company".
        bodies: all of the story.
        before: those named in this paragraph or the one before, agencies of the dateline left out.
        spoke: those that have spoken so far, the last one first.

    Returns:
        The body, or ``None`` where it is not clear.
    """
    named = [body for body in bodies if noun in body.name.lower()]
    if len(named) == 1:
        return named[0]
    if named or noun not in _COMPANY | _PUBLIC | _PAPER | _ANY:
        return None
    near = [body for body in _each_once(before) if _can_be(noun, body)]
    if len(near) == 1:
        return near[0]
    last = next((body for body in spoke if _can_be(noun, body)), None)
    return last if last is not None and last in near else None


def _can_be(noun: str, body: Thing) -> bool:
    if noun in _COMPANY:
        return not _OF_THE_STATE.search(body.name)
    if noun in _PAPER:
        return _OF_A_PAPER.search(body.name) is not None
    return noun not in _PUBLIC or bool(_OF_THE_STATE.search(body.name)) or body.name.isupper()


def _each_once(bodies: Sequence[Thing]) -> list[Thing]:
    return list({body.name: body for body in bodies}.values())
