"""Sends actions to Elasticsearch in bulk requests of a size that the server handles quickly, and judges each answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import ApiError, AsyncElasticsearch, TransportError
from elasticsearch import ConnectionTimeout as ElasticsearchTimeout

from pipeline.broker.monitoring import metrics
from pipeline.events.errors import FatalError, RejectError, UnreachableError
from pipeline.index.outcomes import ItemOutcome, classify
from pipeline.settings import IndexSettings

#: A bulk request that takes longer delays stories: the next one is half as large.
_LONG_SECONDS = 1.0


@dataclass(frozen=True)
class Condition:
    """What must be true of a document for it to be written.

    Attributes:
        newer_than: its external version must be lower than this one.
        or_same: it may also be the same, for a document that is written in two steps.
        sequence: sequence number and primary term that it must have.
        absent: it must not exist.
    """

    newer_than: int | None = None
    or_same: bool = False
    sequence: tuple[int, int] | None = None
    absent: bool = False

    def header(self) -> dict[str, Any]:
        """The condition as the header of a bulk action."""
        if self.newer_than is not None:
            return {"version": self.newer_than, "version_type": "external_gte" if self.or_same else "external"}
        if self.sequence is not None:
            return {"if_seq_no": self.sequence[0], "if_primary_term": self.sequence[1]}
        return {}


@dataclass(frozen=True)
class Action:
    """One document of a bulk request.

    Attributes:
        story: the place of its story in the batch.
        partial: ``document`` has only the fields that change.
        upsert: ``document`` has only the fields that change, and this is written if there is no document yet.
    """

    index: str
    id: str
    condition: Condition
    document: dict[str, Any]
    story: int
    partial: bool = False
    upsert: dict[str, Any] | None = None

    def lines(self) -> list[dict[str, Any]]:
        """The action's two lines in a bulk request."""
        head: dict[str, Any] = {"_index": self.index, "_id": self.id, **self.condition.header()}
        if self.upsert is not None:
            head["retry_on_conflict"] = 5
            return [{"update": head}, {"doc": self.document, "upsert": self.upsert}]
        if self.partial:
            return [{"update": head}, {"doc": self.document}]
        kind = "create" if self.condition.absent else "index"
        return [{kind: {"_index": self.index, "_id": self.id, **self.condition.header()}}, self.document]


@dataclass
class Sent:
    """The result of some actions.

    Attributes:
        stale: actions whose condition was not true.
        rejected: by the place of a story in the batch, the server's reason.
    """

    stale: list[Action] = field(default_factory=list)
    rejected: dict[int, RejectError] = field(default_factory=dict)


