"""The desk: search pages on the index, rendered on the server, for those without Kibana.

    /                 stories: search, facets, time, copies grouped, live
    /events           one line for each event of the last day; /event/ID all tellings of one side by side
    /quotes           who said what
    /story/ID         one story: text with names and quotations highlighted, versions, copies
    /story/ID/changes what changed from one version to the next
    /stories.FORMAT, /quotes.FORMAT   a search as csv, json or rss
    /events.rss       the newest events
    /feeds            how each connector is, those that need a person first
    /arrivals         results that arrived since the page was made (requested by the page's script)

Pages query Elasticsearch from threads (Starlette runs plain functions in them) and keep no state: a search is its URL.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any, get_args

import structlog
from elasticsearch import Elasticsearch
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.desk.annotations import annotated_paragraphs, persons_of
from pipeline.desk.changes import compared, paragraph_changes, word_changes
from pipeline.desk.events import EventPages, by_language
from pipeline.desk.export import LIMITS, MEDIA_TYPES, QUOTE_COLUMNS, STORY_COLUMNS, Format, as_csv, as_json
from pipeline.desk.feeds import FeedsReader
from pipeline.desk.meaning import Meanings
from pipeline.desk.pages import STATIC, make_environment
from pipeline.desk.parameters import PAGE_SIZE, Parameters, quote_search, story_search
from pipeline.desk.security import SECURITY_HEADERS, Guard, required_token
from pipeline.events.errors import RejectError, UnreachableError, WiredeskError
from pipeline.index.events import other_tellings
from pipeline.index.meaning import more_like_this
from pipeline.index.query import MOST_BY_PAGE, Query
from pipeline.index.search import arrivals, each_quote, each_story, quotes, search
from pipeline.index.story import story, version
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.desk")

#: Documents are searchable only after the next refresh, and clocks differ: arrivals are requested with this overlap.
_OVERLAP = timedelta(minutes=2)
#: Of every answer that may be another one soon.
_RETRY = {"Retry-After": "10"}
_LATER = "Load this page again in a few seconds. If it stays so, wiredesk status says which server is away."


def make_desk(settings: Settings) -> Starlette:
    """The web application.

    Raises:
        ConfigurationError: the desk would be open to the network without a token.
    """
    token = required_token(settings.desk)
    client = elasticsearch_client(settings.elasticsearch)
    desk = Desk(settings, client)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        client.close()

    return Starlette(
        routes=desk.routes(),
        lifespan=lifespan,
        middleware=[Middleware(Guard, token=token, sign_in=desk.sign_in(), https=_is_https(settings.desk.url))],
        exception_handlers={
            HTTPException: desk.http_error,
            WiredeskError: desk.wiredesk_error,
            Exception: desk.unexpected_error,
        },
    )


@dataclass
class Desk:
    """The pages."""

    settings: Settings
    client: Elasticsearch

    def __post_init__(self) -> None:
        self._templates = make_environment(self.settings.desk.title)
        self._meanings = Meanings(self.settings)
        self._feeds = FeedsReader(self.settings)
        self._events = EventPages(self.settings, self.client, self._page, self._render)

    def routes(self) -> list[Route | Mount]:
        """URLs and their pages."""
        return [
            Route("/", self.stories),
            Route("/events", self._events.events),
            Route("/events.rss", self._events.feed),
            Route("/event/{event_id:path}", self._events.event),
            Route("/quotes", self.quotes),
            Route("/feeds", self.feeds),
            Route("/arrivals", self.arrivals),
            Route("/stories.{format}", self.export_stories),
            Route("/quotes.{format}", self.export_quotes),
            Route("/story/{story_id:path}/changes", self.changes),
            Route("/story/{story_id:path}", self.story),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    def stories(self, request: Request) -> Response:
        """The search page."""
        now = datetime.now(UTC)
        given, query = story_search(request.query_params.multi_items(), now)
        if given.get("meaning") and not self._meanings.enabled:
            given = replace(given, ignored=(*given.ignored, "meaning, which is not switched on (meaning.enabled)"))
        by_meaning = replace(query, meaning=self._meanings.of_text(query.words)) if given.get("meaning") else query
        found = search(self.client, self.settings.elasticsearch, by_meaning)
        live = given.page == 1 and query.until is None
        return self._page(
            "stories.html",
            given=given,
            query=query,
            found=found,
            now=now,
            pages=_pages(found.groups),
            known=self._arrived(query, now) if live else (),
            live=live,
            meaning=self._meanings.enabled,
        )

    def arrivals(self, request: Request) -> Response:
        """New results for the page's script: rendered rows, with the keys by which it skips those it has."""
        now = datetime.now(UTC)
        since = _time(request.query_params.get("after"))
        _, query = story_search(request.query_params.multi_items(), now)
        found = arrivals(self.client, self.settings.elasticsearch, query, since)
        template = self._templates.get_template("_hit.html")
        rows = [
            {
                "key": hit.key,
                "cluster": hit.story.get(query.group_field, ""),
                "html": template.render(hit=hit, query=query, fresh=True).strip(),
            }
            for hit in found
        ]
        return JSONResponse({"rows": rows, "now": now.isoformat()})

    def _arrived(self, query: Query, now: datetime) -> tuple[str, ...]:
        found = arrivals(self.client, self.settings.elasticsearch, query, now - _OVERLAP)
        return tuple(hit.key for hit in found)

    def quotes(self, request: Request) -> Response:
        """Search results for quotations."""
        given, query = quote_search(request.query_params.multi_items(), datetime.now(UTC))
        found = quotes(self.client, self.settings.elasticsearch, query)
        return self._page("quotes.html", given=given, query=query, found=found, pages=_pages(found.total))

    def feeds(self, _: Request) -> Response:
        """How each connector is."""
        return self._page("feeds.html", found=self._feeds(), directory=self.settings.connectors.directory)

    def story(self, request: Request) -> Response:
        """One story."""
        found = story(self.client, self.settings.elasticsearch, request.path_params["story_id"])
        if found is None:
            raise HTTPException(404, "No story with this id.")
        entities = (found.story.get("entities") or {}).get("items", [])
        return self._page(
            "story.html",
            found=found,
            story=found.story,
            others=by_language(
                other_tellings(self.client, self.settings.elasticsearch, found.story), found.story.get("language")
            ),
            alike=self._alike(found.story),
            paragraphs=annotated_paragraphs(found.story.get("body", ""), entities, found.quotes),
            persons=persons_of(entities),
        )

    def _alike(self, shown: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Other stories that say the most alike."""
        vector = self._meanings.of_story(shown)
        return more_like_this(self.client, self.settings.elasticsearch, shown, vector) if vector else ()

    def changes(self, request: Request) -> Response:
        """The changes of one version against the previous one."""
        found = story(self.client, self.settings.elasticsearch, request.path_params["story_id"])
        wanted = request.query_params.get("version")
        versions = found.history if found else []
        place = next((n for n, one in enumerate(versions) if wanted in {None, one["version_id"]}), None)
        if found is None:
            raise HTTPException(404, "No story with this id.")
        if place is None:
            known = {one["id"] for one in (found.story.get("versions") or {}).get("items", ())}
            if wanted is None or wanted in known:
                raise _not_searchable_yet()
            raise HTTPException(404, "No such version of this story.")
        new, old = self._version(versions, place), self._version(versions, compared(versions, place))
        return self._page(
            "changes.html",
            found=found,
            story=found.story,
            new=new,
            old=old,
            headline=word_changes(old.get("headline", ""), new.get("headline", "")),
            paragraphs=paragraph_changes(old.get("body", ""), new.get("body", "")),
        )

    def _version(self, versions: Sequence[Mapping[str, Any]], place: int | None) -> Mapping[str, Any]:
        """A version with its text; empty where there is none to compare with."""
        if place is None:
            return {}
        one = versions[place]
        found = version(self.client, self.settings.elasticsearch, one["story_id"], one["version_id"])
        if found is None or "received" not in found:  # every text says when it was received
            raise _not_searchable_yet()
        return found

    def export_stories(self, request: Request) -> Response:
        """A search for stories as a file."""
        given, query = story_search(request.query_params.multi_items(), datetime.now(UTC))
        return self._export(request, given, STORY_COLUMNS, lambda limit: each_story(
            self.client, self.settings.elasticsearch, query, limit))  # fmt: skip

    def export_quotes(self, request: Request) -> Response:
        """A search for quotations as a file."""
        given, query = quote_search(request.query_params.multi_items(), datetime.now(UTC))
        return self._export(request, given, QUOTE_COLUMNS, lambda limit: each_quote(
            self.client, self.settings.elasticsearch, query, limit))  # fmt: skip

    def _export(self, request: Request, given: Parameters, columns: list[str], read: Callable[[int], Any]) -> Response:
        format_: Format = request.path_params["format"]
        if format_ not in get_args(Format):
            raise HTTPException(404, "A search can be exported as csv, json or rss.")
        documents = _begun(read(LIMITS[format_]))
        name = "quotes" if columns is QUOTE_COLUMNS else "stories"
        if format_ == "rss":
            base = (self.settings.desk.url or str(request.base_url)).rstrip("/")
            page = self._templates.get_template("feed.xml").render(
                documents=list(documents), what=name, given=given, base=base
            )
            return Response(page, media_type=MEDIA_TYPES["rss"])
        lines = as_csv(documents, columns) if format_ == "csv" else as_json(documents)
        disposition = {"Content-Disposition": f'attachment; filename="{name}.{format_}"'}
        return StreamingResponse(lines, media_type=MEDIA_TYPES[format_], headers=disposition)

    def sign_in(self) -> Response:
        """The page for visitors without a valid token."""
        return self._page("sign_in.html", status=401)

    def http_error(self, _: Request, error: Exception) -> Response:
        """The page for a wrong URL, and for what is not there yet."""
        known = error if isinstance(error, HTTPException) else HTTPException(500, "")
        status = known.status_code
        answer = self._page("message.html", status=status, title=f"Error {status}", message=known.detail)
        answer.headers.update(known.headers or {})
        return answer

    def wiredesk_error(self, _: Request, error: Exception) -> Response:
        """The page where Elasticsearch refuses the search, does not answer now, or has no indices."""
        log.warning("page_request_failed", error=str(error))
        if isinstance(error, RejectError):
            return self._page("message.html", status=400, title="The index refuses this search", message=str(error))
        advice = _LATER if isinstance(error, UnreachableError) else ""
        answer = self._page(
            "message.html", status=503, title="The index does not answer", message=str(error), advice=advice
        )
        answer.headers.update(_RETRY)
        return answer

    def unexpected_error(self, request: Request, error: Exception) -> Response:
        """The page for a fault of the desk; it is made outside the guard, which sets the headers of all others."""
        log.error("page_failed", path=request.url.path, error=repr(error), exc_info=error)
        answer = self._page("message.html", status=500, title="Error 500", message="The desk's log says what happened.")
        answer.headers.update(SECURITY_HEADERS)
        return answer

    def _page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        return HTMLResponse(self._render(template, values), status)

    def _render(self, template: str, values: Mapping[str, Any]) -> str:
        return self._templates.get_template(template).render(**values)


def _not_searchable_yet() -> HTTPException:
    """A story, its versions and their texts become searchable one after the other."""
    return HTTPException(
        503,
        "This version of the story is not searchable yet. Load this page again in a few seconds; if it stays so, "
        "wiredesk index check says what is missing.",
        _RETRY,
    )


def _begun(documents: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Documents of which the first is read already: once an answer has begun there is no page for an error."""
    following = iter(documents)
    return chain(list(islice(following, 1)), following)


def _is_https(url: str | None) -> bool:
    return bool(url) and str(url).casefold().startswith("https:")


def _pages(results: int) -> int:
    return min(-(-results // PAGE_SIZE), MOST_BY_PAGE // PAGE_SIZE)


def _time(text: str | None) -> datetime:
    """The time from which arrivals are requested, less the overlap."""
    try:
        time = datetime.fromisoformat(text or "")
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC) - _OVERLAP
    except (ValueError, OverflowError) as error:
        raise HTTPException(400, "after: an ISO 8601 time of our age is required.") from error
