"""Events as values, computed from the answers of Elasticsearch. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.events.languages import primary_language
from pipeline.index.results import Count, counted

#: A telling with so many characters at its beginning is a story, not a flash or a headline only.
_FULL_CHARS = 160
#: Width of the buckets that the server counts in.
_BUCKET_MS = 600_000

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Telling:
    """One text about an event; of copies the one that leads them.

    Attributes:
        story: its document, without the long fields.
        lead: the beginning of its text.
    """

    story: Document
    lead: str = ""

    @property
    def story_id(self) -> str:
        return str(self.story["story_id"])

    @property
    def provider(self) -> str:
        return str(self.story["provider"])

    @property
    def headline(self) -> str:
        return str(self.story.get("headline") or self.story.get("slugline") or self.story.get("item_id") or "")


@dataclass(frozen=True)
class Agency:
    """What one agency told of an event; ``growth``: its stories over time."""

    name: str
    stories: int
    first: str
    latest: str
    growth: tuple[int, ...] = ()


@dataclass(frozen=True)
class EventLine:
    """An event as one line.

    Attributes:
        id: ``event_id`` of its stories.
        best: its earliest full telling: its headline and the beginning of its text stand for the event.
        first: its earliest telling.
        first_seen, latest: when the first and the newest story were received (ISO 8601).
        stories: all stories, with copies; ``tellings``: different texts.
        independent: agencies with a text of their own.
        agencies, people, places: the most frequent ones; people with how most stories spell them.
        languages: their codes without a region.
        growth: new stories over time, in bars of one width.
    """

    id: str
    best: Telling
    first: Telling
    first_seen: str
    latest: str
    stories: int
    tellings: int
    independent: int
    agencies: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    people: tuple[Count, ...] = ()
    places: tuple[str, ...] = ()
    growth: tuple[int, ...] = ()

    @property
    def headline(self) -> str:
        return self.best.headline


@dataclass(frozen=True)
class EventPage:
    """One event: its line, what each agency told, its tellings (the earliest first)."""

    line: EventLine
    agencies: tuple[Agency, ...]
    tellings: tuple[Telling, ...]


@dataclass(frozen=True)
class EventResults:
    """Events of a search; ``total``: how many there are, at most :data:`pipeline.index.event_query.MOST_EVENTS`."""

    lines: tuple[EventLine, ...]
    total: int
    took_ms: int


def telling_of(hit: Document) -> Telling:
    """A telling from a hit with its beginning as highlight."""
    body = hit.get("highlight", {}).get("body", [])
    return Telling(hit["_source"], body[0] if body else hit["_source"].get("description") or "")


def best_of(earliest: Sequence[Telling]) -> Telling:
    """The telling whose headline stands for the event: the earliest with a text, else the earliest."""
    ordered = sorted(earliest, key=lambda telling: (telling.story.get("first_seen", ""), telling.story_id))
    full = [telling for telling in ordered if len(telling.lead) >= _FULL_CHARS and telling.headline]
    return (full or [telling for telling in ordered if telling.headline] or ordered)[0]


def line_of(bucket: Document) -> EventLine:
    """An event's line from its bucket in the answer to :func:`pipeline.index.event_query.lines_of`."""
    earliest = [telling_of(hit) for hit in bucket["earliest"]["hits"]["hits"]]
    best = best_of(earliest)
    first = min(earliest, key=lambda telling: (telling.story.get("first_seen", ""), telling.story_id))
    return EventLine(
        id=str(bucket["key"]),
        best=best,
        first=first,
        first_seen=bucket["first"]["value_as_string"],
        latest=bucket["latest"]["value_as_string"],
        stories=bucket["doc_count"],
        tellings=bucket["tellings"]["value"],
        independent=bucket["independent"]["agencies"]["value"],
        **{name: _keys(bucket[name]) for name in ("agencies", "places")},
        people=tuple(counted(person) for person in bucket["people"]["buckets"]),
        languages=tuple(dict.fromkeys(primary_language(key) for key in _keys(bucket["languages"]))),
        growth=growth_of(bucket["growth"]["buckets"]),
    )


def agencies_of(buckets: Sequence[Document], growth: Sequence[Document]) -> tuple[Agency, ...]:
    """What each agency told, the first one first, with growth over the time of the event.

    Args:
        buckets: one for each agency.
        growth: the buckets of the event's own growth.
    """
    span = (growth[0]["key"], growth[-1]["key"]) if growth else None
    found = [
        Agency(
            str(bucket["key"]),
            bucket["doc_count"],
            bucket["first"]["value_as_string"],
            bucket["latest"]["value_as_string"],
            growth_of(bucket["growth"]["buckets"], span),
        )
        for bucket in buckets
    ]
    return tuple(sorted(found, key=lambda agency: (agency.first, agency.name)))


def _keys(terms: Document) -> tuple[str, ...]:
    return tuple(str(bucket["key"]) for bucket in terms["buckets"])


def growth_of(buckets: Sequence[Document], span: tuple[int, int] | None = None, bars: int = 24) -> tuple[int, ...]:
    """New stories over time, from the first to the last, in bars of one width.

    Args:
        buckets: begin (``key``, milliseconds) and count (``doc_count``), only those with stories, in order.
        span: begin of the first and the last bucket that are shown; ``None``: those with stories.
        bars: at most.
    """
    if not buckets:
        return ()
    first, last = span or (buckets[0]["key"], buckets[-1]["key"])
    counts = [0] * min(bars, (last - first) // _BUCKET_MS + 1)
    width = (last - first) / len(counts) or 1
    for bucket in buckets:
        # A story may come in between the two requests.
        counts[min(max(int((bucket["key"] - first) / width), 0), len(counts) - 1)] += bucket["doc_count"]
    return tuple(counts)
