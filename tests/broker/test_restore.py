"""State restored from its topic, while partitions come and go: without a broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from faust.types import TP

from pipeline.broker import restore
from pipeline.broker.app import StageShape, attach, make_app
from pipeline.broker.delivery import Done, Outcome
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.broker.restore import RestoredPartitions
from pipeline.broker.topics import topics_of
from pipeline.settings import KafkaSettings, Settings


class Topic:
    """One partition in memory; ``while_reading`` happens in the middle of each restoration, once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.records: list[tuple[bytes, bytes]] = []
        self.while_reading: list[Callable[[], None]] = []
        monkeypatch.setattr(restore, "end_offset", self._end)
        monkeypatch.setattr(restore, "read_partition", self._read)

    async def _end(self, *_: Any) -> int:
        return len(self.records)

    async def _read(
        self, _kafka: Any, _topic: str, _partition: int, start: int, end: int
    ) -> AsyncIterator[tuple[int, bytes, bytes]]:
        found = list(enumerate(self.records))[start:end]
        while self.while_reading:
            self.while_reading.pop()()
        for offset, (key, value) in found:
            yield offset, key, value


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> Topic:
    return Topic(monkeypatch)


@pytest.fixture
def states(tmp_path: Path) -> RestoredPartitions:
    return RestoredPartitions(KafkaSettings(), "wire.items", tmp_path / "intake", lambda _, newer: newer)


def known(states: RestoredPartitions, key: bytes) -> bytes | None:
    async def get() -> bytes | None:
        return (await states.store(0)).get(key)

    return asyncio.run(get())


def test_what_another_worker_wrote_while_it_had_the_partition_is_known(
    topic: Topic, states: RestoredPartitions
) -> None:
    topic.records.append((b"story", b"version 1"))
    assert known(states, b"story") == b"version 1"
    states.forget({0})
    topic.records.append((b"story", b"killed"))
    assert known(states, b"story") == b"killed"
    states.forget()


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_partition_that_leaves_while_it_is_restored_is_restored_again(
    topic: Topic, states: RestoredPartitions, *, comes_back: bool
) -> None:
    """Workers that start together: the partitions move while the first batch waits for its state."""

    def elsewhere() -> None:
        states.forget({0})
        topic.records.append((b"story", b"killed"))
        if comes_back:
            states.forget({0})

    topic.records.append((b"story", b"version 1"))
    topic.while_reading.append(elsewhere)
    assert known(states, b"story") == b"killed"
    states.forget()


def test_a_stage_forgets_what_it_knew_of_partitions_that_leave_or_come(tmp_path: Path) -> None:
    """A batch of the time before may have restored one while it belonged to another worker."""
    settings, moved = Settings(), list[set[int]]()
    topics = topics_of(settings)

    async def run() -> None:
        app = make_app(settings, "intake", tmp_path)
        attach(app, StageShape("intake", topics.raw, 64, 0.05), Idle(), settings, moved.append)
        pairs = {TP(topics.raw.name, 0), TP(topics.raw.name, 3), TP("another", 1)}
        await app.on_partitions_revoked.send(pairs)
        await app.on_partitions_assigned.send(pairs)

    asyncio.run(run())
    assert moved == [{0, 3}, {0, 3}]


class Idle:
    """A stage without work."""

    async def work(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        return [Done() for _ in batch]

    async def published(self, sends: Sequence[OutgoingMessage], offsets: Sequence[int]) -> None:
        """Nothing was sent."""
