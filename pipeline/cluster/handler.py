"""The cluster stage's work on a batch: story versions in, the same with their cluster out.

Its memory is a function of the topic's window and nothing else (see :mod:`pipeline.cluster.window`). It is restored
before the worker is ready: from the last snapshot, and from the topic what came after it. A partition that leaves and
comes back is read on from where it was; nothing is sent for what is only read back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import structlog

from pipeline.broker.delivery import Done, Outcome
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.broker.monitoring import metrics
from pipeline.broker.monitoring.restores import restoring
from pipeline.broker.restore import committed_offset, read_partition
from pipeline.broker.topics import Topics
from pipeline.cluster.references import is_notice, kill_of, references_of
from pipeline.cluster.window import Window, snapshot_offset
from pipeline.events import ClusteredStory, StoryVersion
from pipeline.events.dead_letter import dead_letter
from pipeline.events.errors import RejectError
from pipeline.settings import ClusterSettings, KafkaSettings

log = structlog.get_logger("wiredesk.cluster")

#: A snapshot is written after so many stories, but not more often than every so many seconds.
_SNAPSHOT_STORIES, _SNAPSHOT_SECONDS = 2_000, 60.0
#: Stories that are read back at a time.
_READ_BATCH = 256


class ClusterHandler:
    """Groups copies.

    Args:
        kafka: the broker from which the window is read back.
        topics: names of the topics.
        settings: sizes and thresholds.
        snapshot: file of the snapshot; ``None``: none is kept.
        others: finds snapshots of other workers on this machine: one that joins need not read the whole window.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        topics: Topics,
        settings: ClusterSettings,
        snapshot: Path | None = None,
        others: Callable[[], Iterable[Path]] = tuple,
    ) -> None:
        self._kafka = kafka
        self._topics = topics
        self._settings = settings
        self._snapshot = snapshot
        self._others = others
        self._window: Window | None = None
        self._assigned = False
        self._saved, self._saved_at = 0, time.monotonic()

    async def prepare(self) -> None:
        """Restore the window up to the group's position, so that the first message does not wait for it.

        Raises:
            UnreachableError: Kafka does not answer; call it again.
        """
        group = f"{self._kafka.group_prefix}-cluster"
        with restoring("cluster"):
            await self._read_to(await committed_offset(self._kafka, group, self._topics.stories.name, 0))

    async def work(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        """One outcome for each story version, in order."""
        window = await self._current(batch[0].message.offset)
        await self._save_sometimes(window)
        between = window.between_events
        outcomes: list[Outcome] = []
        for delivery in batch:
            try:
                story = StoryVersion.decode(delivery.value)
            except RejectError as error:
                window.skip(delivery.message.offset, delivery.value or b"")
                outcomes.append(error)
                continue
            (cluster,) = window.place([(delivery.message.offset, story, delivery.value or b"")])
            clustered = ClusteredStory.of(story, cluster=cluster)
            send = OutgoingMessage(self._topics.clustered.name, clustered.key, clustered.encode())
            notice = self._notice(window, story, delivery)
            reason = "notice" if notice else "copy" if cluster.duplicate_of else "alone"
            outcomes.append(Done((send, *notice), reason))
        metrics.BETWEEN_EVENTS.inc(window.between_events - between)
        return outcomes

    def _notice(self, window: Window, story: StoryVersion, delivery: Delivery) -> tuple[OutgoingMessage, ...]:
        """The sends for a kill that refers to another item: the kill of that item, or a dead letter for a person."""
        if not is_notice(story):
            return ()
        target = window.target(delivery.message.offset)
        if target is not None:
            kill = kill_of(target, story)
            return (OutgoingMessage(self._topics.raw.name, kill.key, kill.encode()),)
        named = "; ".join(reference.model_dump_json(exclude_none=True) for reference in references_of(story))
        error = RejectError(
            f"A kill of {story.provider} names a story that is not known, or more than one: {named}.",
            hint="Find it (wiredesk search), and kill it under the agency's id, or drop this dead letter.",
        )
        letter = dead_letter(
            stage="cluster", error=error, key=delivery.key, original=delivery.value or b"", origin=delivery.message,
            failed_at=story.received, provider=story.provider, needs_person=True,
        )  # fmt: skip
        log.warning("notice_without_story", provider=story.provider, named=named)
        return (OutgoingMessage(self._topics.dead.name, delivery.key, letter.encode()),)

    def forget(self) -> None:
        """The partition was assigned to another process; what is known stays true up to its offset."""
        self._assigned = False

    async def close(self) -> None:
        """Write a last snapshot."""
        if self._window is not None:
            await self._save(self._window)

    async def _current(self, offset: int) -> Window:
        """The window as it is before the message at an offset."""
        window = self._window
        if window is not None and (offset == window.next or window.knows(offset)):
            self._assigned = True
            return window
        if window is not None and self._assigned and offset > window.next:
            # Messages deleted by retention, or markers of transactions: none of them was a story.
            window.next = offset
            return window
        with restoring("cluster"):
            window = await self._read_to(offset)
        self._assigned = True
        return window

    async def _read_to(self, offset: int) -> Window:
        """Restore the window up to an offset, from what is known, else the snapshot, else the start of the topic."""
        began = time.monotonic()
        window = self._window or await self._from_snapshot()
        if window is None or (window.next > offset and not window.knows(offset)):
            window = Window(self._settings)
        start, count = window.next, 0
        # Also a snapshot that needs nothing more must be of this topic.
        if start < offset or (window is not self._window and start):
            count = await self._read(window, max(offset, start))
            if count < 0:
                log.warning("snapshot_ignored", reason="the topic is not the one that it was made from")
                window = Window(self._settings)
                start, count = 0, await self._read(window, offset)
            window.next = max(window.next, offset)
        self._window = window
        seconds = round(time.monotonic() - began, 1)
        log.info("window_restored", stories=count, from_offset=start, up_to_offset=offset, seconds=seconds)
        return window

    async def _read(self, window: Window, offset: int) -> int:
        """Read on to an offset; returns how many stories were placed, -1: the topic does not continue the window."""
        known = window.next > 0
        pending: list[tuple[int, StoryVersion, bytes]] = []
        count = 0
        start = window.next - 1 if known else 0
        async for at, _, value in read_partition(self._kafka, self._topics.stories.name, 0, start, offset):
            if known:
                known = False
                if not window.continues(at, value):
                    return -1
                continue
            try:
                pending.append((at, StoryVersion.decode(value), value or b""))
                count += 1
                last = b""
            except RejectError:
                last = value or b""  # it was rejected when it was delivered
            if last or len(pending) == _READ_BATCH:
                window.place(pending)
                pending.clear()
                await asyncio.sleep(0)
            if last:
                window.skip(at, last)
        window.place(pending)
        return -1 if known else count

    async def _from_snapshot(self) -> Window | None:
        """The snapshot that has read on furthest, whichever worker wrote it."""
        paths = {*([self._snapshot] if self._snapshot else []), *self._others()}
        for path in sorted(paths, key=lambda path: (-snapshot_offset(path), path != self._snapshot, path)):
            window = Window(self._settings)
            if await asyncio.to_thread(window.load, path):
                return window
        return None

    async def _save_sometimes(self, window: Window) -> None:
        due = time.monotonic() - self._saved_at >= _SNAPSHOT_SECONDS and window.next - self._saved >= _SNAPSHOT_STORIES
        if due:
            await self._save(window)

    async def _save(self, window: Window) -> None:
        if self._snapshot is None or window.next == self._saved:
            return
        try:
            await asyncio.to_thread(window.save, self._snapshot)
        except OSError as error:
            log.warning("snapshot_not_written", path=str(self._snapshot), reason=str(error))
        self._saved, self._saved_at = window.next, time.monotonic()

    async def published(self, sends: Sequence[OutgoingMessage], offsets: Sequence[int]) -> None:
        """Nothing to do: sent messages are not remembered."""
