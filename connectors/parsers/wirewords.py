"""Words that text wires put above a story or into its keyword line to say what it is.

They are common to the wires (IPTC 7901, ANPA 1312, plain text); what one agency alone does is in its mapping.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.parsers.draft import Draft
from pipeline.events.item import Reference, Signal

_ORDINAL = r"(?P<n>\d{1,2})\s?(?:st|nd|rd|th)"
_PATTERNS: tuple[tuple[str, tuple[Signal, ...]], ...] = (
    (rf"{_ORDINAL}\s?-?(?:lead|ld|net)(?:-?\s?writethru)?", (Signal.LEAD, Signal.UPDATE)),
    (r"(?:lead|writethru|ld-writethru|net)", (Signal.LEAD, Signal.UPDATE)),
    (rf"{_ORDINAL}\s?-?(?:update|upd)|(?:update|upd)\s?(?P<m>\d{{1,2}})?", (Signal.UPDATE,)),
    (rf"{_ORDINAL}\s?-?add|add\s?(?P<a>\d{{1,2}})?", (Signal.TAKE,)),
    (r"correct(?:ion|ed|s|ive)(?:\s?-?\s?writethru)?|berichtigung", (Signal.CORRECTION,)),
    (r"refile[ds]?", (Signal.REFILE,)),
    (r"repeat(?:ed)?|rpt", (Signal.RESEND,)),
    (r"(?:mandatory\s)?kill(?:[\s!]{1,9}kill){0,9}!?|withdraw(?:n|al)|story\swithdrawn", (Signal.KILL,)),
    (r"hold(?:[\s!]{1,9}hold){0,9}!?|withhold", (Signal.WITHHOLD,)),
    (r"release[ds]?", (Signal.RELEASE,)),
    (r"embargo(?:ed)?", (Signal.EMBARGO,)),
    (r"flash|extra|newsalert|news\salert|alert|eil(?:meldung|t)?|blitz(?:meldung)?", (Signal.FLASH,)),
    (r"bulletin|urgent", (Signal.URGENT,)),
    (r"advisory|diary|daybook|budget", (Signal.ADVISORY,)),
    (r"test(?:\s(?:test|message|only))*", (Signal.TEST,)),
)
_COMPILED = tuple(
    (re.compile(rf"\W{{0,40}}(?:{pattern})\W{{0,40}}", re.IGNORECASE), signals) for pattern, signals in _PATTERNS
)
_NUMBER = re.compile(r"\b(?:[A-Za-z]{1,4}\s?-?)?(?P<number>\d{3,4})\b")
_QUOTED = re.compile(r"[\"“„«](?P<headline>[^\"”“»]{8,200})[\"”“»]")
_SLUG = re.compile(r"\b(?P<slug>(?:BC|AM|PM)-[A-Z]{2,3}-{1,2}[\w' .&/-]{2,60}|[A-Z][\w-]{1,60}(?:/[\w -]{1,60}){1,9})")

# What a sentence with such a verb names is the item to be killed or held; years and sums elsewhere are not.
_ORDER = re.compile(
    r"\b(?:kill|hold|withhold|withdraw|withdrawn|disregard|delete|cancel)\b(?P<what>[^\n]{4,200})", re.IGNORECASE
)
_ITEM_NUMBER = re.compile(
    r"\b(?:(?:item|story|text|number|nr|no)\.?\s{0,3}#?\s{0,3}|[a-z]{2,4}-?)(?P<number>\d{3,4})\b", re.IGNORECASE
)
_SLUGGED = re.compile(
    r"\bslug(?:ged|line)?:?\s+(?P<slug>[\w'&/.-]*[\w'&/-](?: [A-Z][\w'&/-]*){0,5})(?=[,.;:)]|\s|$)", re.IGNORECASE
)


@dataclass(frozen=True)
class Word:
    """What a word says.

    Attributes:
        signals: about the version.
        number: of the lead or the part, where it has one.
    """

    signals: tuple[Signal, ...]
    number: int | None


def read_word(line: str) -> Word | None:
    """What a line or part of a keyword line says, where it says nothing else than that."""
    if len(line) > 40:
        return None
    for pattern, signals in _COMPILED:
        match = pattern.fullmatch(line)
        if match:
            digits = next((value for value in match.groupdict().values() if value), None)
            return Word(signals, int(digits) if digits else None)
    return None


def status_of_words(draft: Draft) -> None:
    """``pubstatus``, which text wires say in words only."""
    found = draft["signals"] or ()
    draft.status("canceled" if Signal.KILL in found else "withheld" if Signal.WITHHOLD in found else "")


def referred(text: str, own_number: str | None) -> Reference | None:
    """The item that a kill, a hold or a correction speaks of: by number, headline in quotes, slug.

    Args:
        text: of the notice.
        own_number: the notice's own number, which is not the one it speaks of.
    """
    head = text[:2000]
    numbers = [match["number"] for match in _NUMBER.finditer(head) if match["number"] != own_number]
    headline, slug = _QUOTED.search(head), _SLUG.search(head)
    if not numbers and headline is None and slug is None:
        return None
    return Reference(
        number=numbers[0] if numbers else None,
        headline=headline["headline"].strip() if headline else None,
        slugline=slug["slug"].strip(" /") if slug else None,
    )


def ordered(text: str) -> Reference | None:
    """The item that a notice tells editors to kill or to hold, where it is named in the order itself.

    Args:
        text: of any story that says it is a kill or a hold; what is killed may be the story itself.
    """
    for order in _ORDER.finditer(text[:2000]):
        what = order["what"]
        number, headline = _ITEM_NUMBER.search(what), _QUOTED.search(what)
        slug = _SLUGGED.search(what) or _SLUG.search(what)
        if number or headline or slug:
            return Reference(
                number=number["number"] if number else None,
                headline=headline["headline"].strip() if headline else None,
                slugline=slug["slug"].strip(" /") if slug else None,
            )
    return None
