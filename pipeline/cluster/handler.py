"""The cluster stage's work on a batch: story versions in, the same with their cluster out.

Its memory is a function of the topic's window and nothing else: when the partition is assigned to this process, all
messages before the first one delivered are read back and placed again, without sending anything.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

import structlog

from pipeline.broker.delivery import Done, Outcome
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.broker.restore import read_partition
from pipeline.broker.topics import Topics
from pipeline.cluster.clusterer import Clusterer
from pipeline.cluster.references import NamedStories, is_notice, kill_of, references_of
from pipeline.cluster.same_event import Events, with_event
from pipeline.events import Cluster, ClusteredStory, StoryVersion
from pipeline.events.dead_letter import dead_letter
from pipeline.events.errors import RejectError
from pipeline.settings import KafkaSettings

log = structlog.get_logger("wiredesk.cluster")

#: Clusters kept for messages of a batch that is tried again; many times the longest batch.
_KEPT_CLUSTERS = 4096
#: Stories that a notice can refer to: some days of a busy desk.
_NAMED_STORIES = 50_000


class ClusterHandler:
    """Groups copies.

    Args:
        kafka: the broker from which the window is read back.
        topics: names of the topics.
        make: creates an empty clusterer.
        group_events: whether stories also get the id of their event.
    """

    def __init__(
        self, kafka: KafkaSettings, topics: Topics, make: Callable[[], Clusterer], *, group_events: bool = False
    ) -> None:
        self._kafka = kafka
        self._topics = topics
        self._make = make
        self._clusterer: Clusterer | None = None
        self._group_events = group_events
        self._events: Events | None = None
        self._named = NamedStories(_NAMED_STORIES)
        self._next = 0
        self._placed: OrderedDict[int, Cluster | None] = OrderedDict()

    async def work(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        """One outcome for each story version, in order."""
        await self._restore(batch[0].message.offset)
        outcomes: list[Outcome] = []
        for delivery in batch:
            try:
                story = StoryVersion.decode(delivery.value)
            except RejectError as error:
                self._next = max(self._next, delivery.message.offset + 1)
                outcomes.append(error)
                continue
            cluster = self._place(story, delivery.message.offset)
            clustered = ClusteredStory(**story.model_dump(exclude={"cluster"}), cluster=cluster)
            send = OutgoingMessage(self._topics.clustered.name, clustered.key, clustered.encode())
            notice = self._notice(story, delivery)
            reason = "notice" if notice else "copy" if cluster.duplicate_of else "alone"
            outcomes.append(Done((send, *notice), reason))
        return outcomes

    def _notice(self, story: StoryVersion, delivery: Delivery) -> tuple[OutgoingMessage, ...]:
        """The sends for a kill that refers to another item: the kill of that item, or a dead letter for a person."""
        if not is_notice(story):
            return ()
        target = self._named.find(story)
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
        """Forget everything: the partition was assigned to another process."""
        self._clusterer = None
        self._placed.clear()

    def _place(self, story: StoryVersion, offset: int) -> Cluster:
        """The cluster of one message; the same again if it was placed already."""
        known = self._placed.get(offset)
        if known is not None:
            return known
        assert self._clusterer is not None
        cluster = place(self._clusterer, story, self._events)
        self._named.note(story)
        self._next = offset + 1
        self._placed[offset] = cluster
        if len(self._placed) > _KEPT_CLUSTERS:
            self._placed.popitem(last=False)
        return cluster

    async def _restore(self, offset: int) -> None:
        if self._clusterer is not None and (offset == self._next or offset in self._placed):
            return
        if self._clusterer is not None and offset > self._next:
            # Messages deleted by retention, or markers of transactions: none of them was a story.
            self._next = offset
            return
        clusterer, count = self._make(), 0
        self._named = NamedStories(_NAMED_STORIES)
        self._events = Events() if self._group_events else None
        async for _, _, value in read_partition(self._kafka, self._topics.stories.name, 0, 0, offset):
            try:
                story = StoryVersion.decode(value)
            except RejectError:
                continue  # it was rejected when it was delivered
            place(clusterer, story, self._events)
            self._named.note(story)
            count += 1
        self._clusterer, self._next = clusterer, offset
        self._placed.clear()
        log.info("window_restored", stories=count, up_to_offset=offset)

    async def published(self, sends: Sequence[OutgoingMessage], offsets: Sequence[int]) -> None:
        """Nothing to do: sent messages are not remembered."""


def place(clusterer: Clusterer, story: StoryVersion, events: Events | None = None) -> Cluster:
    """Place one story version.

    A withdrawn story keeps its cluster and its old text: late copies of it are copies of a killed story, and its
    notice is a copy of nothing.
    """
    withdrawn = story.killed or story.pubstatus == "withheld"
    text, language = None if withdrawn else story.content.body, story.content.language
    cluster = clusterer.place(story.story_id, text, language, story.received, content_type=story.content.type)
    return with_event(events, cluster, text, language, story.received)
