"""How the work of a function grows with its input, in a process that can be killed."""

from __future__ import annotations

import gc
import math
import multiprocessing
import resource
import time
from collections.abc import Callable, Sequence
from typing import Any

#: Length of the longer of the two texts that are compared, in characters.
SIZE = 80_000
#: Processor time that counts as nothing, so that the machine's noise does not; what grows with the square of the
#: length takes seconds to hours at these lengths.
_NOTHING_SECONDS = 0.5
#: So many times as long is the longer text ...
_TIMES = 4
#: ... and it may take so many times the work: what is linear takes 4 times, n log n 5 times, n² 16 times. Between them
#: lies what a busy machine adds.
_MOST_GROWTH = 8
_LIMIT_SECONDS = 120
_ATTEMPTS = 3


def assert_linear(
    work: Callable[[Any], Any], head: str, pumps: Sequence[str], tail: str, *, encode: bool = False, size: int = SIZE
) -> None:
    """Check that work grows no faster than the text ``head + pump * k + tail``, for each pump.

    The measure is the processor time of a child process, which is killed where it takes too much. What the longer text
    costs is compared with the shorter one, unless it is next to nothing.

    Args:
        work: takes a text (or bytes, with ``encode``).
        head: begins the text.
        pumps: one of them is repeated until the text has the length.
        tail: ends the text; makes a search fail late.
        encode: give bytes.
        size: of the longer text; the shorter one has a quarter of the characters.

    Raises:
        AssertionError: the growth is more than linear (n log n is allowed), or the child process was killed.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(work, (head, pumps, tail), size, encode, theirs), daemon=True)
    process.start()
    theirs.close()
    at, found = "", None
    while found is None:
        try:
            at, found = ours.recv()
        except EOFError:
            found = f"the process was killed after {_LIMIT_SECONDS} s of processor time"
    process.join(10)
    assert not found, f"{size // _TIMES:,} and {size:,} characters of {at!r}: {found}"


def _run(work: Callable[[Any], Any], parts: tuple[str, Sequence[str], str], size: int, encode: bool, pipe: Any) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_LIMIT_SECONDS, _LIMIT_SECONDS))
    # A collection goes through all objects of the test run, however little the work made.
    gc.disable()
    head, pumps, tail = parts
    try:
        for pump in pumps:
            pipe.send((pump, None))
            texts = [_pumped(head, pump, tail, length) for length in (size // _TIMES, size)]
            shorter, longer = [text.encode("utf-8", "surrogatepass") for text in texts] if encode else texts
            if problem := _growth(work, shorter, longer):
                pipe.send((pump, problem))
                return
    except Exception as error:  # noqa: BLE001 - told to the test
        pipe.send((pump, f"{type(error).__name__}: {error}"))
    else:
        pipe.send(("", ""))


def _growth(work: Callable[[Any], Any], shorter: str | bytes, longer: str | bytes) -> str | None:
    before = after = math.inf
    for _ in range(_ATTEMPTS):
        after = min(after, _timed(work, longer))
        if after < _NOTHING_SECONDS:
            return None
        before = min(before, _timed(work, shorter))
        if after < before * _MOST_GROWTH:
            return None
    return f"{before:.2f} s and {after:.2f} s of processor time"


def _pumped(head: str, pump: str, tail: str, size: int) -> str:
    return head + pump * max(1, (size - len(head) - len(tail)) // len(pump)) + tail


def _timed(work: Callable[[Any], Any], given: Any) -> float:
    began = time.process_time()
    work(given)
    return time.process_time() - began
