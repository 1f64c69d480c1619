"""From where the window is read back: the snapshot, what is known, or the start of the topic; without a broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.broker.delivery import Outcome
from pipeline.broker.messages import Delivery
from pipeline.broker.topics import topics_of
from pipeline.cluster import handler as module
from pipeline.cluster.handler import ClusterHandler
from pipeline.events import MessageRef
from pipeline.events.errors import RejectError
from pipeline.settings import ClusterSettings, KafkaSettings, Settings
from tests.cluster.test_window import stories

TOPICS = topics_of(Settings())
MESSAGES = [b"{not a story" if offset % 37 == 5 else value for offset, _, value in stories(300, 8)]


class Topic:
    """The topic; notes what was read of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, messages: Sequence[bytes] = MESSAGES) -> None:
        self.messages = messages
        self.read: list[tuple[int, int]] = []
        self.committed = 0
        monkeypatch.setattr(module, "read_partition", self._read)
        monkeypatch.setattr(module, "committed_offset", self._committed)

    async def _read(self, _: Any, __: str, ___: int, start: int, end: int) -> AsyncIterator[tuple[int, bytes, bytes]]:
        self.read.append((start, end))
        for offset in range(start, min(end, len(self.messages))):
            yield offset, b"stories", self.messages[offset]

    async def _committed(self, *_: Any) -> int:
        return self.committed


def handler(snapshot: Path | None = None, *others: Path) -> ClusterHandler:
    return ClusterHandler(KafkaSettings(), TOPICS, ClusterSettings(window_items=1000), snapshot, lambda: others)


def work(one: ClusterHandler, start: int, end: int) -> list[Any]:
    def told(outcome: Outcome) -> Any:
        return str(outcome) if isinstance(outcome, RejectError) else outcome

    async def run() -> list[Any]:
        found: list[Any] = []
        for at in range(start, end, 7):
            batch = [
                Delivery(
                    MessageRef(topic=TOPICS.stories.name, partition=0, offset=offset), b"stories", MESSAGES[offset]
                )
                for offset in range(at, min(at + 7, end))
            ]
            found += [told(outcome) for outcome in await one.work(batch)]
        return found

    return asyncio.run(run())


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> Topic:
    return Topic(monkeypatch)


@pytest.fixture
def whole(topic: Topic) -> list[Any]:
    return work(handler(), 0, 300)


def test_without_a_snapshot_the_topic_is_read_from_its_start(topic: Topic, whole: list[Any]) -> None:
    topic.read.clear()
    assert work(handler(), 200, 300) == whole[200:]
    assert topic.read == [(0, 200)]


@pytest.mark.parametrize("saved", [150, 191, 200])
def test_a_snapshot_is_read_on_from(topic: Topic, whole: list[Any], tmp_path: Path, saved: int) -> None:
    """191: the last message before it was not a story."""
    first = handler(tmp_path / "window.npz")
    work(first, 0, saved)
    asyncio.run(first.close())
    topic.read.clear()
    assert work(handler(tmp_path / "window.npz"), 200, 300) == whole[200:]
    assert topic.read == [(saved - 1, 200)]


def test_a_worker_that_joins_reads_on_from_the_furthest_snapshot_of_this_machine(
    topic: Topic, whole: list[Any], tmp_path: Path
) -> None:
    """Not from the one that was written last: an idle worker writes, when it ends, what it knew at its start."""
    paths = [tmp_path / name / "window.npz" for name in ("0", "1", "2", "3")]
    for path, saved in zip(paths, (100, 150, 50), strict=False):
        first = handler(path)
        work(first, 0, saved)
        asyncio.run(first.close())
    paths[3].parent.mkdir()
    paths[3].write_bytes(b"cut off")
    for own in (paths[0], tmp_path / "4" / "window.npz"):
        topic.read.clear()
        assert work(handler(own, *paths), 200, 300) == whole[200:]
        assert topic.read == [(149, 200)]


def test_messages_that_were_not_acknowledged_have_the_same_clusters(
    topic: Topic, whole: list[Any], tmp_path: Path
) -> None:
    first = handler(tmp_path / "window.npz")
    work(first, 0, 200)
    asyncio.run(first.close())
    topic.read.clear()
    assert work(handler(tmp_path / "window.npz"), 193, 300) == whole[193:]
    assert topic.read == [(199, 200)], "only whether the snapshot is of this topic"


def test_a_partition_that_leaves_and_comes_back_is_read_on(topic: Topic, whole: list[Any]) -> None:
    one = handler()
    work(one, 0, 100)
    one.forget()
    topic.read.clear()
    assert work(one, 100, 150) == whole[100:150], "nothing happened meanwhile"
    assert topic.read == []
    one.forget()
    assert work(one, 220, 300) == whole[220:]
    assert topic.read == [(149, 220)], "what the other process placed, and no more"


def test_the_window_is_restored_before_the_first_message(topic: Topic, whole: list[Any]) -> None:
    topic.committed = 200
    one = handler()
    topic.read.clear()
    asyncio.run(one.prepare())
    assert topic.read == [(0, 200)]
    assert work(one, 200, 300) == whole[200:]
    assert topic.read == [(0, 200)]


def test_a_snapshot_of_another_topic_is_ignored(
    topic: Topic, whole: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = [value for _, _, value in stories(300, 9)]
    Topic(monkeypatch, other)
    first = handler(tmp_path / "window.npz")
    monkeypatch.setattr("tests.cluster.test_restoring.MESSAGES", other)
    work(first, 0, 150)
    asyncio.run(first.close())
    monkeypatch.undo()
    again = Topic(monkeypatch)
    assert work(handler(tmp_path / "window.npz"), 200, 300) == whole[200:]
    assert again.read == [(149, 200), (0, 200)]


def test_a_gap_that_retention_left_is_passed_over(topic: Topic, whole: list[Any]) -> None:
    one = handler()
    work(one, 0, 100)
    topic.read.clear()
    work(one, 103, 300)
    assert topic.read == []
