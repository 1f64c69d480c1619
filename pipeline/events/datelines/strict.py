"""Datelines: where and when a story was filed, at the head of its text, in the ways agencies write it.

CITY (agency) - Text              CITY, State (AG) _ Text          CITY, Month 4 (Agency) - Text
CITY, Month 4. /AGENCY/. Text     CITY, Mon 4 AGENCY - Text        CITY, Month 4, 2026 (AGENCY) -- Text
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTH = (
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)[a-z]{0,6}\.?|"
    r"(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]{0,6}\.?"
)
_DATE = rf"(?:(?:{_MONTH}) \d{{1,2}}|\d{{1,2}} (?:{_MONTH}))(?:,? \d{{4}})?"
_PLACE = (
    r"[A-ZÀ-Þ][A-ZÀ-Þ'’.\-]{1,30}"
    r"(?:[ /](?:[A-ZÀ-Þ][A-ZÀ-Þ'’.\-]{0,30}|de|da|do|del|la|le|el|al|am|an|der|on|upon|of|and)){0,6}"
)
_REGION = r"(?:, [A-ZÀ-Þ][\w.'’\- ]{1,30}?)"
_AGENCY = r"(?:\((?P<paren>[^()\n]{2,40})\)|/(?P<slash>[^/\n]{2,40})/)"
_END = r"\.?\s{0,9}(?:[-–—_]{1,3}\s{1,9}|(?<=\.)\s{0,9})"
_DATELINE = re.compile(
    rf"\s{{0,9}}(?P<head>(?P<place>{_PLACE}){_REGION}??(?:,? (?P<date>{_DATE}))?)[.,]?\s{{0,9}}{_AGENCY}{_END}"
)
#: Without brackets or strokes around the agency only a date tells a dateline: "NATO Secretary General - ..." is none.
_BARE = re.compile(
    rf"\s{{0,9}}(?P<head>(?P<place>{_PLACE}){_REGION}??,? (?P<date>{_DATE}))[.,]?"
    rf"\s{{0,9}}(?P<bare>[A-Z][A-Za-z]{{1,9}}){_END}"
)
_SMALL = {"de", "da", "do", "del", "la", "le", "el", "al", "am", "an", "der", "on", "upon", "of", "and"}
#: A dateline is within the first lines; a longer head is a sentence with brackets in it.
_MAX_CHARS = 120


@dataclass(frozen=True)
class Dateline:
    """A dateline and the length of text it takes.

    Attributes:
        text: as printed, without the agency: ``BEIJING, April 24``.
        located: the place in ordinary case: ``Beijing``.
        agency: as printed: ``TASS``.
        end: where the story's text begins.
    """

    text: str
    located: str
    agency: str
    end: int


def find_dateline(paragraph: str) -> Dateline | None:
    """The dateline at the head of a paragraph."""
    head = paragraph[: _MAX_CHARS + 20]
    match = _DATELINE.match(head) or _BARE.match(head)
    if match is None or match.end() > _MAX_CHARS:
        return None
    found = match.groupdict()
    agency = found.get("paren") or found.get("slash") or found.get("bare") or ""
    text = match["head"].strip()
    if "," in text and not found.get("date") and head[match.end("head")] == ".":
        text += "."  # of an abbreviated state
    return Dateline(text, place_name(match["place"]), agency.strip(), match.end())


def place_name(place: str) -> str:
    """A place in capitals in ordinary case: ``RIO DE JANEIRO`` → ``Rio de Janeiro``."""
    words = []
    for index, word in enumerate(place.split(" ")):
        lowered = word.lower()
        words.append(lowered if index and lowered in _SMALL else re.sub(r"[^\W\d_]+", _capitalised, lowered))
    return " ".join(words)


def _capitalised(match: re.Match[str]) -> str:
    # "o'clock" is not a place, but "Xi'an" and "Port-au-Prince" are: parts after an apostrophe stay small.
    text, start = match.group(), match.start()
    before = match.string[start - 1] if start else " "
    return text if before in "'’" and len(text) <= 2 else text.capitalize()
