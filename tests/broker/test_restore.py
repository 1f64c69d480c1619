"""State restored from its topic, while partitions come and go: without a broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.broker import restore
from pipeline.broker.restore import RestoredPartitions
from pipeline.settings import KafkaSettings


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
