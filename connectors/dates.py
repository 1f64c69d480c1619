"""Dates as feeds write them, strictly where they are well-formed and leniently where they are not.

ISO 8601 / RFC 3339 (with ``+0100`` and blanks around, as real agencies send), RFC 822 / 2822 with numeric and named
zones. A date in the future or before 1970 is not believed: it is taken as now, and the original is kept by the caller.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache

from dateutil import parser as dateutil_parser

#: Zones of agencies' headers that RFC 2822 does not name (GMT, UT and US zones it does).
_ZONES = {"GMT": 0, "UTC": 0, "UT": 0, "Z": 0, "BST": 3600, "CET": 3600, "CEST": 7200, "MEZ": 3600, "MESZ": 7200,
          "EST": -18000, "EDT": -14400, "CST": -21600, "CDT": -18000, "MST": -25200, "MDT": -21600, "PST": -28800,
          "PDT": -25200, "JST": 32400, "AEST": 36000, "AEDT": 39600, "MSK": 10800, "IST": 19800}  # fmt: skip
_STANDARD_ZONES = frozenset({"GMT", "UT", "UTC", "Z"})
_DAY = timedelta(days=1)
#: Of a date without a time of day: 2026-03-14.
_DAY_DIGITS = 8
#: Months by how they begin, for feeds that write RFC 822 dates in words of their own (de, fr, es, it, pt, nl, ru).
_MONTHS = (
    ("jan", "jän", "gen", "ene", "янв"), ("feb", "fév", "fev", "фев"), ("mar", "mär", "mrz", "maa", "mrt", "мар"),
    ("apr", "avr", "abr", "апр"), ("mai", "may", "mag", "mei", "май", "мая"), ("juin", "jun", "giu", "июн"),
    ("juil", "jul", "lug", "июл"), ("aug", "aoû", "aou", "ago", "авг"), ("sep", "set", "сен"),
    ("oct", "okt", "ott", "out", "окт"), ("nov", "ноя"), ("dec", "dez", "déc", "dic", "дек"),
)  # fmt: skip
_FOREIGN = re.compile(
    r"\A(?:[^\W\d_]{1,20}\.?,?\s)?(?P<day>\d{1,2})\.?(?:er)?(?:\sde)?\s(?P<month>[^\W\d_]{3,12})\.?(?:\sde)?,?\s(?P<year>\d{4})"
    r"(?P<time>,?\s\d{1,2}:\d{2}(?::\d{2})?\s?(?:[+-]\d{2}:?\d{2}|[A-Z]{1,5})?)?",
)


@dataclass(frozen=True)
class WrittenTime:
    """A time as it was written.

    Attributes:
        time: in UTC.
        has_zone: whether its zone was written, or there is only a day; else the zone was taken as given.
    """

    time: datetime
    has_zone: bool


def read_time(text: str | None, zone: tzinfo = UTC, *, not_before: bool = False) -> WrittenTime | None:
    """A time; ``None`` where the text is not a date.

    Args:
        text: as the feed has it.
        zone: of a time that names none.
        not_before: of two readings of one local time, when clocks go back, take the later; for embargoes.
    """
    if not text or not text.strip() or len(text) > 100:
        return None
    return _read_time(" ".join(text.split()), zone, not_before)


@lru_cache(4096)  # the items of a feed are of few moments, and each is read twice
def _read_time(stripped: str, zone: tzinfo, not_before: bool) -> WrittenTime | None:
    for read in (_iso, _rfc822, _lenient, _foreign):
        found = read(stripped)
        if found is not None:
            local = found.replace(tzinfo=zone, fold=int(not_before)) if found.tzinfo is None else found
            aware = _in_utc(local)
            if aware is not None:
                return WrittenTime(aware, found.tzinfo is not None or _is_day(stripped))
    return None


def _is_day(text: str) -> bool:
    return ":" not in text and sum(character.isdigit() for character in text) <= _DAY_DIGITS


def parse_date(text: str | None) -> datetime | None:
    """A time in UTC; ``None`` where the text is not a date. A time without a zone is taken as UTC."""
    found = read_time(text)
    return found.time if found else None


def last_such_day(text: str, now: datetime) -> datetime | None:
    """The day that a month and a day without a year mean: the last such day, or tomorrow."""
    found = [day for year in (now.year - 1, now.year, now.year + 1) if (day := parse_date(f"{text} {year}"))]
    return max((day for day in found if day <= now + _DAY), default=None)


def zone_is_named(text: str | None) -> bool:
    """Whether a date ends in the name of a zone that RFC 822 does not know and we do (``CET``)."""
    zone = (text or "").rstrip().rsplit(" ", 1)[-1]
    return zone in _ZONES and zone not in _STANDARD_ZONES


def believable(found: datetime, now: datetime) -> datetime:
    """``found``, or ``now`` where it lies more than a day ahead or before 1970."""
    return found if datetime(1970, 1, 2, tzinfo=UTC) <= found <= now + _DAY else now


def _in_utc(found: datetime) -> datetime | None:
    try:
        return found.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _rfc822(text: str) -> datetime | None:
    # An unknown zone is silently UTC there, so those with letters we know go to the lenient reader.
    try:
        if zone_is_named(text):
            return None
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    # "-0000" (RFC 5322, 3.3) is UTC of which the local zone is not known.
    return found.replace(tzinfo=UTC) if found.tzinfo is None and text.endswith("-0000") else found


def _lenient(text: str) -> datetime | None:
    if not any(character.isdigit() for character in text):
        return None
    try:
        return dateutil_parser.parse(text, tzinfos=_zone, default=datetime(1970, 1, 1))  # noqa: DTZ001 - no zone written
    except (ValueError, ArithmeticError, TypeError, AttributeError, IndexError):
        return None


def _foreign(text: str) -> datetime | None:
    """``jeu., 14 mars 2019 08:30:00 +0100``: a date in the order of RFC 822 with the words of another language."""
    match = _FOREIGN.fullmatch(text)
    if match is None:
        return None
    word = match["month"].lower()
    month = next((number for number, names in enumerate(_MONTHS, start=1) if word.startswith(names)), None)
    if month is None:
        return None
    return _lenient(f"{match['year']}-{month:02}-{int(match['day']):02} {(match['time'] or '').strip(' ,')}")


def century(year: int) -> int:
    """The year that two digits mean: no wire was read by a computer before 1970."""
    return year + (1900 if year >= 70 else 2000)


def zone_seconds(name: str) -> int:
    """How far a named zone is ahead of UTC; 0 for names that we do not know."""
    return _ZONES.get(name, 0)


def _zone(name: str | None, offset: int | None) -> int | None:
    """A zone's seconds; ``None`` (then UTC) for names that we do not know, without the reader's warning."""
    return offset if offset is not None else _ZONES.get(name or "")
