"""A server that is away for longer than a consumer may be silent, with more waiting than the buffers of a stage hold."""

from __future__ import annotations

import time
from typing import Any

import pytest

pytestmark = pytest.mark.stack

#: Seconds of silence after which a consumer leaves its group; 15 minutes in a real worker.
MAX_POLL_SECONDS = 3


def test_a_stage_goes_on_when_a_server_is_back_after_the_longest_poll_interval(lab: Any) -> None:
    """The stream's buffer holds 256 messages of a stage, and one fetch as many again."""
    first, rest = 20, 1500
    lab.feed(*[{"n": n, "do": "pass"} for n in range(first)])
    process = lab.start(str(MAX_POLL_SECONDS))
    lab.wait_passed(set(range(first)))
    lab.feed(*[{"n": first + n, "do": "hang"} for n in range(rest)])
    time.sleep(3 * MAX_POLL_SECONDS)
    (lab.directory / "server-is-back").touch()
    lab.wait_for(lambda: lab.committed() == first + rest, 60, "all acknowledged")
    assert set(lab.passed()) == set(range(first + rest))
    assert lab.dead() == []
    assert lab.stop(process) == 0
