"""What the guard promises, each on the real broker: nothing that was fed is lost, whatever happens on the way."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest

pytestmark = pytest.mark.stack


def told(count: int, **special: str) -> list[dict[str, Any]]:
    """Messages 0 … count-1 that pass, but for those named (``_2="raise"``)."""
    return [{"n": n, "do": special.get(f"_{n}", "pass")} for n in range(count)]


def test_an_exception_costs_one_message_a_dead_letter(lab: Any) -> None:
    lab.feed(*told(10, _2="raise"))
    process = lab.start()
    lab.wait_passed(set(range(10)) - {2})
    lab.wait_for(lambda: len(lab.dead()) == 1)
    lab.wait_for(lambda: lab.committed() == 10, what="all acknowledged")
    (letter,) = lab.dead()
    assert letter["error"] == "ZeroDivisionError"
    assert "message 2" in letter["reason"]
    assert letter["stage"] == "intake"
    assert lab.stop(process) == 0


def test_one_bad_message_in_a_batch_takes_no_other_along(lab: Any) -> None:
    lab.feed(*told(15, _3="raise", _4="reject", _11="raise"), partition=0)
    process = lab.start()
    lab.wait_passed(set(range(15)) - {3, 4, 11})
    lab.wait_for(lambda: len(lab.dead()) == 3)
    assert {letter["origin"]["offset"] for letter in lab.dead()} == {3, 4, 11}
    assert lab.stop(process) == 0


def test_undecodable_values_are_kept_as_they_were(lab: Any) -> None:
    bad = b"\xff\xfe not json"
    lab.feed({"n": 0, "do": "pass"}, bad, {"n": 2, "do": "pass"}, bad, {"n": 4, "do": "pass"}, partition=0)
    process = lab.start()
    lab.wait_passed({0, 2, 4})
    lab.wait_for(lambda: len(lab.dead()) == 2)
    assert {base64.urlsafe_b64decode(letter["original"]) for letter in lab.dead()} == {bad}
    assert lab.stop(process) == 0


def test_a_send_that_the_broker_refuses_becomes_a_dead_letter(lab: Any) -> None:
    lab.feed(*told(6, _1="big"))
    process = lab.start()
    lab.wait_passed({0, 2, 3, 4, 5})
    lab.wait_for(lambda: len(lab.dead()) == 1)
    assert "refuses" in lab.dead()[0]["reason"]
    assert lab.stop(process) == 0


def test_sigterm_in_the_middle_of_work_loses_nothing(lab: Any) -> None:
    lab.feed(*told(60, **{f"_{n}": "sleep" for n in range(60)}))
    process = lab.start()
    lab.wait_for(lambda: len(lab.passed()) >= 5)
    assert lab.stop(process) == 0
    assert lab.committed() <= len(lab.passed()), "nothing may be acknowledged that did not pass"
    process = lab.start()
    lab.wait_passed(set(range(60)), 40)
    assert lab.stop(process) == 0


def test_sigterm_while_waiting_for_a_server_ends_at_once_and_acknowledges_nothing_open(lab: Any) -> None:
    lab.feed(*told(10, _5="hang"), partition=0)
    process = lab.start()
    lab.wait_for(lambda: lab.committed() == 5, what="what came before is acknowledged")
    began = time.monotonic()
    assert lab.stop(process) == 0
    assert time.monotonic() - began < 10
    assert lab.committed() == 5
    (lab.directory / "server-is-back").touch()
    process = lab.start()
    lab.wait_passed(set(range(10)))
    assert lab.dead() == []
    assert lab.stop(process) == 0


def test_a_fatal_error_stops_without_acknowledging(lab: Any) -> None:
    lab.feed(*told(5, _2="exit"), partition=0)
    process = lab.start()
    assert process.wait(20) == 70
    assert lab.committed() == 0
    process = lab.start()
    lab.wait_passed(set(range(5)))
    assert lab.stop(process) == 0


def test_kill_9_and_restart(lab: Any) -> None:
    lab.feed(*told(30, **{f"_{n}": "sleep" for n in range(30)}))
    process = lab.start()
    lab.wait_for(lambda: len(lab.passed()) >= 5)
    process.kill()
    process.wait(10)
    process = lab.start()
    lab.wait_passed(set(range(30)), 40)
    assert lab.stop(process) == 0


def test_a_second_worker_joins_and_leaves(lab: Any) -> None:
    lab.feed(*told(120, **{f"_{n}": "sleep" for n in range(0, 120, 3)}))
    first = lab.start()
    lab.wait_for(lambda: len(lab.passed()) >= 10)
    second = lab.start()
    lab.wait_for(lambda: len(lab.passed()) >= 60, 40)
    assert lab.stop(second) == 0
    lab.wait_passed(set(range(120)), 40)
    assert lab.stop(first) == 0


def test_twenty_restarts_with_a_backlog(lab: Any) -> None:
    total = 0
    for _ in range(20):
        lab.feed(*[{"n": total + n, "do": "pass"} for n in range(6)])
        total += 6
        process = lab.start()
        # Not always to the end of the backlog: some of it waits for the next start.
        lab.wait_for(lambda: len(lab.passed()) >= total - 5)  # noqa: B023
        assert lab.stop(process) == 0
    process = lab.start()
    lab.wait_passed(set(range(total)))
    lab.wait_for(lambda: lab.committed() == total)
    assert lab.stop(process) == 0
    assert lab.dead() == []
