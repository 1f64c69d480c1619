"""Compares stories, history and quotations with each other and with their topics, and repairs what differs.

``wire.enriched`` (stories) and ``wire.versions`` (texts of versions) are read once, up to what the index stage has
acknowledged; then the indices are scanned for documents that belong to nothing. Workers may write meanwhile: what seems
to differ is looked at again after some seconds, and repairs are ordinary writes, safe next to those of the stages.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from aiokafka import ConsumerRecord
from elasticsearch import ApiError, Elasticsearch, TransportError
from elasticsearch.helpers import scan

from pipeline.broker.elasticsearch_client import async_elasticsearch_client, elasticsearch_client
from pipeline.broker.topics import Topic, topics_of
from pipeline.events import EnrichedStory, VersionText
from pipeline.events.errors import ConfigurationError, RejectError, UnreachableError
from pipeline.index.admin import current_index, server_error
from pipeline.index.bulk import read_documents
from pipeline.index.comparison import (
    Difference,
    Documents,
    Kind,
    compare_quote,
    compare_story,
    compare_text,
    places_to_read,
)
from pipeline.index.documents import quote_id
from pipeline.index.enriched import EnrichedReader
from pipeline.index.history import FLAGS, history_id, places
from pipeline.index.mapping import BASES, Base, IndexNames
from pipeline.index.registers import Register, hidden_document, read_register, register_id
from pipeline.index.writer import Writer
from pipeline.settings import Settings

T = TypeVar("T")
Tell = Callable[[str], None]
#: By partition, the offset up to which the index stage has acknowledged a topic.
Offsets = Mapping[int, int]

_BATCH = 500
#: A text may be large.
_TEXTS = 100
_LISTED = 20


@dataclass
class Checked:
    """The result of a check.

    Attributes:
        messages: stories that were compared.
        texts: texts of versions that were compared.
        waiting: messages that the index stage has not acknowledged yet; they are not compared.
        unreadable: messages that are neither; the index stage has sent them to the dead letters.
        found: differences by kind.
        listed: the first differences in words.
        left: differences that are still there: all of them without repair.
    """

    messages: int = 0
    texts: int = 0
    waiting: int = 0
    unreadable: int = 0
    found: Counter[Kind] = field(default_factory=Counter)
    listed: list[str] = field(default_factory=list)
    left: int = 0

    def note(self, differences: Sequence[Difference], left: int) -> None:
        """Count differences, of which so many are left."""
        self.found.update(difference.kind for difference in differences)
        self.listed += [difference.text for difference in differences[: _LISTED - len(self.listed)]]
        self.left += left


class Check:
    """One check.

    Args:
        settings: of the installation.
        repair: write what is missing, hide or delete what belongs to nothing.
        tell: receives short lines about the progress.
        settle_seconds: a difference must last that long.
    """

    def __init__(self, settings: Settings, tell: Tell, *, repair: bool = False, settle_seconds: float = 5.0) -> None:
        self._settings, self._tell = settings, tell
        self._repair, self._settle = repair, settle_seconds
        self._topics = topics_of(settings)
        self._newest: dict[str, int] = {}
        self._result = Checked()

    async def run(self, stories: Offsets, texts: Offsets) -> Checked:
        """Check everything.

        Args:
            stories: how far the index stage has acknowledged ``wire.enriched``.
            texts: how far it has acknowledged ``wire.versions``.

        Raises:
            ConfigurationError: an index is missing.
            UnreachableError: a server stopped answering; run it again.
        """
        client = async_elasticsearch_client(self._settings.elasticsearch)
        try:
            with elasticsearch_client(self._settings.elasticsearch) as es:
                self._indices = self._current(es)
                self._es, self._writer = es, Writer(client, self._settings.elasticsearch, self._settings.index)
                await self._compare_stories(stories)
                await self._compare_texts(texts)
                self._tell("Comparing the indices with each other.")
                es.indices.refresh(index=list(self._indices.values()))
                await self._compare_indices()
        except (ApiError, TransportError) as error:
            raise server_error(error, self._settings.elasticsearch.url) from error
        finally:
            await client.close()
        return self._result

    def _current(self, es: Elasticsearch) -> dict[Base, str]:
        names = IndexNames(self._settings.elasticsearch.prefix)
        found = {base: current_index(es, names, base) for base in BASES}
        missing = [names.alias(base) for base in BASES if found[base] is None]
        if missing:
            raise ConfigurationError(f"No index for {', '.join(missing)}.", hint="Create it: wiredesk index init.")
        return {base: index for base, index in found.items() if index}

    # the topics

    async def _compare_stories(self, acknowledged: Offsets) -> None:
        async for records in self._records(self._topics.enriched, _BATCH):
            events: dict[str, EnrichedStory] = {}
            for record in records:
                self._take(record, events, due=record.offset < acknowledged.get(record.partition, 0))
            await self._settled(events, self._differing, self._write_stories)

    async def _compare_texts(self, acknowledged: Offsets) -> None:
        async for records in self._records(self._topics.versions, _TEXTS):
            texts: dict[str, VersionText] = {}
            for record in records:
                try:
                    text = VersionText.decode(record.value)
                except RejectError:
                    self._result.unreadable += 1
                    continue
                if record.offset < acknowledged.get(record.partition, 0):
                    self._result.texts += 1
                    texts[history_id(text.story_id, text.version_id)] = text
                else:
                    self._result.waiting += 1
            await self._settled(texts, self._differing_texts, self._write_texts)

    async def _records(self, topic: Topic, most: int) -> AsyncIterator[Sequence[ConsumerRecord]]:
        """All messages of a topic up to its end at this moment, so many at a time."""
        reader = EnrichedReader(self._settings.kafka, topic.name, topic.partitions, {})
        await reader.open()
        async with aclosing(reader):
            ends = await reader.ends()
            self._tell(f"Comparing {topic.name} with the indices.")
            while any(position < ends[number] for number, position in (await reader.positions()).items()):
                yield await reader.read(most)

    def _take(self, record: ConsumerRecord, events: dict[str, EnrichedStory], *, due: bool) -> None:
        try:
            event = EnrichedStory.decode(record.value)
        except RejectError:
            self._result.unreadable += 1
            return
        id_ = event.story_id
        self._newest[id_] = max(self._newest.get(id_, 0), event.index_version)
        if not due:
            self._result.waiting += 1
            return
        self._result.messages += 1
        if id_ not in events or events[id_].index_version <= event.index_version:
            events[id_] = event

    async def _settled(
        self,
        items: Mapping[str, T],
        differing: Callable[[Mapping[str, T]], dict[str, Difference]],
        write: Callable[[list[T]], Awaitable[Mapping[int, RejectError]]],
    ) -> None:
        """Compare, look again at what differs, and repair it."""
        if not differing(items):
            return
        await asyncio.sleep(self._settle)
        wrong = differing(items)
        left = len(wrong)
        if wrong and self._repair:
            for error in (await write([items[id_] for id_ in wrong])).values():
                self._tell(str(error))
            left = len(differing({id_: items[id_] for id_ in wrong}))
        self._result.note(list(wrong.values()), left)

    async def _write_stories(self, stories: list[EnrichedStory]) -> Mapping[int, RejectError]:
        return (await self._writer.write(stories)).rejected

    async def _write_texts(self, texts: list[VersionText]) -> Mapping[int, RejectError]:
        return await self._writer.write_texts(texts)

    def _differing_texts(self, texts: Mapping[str, VersionText]) -> dict[str, Difference]:
        documents = self._read([{"_index": self._indices["stories-history"], "_id": id_} for id_ in texts])
        compared = {
            id_: compare_text(text, document) for (id_, text), document in zip(texts.items(), documents, strict=True)
        }
        return {id_: difference for id_, difference in compared.items() if difference}

    def _differing(self, events: Mapping[str, EnrichedStory]) -> dict[str, Difference]:
        if not events:
            return {}
        facts = self._facts(list(events))
        wanted: list[dict[str, Any]] = []
        for id_, event in events.items():
            count = places_to_read(event, facts[id_][1])
            wanted += [{"_index": self._indices["quotes"], "_id": quote_id(id_, place)} for place in range(count)]
            wanted += [
                {"_index": self._indices["stories-history"], "_id": version, "_source": list(FLAGS)}
                for version in places(event)
            ]
        read = iter(self._read(wanted))
        found = {}
        for id_, event in events.items():
            story, register = facts[id_]
            quoted = list(islice(read, places_to_read(event, register)))
            versions = {version: next(read) for version in places(event)}
            if difference := compare_story(event, Documents(story, register, quoted, versions)):
                found[id_] = difference
        return found

    def _facts(self, ids: Sequence[str]) -> dict[str, tuple[Mapping[str, Any] | None, Register | None]]:
        """By story, the facts of its document and its register."""
        wanted: list[dict[str, Any]] = []
        for id_ in ids:
            fields = ["index_version", "quote_count", "killed", "versions.dropped"]
            wanted += [
                {"_index": self._indices["stories"], "_id": id_, "_source": fields},
                {"_index": self._indices["quotes"], "_id": register_id(id_)},
            ]
        documents = read_documents(self._es.mget(docs=wanted, realtime=True), len(wanted)) if wanted else []
        return {
            id_: (story["_source"] if story["found"] else None, read_register(register) if register["found"] else None)
            for id_, story, register in zip(ids, documents[::2], documents[1::2], strict=True)
        }

    def _read(self, wanted: Sequence[dict[str, Any]]) -> list[Mapping[str, Any] | None]:
        found: list[Mapping[str, Any] | None] = []
        for start in range(0, len(wanted), 4 * _BATCH):
            page = wanted[start : start + 4 * _BATCH]
            documents = read_documents(self._es.mget(docs=list(page), realtime=True), len(page))
            found += [document["_source"] if document["found"] else None for document in documents]
        return found

    # the indices

    async def _compare_indices(self) -> None:
        for page in self._pages("stories", {"match_all": {}}, ["index_version"]):
            await self._repeat(page, self._newer_than_topic, None)
        visible = {"bool": {"must_not": [{"term": {"hidden": True}}]}}
        for page in self._pages("quotes", visible, ["story_id", "position", "index_version"]):
            await self._repeat(page, self._stray_quotes, self._hide)
        # A text without a kind has no place yet: its story may still be on its way.
        for page in self._pages("stories-history", {"exists": {"field": "kind"}}, ["story_id"]):
            await self._repeat(page, self._stray_versions, self._delete)

    def _pages(self, base: Base, query: dict[str, Any], source: list[str]) -> Iterator[list[dict[str, Any]]]:
        hits = scan(self._es, index=self._indices[base], query={"query": query, "_source": source}, size=_BATCH)
        while page := list(islice(hits, _BATCH)):
            yield page

    async def _repeat(
        self,
        page: Sequence[dict[str, Any]],
        differences: Callable[[Sequence[dict[str, Any]]], dict[str, Difference]],
        repair: Callable[[Sequence[dict[str, Any]]], None] | None,
    ) -> None:
        """Look at some documents, again at those that differ, and repair them."""
        suspects = differences(page)
        if not suspects:
            return
        await asyncio.sleep(self._settle)
        again = [hit for hit in page if hit["_id"] in suspects]
        wrong = differences(again)
        left = len(wrong)
        if wrong and self._repair and repair:
            repair([hit for hit in again if hit["_id"] in wrong])
            left = 0
        self._result.note(list(wrong.values()), left)

    def _newer_than_topic(self, page: Sequence[dict[str, Any]]) -> dict[str, Difference]:
        found = {}
        for hit in page:
            id_, version = hit["_id"], hit["_source"]["index_version"]
            newest = self._newest.get(id_, 0)
            if version > newest:
                detail = f"index {version}, topic {newest}" if newest else "the topic does not have it"
                found[id_] = Difference(id_, "topic outdated", detail)
        return found

    def _stray_quotes(self, page: Sequence[dict[str, Any]]) -> dict[str, Difference]:
        """Visible quotations, read again in real time, that their story does not have."""
        index = self._indices["quotes"]
        quotes = self._read([{"_index": index, "_id": hit["_id"]} for hit in page])
        shown = {
            hit["_id"]: quote for hit, quote in zip(page, quotes, strict=True) if quote and not quote.get("hidden")
        }
        facts = self._facts(sorted({quote["story_id"] for quote in shown.values()}))
        compared = {id_: compare_quote(quote, facts[quote["story_id"]][0]) for id_, quote in shown.items()}
        return {id_: difference for id_, difference in compared.items() if difference}

    def _stray_versions(self, page: Sequence[dict[str, Any]]) -> dict[str, Difference]:
        facts = self._facts(sorted({hit["_source"]["story_id"] for hit in page}))
        return {
            hit["_id"]: Difference(hit["_source"]["story_id"], "version without story", hit["_id"])
            for hit in page
            if facts[hit["_source"]["story_id"]][0] is None
        }

    def _hide(self, hits: Sequence[dict[str, Any]]) -> None:
        """Hide quotations with a version above theirs and their story's."""
        facts = self._facts(sorted({hit["_source"]["story_id"] for hit in hits}))
        lines: list[dict[str, Any]] = []
        for hit in hits:
            source = hit["_source"]
            story, register = facts[source["story_id"]]
            of_story = max(story["index_version"] if story else 0, register.version if register else 0)
            version = max(2 * of_story, 2 * source.get("index_version", 0) + 2)
            head = {"_index": self._indices["quotes"], "_id": hit["_id"], "version": version}
            lines += [
                {"index": {**head, "version_type": "external"}},
                hidden_document(source["story_id"], of_story, source.get("position", 0)),
            ]
        self._send(lines, allowed={200, 201, 409})

    def _delete(self, hits: Sequence[dict[str, Any]]) -> None:
        index = self._indices["stories-history"]
        self._send([{"delete": {"_index": index, "_id": hit["_id"]}} for hit in hits], allowed={200, 404})

    def _send(self, lines: Sequence[dict[str, Any]], allowed: set[int]) -> None:
        for item in self._es.bulk(operations=list(lines))["items"]:
            (answer,) = item.values()
            if answer["status"] not in allowed:
                raise UnreachableError(f"Elasticsearch cannot write {answer['_id']}: {answer.get('error')}.")
