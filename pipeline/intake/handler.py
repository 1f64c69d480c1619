"""Intake's work on a batch: raw items in, story versions and remembered state out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from pipeline.broker.delivery import Done, Outcome
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.broker.monitoring.metrics import PARTS_NOT_JOINED
from pipeline.broker.restore import RestoredPartitions
from pipeline.broker.topics import Topics
from pipeline.events import Content, ItemState, MessageRef, RawItem, StoryVersion
from pipeline.events.errors import FatalError, RejectError
from pipeline.intake.bounds import bounded_content
from pipeline.intake.content_pool import ContentInProcess, ContentReader
from pipeline.intake.identity import story_id
from pipeline.intake.lifecycle import MAX_BYTES, Transition, receive
from pipeline.intake.meanings import MeaningReader, with_meanings
from pipeline.intake.takes import not_joined
from pipeline.intake.versions import union
from pipeline.settings import IntakeSettings

log = structlog.get_logger("wiredesk.intake")

#: wire.stories has one partition; one key for all messages keeps it so with any partitioner.
STORIES_KEY = b"stories"


def merge_states(known: bytes | None, newer: bytes) -> bytes:
    """The union of two states of one item: nothing that two workers wrote in turn is lost.

    Raises:
        DecodeError: ``newer`` is unreadable. ``known`` was read before.
    """
    other = ItemState.decode(newer)
    if known is None:
        return newer
    one = ItemState.decode(known)
    versions = union(other.versions, one.versions)
    embargo_said = union(other.embargo_said, one.embargo_said)
    if versions == other.versions and embargo_said == other.embargo_said:
        return newer
    joined = {
        "versions": versions,
        "changes": max(one.changes, other.changes) + 1,
        "dropped": max(one.dropped, other.dropped),
        "embargoed": other.embargoed or one.embargoed,
        "released": other.released or one.released,
        "embargo_said": embargo_said,
        "parts_dropped": other.parts_dropped or one.parts_dropped,
        "index_version": max(one.index_version, other.index_version),
    }
    return other.model_copy(update=joined).encode()


def _remembered(known: bytes | None) -> ItemState | None:
    """A state from the local store, which holds only what was readable: no item is at fault if it is not."""
    try:
        return ItemState.decode(known) if known else None
    except RejectError as error:
        raise FatalError(
            f"The local state of intake is damaged: {error}.",
            hint="Delete it while no worker runs (worker.state_directory): it is restored from the topics.",
        ) from error


def tell_of_parts(story: StoryVersion) -> None:
    """Say which story is shown without some of its parts; its note to editors says so too."""
    for reason in () if story.pubstatus != "usable" else not_joined(story.content):
        PARTS_NOT_JOINED.labels(reason).inc()
        log.warning("parts_not_joined", story_id=story.story_id, reason=reason, headline=story.content.headline)


@dataclass(frozen=True, slots=True)
class _Received:
    """An item taken in, and what came of it."""

    delivery: Delivery
    key: bytes
    transition: Transition


class IntakeHandler:
    """Decides what each item is: a new story, a version, a late version, or nothing new.

    Args:
        states: the remembered states by partition; ``wire.raw`` and ``wire.items`` have the same keys and partitions.
        topics: names of the topics.
        settings: limits.
        reader: of the items' content; ``None``: in this process, without a limit that can be enforced.
        max_bytes: of the largest message.
        meanings: computes vectors; ``None``: stories have none.
    """

    def __init__(
        self,
        states: RestoredPartitions,
        topics: Topics,
        settings: IntakeSettings,
        reader: ContentReader | None = None,
        max_bytes: int = MAX_BYTES,
        meanings: MeaningReader | None = None,
    ) -> None:
        self._meanings = meanings
        self._reader = reader or ContentInProcess()
        self._states = states
        self._topics = topics
        self._settings = settings
        self._max_bytes = max_bytes

    async def work(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        """One outcome for each raw item, in order; later items of a batch see the changes of earlier ones."""
        changed: dict[bytes, ItemState] = {}
        received: list[_Received | RejectError] = []
        values = [delivery.value for delivery in batch]
        contents = await self._reader.read(values, self._settings.max_text_chars)
        # What came before the first message of a partition in this batch is acknowledged.
        first: dict[int, MessageRef] = {}
        for delivery, content in zip(batch, contents, strict=True):
            acknowledged = first.setdefault(delivery.message.partition, delivery.message)
            store = await self._states.store(delivery.message.partition)
            try:
                if isinstance(content, RejectError):
                    raise content
                raw = RawItem.decode(delivery.value)
                key = raw.key
                state = _remembered(store.get(key)) if key not in changed else changed[key]
                received.append(self._receive(state, raw, content, delivery, acknowledged, changed))
            except RejectError as error:
                received.append(error)
        taken = [one for one in received if isinstance(one, _Received)]
        stories = iter(await with_meanings(self._meanings, [one.transition.story for one in taken]))
        return [self._done(one, next(stories)) if isinstance(one, _Received) else one for one in received]

    def _receive(
        self,
        state: ItemState | None,
        raw: RawItem,
        content: Content,
        delivery: Delivery,
        acknowledged: MessageRef,
        changed: dict[bytes, ItemState],
    ) -> _Received:
        transition = receive(
            state,
            raw,
            bounded_content(content, self._max_bytes),
            delivery.message,
            story_id(raw.provider, raw.item_id),
            max_versions=self._settings.max_versions,
            max_bytes=self._max_bytes,
            acknowledged=acknowledged,
        )
        if transition.changed:
            changed[raw.key] = transition.state
        return _Received(delivery, raw.key, transition)

    def _done(self, received: _Received, story: StoryVersion | None) -> Done:
        """What is sent for an item.

        Args:
            received: the item.
            story: its story, with its vector.
        """
        transition = received.transition
        sends: list[OutgoingMessage] = []
        for text in transition.texts:
            sends.append(OutgoingMessage(self._topics.versions.name, text.key, text.encode()))
        if story is not None:
            sends.append(OutgoingMessage(self._topics.stories.name, STORIES_KEY, story.encode(), 0))
        if transition.changed:
            partition = received.delivery.message.partition
            sends.append(OutgoingMessage(self._topics.items.name, received.key, transition.state.encode(), partition))
        if story is not None and transition.changed:
            tell_of_parts(story)
        return Done(tuple(sends), transition.reason)

    async def published(self, sends: Sequence[OutgoingMessage], offsets: Sequence[int]) -> None:
        """Copy what is now durable in ``wire.items`` to the local store."""
        by_partition: dict[int, tuple[list[tuple[bytes, bytes | None]], list[int]]] = {}
        for send, offset in zip(sends, offsets, strict=True):
            if send.topic != self._topics.items.name or send.partition is None or send.key is None:
                continue
            entries, written = by_partition.setdefault(send.partition, ([], []))
            entries.append((send.key, send.value))
            written.append(offset)
        for partition, (entries, written) in by_partition.items():
            self._states.written(partition, entries, written)
