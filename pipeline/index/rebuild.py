"""Builds the indices again from ``wire.enriched`` while the old ones are searched, then replaces them.

    1. Create a new generation of the three indices, from the templates of this release, with its own aliases.
    2. Read the topic from its start until almost nothing is left, then to its end at that moment. Then carry over from
       the old indices the stories that are newer there than in the topic, or only there.
    3. Store the positions; move the aliases, all of them in one atomic step.
    4. Copy what arrived meanwhile, from those positions to the end after the step, and carry over once more. The index
       stage writes to the alias all the time: whatever it wrote into the old index is in the topic before that end.

Documents carry the story's version as external version, so that writing twice, or late, is harmless. A rebuild that was
killed continues; in another release, or if its topic is another one, it starts again.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import structlog
from aiokafka import ConsumerRecord
from elasticsearch import ApiError, AsyncElasticsearch, Elasticsearch, TransportError

from pipeline.broker.elasticsearch_client import async_elasticsearch_client, elasticsearch_client
from pipeline.broker.retry import RetryPolicy, until_reached
from pipeline.broker.topics import Topic, topics_of
from pipeline.events import EnrichedStory
from pipeline.events.errors import ConfigurationError, FatalError, RejectError, UnreachableError
from pipeline.index import admin
from pipeline.index.carry_over import carry_over
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
from pipeline.index.missing_meanings import MissingMeanings
from pipeline.index.rebuild_options import RebuildOptions, Rebuilt
from pipeline.index.text_copier import TextCopier
from pipeline.index.writer import Writer
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.rebuild")

T = TypeVar("T")
Tell = Callable[[str], None]

_BATCH = 500
#: Fewer messages than this to read: time to move the aliases.
_NEARLY = 50
_REASONS = 5
_RETRIES = RetryPolicy(max_seconds=15)


class Rebuild:
    """One rebuild.

    Args:
        settings: of the installation.
        options: how to rebuild.
        tell: receives short lines about the progress.
    """

    def __init__(self, settings: Settings, options: RebuildOptions | None = None, tell: Tell = log.info) -> None:
        self._settings = settings
        self._options = options or RebuildOptions()
        self._tell = tell
        self._names = IndexNames(settings.elasticsearch.prefix)
        # The new generation's own aliases, because the writer only writes to aliases.
        self._own = IndexNames(f"{settings.elasticsearch.prefix}rebuild-")
        self._topic, self._texts = topics_of(settings).enriched, topics_of(settings).versions
        days = self._options.keep_days
        self._oldest = datetime.now(UTC) - timedelta(days=days) if days is not None else None
        self._meanings = MissingMeanings(enabled=settings.meaning.enabled)
        self._run = uuid.uuid4().hex[:12]
        self._saved_at = 0.0

    async def run(self) -> Rebuilt:
        """Run the rebuild.

        Raises:
            ConfigurationError: there is nothing to rebuild, another rebuild is running, or stories were refused.
            FatalError: an index was deleted meanwhile.
        """
        started = time.monotonic()
        client = async_elasticsearch_client(self._settings.elasticsearch)
        try:
            with elasticsearch_client(self._settings.elasticsearch) as es:
                return await self._run_steps(es, client, started)
        except (ApiError, TransportError) as error:
            raise _trouble(error) from error
        finally:
            await client.close()

    async def _run_steps(self, es: Elasticsearch, client: AsyncElasticsearch, started: float) -> Rebuilt:
        generation, progress = await self._begin(es)
        indices: dict[Base, str] = {base: self._names.index(base, generation) for base in BASES}
        resumed = bool(progress.offsets)
        progress = progress.model_copy(update={"run": self._run})
        building, live = (self._writer(client, refresh=refresh) for refresh in (False, True))
        async with aclosing(await _until_reached(self._reader(progress.offsets))) as reader:
            if indices_of_alias(es, self._names, "stories") != [indices["stories"]]:
                progress = await self._copy_texts(es, building, indices, progress)
                progress = await self._build(es, reader, building, indices, progress)
                self._require_all(progress)
                self._ready(es, indices)
                await self._carry_over(es, indices, progress)
                # From here on the stored positions are those of step 3.
                self._move(es, indices, progress)
            progress = await self._catch_up(es, reader, live, indices, progress)
            progress = await self._copy_texts(es, live, indices, progress)
        progress = self._finish(es, indices, progress)
        old = tuple(unused(es, self._names))
        if self._options.drop_old and old:
            await asyncio.sleep(self._options.grace_seconds)
            es.indices.delete(index=list(old))
        seconds = time.monotonic() - started
        return Rebuilt(tuple(indices.values()), resumed, progress, seconds, old, self._options.drop_old)

    # beginning

    async def _begin(self, es: Elasticsearch) -> tuple[int, Progress]:
        """The generation to build and its progress."""
        current: dict[Base, str] = {}
        for base in BASES:
            found = indices_of_alias(es, self._names, base)
            if len(found) != 1:
                raise ConfigurationError(
                    f"{self._names.alias(base)} points to {len(found)} indices, not to one.",
                    hint="Create what is missing: wiredesk index init.",
                )
            current[base] = found[0]
        swapped = read_progress(es, current["stories"])
        if swapped and swapped.phase == "building":
            self._tell(f"{current['stories']} is in use already; copying what arrived meanwhile once more.")
            await self._alone(es, current["stories"], swapped)
            return generation_of(current["stories"]), swapped
        newest = max(max(generations(es, self._names, base)) for base in BASES)
        unfinished = newest if newest > generation_of(current["stories"]) else None
        if unfinished is not None:
            progress = await self._unfinished(es, unfinished)
            if progress:
                self._tell(f"Continuing with generation {unfinished} after {progress.stories:,} stories.")
                return unfinished, progress
            self._discard(es, unfinished)
        return self._create(es, newest + (unfinished is None), current)

    async def _unfinished(self, es: Elasticsearch, generation: int) -> Progress | None:
        """The progress of an unfinished generation that can continue."""
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
                self._tell(f"{name} was started by another release: starting again.")
                return None
        async with aclosing(await _until_reached(self._reader({}))) as reader:
            ends = await reader.ends()
        if any(offset > ends.get(partition, 0) for partition, offset in progress.offsets.items()):
            self._tell("The topic is not the one that was read before: starting again.")
            return None
        return progress

    async def _alone(self, es: Elasticsearch, index: str, progress: Progress) -> None:
        """Make sure that no other rebuild is running: the stored progress must not change for some beats."""
        self._tell("Checking that no other rebuild is running …")
        await asyncio.sleep(3 * self._options.save_seconds)
        now = read_progress(es, index)
        if now is not None and (now.run, now.beat) != (progress.run, progress.beat):
            raise ConfigurationError(f"Another rebuild is running on {index}.", hint="Wait for its end, or stop it.")

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

    def _writer(self, client: AsyncElasticsearch, *, refresh: bool) -> Writer:
        return Writer(client, self._settings.elasticsearch, self._settings.index, self._own, refresh=refresh)

    def _reader(self, offsets: dict[int, int], topic: Topic | None = None) -> Callable[[], Awaitable[EnrichedReader]]:
        source = topic or self._topic

        async def opened() -> EnrichedReader:
            reader = EnrichedReader(self._settings.kafka, source.name, source.partitions, offsets)
            await reader.open()
            return reader

        return opened

    async def _build(
        self, es: Elasticsearch, reader: EnrichedReader, writer: Writer, indices: dict[Base, str], progress: Progress
    ) -> Progress:
        told = time.monotonic()
        # Once almost all is read, everything up to here must be: what the old index shows, the new one must show.
        goal: dict[int, int] | None = None
        while True:
            records = await _until_reached(lambda: reader.read(_BATCH))
            progress = await self._copy(writer, records, progress)
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

    async def _copy(self, writer: Writer, records: Sequence[ConsumerRecord], progress: Progress) -> Progress:
        """Write some messages; returns the progress, without offsets."""
        stories: list[EnrichedStory] = []
        indexed: list[datetime] = []
        unreadable = expired = 0
        for record in records:
            try:
                story = EnrichedStory.decode(record.value)
            except RejectError:
                unreadable += 1  # the index stage has sent it to the dead letters
                continue
            if self._oldest and story.first_seen < self._oldest:
                expired += 1
            else:
                stories.append(story)
                # A rebuild is not news: a story counts as searchable since it came to the index stage.
                indexed.append(datetime.fromtimestamp(record.timestamp / 1000, UTC))
        refused: dict[int, RejectError] = {}
        if stories:
            stories = await self._meanings.added(stories)
            refused = (await _until_reached(lambda: writer.write(stories, indexed))).rejected
        reasons = (*progress.reasons, *(f"{stories[place].story_id}: {error}" for place, error in refused.items()))
        return progress.model_copy(
            update={
                "stories": progress.stories + len(stories) - len(refused),
                "unreadable": progress.unreadable + unreadable,
                "expired": progress.expired + expired,
                "refused": progress.refused + len(refused),
                "reasons": reasons[:_REASONS],
            }
        )

    async def _copy_texts(
        self, es: Elasticsearch, writer: Writer, indices: dict[Base, str], progress: Progress
    ) -> Progress:
        """Copy the texts of versions, up to the end of their topic at this moment."""
        async with aclosing(await _until_reached(self._reader(progress.text_offsets, self._texts))) as reader:
            copier = TextCopier(reader, writer, self._oldest)
            async for copied in copier.run(_BATCH, _until_reached):
                progress = progress.model_copy(
                    update={
                        "text_offsets": copied.offsets,
                        "refused": progress.refused + len(copied.refused),
                        "reasons": (*progress.reasons, *copied.refused)[:_REASONS],
                    }
                )
                progress = await self._save(es, indices["stories"], progress)
        return progress

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
                f"Elasticsearch refused {progress.refused} stories; the old indices stay in use.\n  {reasons}\n",
                hint="If they are among the dead letters of stage index too: wiredesk index rebuild --allow-refused.",
            )

    # changing over

    def _ready(self, es: Elasticsearch, indices: dict[Base, str]) -> None:
        es.indices.put_settings(index=list(indices.values()), settings={"refresh_interval": "1s"})
        es.indices.refresh(index=list(indices.values()))

    def _move(self, es: Elasticsearch, indices: dict[Base, str], progress: Progress) -> None:
        """Move all aliases in one atomic step: a search sees the old or the new indices, never both or none."""
        actions: list[dict[str, Any]] = []
        for base in BASES:
            if indices_of_alias(es, self._names, base) != [progress.instead_of[base]]:
                raise FatalError(
                    f"{self._names.alias(base)} was moved by another process.", hint="Start the rebuild again."
                )
            actions += admin.alias_actions(self._names, base, indices[base], progress.instead_of[base])
        es.indices.update_aliases(actions=actions)
        self._tell(f"In use from now on: {', '.join(indices.values())}.")

    async def _catch_up(
        self, es: Elasticsearch, reader: EnrichedReader, writer: Writer, indices: dict[Base, str], progress: Progress
    ) -> Progress:
        ends = await _until_reached(reader.ends)
        while _left(await reader.positions(), ends):
            records = await _until_reached(lambda: reader.read(_BATCH))
            progress = await self._copy(writer, records, progress)
        await self._carry_over(es, indices, progress)
        return progress

    async def _carry_over(self, es: Elasticsearch, indices: dict[Base, str], progress: Progress) -> None:
        """Bring over what the old indices have in a newer version; they are gone if a former run deleted them."""
        old = progress.instead_of
        if not all(base in old and es.indices.exists(index=old[base]) for base in BASES):
            return

        async def carry() -> int:
            try:
                return carry_over(es, old, indices, self._oldest)
            except (ApiError, TransportError) as error:
                raise _trouble(error) from error

        if carried := await _until_reached(carry):
            self._tell(
                f"{carried:,} stories carried over from {old['stories']}: {self._topic.name} has them in an older "
                "version or not at all."
            )

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
    return await until_reached(attempt, _RETRIES, "index rebuild")
