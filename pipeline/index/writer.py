"""Writes enriched stories to the three indices, in any order and any number of times with the same end.

For each batch: which versions are there now (a real-time read), then the quotations, then the stories and their
history. In this order, because the story's document says how many quotations it has: were it written first and the
process died, the quotations of the version before could no longer be told from foreign ones.

Every write carries the story's ``index_version`` as external version, so an older one never wins. Quotations that a
newer version no longer has are deleted with that version. What the server asks to wait for is raised as
``UnreachableError`` (everything done so far is done again, harmlessly); what it will never take is returned.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from elasticsearch import ApiError, AsyncElasticsearch, TransportError
from elasticsearch import ConnectionTimeout as ElasticsearchTimeout
from elasticsearch.exceptions import NotFoundError

from pipeline.broker.monitoring import metrics
from pipeline.events import EnrichedStory
from pipeline.events.errors import FatalError, RejectError, UnreachableError
from pipeline.index.documents import history_documents, quote_documents, quote_id, story_document
from pipeline.index.mapping import IndexNames
from pipeline.index.outcomes import ItemOutcome, classify
from pipeline.settings import ElasticsearchSettings, IndexSettings

#: A bulk that takes longer holds up a story that is news: the next one is half as large.
_LONG_SECONDS = 1.0


@dataclass(frozen=True)
class Action:
    """One line of a bulk. ``document`` is ``None`` for a delete; ``story`` is the place of its story in the batch."""

    index: str
    id: str
    version: int
    document: dict[str, Any] | None
    story: int

    @property
    def kind(self) -> str:
        return "delete" if self.document is None else "index"

    def lines(self) -> list[dict[str, Any]]:
        head = {
            self.kind: {
                "_index": self.index,
                "_id": self.id,
                "version": self.version,
                "version_type": "external",
            }
        }
        return [head] if self.document is None else [head, self.document]


@dataclass
class Written:
    """What a batch came to; ``rejected`` maps the place of a story in the batch to the server's reason."""

    written: int = 0
    stale: int = 0
    quotes: int = 0
    rejected: dict[int, RejectError] = field(default_factory=dict)


