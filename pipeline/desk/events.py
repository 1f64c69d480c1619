"""The desk's pages of events: one line each, all tellings of one side by side, and a feed of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from elasticsearch import Elasticsearch
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipeline.desk.parameters import PAGE_SIZE, Parameters, read_times
from pipeline.events.languages import primary_language
from pipeline.index.event_query import MOST_TELLINGS, EventQuery
from pipeline.index.event_results import Telling
from pipeline.index.events import read_differences, read_event, search_events
from pipeline.settings import Settings

_NAMES = ("q", "since", "until", "sort", "provider", "language")
#: An event is what happens now: without a span of time only what was told in this one.
USUAL_SPAN = "24h"
_FEED_SIZE = 50

Page = Callable[..., Response]


@dataclass(frozen=True)
class SparkBar:
    """One bar of a small chart, in SVG units."""

    x: float
    y: float
    width: float
    height: float


def spark(counts: Sequence[int], *, width: float = 96, height: float = 20) -> list[SparkBar]:
    """The bars of a small chart of counts; a count that is not zero is visible."""
    most = max(counts, default=0)
    if not most:
        return []
    step = width / len(counts)
    tall = [max(2.0, height * count / most) if count else 0.0 for count in counts]
    return [
        SparkBar(round(number * step, 2), round(height - one, 2), round(min(step * 0.8, 12), 2), round(one, 2))
        for number, one in enumerate(tall)
    ]


def event_path(event_id: str) -> str:
    """The path of an event's page."""
    return "/event/" + quote(event_id, safe="")


def event_search(items: Iterable[tuple[str, str]], now: datetime) -> tuple[Parameters, EventQuery]:
    """The search for events of a query string. Without a span of time: the last day."""
    given = Parameters.read(items, _NAMES)
    since, until, ignored = read_times(given, now)
    if since is None and until is None:
        since = now - timedelta(hours=24)
    query = EventQuery(
        words=given.get("q"),
        since=since,
        until=until,
        provider=given.all("provider"),
        language=given.all("language"),
        sort="newest" if given.get("sort") == "newest" else "largest",
        size=PAGE_SIZE,
        page=given.page,
    )
    return Parameters(given.pairs, given.page, ignored), query


def by_language(tellings: Sequence[Telling], language: str | None) -> list[tuple[str, list[Telling]]]:
    """Tellings by language, as code of two letters; those in a story's own language first, under ``""``.

    Args:
        tellings: of one event.
        language: BCP 47 tag of the story.
    """
    groups: dict[str, list[Telling]] = {"": []}
    for telling in tellings:
        code = primary_language(telling.story.get("language"))
        groups.setdefault("" if code in {"", primary_language(language)} else code, []).append(telling)
    return [(code, some) for code, some in groups.items() if some]


class EventPages:
    """The pages.

    Args:
        settings: of the installation.
        client: of its Elasticsearch.
        page: renders a template.
        render: renders a template to text.
    """

    def __init__(
        self, settings: Settings, client: Elasticsearch, page: Page, render: Callable[[str, Mapping[str, Any]], str]
    ) -> None:
        self._settings = settings
        self._client = client
        self._page = page
        self._render = render

    def events(self, request: Request) -> Response:
        """The events of the last day, or those of a search."""
        given, query = event_search(request.query_params.multi_items(), datetime.now(UTC))
        found = search_events(self._client, self._settings.elasticsearch, query)
        pages = -(-found.total // PAGE_SIZE)
        return self._page("events.html", given=given, query=query, found=found, pages=pages,
                          grouped=self._settings.cluster.group_events)  # fmt: skip

    def event(self, request: Request) -> Response:
        """One event with its tellings side by side."""
        event_id, language = request.path_params["event_id"], request.query_params.get("language", "")[:35] or None
        found = read_event(self._client, self._settings.elasticsearch, event_id, language)
        if found is None:
            raise HTTPException(404, "No event with this id, or all its stories were withdrawn.")
        differing = read_differences(self._client, self._settings.elasticsearch, event_id)
        return self._page("event.html", found=found, event=found.line, language=language, most=MOST_TELLINGS,
                          differing=differing)  # fmt: skip

    def feed(self, request: Request) -> Response:
        """The newest events of a search as RSS."""
        given, query = event_search(request.query_params.multi_items(), datetime.now(UTC))
        newest = replace(query, sort="newest", size=_FEED_SIZE, page=1)
        found = search_events(self._client, self._settings.elasticsearch, newest)
        base = (self._settings.desk.url or str(request.base_url)).rstrip("/")
        text = self._render("events.xml", {"lines": found.lines, "given": given, "base": base})
        return Response(text, media_type="application/rss+xml; charset=utf-8")
