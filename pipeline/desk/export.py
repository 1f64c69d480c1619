"""A search as a file: CSV for spreadsheets, JSON for programs, RSS for feed readers. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any, Literal

import orjson

from pipeline.index.links import safe_link

Format = Literal["csv", "json", "rss"]
MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "rss": "application/rss+xml; charset=utf-8",
}
#: Most documents of an export; an RSS reader fetches its feed again and again.
LIMITS: dict[Format, int] = {"csv": 10_000, "json": 10_000, "rss": 100}

STORY_COLUMNS = (
    "story_id version_created first_seen provider headline slugline language urgency killed correction embargoed "
    "update_count people organisations places subjects speakers cluster_id duplicate_of link "
    "people_as_written speakers_as_written"
).split()
QUOTE_COLUMNS = (
    "version_created speaker role type text cue resolved provider headline story_id link speaker_as_written"
).split()
#: The field with one name for each person, by which the pages count and filter; documents of older releases have none.
_ONE_NAME = {"people": "persons", "speakers": "persons_quoted", "speaker": "person"}
_AS_WRITTEN = "_as_written"
#: Spreadsheets evaluate a cell that begins with one of these as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", ";", "＝", "＋", "－", "＠")
_MARKUP = re.compile(r"<|>|&(?=#|\w{1,40};)")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_csv(documents: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> Iterator[bytes]:
    """CSV (RFC 4180) with a byte order mark, so that spreadsheets read UTF-8; lists are joined by semicolons.

    Each person has one name, so that a spreadsheet counts as the pages do; names as written have columns of their own.
    """
    columns = list(columns)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(columns)
    for document in documents:
        exported = _exported(document)
        writer.writerow([_cell(_value(exported, column)) for column in columns])
        yield _drain(buffer)
    yield _drain(buffer)


def _drain(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _exported(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document without a link that nobody may follow: older releases indexed any."""
    link = document.get("link")
    return document if link is None or safe_link(link) else {**document, "link": None}


def _value(document: Mapping[str, Any], column: str) -> Any:
    one_name = document.get(_ONE_NAME.get(column, ""))
    return one_name or document.get(column.removesuffix(_AS_WRITTEN))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "'" + text if text.startswith(_FORMULA) else text


def as_json(documents: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """A JSON array of documents, streamed."""
    separator = b"["
    for document in documents:
        yield separator + orjson.dumps(_exported(document))
        separator = b",\n"
    yield b"[]" if separator == b"[" else b"]"


def xml_text(text: object) -> str:
    """Text without the characters that XML 1.0 forbids."""
    return _NOT_XML.sub("", str(text))


def html_text(text: object) -> str:
    """Text as HTML, for an element that feed readers show as HTML: an item's description."""
    return escape(xml_text(text))


def rss_title(text: object) -> str:
    """A headline for readers that show titles as text and for those that show them as HTML.

    Only what would begin a tag or a character reference is escaped, so that "AT&T" stays as it is in both.
    """
    return _MARKUP.sub(lambda match: escape(match[0]), xml_text(text))


def rss_date(iso: str) -> str:
    """The index's ISO 8601 time in RFC 2822 form, as RSS 2.0 requires."""
    return format_datetime(datetime.fromisoformat(iso))
