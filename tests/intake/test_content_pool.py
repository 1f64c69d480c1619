"""An item that never ends cleaning, or crashes its process, is rejected by itself; the worker goes on."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.broker.killable import ProcessLimits
from pipeline.events import Content, RawItem
from pipeline.events.errors import FatalError, RejectError
from pipeline.events.item import Item
from pipeline.intake.content_pool import ContentInProcess, ContentPool, clean_all

LIMITS = ProcessLimits(processes=1, seconds=0.5, memory_bytes=256 * 1024 * 1024)


def raw(text: str) -> bytes:
    return RawItem.model_validate(
        {
            "connector": "c", "provider": "p", "item_id": "1", "id_kind": "uri", "received": datetime(2026, 1, 1, tzinfo=UTC),
            "item": Item(headline="h", body_text=text), "parser": "text", "mapping": "wire",
        }
    ).encode()  # fmt: skip


def make_hostile() -> Callable[[Any], Any]:
    def work(batch: Any) -> Any:
        for value in batch[0]:
            while b"LOOP" in value:
                pass
            if b"CRASH" in value:
                os.kill(os.getpid(), signal.SIGSEGV)
        return clean_all(batch)

    return work


def make_broken() -> Any:
    raise OSError("no memory")


@pytest.mark.parametrize(("word", "reason"), [("LOOP", r"0\.5 s of processor time"), ("CRASH", "exit code -11")])
def test_the_item_at_fault_is_rejected_and_no_other(word: str, reason: str) -> None:
    pool = ContentPool(LIMITS, make_hostile)
    found = asyncio.run(pool.read([raw("one"), raw(word), raw("three"), b"no event"], 1000))
    pool.close()
    one, hostile, three, undecoded = found
    assert isinstance(one, Content)
    assert isinstance(three, Content)
    assert (one.body, three.body) == ("one", "three")
    with pytest.raises(RejectError, match=reason):
        raise hostile  # type: ignore[misc]
    assert isinstance(undecoded, RejectError)


def test_the_same_content_as_without_a_process() -> None:
    values = [raw("a  b\n\n\nc"), raw("e\u0301" * 10)]
    pool = ContentPool()
    found = asyncio.run(pool.read(values, 1000))
    pool.close()
    assert found == asyncio.run(ContentInProcess().read(values, 1000))


def test_a_machine_without_processes_makes_no_item_guilty() -> None:
    pool = ContentPool(LIMITS, make_broken)
    with pytest.raises(FatalError, match="no memory"):
        asyncio.run(pool.read([raw("a")], 1000))
    pool.close()
