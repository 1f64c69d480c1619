"""Builds the indices anew from ``wire.enriched`` while the old ones are searched, and puts the new ones in their place.

    1. A new generation of the three indices, from the templates of this release, behind aliases of its own.
    2. The topic is read from its start into it, and on, until nearly nothing is left, then to its end as of then.
    3. The positions are written down; the aliases are moved, all of them in one atomic step.
    4. What arrived meanwhile is copied again, from those positions to the end as it is after the step. The index stage
       writes to the alias all the time: whatever it wrote into the old index is in the topic before that end.

Documents carry the story's version as external version, so all that happens twice happens once. Only quotations need
more: a story written half before and half after step 3 may leave quotations of an older version; they are looked for
among the stories of step 4. A rebuild that was killed goes on where it stood; in another release, or where its topic is
another one, it begins anew.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import structlog
from aiokafka import ConsumerRecord
from elasticsearch import ApiError, AsyncElasticsearch, Elasticsearch, TransportError

from pipeline.broker.elasticsearch_client import async_elasticsearch_client, elasticsearch_client
from pipeline.broker.topics import topics_of
from pipeline.events import EnrichedStory
from pipeline.events.errors import ConfigurationError, FatalError, RejectError, UnreachableError
from pipeline.index import admin
from pipeline.index.enriched import EnrichedReader
from pipeline.index.generations import (
    Progress,
    generation_of,
    generations,
    indices_of_alias,
    read_progress,
    unused,
    write_progress,
)
from pipeline.index.mapping import BASES, Base, IndexNames
from pipeline.index.surplus import surplus_quotes
from pipeline.index.writer import Writer
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.rebuild")

T = TypeVar("T")
Tell = Callable[[str], None]

_BATCH = 500
#: Fewer messages than this behind the end: time to move the aliases.
_NEARLY = 50
_REASONS = 5


@dataclass(frozen=True)
class RebuildOptions:
    """How to rebuild.

    Attributes:
        fresh: begin anew even where an unfinished rebuild could go on.
        allow_refused: move the aliases although the server refused some stories.
        keep_days: leave out stories first seen earlier than so many days ago.
        drop_old: delete the old generations at the end.
        grace_seconds: searches under way get so long before an old generation is deleted.
        save_seconds: progress is written so often.
    """

    fresh: bool = False
    allow_refused: bool = False
    keep_days: float | None = None
    drop_old: bool = False
    grace_seconds: float = 5.0
    save_seconds: float = 2.0


@dataclass(frozen=True)
class Rebuilt:
    """What came of it."""

    indices: tuple[str, ...]
    resumed: bool
    progress: Progress
    seconds: float
    old: tuple[str, ...]
    dropped: bool


class Rebuild:
    """One rebuild.

    Args:
        settings: of the installation.
        options: how.
        tell: told in short lines what goes on.
    """

    def __init__(self, settings: Settings, options: RebuildOptions | None = None, tell: Tell = log.info) -> None:
        self._settings = settings
        self._options = options or RebuildOptions()
        self._tell = tell
        self._names = IndexNames(settings.elasticsearch.prefix)
        # The new generation's own aliases, because the writer only writes to aliases.
        self._own = IndexNames(f"{settings.elasticsearch.prefix}rebuild-")
        self._topic = topics_of(settings).enriched
        days = self._options.keep_days
        self._oldest = datetime.now(UTC) - timedelta(days=days) if days is not None else None
        self._run = uuid.uuid4().hex[:12]
        self._saved_at = 0.0

    async def run(self) -> Rebuilt:
        """Carry it through.

        Raises:
            ConfigurationError: there is nothing to rebuild, another rebuild is at work, or stories were refused.
            FatalError: an index went away under our hands.
        """
        started = time.monotonic()
        client = async_elasticsearch_client(self._settings.elasticsearch)
        try:
            with elasticsearch_client(self._settings.elasticsearch) as es:
                return await self._carry_through(es, client, started)
        except (ApiError, TransportError) as error:
            raise _trouble(error) from error
        finally:
            await client.close()

    async def _carry_through(self, es: Elasticsearch, client: AsyncElasticsearch, started: float) -> Rebuilt:
        generation, progress = await self._begin(es)
        indices: dict[Base, str] = {base: self._names.index(base, generation) for base in BASES}
        resumed = bool(progress.offsets)
        progress = progress.model_copy(update={"run": self._run})
        writer = Writer(client, self._settings.elasticsearch, self._settings.index, targets=self._own)
        async with aclosing(await _until_reached(self._reader(progress.offsets))) as reader:
            if indices_of_alias(es, self._names, "stories") != [indices["stories"]]:
                progress = await self._build(es, reader, writer, indices, progress)
                self._require_all(progress)
                self._ready(es, indices)
                # From here on the positions written down are those of step 3.
                self._move(es, indices, progress)
            progress = await self._catch_up(es, reader, writer, indices, progress)
        progress = self._finish(es, indices, progress)
        old = tuple(unused(es, self._names))
        if self._options.drop_old and old:
            await asyncio.sleep(self._options.grace_seconds)
            es.indices.delete(index=list(old))
        seconds = time.monotonic() - started
        return Rebuilt(tuple(indices.values()), resumed, progress, seconds, old, self._options.drop_old)

    # beginning

    async def _begin(self, es: Elasticsearch) -> tuple[int, Progress]:
        """The generation to build and how far it has come."""
        current: dict[Base, str] = {}
        for base in BASES:
            found = indices_of_alias(es, self._names, base)
            if len(found) != 1:
                raise ConfigurationError(
                    f"Behind {self._names.alias(base)} there are {len(found)} indices, not one.",
                    hint="Create what is missing: wiredesk index init.",
                )
            current[base] = found[0]
        swapped = read_progress(es, current["stories"])
        if swapped and swapped.phase == "building":
            self._tell(f"{current['stories']} is searched already; what arrived meanwhile is copied once more.")
            await self._alone(es, current["stories"], swapped)
            return generation_of(current["stories"]), swapped
        newest = max(max(generations(es, self._names, base)) for base in BASES)
        unfinished = newest if newest > generation_of(current["stories"]) else None
        if unfinished is not None:
            progress = await self._unfinished(es, unfinished)
            if progress:
                self._tell(f"Going on with generation {unfinished}, {progress.stories:,} stories in.")
                return unfinished, progress
            self._discard(es, unfinished)
        return self._create(es, newest + (unfinished is None), current)

    async def _unfinished(self, es: Elasticsearch, generation: int) -> Progress | None:
        """The progress of an unfinished generation that can go on."""
        index = self._names.index("stories", generation)
        progress = read_progress(es, index) if es.indices.exists(index=index) else None
        if progress is None:
            return None
        await self._alone(es, index, progress)
        if self._options.fresh or progress.topic != self._topic.name:
            return None
        for base in BASES:
            name = self._names.index(base, generation)
            if not es.indices.exists(index=name):
                return None
            if admin.differences(es, name, base, self._settings.elasticsearch):
                self._tell(f"{name} was begun by another release: beginning anew.")
                return None
        async with aclosing(await _until_reached(self._reader({}))) as reader:
            ends = await reader.ends()
        if any(offset > ends.get(partition, 0) for partition, offset in progress.offsets.items()):
            self._tell("The topic is not the one that was read: beginning anew.")
            return None
        return progress

    async def _alone(self, es: Elasticsearch, index: str, progress: Progress) -> None:
        """Make sure that nobody else works on it: its progress must stand still for some beats."""
        self._tell("Making sure that no other rebuild is at work …")
        await asyncio.sleep(3 * self._options.save_seconds)
        now = read_progress(es, index)
        if now is not None and (now.run, now.beat) != (progress.run, progress.beat):
            raise ConfigurationError(f"Another rebuild is at work on {index}.", hint="Let it end, or stop it first.")

    def _discard(self, es: Elasticsearch, generation: int) -> None:
        for base in BASES:
            es.indices.delete(index=self._names.index(base, generation), ignore_unavailable=True)

    def _create(self, es: Elasticsearch, generation: int, current: dict[Base, str]) -> tuple[int, Progress]:
        admin.put_templates(es, self._settings.elasticsearch)
        progress = Progress(run=self._run, topic=self._topic.name, instead_of=current)
        for base in BASES:
            index = admin.create_generation(es, self._names, base, generation, with_aliases=False)
            es.indices.put_settings(index=index, settings={"refresh_interval": "-1"})
            es.indices.update_aliases(actions=[{"add": {"index": index, "alias": self._own.alias(base)}}])
        write_progress(es, self._names.index("stories", generation), progress)
        self._tell(f"Building generation {generation} from {self._topic.name}.")
        return generation, progress

    # building

    def _reader(self, offsets: dict[int, int]) -> Callable[[], Awaitable[EnrichedReader]]:
        async def opened() -> EnrichedReader:
            reader = EnrichedReader(self._settings.kafka, self._topic.name, self._topic.partitions, offsets)
            await reader.open()
            return reader

        return opened

    async def _build(
        self, es: Elasticsearch, reader: EnrichedReader, writer: Writer, indices: dict[Base, str], progress: Progress
    ) -> Progress:
        told = time.monotonic()
        # Once nearly all is read, everything up to here must be: what is found in the old index must be in the new one.
        goal: dict[int, int] | None = None
        while True:
            records = await _until_reached(lambda: reader.read(_BATCH))
            progress, _ = await self._copy(writer, records, progress)
            progress = progress.model_copy(update={"offsets": await reader.positions()})
            ends = await _until_reached(reader.ends)
            left = _left(progress.offsets, ends)
            if goal is None and left <= _NEARLY:
                goal = ends
            reached = goal is not None and not _left(progress.offsets, goal)
            progress = await self._save(es, indices["stories"], progress, at_once=reached)
            if reached:
                return progress
            if time.monotonic() - told > 5:
                self._tell(f"{progress.stories:,} stories written, {left:,} messages to read.")
                told = time.monotonic()

    async def _copy(
        self, writer: Writer, records: Sequence[ConsumerRecord], progress: Progress
    ) -> tuple[Progress, list[str]]:
        """Write some messages; returns the progress (without offsets) and the stories' ids."""
        stories: list[EnrichedStory] = []
        indexed: list[datetime] = []
        unreadable = expired = 0
        for record in records:
            try:
                story = EnrichedStory.decode(record.value)
            except RejectError:
                unreadable += 1  # the index stage has put it among the dead letters
                continue
            if self._oldest and story.first_seen < self._oldest:
                expired += 1
            else:
                stories.append(story)
                # To build the index anew is no news: a story counts as found since it came to the index stage.
                indexed.append(datetime.fromtimestamp(record.timestamp / 1000, UTC))
        refused: dict[int, RejectError] = {}
        if stories:
            refused = (await _until_reached(lambda: writer.write(stories, indexed))).rejected
        reasons = (*progress.reasons, *(f"{stories[place].story_id}: {error}" for place, error in refused.items()))
        counted = progress.model_copy(
            update={
                "stories": progress.stories + len(stories) - len(refused),
                "unreadable": progress.unreadable + unreadable,
                "expired": progress.expired + expired,
                "refused": progress.refused + len(refused),
                "reasons": reasons[:_REASONS],
            }
        )
        return counted, [story.story_id for story in stories]

    async def _save(self, es: Elasticsearch, index: str, progress: Progress, *, at_once: bool = False) -> Progress:
        if not at_once and time.monotonic() - self._saved_at < self._options.save_seconds:
            return progress
        progress = progress.model_copy(update={"beat": progress.beat + 1})

        async def save() -> None:
            try:
                write_progress(es, index, progress)
            except (ApiError, TransportError) as error:
                raise _trouble(error) from error

        await _until_reached(save)
        self._saved_at = time.monotonic()
        return progress

    def _require_all(self, progress: Progress) -> None:
        if progress.refused and not self._options.allow_refused:
            reasons = "\n  ".join(progress.reasons)
            raise ConfigurationError(
                f"Elasticsearch refused {progress.refused} of the stories; the old indices stay in use.\n  {reasons}\n",
                hint="If they are among the dead letters of stage index too: wiredesk index rebuild --allow-refused.",
            )

    # changing over

    def _ready(self, es: Elasticsearch, indices: dict[Base, str]) -> None:
        es.indices.put_settings(index=list(indices.values()), settings={"refresh_interval": "1s"})
        es.indices.refresh(index=list(indices.values()))

    def _move(self, es: Elasticsearch, indices: dict[Base, str], progress: Progress) -> None:
        """All aliases in one atomic step: a search sees the old or the new indices, never both or none."""
        actions: list[dict[str, Any]] = []
        for base in BASES:
            if indices_of_alias(es, self._names, base) != [progress.instead_of[base]]:
                raise FatalError(f"{self._names.alias(base)} was moved by somebody else.", hint="Start it again.")
            actions += admin.alias_actions(self._names, base, indices[base], progress.instead_of[base])
        es.indices.update_aliases(actions=actions)
        self._tell(f"Searching {', '.join(indices.values())} from now on.")

    async def _catch_up(
        self, es: Elasticsearch, reader: EnrichedReader, writer: Writer, indices: dict[Base, str], progress: Progress
    ) -> Progress:
        ends = await _until_reached(reader.ends)
        touched: set[str] = set()
        while _left(await reader.positions(), ends):
            records = await _until_reached(lambda: reader.read(_BATCH))
            progress, ids = await self._copy(writer, records, progress)
            touched.update(ids)
        es.indices.refresh(index=list(indices.values()))
        left_over = surplus_quotes(es, indices, sorted(touched))
        if left_over:
            es.bulk(operations=left_over)
            self._tell(f"{len(left_over)} quotations of older versions removed.")
        return progress

    def _finish(self, es: Elasticsearch, indices: dict[Base, str], progress: Progress) -> Progress:
        actions: list[dict[str, Any]] = [
            {"remove": {"index": indices[base], "alias": self._own.alias(base), "must_exist": False}} for base in BASES
        ]
        es.indices.update_aliases(actions=actions)
        done = progress.model_copy(update={"phase": "done"})
        write_progress(es, indices["stories"], done)
        return done


def _left(positions: Mapping[int, int], ends: Mapping[int, int]) -> int:
    """Messages to read up to the ends of all partitions."""
    return sum(max(ends[number] - at, 0) for number, at in positions.items())


def _trouble(error: ApiError | TransportError) -> Exception:
    if isinstance(error, ApiError) and error.status_code != 429 and error.status_code < 500:
        return FatalError(f"Elasticsearch refuses: {error}.", hint="Start the rebuild again.")
    return UnreachableError(f"Elasticsearch does not answer: {error}.")


async def _until_reached(attempt: Callable[[], Awaitable[T]]) -> T:
    """Try until the server answers, with back-off."""
    wait, told = 0.5, False
    while True:
        try:
            return await attempt()
        except UnreachableError as error:
            if not told:
                log.warning("waiting", reason=str(error))
                told = True
            await asyncio.sleep(wait)
            wait = min(wait * 2, 15)
