"""The waits between attempts."""

from __future__ import annotations

import asyncio
from itertools import islice

import pytest
from structlog.testing import capture_logs

from pipeline.broker.retry import RetryPolicy, until_reached
from pipeline.events.errors import FatalError, UnreachableError
from pipeline.settings import WorkerSettings


def test_each_wait_is_twice_the_last_up_to_the_longest_with_jitter() -> None:
    waits = list(islice(RetryPolicy(0.5, 4).waits(), 8))
    for wait, step in zip(waits, [0.5, 1, 2, 4, 4, 4, 4, 4], strict=True):
        assert step / 2 <= wait <= step
    assert len(set(waits)) == len(waits), "processes that lost the same server do not come back at the same moment"


def test_the_settings_give_the_policy() -> None:
    settings = WorkerSettings(retry_initial_seconds=0.1, retry_max_seconds=2)
    assert RetryPolicy.of(settings) == RetryPolicy(0.1, 2)


@pytest.mark.parametrize(
    ("ending", "lines"),
    [
        (FatalError("the partitions are another worker's"), ["kafka_unreachable", "kafka_reachable"]),
        (asyncio.CancelledError(), ["kafka_unreachable"]),
    ],
)
def test_an_answer_that_is_an_error_ends_the_outage_as_well(ending: BaseException, lines: list[str]) -> None:
    endings: list[BaseException] = [UnreachableError("Kafka does not answer.", system="kafka"), ending]

    async def attempt() -> None:
        raise endings.pop(0)

    with capture_logs() as logs, pytest.raises(type(ending)):
        asyncio.run(until_reached(attempt, RetryPolicy(0.01, 0.01), "intake"))
    assert [line["event"] for line in logs] == lines
