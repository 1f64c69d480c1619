"""What has been alerted about, and up to when each alert has looked: an index of its own, beside those of the stories.

One document for each alert and group of copies, one for each alert and story (a story may change its group), and one
cursor for each alert. All with ids made of what they are about, so that to remember twice is to remember once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from pipeline.alerts.message import Notice
from pipeline.events.errors import UnreachableError
from pipeline.settings import ElasticsearchSettings

_KEYWORD = {"type": "keyword"}
_DATE = {"type": "date"}
_MAPPING = {
    "dynamic": "strict",
    "properties": {
        "alert": _KEYWORD,
        "kind": _KEYWORD,
        "about": {**_KEYWORD, "ignore_above": 1024},
        "matched": _DATE,
        "killed": _DATE,
        "cursor": _DATE,
    },
}


class Memory:
    """The index; made where it is missing.

    Raises:
        UnreachableError: (every method) the server does not answer or refuses.
    """

    def __init__(self, client: Elasticsearch, settings: ElasticsearchSettings) -> None:
        self._client = client.options(ignore_status=404)
        self.index = f"{settings.prefix}wiredesk-alerts"
        self._settings = settings

    def prepare(self) -> None:
        """Make the index if it is not there."""
        body = {"number_of_shards": 1, "number_of_replicas": self._settings.replicas}
        try:
            if not self._client.indices.exists(index=self.index):
                self._client.indices.create(index=self.index, settings=body, mappings=_MAPPING)
        except ApiError as error:
            if "resource_already_exists" not in str(error):
                raise UnreachableError(f"The alerts' index cannot be made: {error}.") from error
        except TransportError as error:
            raise UnreachableError(f"Elasticsearch does not answer: {error}.") from error

    def cursor(self, alert: str) -> datetime | None:
        """Up to when an alert has looked; ``None``: never."""
        found = self._read([f"cursor:{alert}"]).get(f"cursor:{alert}")
        return datetime.fromisoformat(found["cursor"]) if found else None

    def move(self, alert: str, to: datetime) -> None:
        """An alert has looked up to a moment."""
        self._write([(f"cursor:{alert}", {"alert": alert, "kind": "cursor", "cursor": to})])

    def known(
        self, alert: str, stories: Sequence[Mapping[str, Any]]
    ) -> dict[str, tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]]:
        """What is remembered by story: of its group, and of itself."""
        found = self._read([id_ for story in stories for id_ in (_group(alert, story), _story(alert, story))])
        return {
            story["story_id"]: (found.get(_group(alert, story)), found.get(_story(alert, story))) for story in stories
        }

    def remember(self, notices: Iterable[Notice], now: datetime) -> None:
        """These notices have been delivered."""
        documents = []
        for notice in notices:
            about = {"alert": notice.alert, "kind": "story", "about": notice.story["story_id"], "matched": now}
            if notice.event == "kill":
                about["killed"] = now
            else:
                documents.append((_group(notice.alert, notice.story), about))
            documents.append((_story(notice.alert, notice.story), about))
        self._write(documents)

    def _read(self, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        if not ids:
            return {}
        try:
            answer = self._client.mget(index=self.index, ids=list(dict.fromkeys(ids)), realtime=True)
        except (ApiError, TransportError) as error:
            raise UnreachableError(f"Elasticsearch does not answer: {error}.") from error
        return {found["_id"]: found["_source"] for found in answer.get("docs", ()) if found.get("found")}

    def _write(self, documents: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        if not documents:
            return
        lines: list[Mapping[str, Any]] = []
        for id_, document in documents:
            lines += [{"index": {"_id": id_}}, document]
        try:
            answer = self._client.bulk(index=self.index, operations=lines)
        except (ApiError, TransportError) as error:
            raise UnreachableError(f"Elasticsearch does not answer: {error}.") from error
        if answer.get("errors"):
            raise UnreachableError(f"The alerts' index refuses: {str(answer['items'])[:300]}.")


def _group(alert: str, story: Mapping[str, Any]) -> str:
    return f"group:{alert}:{_short(story['cluster_id'])}"


def _story(alert: str, story: Mapping[str, Any]) -> str:
    return f"story:{alert}:{_short(story['story_id'])}"


def _short(id_: str) -> str:
    """An id may be as long as the server takes; with something before it, it would be longer."""
    return hashlib.sha256(id_.encode()).hexdigest()[:40]
