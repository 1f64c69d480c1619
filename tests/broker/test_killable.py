"""One request that never ends, crashes or takes all memory costs itself an error, and nobody else anything."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipeline.broker.killable import KillablePool, NotStartedError, OverrunError, ProcessLimits, _serve
from pipeline.events.errors import ParseError, UnreachableError

LIMITS = ProcessLimits(processes=2, seconds=0.5, memory_bytes=64 * 1024 * 1024, requests_per_process=50)


def make() -> Any:
    return answer


def make_broken() -> Any:
    raise ValueError("no model")


def answer(request: tuple[str, Any]) -> Any:
    kind, value = request
    if kind == "echo":
        return value, os.getpid()
    if kind == "wait":
        return time.sleep(value)
    if kind == "afterwards":  # the process goes on working once the request is answered
        threading.Thread(target=lambda: [None for _ in iter(lambda: time.process_time() < value, False)]).start()
        return os.getpid()
    if kind == "bursts":  # as a kernel that counts by ticks sees it: always busy
        for _ in range(value):
            began = time.perf_counter()
            while time.perf_counter() < began + 0.0009:
                pass
            time.sleep(0.003)
        return "answered"
    if kind == "loop":
        while True:
            pass
    if kind == "pattern":  # holds the interpreter lock for ever
        return re.match(r"(?:a+)+b", "a" * 64)
    if kind == "memory":
        return len(b"x" * value)
    if kind == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if kind == "crash once" and not Path(value).exists():
        Path(value).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "crash once":
        return "answered"
    if kind == "deep":
        return answer(request)
    raise ParseError("line 3: no")


@pytest.fixture(scope="module")
def pool() -> Iterator[KillablePool]:
    pool = KillablePool(make, LIMITS, "test")
    yield pool
    pool.close()


@pytest.mark.parametrize("kind", ["loop", "pattern"])
def test_what_never_ends_is_killed(pool: KillablePool, kind: str) -> None:
    with pytest.raises(OverrunError, match=r"more than 0\.5 s of processor time"):
        pool.run((kind, None))
    assert pool.run(("echo", 1))[0] == 1


def test_memory_is_bounded_and_the_process_goes_on(pool: KillablePool) -> None:
    with pytest.raises(OverrunError, match="more than 64 MB of memory"):
        pool.run(("memory", 512 * 1024 * 1024))
    assert pool.run(("memory", 1024 * 1024)) == 1024 * 1024


def test_a_crash_is_tried_once_more_in_a_new_process(pool: KillablePool, tmp_path: Path) -> None:
    with pytest.raises(OverrunError, match="exit code -11"):
        pool.run(("crash", None))
    assert pool.run(("crash once", str(tmp_path / "crashed"))) == "answered"


def test_errors_come_back_as_they_are(pool: KillablePool) -> None:
    with pytest.raises(ParseError, match="line 3: no"):
        pool.run(("error", None))
    with pytest.raises(OverrunError, match="nested too deep"):
        pool.run(("deep", None))


def test_one_that_loops_holds_up_no_other(pool: KillablePool) -> None:
    with ThreadPoolExecutor(4) as threads:
        hostile = [threads.submit(pool.run, ("loop", None)) for _ in range(3)]
        healthy = [threads.submit(pool.run, ("echo", number)) for number in range(40)]
        assert [future.result()[0] for future in healthy] == list(range(40))
        assert all(isinstance(future.exception(), OverrunError) for future in hostile)


def test_many_short_requests_are_not_added_up() -> None:
    """A steady run of two hours found it: a process that had answered thousands of requests was ended as too slow."""
    pool = KillablePool(make, ProcessLimits(1, 1.0, 64 * 1024 * 1024, 100_000), "test")
    try:
        assert {pool.run(("bursts", 50), seconds=0.3) for _ in range(30)} == {"answered"}
    finally:
        pool.close()


def test_what_a_process_does_between_requests_counts_for_none() -> None:
    """A process that waits for days looks after its parent each second: the next request must not pay for that."""
    pool = KillablePool(make, ProcessLimits(1, 0.3, 64 * 1024 * 1024, 100), "test")
    try:
        process = pool.run(("afterwards", 3.0))
        time.sleep(2.0)
        assert pool.run(("echo", 1)) == (1, process)
    finally:
        pool.close()


def test_a_suspended_process_is_not_guilty(pool: KillablePool) -> None:
    pid = pool.run(("echo", None))[1]
    psutil.Process(pid).suspend()
    threading.Timer(2 * LIMITS.seconds, psutil.Process(pid).resume).start()
    assert pool.run(("echo", "later"))[0] == "later"


def test_a_process_to_which_nobody_listens_any_more_ends_quietly() -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, make, LIMITS, os.getpid()))
    process.start()
    theirs.close()
    assert ours.recv() == (True, None)
    ours.send((5, ("wait", 0.5)))
    ours.close()
    process.join(30)
    assert process.exitcode == 0, "no traceback in the log of its parent"
    process.close()


def test_closing_ends_requests_that_wait() -> None:
    pool = KillablePool(make, ProcessLimits(1, 600, 64 * 1024 * 1024), "test")
    with ThreadPoolExecutor(2) as threads:
        pool.run(("echo", None))
        waiting = [threads.submit(pool.run, ("loop", None)) for _ in range(2)]
        time.sleep(0.3)
        pool.close()
        assert all(type(future.exception()) is UnreachableError for future in waiting)


def test_a_process_that_does_not_start_is_nobodys_fault() -> None:
    pool = KillablePool(make_broken, LIMITS, "test")
    with pytest.raises(NotStartedError, match="no model"):
        pool.run(("echo", None))
    pool.close()


def test_a_killed_parent_leaves_no_process_that_loops() -> None:
    program = (
        "import sys, threading\n"
        "from tests.broker.test_killable import *\n"
        "pool = KillablePool(make, ProcessLimits(1, 600, 2**26), 'test')\n"
        "print(pool.run(('echo', None))[1], flush=True)\n"
        "pool.run(('loop', None))\n"
    )
    root = Path(__file__).parents[2]
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=root, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    child.wait(10)


def test_a_process_can_be_started_before_the_first_request() -> None:
    pool = KillablePool(make, LIMITS, "test")
    try:
        pool.start_soon().join()
        started = {child.pid for child in multiprocessing.active_children() if child.name == "test"}
        assert pool.run(("echo", 1))[1] in started
        pool.start_soon().join()
        assert pool.run(("echo", 1))[1] in started
    finally:
        pool.close()


def test_one_that_cannot_be_started_before_is_the_error_of_the_first_request() -> None:
    pool = KillablePool(make_broken, LIMITS, "test")
    pool.start_soon().join()
    with pytest.raises(NotStartedError, match="no model"):
        pool.run(("echo", 1))
