"""Where the time of a story goes between being offered and being found: what each stage waits for, and what it does.

The guard of each stage is watched from outside: when a batch is taken, and when all that it causes is stored. The
messages' own timestamps say when each was written. From these: how long a message lies in its topic, and how long the
stage has it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from kafka import KafkaConsumer, TopicPartition

from pipeline.broker.delivery import Guard
from pipeline.broker.messages import Delivery
from pipeline.broker.topics import topics_of
from pipeline.events import ClusteredStory, EnrichedStory, RawItem, StoryVersion
from pipeline.settings import Settings

#: A message: topic, partition, offset.
Place = tuple[str, int, int]

#: The steps of a story, in order.
STEPS = (
    "offered, on wire.raw",
    "taken by intake",
    "on wire.stories",
    "taken by cluster",
    "on wire.clustered",
    "taken by enrich",
    "on wire.enriched",
    "taken by index",
    "acknowledged by Elasticsearch",
    "found",
)


@dataclass
class Watched:
    """When the guards took and finished messages, by the wall clock."""

    taken: dict[Place, float] = field(default_factory=dict)
    done: dict[Place, float] = field(default_factory=dict)
    batches: list[tuple[str, int]] = field(default_factory=list)

    def stages(self) -> set[str]:
        """Those that have finished a batch."""
        return {stage for stage, _ in self.batches}


@contextmanager
def watched() -> Iterator[Watched]:
    """Note when the guards of this process take batches and have done them."""
    seen, deliver = Watched(), Guard.deliver

    async def noted(guard: Guard, batch: Sequence[Delivery]) -> None:
        places = [_place(one) for one in batch]
        seen.taken.update(dict.fromkeys(places, time.time()))
        await deliver(guard, batch)
        seen.done.update(dict.fromkeys(places, time.time()))
        if batch:
            seen.batches.append((guard.stage, len(batch)))

    Guard.deliver = noted  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        Guard.deliver = deliver  # type: ignore[method-assign]


def _place(delivery: Delivery) -> Place:
    message = delivery.message
    return message.topic, message.partition, message.offset


def moments(settings: Settings, seen: Watched, found: Mapping[str, float]) -> dict[str, list[float]]:
    """The moment of each step for each story that has them all, by item id.

    Args:
        settings: of the installation, whose topics are read.
        seen: what the guards did.
        found: by item id, when a search first had it; seconds of the wall clock.
    """
    topics = topics_of(settings)
    kinds = (
        (topics.raw.name, RawItem),
        (topics.stories.name, StoryVersion),
        (topics.clustered.name, ClusteredStory),
        (topics.enriched.name, EnrichedStory),
    )
    times: dict[str, list[float]] = {name: [] for name in found}
    for topic, kind in kinds:
        for place, written, value in _records(settings, topic):
            line = times.get(kind.decode(value).item_id)
            if line is not None and place in seen.taken and place in seen.done:
                line += [written, seen.taken[place]]
                if topic == topics.enriched.name:
                    line.append(seen.done[place])
    for name, line in times.items():
        line.append(found[name])
    return {name: line for name, line in times.items() if len(line) == len(STEPS)}


def _records(settings: Settings, topic: str) -> Iterator[tuple[Place, float, bytes]]:
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka.bootstrap_servers, auto_offset_reset="earliest")
    partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
    consumer.assign(partitions)
    consumer.seek_to_beginning()
    ends = consumer.end_offsets(partitions)
    try:
        while any(consumer.position(one) < ends[one] for one in partitions):
            for records in consumer.poll(1000).values():
                for record in records:
                    yield (topic, record.partition, record.offset), record.timestamp / 1000, record.value
    finally:
        consumer.close()


def table(times: Mapping[str, Sequence[float]], seen: Watched) -> str:
    """The steps as a table: medians, 95 of 100, the longest, and the share in the slowest twentieth of stories."""
    lines = sorted(times.values(), key=lambda line: line[-1] - line[0])
    slow = lines[-max(len(lines) // 20, 1) :]
    total = statistics.fmean(line[-1] - line[0] for line in slow)
    rows = ["| step, until | median | 95 of 100 | longest | in the slowest 5 % |", "| --- | --- | --- | --- | --- |"]
    for at, name in enumerate(STEPS[1:], 1):
        steps = sorted(line[at] - line[at - 1] for line in lines)
        share = statistics.fmean(line[at] - line[at - 1] for line in slow)
        rows.append(
            f"| {name} | {1000 * statistics.median(steps):.0f} ms | {1000 * steps[int(0.95 * len(steps))]:.0f} ms | "
            f"{1000 * steps[-1]:.0f} ms | {1000 * share:.0f} ms, {share / total:.0%} |"
        )
    sizes = {stage: [size for name, size in seen.batches if name == stage] for stage in sorted(seen.stages())}
    told = ", ".join(f"{stage} {statistics.fmean(counts):.1f}" for stage, counts in sizes.items())
    return "\n".join([*rows, f"Messages in a batch: {told}."])
