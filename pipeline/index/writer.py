"""Writes enriched stories to the three indices, in any order and any number of times with the same result.

The documents of a story cannot be written in one atomic step, and any worker may die or be suspended between two
requests and go on later. Yet a quotation must never be visible unless its version is the story's version. Five steps
hold this, each for a whole batch:

1. Read, in real time: the story's version, and its register: how many positions of quotations were ever announced.
2. Announce: write version and number of positions into the register, on condition that it did not change meanwhile.
   A register of a newer version ends the work on this one.
3. Withdraw: hide every position announced before, with external version 2v. Whoever announced a quotation of an older
   version can no longer write it after this, however late.
4. Correct the places of its versions in the history, then write the story with external version v. Where the story is
   killed, withheld, embargoed or released: the story before the places (see :mod:`pipeline.index.history_writer`).
5. Write the quotations with external version 2v + 1.

Between 3 and 5 a story has no quotations; it never has those of another version. Hidden documents are left out by the
filters of both aliases. They are never deleted, because the server forgets the version of a deleted document.

What the server asks to wait for is raised as ``UnreachableError`` (everything is done again, harmlessly); what it will
never accept is returned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from elasticsearch import ApiError, AsyncElasticsearch, TransportError

from pipeline.events import EnrichedStory, VersionText
from pipeline.events.errors import RejectError, UnreachableError
from pipeline.index.bulk import Action, Bulk, Condition, Sent, read_documents, request_error
from pipeline.index.documents import quote_count, quote_documents, quote_id, story_document
from pipeline.index.history import is_changing
from pipeline.index.history_writer import HistoryWriter
from pipeline.index.mapping import IndexNames
from pipeline.index.registers import Register, hidden_document, read_register, register_id
from pipeline.settings import ElasticsearchSettings, IndexSettings

#: A story whose register changes under every one of so many attempts is left to the next delivery.
_ATTEMPTS = 10


@dataclass
class Written:
    """The result of a batch; ``rejected`` maps the place of a story in the batch to the server's reason."""

    written: int = 0
    stale: int = 0
    quotes: int = 0
    rejected: dict[int, RejectError] = field(default_factory=dict)


@dataclass(frozen=True)
class _State:
    """What is known of a story: its version in the index (0: absent) and its register."""

    version: int
    register: Register


@dataclass(frozen=True)
class _Prepared:
    """A story's event and its document; ``place`` is the event's in the batch."""

    story: EnrichedStory
    document: dict[str, Any]
    place: int

    def action(self, index: str) -> Action:
        """Write it over older versions."""
        return self._with(index, self.document, Condition(newer_than=self.story.index_version))

    def unfinished(self, index: str) -> Action:
        """Write it over older versions, before the places of its versions are corrected."""
        document = {name: value for name, value in self.document.items() if name != "versions"}
        return self._with(index, document, Condition(newer_than=self.story.index_version))

    def finished(self, index: str) -> Action:
        """Write it over its unfinished self."""
        return self._with(index, self.document, Condition(self.story.index_version, or_same=True))

    def _with(self, index: str, document: dict[str, Any], condition: Condition) -> Action:
        return Action(index, self.story.story_id, condition, document, self.place)


