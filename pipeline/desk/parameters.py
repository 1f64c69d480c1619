"""The query strings of the desk's URLs, parsed into searches and built from them. Pure.

A search is its URL: it can be saved, sent and subscribed to. So times may be relative (``since=24h``), names are short,
and a value that cannot be parsed is ignored with a note on the page, never an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from pipeline.events.persons import PERSON_PREFIX, shown_name
from pipeline.events.times import read_time
from pipeline.index.query import FACETS, Query, QuoteQuery

PAGE_SIZE = 20
_MOST_CHARS = 512
_MOST_VALUES = 50
_FLAGS = ("copies", "notices", "meaning")
#: Of people: an id in an address means the name that it stands for.
_PEOPLE = frozenset({"person", "speakers"})
_SINGLE = ("q", "speaker", "about", "since", "until", "sort", "group", "event", *_FLAGS)
STORY_NAMES = (*_SINGLE, *FACETS)
QUOTE_NAMES = ("q", "speaker", "since", "until", "sort", "copies", "speakers", "role", "provider", "type")


@dataclass(frozen=True)
class Parameters:
    """Names and values of a search, in order, without duplicates and without the page.

    Attributes:
        pairs: (name, value).
        page: from 1.
        ignored: notes on values that could not be parsed.
    """

    pairs: tuple[tuple[str, str], ...] = ()
    page: int = 1
    ignored: tuple[str, ...] = ()

    @classmethod
    def read(cls, items: Iterable[tuple[str, str]], names: Iterable[str]) -> Parameters:
        """Keep the parameters of a search: known names, values that are not empty, the last value of single names."""
        allowed, pairs, page = set(names), dict[tuple[str, str], None](), 1
        for name, raw in items:
            value = raw.strip()[:_MOST_CHARS]
            if name == "page" and value.isascii() and value.isdigit():
                page = min(max(int(value[:6]), 1), 100_000)
            elif name in allowed and value and len(pairs) < _MOST_VALUES:
                if name in _PEOPLE and value.startswith(PERSON_PREFIX):
                    value = shown_name(value).strip() or value
                if name in _SINGLE:
                    pairs = {pair: None for pair in pairs if pair[0] != name}
                pairs[name, value] = None
        return cls(tuple(pairs), page)

    def get(self, name: str) -> str:
        """The value of a single name; empty if absent."""
        return next((value for key, value in self.pairs if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a name."""
        return tuple(value for key, value in self.pairs if key == name)

    def has(self, name: str, value: str) -> bool:
        """Whether a name has this value."""
        return (name, value) in self.pairs

    def address(self, page: int = 1) -> str:
        """The query string with its question mark; empty without parameters."""
        pairs = [*self.pairs, ("page", str(page))] if page > 1 else list(self.pairs)
        return "?" + urlencode(pairs) if pairs else ""

    def having(self, **values: str) -> str:
        """The query string with single names set, or removed if the value is empty; on the first page."""
        kept = [pair for pair in self.pairs if pair[0] not in values]
        return Parameters((*kept, *((name, value) for name, value in values.items() if value))).address()

    def only(self, *names: str) -> str:
        """The query string with only these names."""
        return Parameters(tuple(pair for pair in self.pairs if pair[0] in names)).address()

    def toggled(self, name: str, value: str) -> str:
        """The query string with a value of a facet added, or removed if present."""
        if self.has(name, value):
            return Parameters(tuple(pair for pair in self.pairs if pair != (name, value))).address()
        return Parameters((*self.pairs, (name, value))).address()


def read_times(given: Parameters, now: datetime) -> tuple[datetime | None, datetime | None, tuple[str, ...]]:
    """Begin and end of a search's span of time, and notes on what could not be parsed."""
    since, until = read_time(given.get("since"), now), read_time(given.get("until"), now, end=True)
    ignored = [
        f"{name}: cannot parse “{given.get(name)}” as a time"
        for name, time in (("since", since), ("until", until))
        if given.get(name) and time is None
    ]
    return since, until, tuple(ignored)


def story_search(items: Iterable[tuple[str, str]], now: datetime) -> tuple[Parameters, Query]:
    """The search for stories of a query string. Without words, the newest come first."""
    given = Parameters.read(items, STORY_NAMES)
    since, until, ignored = read_times(given, now)
    query = Query(
        words=given.get("q"),
        speaker=given.get("speaker") or None,
        entity=given.get("about") or None,
        since=since,
        until=until,
        **{facet: given.all(facet) for facet in FACETS},  # type: ignore[arg-type]
        size=PAGE_SIZE,
        page=given.page,
        event=given.get("event") or None,
        collapse=not given.get("copies"),
        by_event=given.get("group") == "event" and not given.get("copies"),
        notices=bool(given.get("notices")),
        sort="relevance" if given.get("q") and given.get("sort") != "newest" else "newest",
    )
    return Parameters(given.pairs, given.page, ignored), query


def quote_search(items: Iterable[tuple[str, str]], now: datetime) -> tuple[Parameters, QuoteQuery]:
    """The search for quotations of a query string."""
    given = Parameters.read(items, QUOTE_NAMES)
    since, until, ignored = read_times(given, now)
    query = QuoteQuery(
        words=given.get("q"),
        speaker=given.get("speaker") or None,
        since=since,
        until=until,
        speakers=given.all("speakers"),
        role=given.all("role"),
        provider=given.all("provider"),
        type=given.all("type"),
        size=PAGE_SIZE,
        page=given.page,
        copies=bool(given.get("copies")),
        sort="relevance" if given.get("q") and given.get("sort") != "newest" else "newest",
    )
    return Parameters(given.pairs, given.page, ignored), query
