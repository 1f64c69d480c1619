"""Datelines in the ways of agencies of many countries, with and without agency, date, region.

``strict.py`` reads those that decide which lines of a plain text are its head; what is read here is taken out of the
body afterwards and never changes an item's id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.events.datelines import reader
from pipeline.events.datelines.strict import Dateline, place_name
from pipeline.events.datelines.words import is_agency, places, squeezed, words

#: A dateline is within the first characters of a paragraph.
_MAX_CHARS = 140
_EAST_ASIAN = (
    re.compile(
        r"[（(【]?(?P<agency>新华社|新華社|中新社|中新网|中央社)(?P<place>[\u4e00-\u9fff]{1,10}?)(?P<date>\d{1,2}月\d{1,2}日)"
        r"[电電讯訊]?[^\S\n]?[）)】]?[^\S\n]{0,3}"
    ),
    re.compile(
        r"【(?P<place>[^【】\n=＝]{1,20}?)(?P<date>)[ 　=＝]?(?P<agency>共同|時事|ロイター|AFP=時事|AP|AFP|CNN)】"
        r"[^\S\n]{0,3}"
    ),
    re.compile(
        r"[（(【\[](?P<place>[^()（）【】\[\]\n=＝]{1,20})(?P<date>)[=＝](?P<agency>[^()（）【】\[\]\n]{2,20})[）)】\]]"
        r"[^\S\n]{0,3}"
    ),
)
_REST_CHARS = 40
_LETTERS = re.compile(r"[^\W\d_]{2}")
_TIME_WORDS = re.compile(r"\b(?:GMT|UTC|CET|CEST|MEZ|EST|EDT|BST|AEST|AEDT|Uhr|am|pm|AM|PM|[apAP]\.[mM]\.|h|T|Z)\b|\d")
_HYPHENED = re.compile(r"-(?:Au|De|La|Le|Sur|En|Upon|On|Sous)(?=-)")
_FIRST_WORD = re.compile(r"[\"“„«'‘(]{0,2}(?P<word>[^\W_]{1,40})")


def find_any(paragraph: str, rest_chars: int = _REST_CHARS) -> Dateline | None:
    """The dateline at the head of a paragraph; its text is empty where there is only an agency (``(Reuters) - …``).

    Args:
        paragraph: a paragraph or its beginning.
        rest_chars: so much text follows a dateline that has neither an agency nor a date, else it is a title.
    """
    text = paragraph[: _MAX_CHARS + 80]
    for pattern in _EAST_ASIAN:
        found = pattern.match(text)
        if found and found["place"].strip():
            return Dateline(found["place"] + found["date"], found["place"].strip(), found["agency"], found.end())
    start = reader.blanks(text, 0)
    return (
        _signed_first(text, start, rest_chars)
        or _all_in_brackets(text, start)
        or _usual(text, start, "", rest_chars)
        or _dated_first(text, start)
    )


def _signed_first(text: str, start: int, rest_chars: int) -> Dateline | None:
    """``(ANSA) - ROMA, 24 NOV - Text``, ``(Reuters) - Text``."""
    if text[start : start + 1] not in {"(", "/"}:
        return None
    signed = reader.signature(text, start)
    if signed is None or not is_agency(signed.agency):
        return None
    kind, end = reader.ending(text, signed.end)
    if kind != "dash":
        return None
    return _usual(text, end, signed.agency, rest_chars) or Dateline("", "", signed.agency, end)


def _all_in_brackets(text: str, start: int) -> Dateline | None:
    """``(New York, NY - October 21) Text``."""
    named = reader.place(text, start + 1) if text.startswith("(", start) else None
    if named is None:
        return None
    region = reader.region(text, named.end)
    at = region.end if region else named.end
    kind, after = reader.ending(text, at)
    if kind == "colon" or squeezed(named.text) in words("not_places") | words("weekdays"):
        return None
    dated = reader.date(text, reader.after_comma(text, after))
    if dated is None or not text.startswith(")", dated.end):
        return None
    printed = f"{text[start + 1 : at].strip()}, {dated.text}"
    return Dateline(printed, _located(named.text), "", reader.ending(text, dated.end + 1)[1])


def _dated_first(text: str, start: int) -> Dateline | None:
    """``24.11. Warszawa (PAP) - Text``."""
    dated = reader.date(text, start)
    if dated is None:
        return None
    at = reader.after_comma(text, dated.end)
    named = reader.place(text, at)
    signed = reader.signature(text, reader.blanks(text, named.end)) if named else None
    if named is None or signed is None or signed.kind == "bare" or not is_agency(signed.agency):
        return None
    return Dateline(
        f"{named.text}, {dated.text}", _located(named.text), signed.agency, reader.ending(text, signed.end)[1]
    )


def _usual(text: str, start: int, signed_before: str, rest_chars: int) -> Dateline | None:
    """Place, region, date, agency, and the sign that ends it; all but the place may be missing."""
    named = reader.place(text, start)
    if named is None or len(named.text) < 2:
        return None
    if not signed_before and (bare := _without_place(text, start)):
        return bare
    end = named.end
    regions: list[str] = []
    while len(regions) < 2 and (region := reader.region(text, end)):
        regions.append(region.text)
        end = region.end
    dated = reader.date(text, reader.after_comma(text, end))
    end = dated.end if dated else end
    at = reader.after_comma(text, end)
    signed = reader.signature(text, at) or _after_dash(text, at)
    if signed and not dated:
        dated = reader.date(text, _after_dashes(text, signed.end))
        signed = reader.Signature(signed.agency, signed.kind, dated.end) if dated else signed
        date_text = f", {dated.text}" if dated else ""
    else:
        date_text = ""
    kind, begins = reader.ending(text, signed.end if signed else end)
    facts = _Facts(named.text, regions, dated is not None, signed, kind, text[begins:], bool(signed_before))
    if begins > _MAX_CHARS or not facts.tell(rest_chars):
        return None
    printed = text[start:end].strip(" .,")
    if regions and (date_text or not dated) and text[end - 1 : end] == ".":
        printed += "."
    printed += date_text
    return Dateline(" ".join(printed.split()), _located(named.text), signed.agency if signed else signed_before, begins)


def _after_dashes(text: str, at: int) -> int:
    """``(BUSINESS WIRE)--Nov 24, 2026--``: a date may stand between dashes after the agency."""
    after = reader.after_comma(text, at)
    return after + 2 if text.startswith("--", after) else after


def _without_place(text: str, start: int) -> Dateline | None:
    """``Nov 24 (Reuters) - Text``."""
    dated = reader.date(text, start)
    signed = reader.signature(text, reader.after_comma(text, dated.end)) if dated else None
    if dated is None or signed is None or signed.kind == "bare" or not is_agency(signed.agency):
        return None
    kind, end = reader.ending(text, signed.end)
    return Dateline(dated.text, "", signed.agency, end) if kind == "dash" else None


def _after_dash(text: str, at: int) -> reader.Signature | None:
    """``NEW YORK--(BUSINESS WIRE)--Text``, ``МОСКВА, 24 ноя - РИА Новости. Text``: a known agency after a dash."""
    kind, end = reader.ending(text, at)
    signed = reader.signature(text, end) if kind == "dash" else None
    return (
        signed
        if signed and is_agency(signed.agency) and reader.ending(text, signed.end)[0] in {"dash", "dot"}
        else None
    )


@dataclass(frozen=True)
class _Facts:
    """What was read, and whether that is a dateline.

    Attributes:
        place: as written.
        regions: states or countries after it.
        dated: whether a date follows.
        signed: the agency.
        kind: of the sign at the end.
        rest: what follows.
        signed_before: whether an agency stands before the place.
    """

    place: str
    regions: list[str]
    dated: bool
    signed: reader.Signature | None
    kind: str
    rest: str
    signed_before: bool

    @property
    def capitals(self) -> bool:
        """Whether the place is written in capitals."""
        return self.place.upper() == self.place and self.place.lower() != self.place

    @property
    def city(self) -> bool:
        """Whether the place is a city that we know, or two of them."""
        return all(squeezed(name) in places("cities") for name in self.place.split("/"))

    def tell(self, rest_chars: int) -> bool:
        """Whether it is a dateline; so much text follows one that has neither an agency nor a date."""
        if squeezed(self.place) in words("not_places") | words("weekdays"):
            return False
        if self.signed is not None and self.signed.kind != "bare":
            return self._in_brackets(self.signed)
        if self.signed is not None:
            return (self.capitals or self.dated or self.city) and self.kind in {"dash", "dot", "colon"}
        if self.dated:
            short = len(self.place.split()) <= 4
            return short and (self.kind == "dash" or (self.kind == "colon" and (self.capitals or self.city)))
        return len(self.rest) >= rest_chars and self._alone()

    def _in_brackets(self, signed: reader.Signature) -> bool:
        known, ended = is_agency(signed.agency), self.kind in {"dash", "colon"}
        if not known and (":" in signed.agency or not _LETTERS.search(signed.agency)):
            return False
        if self.capitals and (self.kind == "dash" or (known and (ended or self.dated))):
            return True
        if self.capitals and signed.kind == "slash":
            return self.dated or self.kind == "dot"
        if known:
            return ended or self.dated or (signed.kind == "slash" and self.city)
        return self.dated and self.kind == "dash"

    def _alone(self) -> bool:
        """Neither agency nor date: a known city, or a place in a known state or country, and a sentence after it."""
        if self.kind not in {"dash", "colon"}:
            return False
        first = _FIRST_WORD.match(self.rest)
        if first is None or first["word"][0].islower() or (len(first["word"]) > 4 and first["word"].isupper()):
            return False
        in_region = bool(self.regions) and squeezed(self.regions[-1]) in places("regions")
        ambiguous = squeezed(self.place) in places("names_too") and not in_region
        if self.signed_before:
            return self.city and self.kind == "dash"
        if self.kind == "colon":
            return self.capitals and (self.city or in_region) and not ambiguous
        return (self.capitals and (self.city or in_region)) or (self.city and not ambiguous)


def _located(place: str) -> str:
    return _HYPHENED.sub(lambda small: small.group().lower(), place_name(place)) if place.isupper() else place


def place_of(written: str) -> Dateline | None:
    """Place and date of a dateline of the metadata; ``None`` where it names no place: a time, a date alone."""
    text = " ".join(written.split())[:200].strip(" -–—_:=,")
    if not any(sign.isdigit() or sign.isupper() or sign.islower() for sign in text):
        return Dateline(text, text, "", len(text)) if text else None  # a script without capitals
    found = find_any(f"{text} - Xx")
    if found and found.text:
        return found if found.located else None
    if (dated := reader.date(text, 0)) is not None:
        rest = _TIME_WORDS.sub(" ", text[dated.end :])
        if not _LETTERS.search(rest):
            return None
    named = reader.place(text, 0)
    if named is None or squeezed(named.text) in words("not_places") or is_agency(named.text):
        return None
    if named.text.lower().rstrip(".") in words("months") | words("weekdays"):
        return None
    signed = reader.signature(text, reader.after_comma(text, named.end))
    if signed is not None and signed.kind == "bare" and signed.end >= len(text):
        return Dateline(named.text, _located(named.text), signed.agency, len(text))
    return Dateline(text, _located(named.text), "", len(text))