@dataclass
class BulkSize:
    """The number of actions in one request: fewer if the server is overloaded or slow, more if it is quick.

    Attributes:
        items: actions now.
        most: actions at most.
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
        """The server could not handle as much."""
        self.items = max(self.items // 2, 1)


class Bulk:
    """Sends actions.

    Args:
        client: one that does not retry.
        settings: sizes of a request.
    """

    def __init__(self, client: AsyncElasticsearch, settings: IndexSettings) -> None:
        self._client = client
        self._settings = settings
        self._size = BulkSize(settings.bulk_max_items, settings.bulk_max_items)

    async def send(self, actions: Sequence[Action], *, refresh: bool = False) -> Sent:
        """Send all actions, in requests that fit.

        Args:
            actions: to aliases only; an index that does not exist is never created.
            refresh: make the changes searchable before returning.

        Raises:
            UnreachableError: some must be tried again; the others are done.
            FatalError: an alias or a field is missing, or writing is forbidden.
        """
        result = Sent()
        pending = list(actions)
        while pending:
            chunk = self._chunk(pending)
            begun = time.monotonic()
            await self._request(chunk, result, refresh=refresh)
            self._size.answered(time.monotonic() - begun)
            pending = pending[len(chunk) :]
        return result

    async def _request(self, chunk: Sequence[Action], result: Sent, *, refresh: bool) -> None:
        """One request; if the server refuses it as a whole, its halves, down to the document at fault."""
        try:
            answer = await self._client.bulk(
                operations=[line for action in chunk for line in action.lines()], require_alias=True, refresh=refresh
            )
        except (ApiError, TransportError) as error:
            if not (isinstance(error, ApiError) and error.status_code in {400, 413}):
                self._size.smaller()
                raise request_error(error) from error
            if len(chunk) == 1:
                result.rejected[chunk[0].story] = RejectError(f"Elasticsearch refuses the document: {error}.")
                return
            middle = len(chunk) // 2
            await self._request(chunk[:middle], result, refresh=refresh)
            await self._request(chunk[middle:], result, refresh=refresh)
            return
        metrics.BULK_DOCUMENTS.observe(len(chunk))
        self._judge(chunk, answer_items(answer), result)

    def _chunk(self, pending: Sequence[Action]) -> Sequence[Action]:
        size = 0
        for count, action in enumerate(pending):
            size += _weight(action.document)
            if count and (count >= self._size.items or size > self._settings.bulk_max_bytes):
                return pending[:count]
        return pending

    def _judge(self, chunk: Sequence[Action], items: Sequence[dict[str, Any]], result: Sent) -> None:
        if len(items) != len(chunk):
            raise UnreachableError(
                f"Elasticsearch answered {len(items)} of {len(chunk)} actions.", system="elasticsearch"
            )
        overloaded = None
        for action, item in zip(chunk, items, strict=True):
            (kind, answer), *_ = item.items()
            status, reason = answer["status"], _reason(answer)
            outcome = classify(kind, status, reason)
            if outcome in {ItemOutcome.FATAL, ItemOutcome.REJECT, ItemOutcome.RETRY}:
                metrics.BULK_ERRORS.labels(str(status)).inc()
            match outcome:
                case ItemOutcome.FATAL:
                    raise _stopping_error(action.index, status, reason)
                case ItemOutcome.REJECT:
                    result.rejected[action.story] = RejectError(
                        f"Elasticsearch refuses {action.id} in {action.index}: {reason}."
                    )
                case ItemOutcome.STALE:
                    result.stale.append(action)
                case ItemOutcome.RETRY:
                    overloaded = f"{status} {reason}"
                case ItemOutcome.DONE:
                    pass
        if overloaded:
            self._size.smaller()
            raise UnreachableError(f"Elasticsearch cannot write now: {overloaded}.", system="elasticsearch")


def answer_items(answer: Any) -> list[dict[str, Any]]:
    """The items of a bulk answer.

    Raises:
        UnreachableError: the answer is not one of Elasticsearch, such as a page of a proxy.
    """
    try:
        return list(answer["items"])
    except (KeyError, TypeError) as error:
        raise UnreachableError(
            f"Not an answer of Elasticsearch: {str(answer)[:200]}", system="elasticsearch"
        ) from error


def read_documents(answer: Any, count: int) -> list[dict[str, Any]]:
    """The documents of an answer to ``_mget``.

    Raises:
        UnreachableError: one could not be read, which does not mean that it is absent; or the answer is incomplete.
        FatalError: an alias is missing.
    """
    try:
        documents = list(answer["docs"])
    except (KeyError, TypeError) as error:
        raise UnreachableError(f"Not an answer of Elasticsearch: {str(answer)[:200]}") from error
    if len(documents) != count:
        raise UnreachableError(f"Elasticsearch answered {len(documents)} of {count} reads.")
    for document in documents:
        if "error" in document:
            failure = document["error"]
            if failure.get("type") == "index_not_found_exception":
                raise missing_alias(str(document.get("_index")), str(failure.get("reason")))
            raise UnreachableError(f"Elasticsearch cannot read {document.get('_id')}: {failure.get('reason')}.")
    return documents


def request_error(error: ApiError | TransportError) -> Exception:
    """Whether to wait or to stop after a request that failed as a whole."""
    if isinstance(error, ApiError):
        if classify("index", error.status_code, str(error)) is ItemOutcome.FATAL:
            return _stopping_error("any index", error.status_code, str(error))
        return UnreachableError(
            f"Elasticsearch answers {error.status_code}: {str(error)[:300]}.", system="elasticsearch"
        )
    kind = " in time" if isinstance(error, ElasticsearchTimeout) else ""
    return UnreachableError(f"Elasticsearch does not answer{kind}: {str(error)[:200]}.", system="elasticsearch")


def _weight(document: dict[str, Any]) -> int:
    """Roughly a document's bytes: its text, and some for the rest."""
    return 1000 + 2 * sum(len(value) for value in document.values() if isinstance(value, str))


def _reason(answer: dict[str, Any]) -> str:
    error = answer.get("error")
    if not isinstance(error, dict):
        return str(error or "")
    cause = error.get("caused_by")
    inner = f": {cause.get('reason')}" if isinstance(cause, dict) else ""
    return f"{error.get('type')}: {error.get('reason')}{inner}"


def missing_alias(index: str, reason: str) -> FatalError:
    """The error for an alias that does not exist."""
    return FatalError(f"The alias {index} is missing ({reason}).", hint="Create it: wiredesk index init.")


def _stopping_error(index: str, status: int, reason: str) -> FatalError:
    if "strict_dynamic_mapping_exception" in reason:
        hint = "Add the fields of this release: wiredesk index diff --apply."
        return FatalError(f"{index} lacks a field of this release ({reason}).", hint=hint)
    if status in {401, 403}:
        return FatalError(f"Elasticsearch forbids writing to {index}: {reason}.", hint="Check elasticsearch.api_key.")
    return missing_alias(index, reason)