@dataclass
class BulkSize:
    """How many lines go into one request: fewer where the server is overloaded or takes long, more where it is quick.

    Attributes:
        items: lines now.
        most: lines at most.
    """

    items: int
    most: int

    def answered(self, seconds: float) -> None:
        """A request was answered in so many seconds."""
        if seconds > _LONG_SECONDS:
            self.smaller()
        elif seconds < _LONG_SECONDS / 2:
            self.items = min(self.items + max(self.items // 4, 1), self.most)

    def smaller(self) -> None:
        """The server could not take as much."""
        self.items = max(self.items // 2, 1)


class Writer:
    """Writes batches.

    Args:
        client: without retries of its own.
        elasticsearch: names.
        settings: sizes of a bulk.
        targets: aliases or indices to write to, by base; ``None``: the aliases.
    """

    def __init__(
        self,
        client: AsyncElasticsearch,
        elasticsearch: ElasticsearchSettings,
        settings: IndexSettings,
        targets: IndexNames | None = None,
    ) -> None:
        self._client = client
        self._settings = settings
        names = targets or IndexNames(elasticsearch.prefix)
        self._stories = names.alias("stories")
        self._history = names.alias("stories-history")
        self._quotes = names.alias("quotes")
        self._size = BulkSize(settings.bulk_max_items, settings.bulk_max_items)

    async def write(self, batch: Sequence[EnrichedStory], indexed: Sequence[datetime] | None = None) -> Written:
        """Write a batch; of one story in it more than once only the newest is written, with every one's history.

        Args:
            batch: stories.
            indexed: since when each can be found; ``None``: from now on.

        Raises:
            UnreachableError: the server is away or overloaded; try the same batch again.
            FatalError: an index or alias is missing, or we may not write to it.
        """
        now = datetime.now(UTC)
        newest = _newest(batch)
        known = await self._known([batch[place].story_id for place in newest])
        result = Written(stale=len(batch) - len(newest))
        quotes: list[Action] = []
        stories: list[Action] = []
        for place in newest:
            story = batch[place]
            there, count = known.get(story.story_id, (0, 0))
            if there > story.index_version:
                continue
            quotes += self._quote_actions(story, place, count)
            document = story_document(story, indexed[place] if indexed else now)
            stories.append(Action(self._stories, story.story_id, story.index_version, document, place))
        for place, story in enumerate(batch):
            stories += [
                Action(self._history, id_, story.index_version, document, place)
                for id_, document in history_documents(story)
            ]
        result.quotes = len([action for action in quotes if action.document is not None])
        await self._bulk(quotes, result)
        await self._bulk(stories, result)
        result.written = len([action for action in stories if action.index == self._stories]) - len(result.rejected)
        return result

    def _quote_actions(self, story: EnrichedStory, place: int, count: int) -> list[Action]:
        documents = quote_documents(story)
        actions = [Action(self._quotes, id_, story.index_version, document, place) for id_, document in documents]
        actions += [
            Action(self._quotes, quote_id(story.story_id, position), story.index_version, None, place)
            for position in range(len(documents), count)
        ]
        return actions

    async def _known(self, ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Version and number of quotations of the stories that are there, read past the refresh."""
        try:
            answer = await self._client.mget(
                index=self._stories, ids=list(ids), source_includes=["index_version", "quote_count"], realtime=True
            )
        except NotFoundError as error:
            raise _missing(self._stories, error) from error
        except (ApiError, TransportError) as error:
            raise _trouble(error) from error
        return {
            found["_id"]: (found["_source"]["index_version"], found["_source"].get("quote_count", 0))
            for found in answer["docs"]
            if found.get("found")
        }

    async def _bulk(self, actions: Sequence[Action], result: Written) -> None:
        """Send all actions, in requests that fit; raises where any must be tried again."""
        pending = list(actions)
        while pending:
            chunk = self._chunk(pending)
            begun = time.monotonic()
            await self._request(chunk, result)
            self._size.answered(time.monotonic() - begun)
            pending = pending[len(chunk) :]

    async def _request(self, chunk: Sequence[Action], result: Written) -> None:
        """One request; where the server refuses it as a whole, its halves, down to the document at fault."""
        try:
            answer = await self._client.bulk(
                operations=[line for action in chunk for line in action.lines()], require_alias=True
            )
        except (ApiError, TransportError) as error:
            if not (isinstance(error, ApiError) and error.status_code in {400, 413}):
                self._size.smaller()
                raise _trouble(error) from error
            if len(chunk) == 1:
                result.rejected[chunk[0].story] = RejectError(f"Elasticsearch refuses the document: {error}.")
                return
            middle = len(chunk) // 2
            await self._request(chunk[:middle], result)
            await self._request(chunk[middle:], result)
            return
        metrics.BULK_DOCUMENTS.observe(len(chunk))
        self._judge(chunk, answer["items"], result)

    def _chunk(self, pending: Sequence[Action]) -> Sequence[Action]:
        size = 0
        for count, action in enumerate(pending):
            size += _weight(action.document)
            if count and (count >= self._size.items or size > self._settings.bulk_max_bytes):
                return pending[:count]
        return pending

    def _judge(self, chunk: Sequence[Action], items: Sequence[dict[str, Any]], result: Written) -> None:
        overloaded = None
        for action, item in zip(chunk, items, strict=True):
            (kind, answer), *_ = item.items()
            outcome = classify(kind, answer["status"])
            if outcome in {ItemOutcome.FATAL, ItemOutcome.REJECT, ItemOutcome.RETRY}:
                metrics.BULK_ERRORS.labels(str(answer["status"])).inc()
            reason = _reason(answer)
            if outcome is ItemOutcome.FATAL:
                raise _missing(action.index, reason) if answer["status"] == 404 else _forbidden(action.index, reason)
            if outcome is ItemOutcome.REJECT:
                if _alias_missing(reason):
                    raise _missing(action.index, reason)
                result.rejected[action.story] = RejectError(
                    f"Elasticsearch refuses {action.kind} {action.id} in {action.index}: {reason}."
                )
            if outcome is ItemOutcome.STALE and action.index == self._stories:
                result.stale += 1
            if outcome is ItemOutcome.RETRY:
                overloaded = f"{answer['status']} {reason}"
        if overloaded:
            self._size.smaller()
            raise UnreachableError(f"Elasticsearch is overloaded: {overloaded}.", system="elasticsearch")


def _newest(batch: Sequence[EnrichedStory]) -> list[int]:
    """The place of the newest event of each story, in the order of the batch."""
    best: dict[str, int] = {}
    for place, story in enumerate(batch):
        known = best.get(story.story_id)
        if known is None or batch[known].index_version <= story.index_version:
            best[story.story_id] = place
    return sorted(best.values())


def _weight(document: dict[str, Any] | None) -> int:
    """Roughly a document's bytes: its text, and some for the rest."""
    if document is None:
        return 100
    return 1000 + 2 * sum(len(value) for value in document.values() if isinstance(value, str))


def _reason(answer: dict[str, Any]) -> str:
    error = answer.get("error")
    if not isinstance(error, dict):
        return str(error or "")
    cause = error.get("caused_by")
    inner = f": {cause.get('reason')}" if isinstance(cause, dict) else ""
    return f"{error.get('reason', error.get('type'))}{inner}"


def _alias_missing(reason: str) -> bool:
    return "require_alias" in reason


def _missing(index: str, reason: object) -> FatalError:
    return FatalError(f"The alias {index} is missing ({reason}).", hint="Create it: wiredesk index init.")


def _forbidden(index: str, reason: object) -> FatalError:
    return FatalError(f"Elasticsearch does not let us write to {index}: {reason}.", hint="Check elasticsearch.api_key.")


def _trouble(error: ApiError | TransportError) -> Exception:
    """Whether to wait or to stop, of a request that failed as a whole."""
    if isinstance(error, ApiError):
        if error.status_code in {401, 403}:
            return _forbidden("any index", error)
        if error.status_code == 404:
            return _missing("", error)
        message = f"Elasticsearch answers {error.status_code}: {str(error)[:300]}."
        return UnreachableError(message, system="elasticsearch")
    kind = "in time" if isinstance(error, ElasticsearchTimeout) else ""
    message = f"Elasticsearch does not answer {kind}: {str(error)[:200]}.".replace("  ", " ")
    return UnreachableError(message, system="elasticsearch")
