"""The waits between attempts."""

from __future__ import annotations

from itertools import islice

from pipeline.broker.retry import RetryPolicy
from pipeline.settings import WorkerSettings


def test_each_wait_is_twice_the_last_up_to_the_longest_with_jitter() -> None:
    waits = list(islice(RetryPolicy(0.5, 4).waits(), 8))
    for wait, step in zip(waits, [0.5, 1, 2, 4, 4, 4, 4, 4], strict=True):
        assert step / 2 <= wait <= step
    assert len(set(waits)) == len(waits), "processes that lost the same server do not come back at the same moment"


def test_the_settings_give_the_policy() -> None:
    settings = WorkerSettings(retry_initial_seconds=0.1, retry_max_seconds=2)
    assert RetryPolicy.of(settings) == RetryPolicy(0.1, 2)