class Writer:
    """Writes batches.

    Args:
        client: one that does not retry.
        elasticsearch: names.
        settings: sizes of a bulk request.
        targets: aliases to write to; ``None``: those of the installation.
        refresh: make withdrawn quotations disappear from searches before the story changes.
    """

    def __init__(
        self,
        client: AsyncElasticsearch,
        elasticsearch: ElasticsearchSettings,
        settings: IndexSettings,
        targets: IndexNames | None = None,
        *,
        refresh: bool = True,
    ) -> None:
        self._client = client
        self._bulk = Bulk(client, settings)
        self._refresh = refresh
        names = targets or IndexNames(elasticsearch.prefix)
        self._stories = names.alias("stories")
        self._history = HistoryWriter(client, self._bulk, self._stories, names.alias("stories-history"))
        self._quotes = names.alias("quotes")

    async def write(self, batch: Sequence[EnrichedStory], indexed: Sequence[datetime] | None = None) -> Written:
        """Write a batch; of one story in it more than once only the newest is written, with every one's history.

        Args:
            batch: stories.
            indexed: since when each is searchable; ``None``: from now on.

        Raises:
            UnreachableError: the server is unavailable or overloaded; try the same batch again.
            FatalError: an index, alias or field is missing, or writing is forbidden.
        """
        result = Written()
        newest = _newest(batch)
        before = await self._announce({place: batch[place] for place in newest}, result)
        withdrawn = [
            action for place, count in before.items() for action in self._withdrawals(batch[place], place, count)
        ]
        self._note(await self._bulk.send(withdrawn, refresh=self._refresh), result)
        now = datetime.now(UTC)
        stories = [
            _Prepared(batch[place], story_document(batch[place], indexed[place] if indexed else now), place)
            for place in before if place not in result.rejected
        ]  # fmt: skip
        known = await self._history.indexed({one.place: one.story for one in stories})
        first = [one for one in stories if is_changing(one.story, known[one.place])]
        early = [one.unfinished(self._stories) for one in first]
        self._note(await self._bulk.send(early, refresh=self._refresh), result)
        steady = [one for one in stories if not is_changing(one.story, known[one.place])]
        refused = await self._history.place({one.place: one.story for one in steady}, known, batch)
        sent = await self._bulk.send([one.action(self._stories) for one in steady])
        self._note(sent, result)
        quotes = [
            action for place in before if place not in result.rejected for action in self._said(batch[place], place)
        ]
        self._note(await self._bulk.send(quotes), result)
        outdated = len(sent.stale)
        if first:
            changed = {one.place: one.story for one in first}
            refused |= await self._history.place(changed, await self._history.indexed(changed))
            rest = [one for one in first if one.place not in refused and one.place not in result.rejected]
            sent = await self._bulk.send([one.finished(self._stories) for one in rest])
            self._note(sent, result)
            outdated += len(sent.stale)
        # A version that the server refuses is no reason to keep back the story, which may be its kill.
        result.rejected = {**refused, **result.rejected}
        result.written = len(stories) - outdated - sum(one.place in result.rejected for one in stories)
        result.stale = len(batch) - len(before) + outdated
        result.quotes = len(quotes)
        return result

    async def write_texts(self, texts: Sequence[VersionText]) -> dict[int, RejectError]:
        """Write the texts of versions; returns the server's reasons for refusing, by place in the batch.

        Raises:
            UnreachableError: the server is unavailable or overloaded; try the same batch again.
            FatalError: an index, alias or field is missing, or writing is forbidden.
        """
        return (await self._history.write_texts({place: [text] for place, text in enumerate(texts)})).rejected

    @staticmethod
    def _note(sent: Sent, result: Written) -> None:
        for place, error in sent.rejected.items():
            result.rejected.setdefault(place, error)

    async def _announce(self, stories: Mapping[int, EnrichedStory], result: Written) -> dict[int, int]:
        """Steps 1 and 2; returns, by place in the batch, how many positions of a story must be withdrawn."""
        before: dict[int, int] = {}
        pending = dict(stories)
        for _ in range(_ATTEMPTS):
            states = await self._read([story.story_id for story in pending.values()])
            actions = []
            for place, story in pending.items():
                state = states[story.story_id]
                if max(state.version, state.register.version) > story.index_version:
                    continue
                before[place] = state.register.places
                announced = state.register.announcing(story.index_version, quote_count(story))
                if announced != state.register:
                    actions.append(Action(self._quotes, register_id(story.story_id), state.register.condition(),
                                          announced.document(story.story_id), place))  # fmt: skip
            sent = await self._bulk.send(actions)
            self._note(sent, result)
            for place in [*result.rejected, *(action.story for action in sent.stale)]:
                before.pop(place, None)
            pending = {action.story: stories[action.story] for action in sent.stale}
            if not pending:
                return before
        names = ", ".join(story.story_id for story in pending.values())
        raise UnreachableError(f"Other workers change the same stories again and again: {names}.")

    async def _read(self, ids: Sequence[str]) -> dict[str, _State]:
        """The state of stories, read past the refresh."""
        if not ids:
            return {}
        wanted: list[dict[str, Any]] = []
        for id_ in ids:
            wanted += [
                {"_index": self._stories, "_id": id_, "_source": ["index_version", "quote_count"]},
                {"_index": self._quotes, "_id": register_id(id_)},
            ]
        try:
            answer = await self._client.mget(docs=wanted, realtime=True)
        except (ApiError, TransportError) as error:
            raise request_error(error) from error
        documents = read_documents(answer, len(wanted))
        states = {}
        for id_, story, register in zip(ids, documents[::2], documents[1::2], strict=True):
            source = story["_source"] if story["found"] else {}
            # Stories of releases without registers: as many quotations as they say that they have.
            known = read_register(register, places_without=source.get("quote_count", 0))
            states[id_] = _State(source.get("index_version", 0), known)
        return states

    def _withdrawals(self, story: EnrichedStory, place: int, count: int) -> list[Action]:
        """Step 3: hide the positions of older versions."""
        return [
            self._action(self._quotes, quote_id(story.story_id, position), 2 * story.index_version,
                         hidden_document(story.story_id, story.index_version, position), place)
            for position in range(count)
        ]  # fmt: skip

    def _said(self, story: EnrichedStory, place: int) -> list[Action]:
        """Step 5: the quotations."""
        version = 2 * story.index_version + 1
        return [self._action(self._quotes, id_, version, document, place) for id_, document in quote_documents(story)]

    @staticmethod
    def _action(index: str, id_: str, version: int, document: dict[str, Any], place: int) -> Action:
        return Action(index, id_, Condition(newer_than=version), document, place)


def _newest(batch: Sequence[EnrichedStory]) -> list[int]:
    """The place of the newest event of each story, in the order of the batch."""
    best: dict[str, int] = {}
    for place, story in enumerate(batch):
        known = best.get(story.story_id)
        if known is None or batch[known].index_version <= story.index_version:
            best[story.story_id] = place
    return sorted(best.values())
