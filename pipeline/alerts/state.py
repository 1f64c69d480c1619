"""What alerts have sent and up to when each has looked: its own index, next to those of the stories.

One document for each alert and group of copies, one for each alert and story (a story may change its group), one for
each alert, way of sending and notice or problem, and one cursor for each alert. Ids are made of what they are about, so
that recording twice is recording once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from elasticsearch import ApiError, BadRequestError, Elasticsearch, TransportError

from pipeline.alerts.config import Channel
from pipeline.alerts.message import Notice
from pipeline.alerts.problem_message import ProblemNotice
from pipeline.events.errors import FatalError, UnreachableError
from pipeline.events.problem import Problem
from pipeline.index.bulk import read_documents
from pipeline.settings import ElasticsearchSettings

_MOST_PROBLEMS, _MOST_MESSAGE = 1000, 500
_KEYWORD: dict[str, Any] = {"type": "keyword"}
_DATE: dict[str, Any] = {"type": "date"}
_PROPERTIES: dict[str, dict[str, Any]] = {
    "alert": _KEYWORD,
    "kind": _KEYWORD,
    "about": {**_KEYWORD, "ignore_above": 1024},
    "matched": _DATE,
    "killed": _DATE,
    "cursor": _DATE,
    "born": _DATE,
    "search": _KEYWORD,
    "channel": _KEYWORD,
}
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Cursor:
    """How far an alert has looked.

    Attributes:
        looked: what became searchable before this has been looked at.
        born: nothing that became searchable earlier is sent.
        search: what it searches for, as :attr:`pipeline.alerts.config.Alert.search_id`.
    """

    looked: datetime
    born: datetime
    search: str


class AlertState:
    """The index; created if it is missing.

    Raises:
        UnreachableError: (every method) the server does not answer or refuses.
    """

    def __init__(self, client: Elasticsearch, settings: ElasticsearchSettings) -> None:
        self._client = client
        self.index = f"{settings.prefix}wiredesk-alerts"
        self._settings = settings

    def prepare(self) -> None:
        """Create the index if it does not exist, and add fields that an older release does not have."""
        body = {"number_of_shards": 1, "number_of_replicas": self._settings.replicas}
        mappings = {"dynamic": "strict", "properties": _PROPERTIES}
        try:
            if not self._client.indices.exists(index=self.index):
                try:
                    self._client.indices.create(index=self.index, settings=body, mappings=mappings)
                except BadRequestError as error:
                    if "resource_already_exists" not in str(error):
                        raise
            there = self._client.indices.get_mapping(index=self.index)[self.index]["mappings"].get("properties", {})
            if _PROPERTIES.keys() - there.keys():
                self._client.indices.put_mapping(index=self.index, properties=_PROPERTIES)
        except (ApiError, TransportError) as error:
            raise UnreachableError(f"The index of the alerts cannot be prepared: {error}.") from error

    def cursor(self, alert: str) -> Cursor | None:
        """How far an alert has looked; ``None``: it is new."""
        found = self._read([_cursor(alert)]).get(_cursor(alert))
        if found is None:
            return None
        looked = datetime.fromisoformat(found["cursor"])
        # Of releases before there were these fields: as if it were born when it looked last.
        born = datetime.fromisoformat(found["born"]) if "born" in found else looked
        return Cursor(looked, born, found.get("search", ""))

    def move(self, alert: str, cursor: Cursor) -> None:
        """Record how far an alert has looked."""
        document = {"cursor": cursor.looked, "born": cursor.born, "search": cursor.search}
        self._write([(_cursor(alert), {"alert": alert, "kind": "cursor", **document})])

    def known(self, alert: str, stories: Sequence[Document]) -> dict[str, tuple[Document | None, Document | None]]:
        """By story, what is recorded of its group and of itself."""
        found = self._read([id_ for story in stories for id_ in (_group(alert, story), _story(alert, story))])
        return {
            story["story_id"]: (found.get(_group(alert, story)), found.get(_story(alert, story))) for story in stories
        }

    def unsent(self, channel: str, notices: Sequence[Notice]) -> list[Notice]:
        """The notices that a channel has not sent yet."""
        found = self._read([_sent(channel, notice) for notice in notices])
        return [notice for notice in notices if _sent(channel, notice) not in found]

    def record_sent(self, channel: str, notices: Iterable[Notice], now: datetime) -> None:
        """Record that a channel has sent notices."""
        self._write(
            [
                (_sent(channel, notice), {"alert": notice.alert, "kind": "sent", "channel": channel,
                                          "about": notice.story["story_id"], "matched": now})
                for notice in notices
            ]
        )  # fmt: skip

    def record(self, notices: Iterable[Notice], now: datetime) -> None:
        """Record that notices were sent in every way."""
        documents = []
        for notice in notices:
            about = {"alert": notice.alert, "kind": "story", "about": notice.story["story_id"], "matched": now}
            if notice.event == "kill":
                about["killed"] = now
            else:
                documents.append((_group(notice.alert, notice.story), about))
            documents.append((_story(notice.alert, notice.story), about))
        self._write(documents)

    def open_problems(self, alert: str) -> list[tuple[Channel, Problem]]:
        """The problems that a channel was told of and whose end it was not."""
        wanted = [{"term": {"alert": alert}}, {"term": {"kind": "problem"}}]
        still_open = {"bool": {"filter": wanted, "must_not": [{"exists": {"field": "killed"}}]}}
        try:
            self._client.indices.refresh(index=self.index)
            hits = self._client.search(index=self.index, size=_MOST_PROBLEMS, query=still_open)["hits"]["hits"]
        except (ApiError, TransportError) as error:
            raise UnreachableError(f"The index of the alerts cannot be read: {error}.") from error
        found: list[tuple[Channel, Problem]] = []
        for hit in hits:
            kind, subject, message = orjson.loads(hit["_source"]["search"])
            found.append((hit["_source"]["channel"], Problem(kind, subject, message)))
        return found

    def record_problems(self, alert: str, channel: Channel, notices: Iterable[ProblemNotice], now: datetime) -> None:
        """Record that a channel was told of problems, or of their end."""
        documents = []
        for notice in notices:
            problem = notice.problem
            written = orjson.dumps([problem.kind, problem.subject, problem.message[:_MOST_MESSAGE]]).decode()
            about: dict[str, Any] = {"alert": alert, "kind": "problem", "channel": channel, "about": problem.id[:500],
                                     "search": written, "matched": now}  # fmt: skip
            if notice.event == "solved":
                about["killed"] = now
            documents.append((f"problem:{alert}:{channel}:{_short(problem.id)}", about))
        self._write(documents)

    def count(self, alert: str) -> int:
        """How many stories an alert has sent."""
        wanted = [{"term": {"alert": alert}}, {"term": {"kind": "story"}}]
        try:
            found = self._client.search(
                index=self.index, size=0, query={"bool": {"filter": wanted}}, ignore_unavailable=True,
                aggs={"stories": {"cardinality": {"field": "about"}}},
            )  # fmt: skip
        except (ApiError, TransportError) as error:
            raise UnreachableError(f"Elasticsearch does not answer: {error}.") from error
        return int(found.get("aggregations", {}).get("stories", {}).get("value", 0))

    def _read(self, ids: Sequence[str]) -> dict[str, Document]:
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        try:
            answer = self._client.mget(index=self.index, ids=wanted, realtime=True)
            documents = read_documents(answer, len(wanted))
        except FatalError:
            return {}  # no alert has ever run: there is no index
        except (ApiError, TransportError) as error:
            raise UnreachableError(f"The index of the alerts cannot be read: {error}.") from error
        return {found["_id"]: found["_source"] for found in documents if found["found"]}

    def _write(self, documents: Sequence[tuple[str, Document]]) -> None:
        if not documents:
            return
        lines: list[Document] = []
        for id_, document in documents:
            lines += [{"index": {"_id": id_}}, document]
        try:
            answer = self._client.bulk(index=self.index, operations=lines)
        except (ApiError, TransportError) as error:
            raise UnreachableError(f"Elasticsearch does not answer: {error}.") from error
        if answer.get("errors", True):
            raise UnreachableError(f"The index of the alerts refuses: {str(answer)[:300]}.")


def _cursor(alert: str) -> str:
    return f"cursor:{alert}"


def _group(alert: str, story: Document) -> str:
    return f"group:{alert}:{_short(story['cluster_id'])}"


def _story(alert: str, story: Document) -> str:
    return f"story:{alert}:{_short(story['story_id'])}"


def _sent(channel: str, notice: Notice) -> str:
    return f"sent:{notice.alert}:{channel}:{_short(notice.key)}"


def _short(id_: str) -> str:
    """A hash: an id may be as long as the server accepts, and a prefix would make it longer."""
    return hashlib.sha256(id_.encode()).hexdigest()[:40]
