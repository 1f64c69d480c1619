"""What one stage has taken, finished and acknowledged: counted once, read by metrics, probes and the live view."""

from __future__ import annotations

import threading
import time
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

    def assigned(self) -> set[int]:
        """The partitions that it holds."""
        ...

    def end(self, partition: int) -> int | None:
        """The offset after the last message of a partition, as last heard from the broker."""
        ...

    def committed(self, partition: int) -> int | None:
        """The next offset to process, as last committed."""
        ...

    def is_member(self) -> bool:
        """Whether it is a member of its consumer group."""
        ...


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
    """

    def __init__(self, stage: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.stage = stage
        self.consumer: ConsumerView | None = None
        self.topic: str | None = None
        metrics.start_at_zero(metrics.FINISHED, *((stage, outcome) for outcome in ("passed", "dropped", "rejected")))
        self._clock = clock
        self._lock = threading.Lock()
        self._partitions: dict[int, _Partition] = {}
        self._waiting_for: str | None = None
        self._began: float | None = None
        self._progress = clock()
        self._usual = 0.0
        self._outside_since: float | None = None

    # written by the guard

    def taken(self, batch: Sequence[Delivery]) -> None:
        """A batch was taken from the topic."""
        metrics.RECEIVED.labels(self.stage).inc(len(batch))
        with self._lock:
            now = self._clock()
            if not any(partition.waiting for partition in self._partitions.values()):
                self._progress = now
            self._began = now
            for delivery in batch:
                if self._of_another_topic(delivery):
                    continue
                partition = self._partitions.setdefault(delivery.message.partition, _Partition())
                partition.waiting[delivery.message.offset] = delivery.timestamp

    def finished(self, outcome: str, error: str | None = None) -> None:
        """What one message of the batch came to: passed, dropped, or rejected with an error's class."""
        metrics.FINISHED.labels(self.stage, outcome).inc()
        if error is not None:
            metrics.REJECTED.labels(self.stage, error).inc()

    def sent(self, count: int) -> None:
        """So many messages were made durable."""
        metrics.SENT.labels(self.stage).inc(count)

    def waits(self, server: str | None) -> None:
        """A server is waited for; ``None``: it answered again."""
        if server is not None:
            metrics.RETRIES.labels(self.stage).inc()
        with self._lock:
            self._waiting_for = server

    def acknowledged(self, delivery: Delivery) -> None:
        """One message was acknowledged."""
        metrics.ACKNOWLEDGED.labels(self.stage).inc()
        metrics.LAST_PROGRESS.labels(self.stage).set_to_current_time()
        with self._lock:
            self._progress = self._clock()
            if self._of_another_topic(delivery):
                return
            partition = self._partitions.setdefault(delivery.message.partition, _Partition())
            partition.waiting.pop(delivery.message.offset, None)
            partition.next_offset = max(partition.next_offset or 0, delivery.message.offset + 1)

    def _of_another_topic(self, delivery: Delivery) -> bool:
        """Whether a message is of a further topic of the stage: its offsets are not comparable with ``consumer``'s."""
        return self.topic is not None and delivery.message.topic != self.topic

    def batch_done(self) -> None:
        """All of a batch was acknowledged."""
        with self._lock:
            if self._began is None:
                return
            took = self._clock() - self._began
            self._began = None
            self._usual += (took - self._usual) * (_SLOWER if took > self._usual else _FASTER)
        metrics.HANDLING.labels(self.stage).observe(took)

    def revoked(self, partitions: set[int]) -> None:
        """These partitions went to another worker."""
        with self._lock:
            for partition in partitions:
                self._partitions.pop(partition, None)

    # read by probes and metrics

    def lags(self) -> dict[int, int]:
        """Messages not acknowledged, by assigned partition."""
        if self.consumer is None:
            return {}
        lags = {}
        for number in sorted(self.consumer.assigned()):
            end = self.consumer.end(number)
            with self._lock:
                known = self._partitions.get(number)
                reached = known.next_offset if known else None
            offsets = [offset for offset in (reached, self.consumer.committed(number)) if offset is not None]
            next_offset = max(offsets, default=None)
            lags[number] = max(0, end - next_offset) if end is not None and next_offset is not None else 0
        return lags

    def oldest_waiting(self, now: float) -> dict[int, float]:
        """Seconds since the oldest message taken and not acknowledged was written to the topic, by partition.

        Args:
            now: Unix time.
        """
        with self._lock:
            times = {
                number: next((time for time in partition.waiting.values() if time is not None), None)
                for number, partition in self._partitions.items()
            }
        return {number: max(0.0, now - first) if first is not None else 0.0 for number, first in times.items()}

    def in_progress(self) -> int:
        """Messages taken and not acknowledged."""
        with self._lock:
            return sum(len(partition.waiting) for partition in self._partitions.values())

    def observe_membership(self) -> None:
        """Look whether the consumer is in its group; called every second, so that the time outside it is known."""
        member = self.consumer is None or self.consumer.is_member()
        with self._lock:
            if member:
                self._outside_since = None
            elif self._outside_since is None:
                self._outside_since = self._clock()

    def status(self) -> StageStatus:
        """What a probe needs to know."""
        lags = self.lags()
        with self._lock:
            now = self._clock()
            return StageStatus(
                stage=self.stage,
                assigned=len(lags),
                lag=sum(lags.values()),
                idle_seconds=now - self._progress,
                usual_seconds=self._usual,
                waiting_for=self._waiting_for,
                outside_group_seconds=now - self._outside_since if self._outside_since is not None else 0.0,
                restored=not is_restoring(self.stage),
            )
