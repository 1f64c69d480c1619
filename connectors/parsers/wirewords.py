"""Words that text wires put above a story or into its keyword line to say what it is.

They are common to the wires (IPTC 7901, ANPA 1312, plain text); what one agency alone does is in its mapping.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from connectors.parsers.draft import Draft
from pipeline.events.item import Reference, Signal

_ORDINAL = r"(?P<n>\d{1,2})\s?(?:st|nd|rd|th)"
_OF_A_LEAD = r"(?:(?:\d{1,2}\s?(?:st|nd|rd|th)\s?-?)?(?:lead|ld|net)(?:\s?-?\s?writethru)?\s?-?\s?)?"
_GRAF = r"(?:graf|pgh?|paragraph|para)s?"
_PLACE = rf"(?:after\s)?(?:\d{{1,2}}(?:st|nd|rd|th)\s{_GRAF}|{_GRAF}\s\d{{1,2}})"
_Kind = Literal["lead", "add", "take", "sub"]
_PATTERNS: tuple[tuple[str, tuple[Signal, ...], _Kind | None], ...] = (
    (rf"{_ORDINAL}\s?-?(?:lead|ld|net)-?\s?writethru", (Signal.LEAD, Signal.UPDATE), None),
    (r"writethru|(?:lead|ld|net)-?\s?writethru", (Signal.LEAD, Signal.UPDATE), None),
    (rf"{_ORDINAL}\s?-?(?:lead|ld|net)|lead|ld|net", (Signal.LEAD, Signal.UPDATE), "lead"),
    (rf"{_ORDINAL}\s?-?(?:update|upd)|(?:update|upd)\s?(?P<m>\d{{1,2}})?", (Signal.UPDATE,), None),
    (rf"{_OF_A_LEAD}(?:{_ORDINAL}\s?-?add|adds?\s?(?P<a>\d{{1,2}})?)", (Signal.TAKE,), "add"),
    (rf"{_OF_A_LEAD}(?:{_ORDINAL}\s?-?take|take\s?(?P<t>\d{{1,2}}))", (Signal.TAKE,), "take"),
    (rf"{_ORDINAL}\s?-?(?:sub|insert)|(?:sub|insert)s?\s?(?P<s>\d{{1,2}})?", (Signal.TAKE,), "sub"),
    (rf"(?:{_ORDINAL}\s?-?)?(?:sub|insert)s?\s{_PLACE}", (Signal.TAKE,), "sub"),
    (r"correct(?:ion|ed|s|ive)(?:\s?-?\s?writethru)?|berichtigung", (Signal.CORRECTION,), None),
    (r"refile[ds]?", (Signal.REFILE,), None),
    (r"repeat(?:ed)?|rpt", (Signal.RESEND,), None),
    (
        r"(?:mandatory\s)?(?:kill|eliminate)s?\s(?:\d{1,2}(?:st|nd|rd|th)\s?-?)?(?:add|take|sub|insert|lead|ld)",
        (Signal.KILL,),
        None,
    ),
    (r"eliminat(?:e[sd]?|ion)", (Signal.KILL,), None),
    (r"(?:mandatory\s)?kill(?:[\s!]{1,9}kill){0,9}!?|withdraw(?:n|al)|story\swithdrawn", (Signal.KILL,), None),
    (r"hold(?:[\s!]{1,9}hold){0,9}!?|withhold", (Signal.WITHHOLD,), None),
    (r"release[ds]?", (Signal.RELEASE,), None),
    (r"embargo(?:ed)?", (Signal.EMBARGO,), None),
    (r"flash|extra|newsalert|news\salert|alert|eil(?:meldung|t)?|blitz(?:meldung)?", (Signal.FLASH,), None),
    (r"bulletin|urgent", (Signal.URGENT,), None),
    (r"advisory|diary|daybook|budget", (Signal.ADVISORY,), None),
    (r"test(?:\s(?:test|message|only))*", (Signal.TEST,), None),
)
_COMPILED = tuple(
    (re.compile(rf"\W{{0,40}}(?:{pattern})\W{{0,40}}", re.IGNORECASE), signals, kind)
    for pattern, signals, kind in _PATTERNS
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
        kind: of a lead that is no writethru, or of a part (an insert is a sub that replaces nothing).
        text: as it was written.
    """

    signals: tuple[Signal, ...]
    number: int | None
    kind: _Kind | None = None
    text: str = ""


def read_word(line: str) -> Word | None:
    """What a line or part of a keyword line says, where it says nothing else than that."""
    if len(line) > 40:
        return None
    for pattern, signals, kind in _COMPILED:
        match = pattern.fullmatch(line)
        if match:
            digits = next((value for value in match.groupdict().values() if value), None)
            return Word(signals, int(digits) if digits else None, kind, line)
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
