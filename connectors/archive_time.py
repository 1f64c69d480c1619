"""The day of an undated text of an archive, so that it does not look new: from its dateline, else its file's name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from connectors.dates import last_such_day, read_time
from pipeline.events.datelines import reader
from pipeline.events.item import Item

_DAY_OF_NAME = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)[-_./]?(?P<month>[01]\d)[-_./]?(?P<day>[0-3]\d)(?!\d)")
_PRINTED = re.compile(
    r"(?P<time>\d{1,4}[-./]\d{1,2}[-./]\d{2,4}[ ,T]{1,2}\d{1,2}:\d{2}(?::\d{2})?(?: ?(?:GMT|UTC|Z|[+-]\d{2}:?\d{2}))?)"
)
_DAY_FIRST = re.compile(r"\A(\d{2})\.(\d{2})\.(\d{4})")
_SOURCE_LINE = re.compile(r"(?i:source) ?: ?[^|\n]{2,40}\| ?(?P<time>\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})?) ?\|")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def with_printed_time(item: Item, zone: tzinfo, now: datetime) -> Item:
    """The item; one without any time gets that of a line above its headline that is only a time.

    Args:
        item: its id is made already.
        zone: of times that name none.
        now: no time after it is taken.
    """
    if item.versioncreated or item.firstcreated:
        return item
    for name in ("kicker", "subheadline", *(("headline",) if item.subheadline else ())):
        line = getattr(item, name) or ""
        printed = _PRINTED.fullmatch(line[:120]) or _SOURCE_LINE.match(line[:120])
        found = read_time(_DAY_FIRST.sub(r"\3-\2-\1", printed["time"]), zone) if printed else None
        if found is not None and found.time <= now:
            # what was taken for the second headline is the first
            lines = {"headline": item.subheadline, "subheadline": None} if name == "headline" else {name: None}
            return item.model_copy(update={**lines, "versioncreated": found.time})
    return item


def with_archive_time(item: Item, name: str, now: datetime) -> Item:
    """The item; one without any time gets the day of its dateline, else that of the file's name.

    Args:
        item: of an archive; its id is made already.
        name: of the file.
        now: no day after it is taken.
    """
    if item.versioncreated or item.firstcreated:
        return item
    found, source = day_of_dateline(item.dateline or "", now), "its dateline"
    if found is None:
        found, source = day_of_name(name), "the file's name"
    if found is None or found > now:
        return item
    warning = f"the item has no time; the day is taken from {source}."
    return item.model_copy(update={"versioncreated": found, "warnings": (*item.warnings, warning)})


def day_of_dateline(dateline: str, now: datetime) -> datetime | None:
    """The day that a dateline names; without a year the last such day."""
    text = dateline[:200]
    starts = [at for at, sign in enumerate(text) if sign.isalnum() and (at == 0 or not text[at - 1].isalnum())]
    dated = max((one for at in starts if (one := reader.date(text, at))), key=lambda one: len(one.text), default=None)
    if dated is None:
        return None
    words = dated.text.strip(" ,.").removeprefix("le ")
    if _YEAR.search(words):
        found = read_time(words)
        return found.time if found else None
    return last_such_day(words, now)


def day_of_name(name: str) -> datetime | None:
    """The day in the name of a file: ``wire/2019-03-14/item7.txt``, ``20190314_item.xml``."""
    for found in reversed(list(_DAY_OF_NAME.finditer(name[-500:]))):
        try:
            return datetime(int(found["year"]), int(found["month"]), int(found["day"]), tzinfo=UTC)
        except ValueError:
            continue
    return None
