"""Writes the history: each text once, and of the places only those that changed.

A place is written on condition that its document did not change since it was read, and only over an older one
(``index_version``). So a worker that was suspended and writes late changes nothing.

The document of a story says what its places are: whoever finds them there finds the places corrected. So the places are
written before that document; except where a story is killed, withheld, embargoed or released. Then readers must see at
once what it is now, and a thousand places take a while: its document is written first, without its versions, then the
places, then its versions. A document without them says that all places must be corrected, and the next write does so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from elasticsearch import ApiError, AsyncElasticsearch, TransportError
from elasticsearch.helpers import ScanError, async_scan

from pipeline.events import EnrichedStory, VersionText
from pipeline.events.errors import RejectError, UnreachableError
from pipeline.index.bulk import Action, Bulk, Condition, Sent, read_documents, request_error
from pipeline.index.history import (
    IndexedStory,
    changed_places,
    forgotten,
    history_id,
    needs_all,
    read_indexed,
    text_document,
    texts_of,
)

log = structlog.get_logger("wiredesk.index")

_ATTEMPTS = 10
_PAGE = 500
_STORY_FIELDS = ["index_version", "killed", "withheld", "embargoed", "versions"]


class HistoryWriter:
    """Writes the history of stories.

    Args:
        client: one that does not retry.
        bulk: sends actions.
        stories: alias of the stories.
        history: alias of their versions.
    """

    def __init__(self, client: AsyncElasticsearch, bulk: Bulk, stories: str, history: str) -> None:
        self._client = client
        self._bulk = bulk
        self._stories = stories
        self._history = history

    async def write_texts(self, texts: Mapping[int, Sequence[VersionText]]) -> Sent:
        """Write texts, by the place of what brought them in the batch; raises as :meth:`Bulk.send`."""
        actions = [
            Action(
                self._history,
                history_id(text.story_id, text.version_id),
                Condition(),
                text_document(text),
                place,
                upsert={**text_document(text), "withheld": True},
            )
            for place, some in texts.items()
            for text in some
        ]
        return await self._bulk.send(actions)

    async def indexed(self, stories: Mapping[int, EnrichedStory]) -> dict[int, IndexedStory]:
        """What the documents of stories say of their versions, by place in the batch.

        Raises:
            UnreachableError: the server is unavailable or overloaded.
            FatalError: an alias is missing.
        """
        if not stories:
            return {}
        wanted = [
            {"_index": self._stories, "_id": story.story_id, "_source": _STORY_FIELDS} for story in stories.values()
        ]
        return dict(zip(stories, map(read_indexed, await self._read(wanted)), strict=True))

    async def place(
        self,
        stories: Mapping[int, EnrichedStory],
        indexed: Mapping[int, IndexedStory],
        batch: Sequence[EnrichedStory] = (),
    ) -> dict[int, RejectError]:
        """Write the places of the versions of stories.

        Args:
            stories: the newest of each story, by place in the batch.
            indexed: what their documents say now, from :meth:`indexed`.
            batch: all, of which events of release 0.1 carry texts.

        Returns:
            By place, the server's reasons for refusing.

        Raises:
            UnreachableError: some must be tried again.
            FatalError: an alias or a field is missing, or writing is forbidden.
        """
        sent = await self.write_texts({place: texts_of(story) for place, story in enumerate(batch)})
        refused = dict(sent.rejected)
        pending: dict[str, tuple[int, dict[str, Any]]] = {}
        for place, story in stories.items():
            for id_, document in (await self._corrections(story, indexed[place])).items():
                pending[id_] = place, document
        for _ in range(_ATTEMPTS):
            if not pending:
                return refused
            sent = await self._bulk.send(await self._actions(pending, stories))
            refused |= sent.rejected
            pending = {action.id: pending[action.id] for action in sent.stale}
        raise UnreachableError(f"Other workers change the same versions again and again: {', '.join(pending)}.")

    async def _corrections(self, story: EnrichedStory, indexed: IndexedStory) -> dict[str, dict[str, Any]]:
        if indexed.index_version > story.index_version:
            return {}
        corrections = changed_places(story, indexed)
        if needs_all(story, indexed):
            corrections = forgotten(story, await self._placed(story.story_id)) | corrections
        return corrections

    async def _actions(
        self, pending: Mapping[str, tuple[int, dict[str, Any]]], stories: Mapping[int, EnrichedStory]
    ) -> list[Action]:
        """Corrections of the documents as they are now; of newer ones none."""
        ids = list(pending)
        actions = []
        for start in range(0, len(ids), _PAGE):
            page = ids[start : start + _PAGE]
            wanted = [{"_index": self._history, "_id": id_, "_source": ["index_version"]} for id_ in page]
            for id_, document in zip(page, await self._read(wanted), strict=True):
                place, correction = pending[id_]
                story = stories[place]
                if not document["found"]:
                    version_id = id_.removeprefix(f"{story.story_id}:")
                    ids_ = {"story_id": story.story_id, "version_id": version_id, "provider": story.provider}
                    new = {name: value for name, value in {**correction, **ids_}.items() if value is not None}
                    actions.append(Action(self._history, id_, Condition(absent=True), new, place))
                elif document["_source"].get("index_version", 0) < story.index_version:
                    condition = Condition(sequence=(document["_seq_no"], document["_primary_term"]))
                    actions.append(Action(self._history, id_, condition, correction, place, partial=True))
        return actions

    async def _read(self, wanted: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        try:
            return read_documents(await self._client.mget(docs=list(wanted), realtime=True), len(wanted))
        except (ApiError, TransportError) as error:
            raise request_error(error) from error

    async def _placed(self, story_id: str) -> dict[str, bool]:
        """``_id`` of every version of a story in the index, and whether it has a place."""
        query = {"query": {"term": {"story_id": story_id}}, "_source": ["kind"]}
        try:
            await self._client.indices.refresh(index=self._history)
            # A shard that does not answer is waited for: what it holds is not absent.
            hits = async_scan(
                self._client, index=self._history, query=query, size=1000, allow_partial_search_results=False
            )
            return {hit["_id"]: hit["_source"].get("kind") is not None async for hit in hits}
        except (ApiError, TransportError) as error:
            raise request_error(error) from error
        except ScanError as error:
            raise UnreachableError(
                f"Elasticsearch cannot read all versions: {error}.", system="elasticsearch"
            ) from error
