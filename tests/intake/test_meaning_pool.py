"""Vectors are computed in a process that can be killed: a text that never ends, or crashes it, costs only its vector."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.broker.killable import ProcessLimits
from pipeline.events.errors import FatalError
from pipeline.intake.meanings import MeaningPool

LIMITS = ProcessLimits(processes=1, seconds=0.5, memory_bytes=512 * 1024 * 1024)


def make_hostile() -> Callable[[Any], Any]:
    def work(texts: Any) -> Any:
        for text in texts:
            while "LOOP" in text:
                pass
            if "CRASH" in text:
                os.kill(os.getpid(), signal.SIGSEGV)
        return [f"of {text}" for text in texts]

    return work


def make_broken() -> Any:
    raise OSError("no memory")


@pytest.mark.parametrize("word", ["LOOP", "CRASH"])
def test_a_text_at_fault_has_no_vector_and_no_other_suffers(word: str) -> None:
    pool = MeaningPool(LIMITS, make_hostile)
    assert asyncio.run(pool.read(["one", word])) == ["of one", None]
    pool.close()


def test_a_process_that_does_not_start_stops_the_worker() -> None:
    pool = MeaningPool(LIMITS, make_broken)
    with pytest.raises(FatalError):
        asyncio.run(pool.read(["one"]))
    pool.close()


def test_copies_are_computed_once() -> None:
    pool = MeaningPool(LIMITS, make_hostile)
    assert asyncio.run(pool.read(["one", "one", "two"])) == ["of one", "of one", "of two"]
    pool.close()  # no further process can start
    assert asyncio.run(pool.read(["two", "one"])) == ["of two", "of one"]
