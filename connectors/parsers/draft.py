"""Builds an item: how every parser cleans and checks the values of its format.

Texts lose control characters and lone surrogates, times are read leniently and disbelieved where they lie in the
future, numbers outside their range are left out. What could not be used as written is kept in ``originals``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from connectors.dates import believable, read_time
from connectors.wording.removal import without_removed
from pipeline.events.datelines.strict import find_dateline, place_name
from pipeline.events.errors import ParseError
from pipeline.events.item import Item, ParseContext, PubStatus

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
#: Texts whose line breaks mean something.
_MANY_LINES = frozenset({"body_text", "body_html", "description", "ednote", "usageterms"})
_MAX_ORIGINAL = 200
#: A longer field other than the body is an attack or a mistake.
_MAX_TEXT = 100_000
_AFTER_DATELINE = re.compile(r"[^\n]{0,60}?[ .)/][-–—_]{1,2}[ \n]\s*")
_AGENCY_TAIL = re.compile(r"(?:\([^()]{1,40}\)|/[^/]{1,40}/)[\s.]{0,5}\Z")
_HEADING = re.compile(r"\A<h\d>(?P<text>[^<>]*)</h\d>")
_STATUS: dict[str, PubStatus] = {
    "usable": "usable", "embargoed": "usable", "withheld": "withheld", "withhold": "withheld", "hold": "withheld",
    "canceled": "canceled", "cancelled": "canceled", "killed": "canceled", "deleted": "canceled",
}  # fmt: skip


@cache
def zone_of(name: str | None) -> tzinfo:
    """A time zone by its name in the IANA database; UTC where none is given."""
    return ZoneInfo(name) if name else UTC


def no_zone(name: str, written: str) -> str:
    """The warning about a time without a zone."""
    return f"{name}: {written[:60]!r} names no time zone; it is taken as UTC. Set timezone in the connector's file."


def sized(data: bytes, context: ParseContext) -> bytes:
    """The bytes themselves.

    Raises:
        ParseError: there are none, or more than ``context.max_bytes``.
    """
    if len(data) > context.max_bytes:
        raise ParseError(f"the input has {len(data):,} bytes; at most {context.max_bytes:,} are read.")
    if not data.strip(b" \t\r\n\x00"):
        raise ParseError("the input is empty: there is nothing to read.")
    return data


def printable(value: object) -> str:
    """A value as text without control characters and lone surrogates, with plain line ends."""
    text = _UNPRINTABLE.sub("", str(value)) if value is not None else ""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def clean(value: object) -> str:
    """A value as printable text; its lines are stripped."""
    return "\n".join(line.strip() for line in printable(value).split("\n")).strip()


def _body(value: object) -> str:
    """A body as printable text; its lines are stripped, but for the tab of a row whose first cell is empty."""
    return "\n".join(line.strip(" " if "\t" in line.strip() else None) for line in printable(value).split("\n")).strip(
        " \n"
    )


def one_line(value: object) -> str:
    """A value as text on one line."""
    if isinstance(value, str) and value.isprintable():
        return " ".join(value.split())
    return " ".join(clean(value).split())


class Draft:
    """Collects the fields of one item. The first value of a field stays; later ones are alternatives.

    Args:
        context: for the clock.
        item_type: what the format says where the item itself does not.
    """

    def __init__(self, context: ParseContext, item_type: str | None = None) -> None:
        self._now = context.now
        self._timezone = context.timezone
        self._fields: dict[str, Any] = {"type": item_type} if item_type else {}
        self._originals: dict[str, str] = {}
        self._warnings: list[str] = []

    def __contains__(self, name: str) -> bool:
        return bool(self._fields.get(name))

    def __getitem__(self, name: str) -> Any:
        return self._fields.get(name)

    def text(self, name: str, value: object, *, replace: bool = False) -> None:
        """Set a text unless the value is empty or the field has one already."""
        text = _body(value) if name == "body_text" else clean(value) if name in _MANY_LINES else one_line(value)
        if name == "language" and len(text) <= 3:
            text = text.lower()
        if text and (replace or name not in self):
            limit = None if name.startswith("body_") else _MAX_TEXT
            self._fields[name] = text[:limit]

    def also(self, name: str, value: object) -> None:
        """Add a line to a text of several lines unless it is there."""
        there = self._fields.get(name) or ""
        if len(there) >= _MAX_TEXT:
            return
        text = clean(value)
        if text and text.strip("()") not in there:
            self._fields[name] = f"{there}\n{text}".strip("\n")[:_MAX_TEXT]

    def time(self, name: str, written: object, *, may_be_ahead: bool = False) -> None:
        """Set a time; one that cannot be read or believed is kept as written."""
        text = one_line(written)
        if not text or name in self:
            return
        written_time = read_time(text, zone_of(self._timezone), not_before=may_be_ahead)
        if written_time is None:
            self.keep(name, text)
            return
        found = written_time.time
        if not written_time.has_zone and self._timezone is None:
            self.warn(no_zone(name, text))
        taken = found if may_be_ahead else believable(found, self._now)
        if taken != found:
            self.keep(name, text)
        self._fields[name] = taken

    def number(self, name: str, written: object, lowest: int, highest: int) -> None:
        """Set a whole number within bounds; anything else is kept as written."""
        text = one_line(written)
        if not text or self._fields.get(name) is not None:
            return
        if text.isascii() and text.isdigit() and lowest <= int(text[:9]) <= highest:
            self._fields[name] = int(text)
        elif text != "0":
            self.keep(name, text)

    def value(self, name: str, value: object) -> None:
        """Set a value that is neither a text nor a number that must be checked."""
        self._fields.setdefault(name, value)

    def status(self, written: object) -> None:
        """Set ``pubstatus`` from any of the words in use; an unknown word is kept and warned of."""
        word = one_line(written).replace("\\", "/").rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower()
        if not word:
            return
        if word not in _STATUS:
            self.keep("pubstatus", one_line(written))
            self.warn(f"the publishing status {word[:40]!r} is not known; the item is taken as usable.")
            return
        self._fields["pubstatus"] = _STATUS[word]
        if word == "embargoed":
            self.add("signals", ["embargo"])

    def add(self, name: str, values: Iterable[Any]) -> None:
        """Append to a field of many values, each once."""
        # A dictionary without values: in order, each once, found at once among thousands.
        self._fields.setdefault(name, {}).update(dict.fromkeys(filter(None, values)))

    def words(self, name: str, values: Iterable[object]) -> None:
        """Append texts to a field of many values, each once and not empty."""
        for value in values:
            self.add(name, [one_line(value)])

    def dateline(self, written: object) -> None:
        """Set ``dateline`` and ``located`` from a dateline as printed, with or without the agency."""
        text = one_line(written)
        if not re.search(r"[^\W\d_]{2}", text) or "dateline" in self:
            return  # some write a bare date there
        found = find_dateline(f"{text.rstrip(' -–—_')} - x")
        plain = found.text if found else _AGENCY_TAIL.sub("", text.rstrip(" -–—_")).strip(" ,") or text
        self._fields["dateline"] = plain[:200]
        place = plain.split(",")[0].strip()
        self.text("located", found.located if found else place_name(place) if place.isupper() else place)

    def body(self, text: str | None, html: str | None = None) -> None:
        """Set the body unless there is one."""
        if not (text or html) or "body_text" in self:
            return
        self.text("body_text", text)
        self.text("body_html", html)

    def _cut_headline(self) -> None:
        """A body that begins with its own headline is left with the text."""
        headline, body, html = self["headline"], self["body_text"], self["body_html"]
        if headline and body and body.startswith(f"{headline}\n\n"):
            self._fields["body_text"] = body[len(headline) :].strip()
            if html:
                heading = _HEADING.match(html)
                if heading and heading["text"].strip() == headline:
                    self._fields["body_html"] = html[heading.end() :].lstrip()

    def _cut_dateline(self) -> None:
        """A body that begins with the dateline of the metadata is left with the text after it and after the agency."""
        dateline, body = self["dateline"], self["body_text"]
        if dateline and body and body.startswith(dateline):
            after = _AFTER_DATELINE.match(body, len(dateline))
            if after:
                self._fields["body_text"] = body[after.end() :].strip()
                self.text("body_html", without_removed(self["body_html"], body, self["body_text"]), replace=True)

    def keep(self, name: str, written: object) -> None:
        """Keep a value as the feed wrote it, in addition to the item's fields."""
        text = one_line(written)
        if text:
            self._originals.setdefault(name, text[:_MAX_ORIGINAL])

    def drop(self, name: str) -> None:
        """Take a field out again."""
        self._fields.pop(name, None)

    def warn(self, message: str) -> None:
        """Say what is odd about the item."""
        self._warnings.append(message)

    def now(self) -> datetime:
        """The clock of the context."""
        return self._now

    def item(self) -> Item:
        """The item as collected."""
        self._cut_headline()
        self._cut_dateline()
        fields = {name: tuple(value) if isinstance(value, dict) else value for name, value in self._fields.items()}
        return Item.model_validate({**fields, "originals": self._originals, "warnings": tuple(self._warnings)})
