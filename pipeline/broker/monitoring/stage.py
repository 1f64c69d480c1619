"""What one stage has taken, finished and acknowledged: counted once, read by metrics, probes and the live view."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pipeline.broker.messages import Delivery
from pipeline.broker.monitoring import metrics
from pipeline.broker.monitoring.health import StageStatus
from pipeline.broker.monitoring.restores import is_restoring

#: The usual time of a batch: a moving mean of the last ones, in which slow ones weigh more.
_SLOWER, _FASTER = 0.5, 0.05


class ConsumerView(Protocol):
    """What a probe may ask of a stage's consumer, from any thread."""

    def assigned(self) -> set[tuple[str, int]]:
        """The topics and partitions that it holds."""
        ...

    def end(self, topic: str, partition: int) -> int | None:
        """The offset after the last message of a partition, as last heard from the broker."""
        ...

    def committed(self, topic: str, partition: int) -> int | None:
        """The next offset to process, as last committed."""
        ...

    def is_member(self) -> bool:
        """Whether it is a member of its consumer group."""
        ...


@dataclass
class Counters:
    """What a stage did since the process started; ``reasons`` says what finished messages came to."""

    received: int = 0
    sent: int = 0
    rejected: int = 0
    retried: int = 0
    acknowledged: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass
class _Partition:
    next_offset: int | None = None
    #: Offset and Unix time of each message that was taken and not acknowledged, oldest first.
    waiting: dict[int, float | None] = field(default_factory=dict)


class StageMonitor:
    """Counts one stage's messages. Written by the stage's event loop, read by the endpoint's threads.

    Args:
        stage: its name, the label of its metrics.
        clock: seconds, monotonic.

    Attributes:
        counters: the same counts as the metrics, of this stage alone, for the live view.
    """

    def __init__(self, stage: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.stage = stage
        self.counters = Counters()
        self.consumer: ConsumerView | None = None
        metrics.start_at_zero(metrics.FINISHED, *((stage, outcome) for outcome in ("passed", "dropped", "rejected")))
        self._clock = clock
        self._lock = threading.Lock()
        self._partitions: dict[tuple[str, int], _Partition] = {}
        self._waiting_for: str | None = None
        self._began: float | None = None
        self._progress = clock()
        self._usual = 0.0
        self._outside_since: float | None = None
        #: Until when a server was away: what was not done before says nothing about the stage.
        self._held_until = float("-inf")

    # written by the guard

    def taken(self, batch: Sequence[Delivery]) -> None:
        """A batch was taken from the topic."""
        self.counters.received += len(batch)
        metrics.RECEIVED.labels(self.stage).inc(len(batch))
        with self._lock:
            now = self._clock()
            if not any(partition.waiting for partition in self._partitions.values()):
                self._progress = now
            self._began = now
            for delivery in batch:
                partition = self._partition_of(delivery)
                partition.waiting[delivery.message.offset] = delivery.timestamp

    def finished(self, outcome: str, reason: str) -> None:
        """One message of the batch passed, was dropped or was rejected; for this reason."""
        self.counters.reasons[reason] += 1
        metrics.FINISHED.labels(self.stage, outcome).inc()

    def dead_letter(self, error: str) -> None:
        """A message is sent to the dead letters; ``error`` is the class of the error."""
        self.counters.rejected += 1
        metrics.REJECTED.labels(self.stage, error).inc()

    def sent(self, count: int) -> None:
        """So many messages were made durable."""
        self.counters.sent += count
        metrics.SENT.labels(self.stage).inc(count)

    def waits(self, server: str | None) -> None:
        """A server is waited for; ``None``: it answered again."""
        if server is not None:
            self.counters.retried += 1
            metrics.RETRIES.labels(self.stage).inc()
        with self._lock:
            self._waiting_for = server
            self._held_until = self._clock()

    def acknowledged(self, delivery: Delivery) -> None:
        """One message was acknowledged."""
        self.counters.acknowledged += 1
        metrics.ACKNOWLEDGED.labels(self.stage).inc()
        metrics.LAST_PROGRESS.labels(self.stage).set_to_current_time()
        with self._lock:
            self._progress = self._clock()
            partition = self._partition_of(delivery)
            partition.waiting.pop(delivery.message.offset, None)
            partition.next_offset = max(partition.next_offset or 0, delivery.message.offset + 1)

    def _partition_of(self, delivery: Delivery) -> _Partition:
        where = delivery.message.topic, delivery.message.partition
        return self._partitions.setdefault(where, _Partition())

    def batch_done(self) -> None:
        """All of a batch was acknowledged."""
        with self._lock:
            if self._began is None:
                return
            now = self._clock()
            took, worked = now - self._began, now - max(self._began, self._held_until)
            self._began = None
            self._usual += (worked - self._usual) * (_SLOWER if worked > self._usual else _FASTER)
        metrics.HANDLING.labels(self.stage).observe(took)

    def revoked(self, partitions: set[int]) -> None:
        """These partitions, of every topic of the stage, went to another worker."""
        with self._lock:
            for where in [where for where in self._partitions if where[1] in partitions]:
                del self._partitions[where]

    # read by probes and metrics

    def lags(self) -> dict[int, int]:
        """Messages not acknowledged, by number of an assigned partition, over the topics of the stage."""
        if self.consumer is None:
            return {}
        lags: dict[int, int] = {}
        for where in sorted(self.consumer.assigned()):
            end = self.consumer.end(*where)
            with self._lock:
                known = self._partitions.get(where)
                reached = known.next_offset if known else None
            offsets = [offset for offset in (reached, self.consumer.committed(*where)) if offset is not None]
            next_offset = max(offsets, default=None)
            lag = max(0, end - next_offset) if end is not None and next_offset is not None else 0
            lags[where[1]] = lags.get(where[1], 0) + lag
        return lags

    def oldest_waiting(self, now: float) -> dict[int, float]:
        """Seconds since the oldest message taken and not acknowledged was written, by number of a partition.

        Args:
            now: Unix time.
        """
        ages: dict[int, float] = {}
        with self._lock:
            for (_, number), partition in self._partitions.items():
                first = next((time for time in partition.waiting.values() if time is not None), now)
                ages[number] = max(ages.get(number, 0.0), now - first)
        return ages

    def in_progress(self) -> int:
        """Messages taken and not acknowledged."""
        with self._lock:
            return sum(len(partition.waiting) for partition in self._partitions.values())

    def observe(self, *, kafka_away: bool) -> None:
        """Look whether the consumer is in its group; called every second, so that the time outside it is known.

        Args:
            kafka_away: Kafka does not answer. Time outside the group, and without work, counts from when it does.
        """
        member = self.consumer is None or self.consumer.is_member()
        with self._lock:
            now = self._clock()
            if kafka_away:
                self._held_until = now
            if member:
                self._outside_since = None
            elif self._outside_since is None:
                self._outside_since = now

    def status(self) -> StageStatus:
        """What a probe needs to know."""
        lags = self.lags()
        with self._lock:
            now = self._clock()
            outside = self._outside_since
            return StageStatus(
                stage=self.stage,
                assigned=len(lags),
                lag=sum(lags.values()),
                idle_seconds=now - max(self._progress, self._held_until),
                usual_seconds=self._usual,
                waiting_for=self._waiting_for,
                outside_group_seconds=None if outside is None else now - max(outside, self._held_until),
                restored=not is_restoring(self.stage),
            )
