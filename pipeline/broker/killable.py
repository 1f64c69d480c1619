"""Work in processes that can be killed: one input that takes too long or crashes its process costs only itself.

Each process makes a worker once and then answers one request at a time over a pipe. Its limits are the kernel's:
processor time for each request, whatever the process does (setitimer), and memory (setrlimit). Processor time, not the
clock: a machine that is overloaded or suspended for a minute makes no input guilty.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import queue
import resource
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, Literal

import psutil
import structlog

from pipeline.events.errors import RejectError, UnreachableError, WiredeskError

log = structlog.get_logger("wiredesk.processes")

#: Makes the function that answers requests, inside the process; both must be picklable.
MakeWorker = Callable[[], Callable[[Any], Any]]
#: Why a process is replaced: it has done its share, it was over its time, or it ended by itself.
Ending = Literal["planned", "timeout", "crashed"]

#: A request that takes so many times its processor time by the clock waits for something that never comes.
_CLOCK_FACTOR = 20
#: A crash or a standstill may be the machine's fault; the same twice, in new processes, is the input's.
_ATTEMPTS = 2
#: How often a process looks whether its parent still runs.
_PARENT_SECONDS = 1.0


class OverrunError(RejectError):
    """The input took more processor time or memory than allowed, or crashed its process twice."""


class NotStartedError(UnreachableError):
    """No process could be started: the machine is out of memory or processes."""


@dataclass(frozen=True)
class ProcessLimits:
    """Bounds of the work.

    Attributes:
        processes: at the same time; started when they are needed.
        seconds: of processor time for each request.
        memory_bytes: that a process may take in addition to what it has when it starts; ``None``: any.
        requests_per_process: then it is replaced, which bounds what it leaks.
        start_seconds: that making the worker may take.
    """

    processes: int
    seconds: float
    memory_bytes: int | None
    requests_per_process: int = 5000
    start_seconds: float = 120


class KillablePool:
    """Answers requests in processes that can be killed. May be used by several threads.

    Args:
        make: makes the worker in each process.
        limits: of the processes.
        name: for logs and messages.
        ended: called when a process is replaced.
    """

    def __init__(
        self, make: MakeWorker, limits: ProcessLimits, name: str, ended: Callable[[Ending], None] = lambda _: None
    ) -> None:
        self._name = name
        self._closed = threading.Event()
        self._all = [_Process(make, limits, name, self._closed, ended) for _ in range(limits.processes)]
        self._idle: queue.LifoQueue[_Process] = queue.LifoQueue()
        for process in self._all:
            self._idle.put(process)

    def start(self) -> None:
        """Start all processes now instead of when they are needed.

        Raises:
            NotStartedError: one cannot be started.
            WiredeskError: what making the worker raised.
        """
        with ThreadPoolExecutor(len(self._all)) as threads:
            for started in [threads.submit(process.start) for process in self._all]:
                started.result()

    def start_soon(self) -> threading.Thread:
        """Start one process in the background unless it runs, so that the first request need not wait for it.

        Nothing is raised: a process that cannot be started is the error of the first request.

        Returns:
            The thread that starts it.
        """

        def start() -> None:
            with contextlib.suppress(WiredeskError):
                process = self._take()
                try:
                    process.ensure_started()
                finally:
                    self._idle.put(process)

        thread = threading.Thread(target=start, name=f"{self._name}-start", daemon=True)
        thread.start()
        return thread

    def run(self, request: Any, *, seconds: float | None = None, count: int = 1, attempts: int = _ATTEMPTS) -> Any:
        """The worker's answer.

        Args:
            request: anything that can be pickled.
            seconds: of processor time. Default: those of the limits.
            count: how many requests of ``requests_per_process`` it counts for.
            attempts: how often it is tried where its process crashes or stands still.

        Raises:
            OverrunError: the request is over a limit, or its process crashed each time.
            NotStartedError: no process can be started.
            WiredeskError: what making the worker raised.
            UnreachableError: the pool is closed.
            Exception: what the worker raised.
        """
        process = self._take()
        try:
            for attempt in range(1, attempts + 1):
                try:
                    return process.answer(request, seconds, count)
                except _DiedError as died:
                    if self._closed.is_set():
                        raise _stopping(self._name) from died
                    log.warning("worker_process_died", pool=self._name, reason=str(died), attempt=attempt)
                    if died.proven or attempt == attempts:
                        raise OverrunError(f"{died}.") from died
            raise AssertionError
        finally:
            self._idle.put(process)

    def memory_bytes(self) -> int:
        """Memory that the processes have now, together; what they share is counted once for each."""
        return sum(process.memory_bytes() for process in self._all)

    def _take(self) -> _Process:
        while not self._closed.is_set():
            with contextlib.suppress(queue.Empty):
                return self._idle.get(timeout=0.2)
        raise _stopping(self._name)

    def close(self) -> None:
        """Kill all processes; requests that wait for an answer end with ``UnreachableError``."""
        self._closed.set()
        for process in self._all:
            process.kill()


def _stopping(name: str) -> UnreachableError:
    return UnreachableError(f"{name}: the process is stopping.")


class _DiedError(Exception):
    """The process ended or had to be killed. ``proven``: by a limit that only its input can have reached."""

    def __init__(self, message: str, *, proven: bool = False) -> None:
        super().__init__(message)
        self.proven = proven


class _Process:
    """One process and the pipe to it. Used by one thread at a time, but for ``kill``."""

    def __init__(
        self,
        make: MakeWorker,
        limits: ProcessLimits,
        name: str,
        closed: threading.Event,
        ended: Callable[[Ending], None],
    ) -> None:
        self._make, self._limits, self._name, self._closed, self._ended = make, limits, name, closed, ended
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._done = 0

    def answer(self, request: Any, seconds: float | None, count: int) -> Any:
        seconds = seconds or self._limits.seconds
        if self._process is not None and self._done >= self._limits.requests_per_process:
            self._ended("planned")
            self._end()
        self.ensure_started()
        if self._closed.is_set():  # after the process is known, so that either this or ``close`` ends it
            self._end()
            raise _stopping(self._name)
        assert self._pipe is not None
        self._done += count
        try:
            self._pipe.send((seconds, request))
            ok, answer = self._receive(seconds * _CLOCK_FACTOR)
        except (EOFError, OSError) as error:
            raise self._died(seconds) from error
        if not ok:
            raise answer
        return answer

    def ensure_started(self) -> None:
        """Start it, unless it runs."""
        if self._process is None or not self._process.is_alive():
            self._end()
            self.start()

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, self._make, self._limits, os.getpid()), name=self._name, daemon=True
        )
        try:
            process.start()
            theirs.close()
            self._process, self._pipe, self._done = process, ours, 0
            if self._closed.is_set():  # ``close`` may have come before there was a process to kill
                raise EOFError
            ok, error = self._receive(self._limits.start_seconds)
        except (EOFError, OSError, _DiedError) as failure:
            self._end()
            if self._closed.is_set():
                raise _stopping(self._name) from failure
            raise NotStartedError(f"{self._name}: a process does not start: {failure!r}.") from failure
        if not ok:
            self._end()
            if isinstance(error, WiredeskError):
                raise error
            raise NotStartedError(f"{self._name}: a process does not start: {error!r}.") from error

    def _receive(self, seconds: float) -> tuple[bool, Any]:
        assert self._pipe is not None
        if not self._pipe.poll(seconds):
            self._ended("timeout")
            self._end()
            raise _DiedError(f"it did not end within {seconds:g} s")
        answer: tuple[bool, Any] = self._pipe.recv()
        return answer

    def _died(self, seconds: float) -> _DiedError:
        """What ended the process."""
        assert self._process is not None
        self._process.join(5)
        code = self._process.exitcode
        self._end()
        self._ended("timeout" if code == -signal.SIGPROF else "crashed")
        if code == -signal.SIGPROF:
            return _DiedError(f"it takes more than {seconds:g} s of processor time", proven=True)
        return _DiedError(f"its process ended with exit code {code}")

    def memory_bytes(self) -> int:
        process = self._process
        try:
            return int(psutil.Process(process.pid).memory_info().rss) if process and process.pid else 0
        except (psutil.Error, ValueError):
            return 0  # it ended meanwhile

    def kill(self) -> None:
        """End the process from another thread; the one that waits for its answer gets an end of file."""
        process = self._process
        with contextlib.suppress(ValueError, AttributeError):  # it has ended meanwhile
            if process is not None:
                process.kill()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join(10)
            self._process.close()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None


def _serve(pipe: Connection, make: MakeWorker, limits: ProcessLimits, parent: int) -> None:
    """A process: make the worker, say so, answer requests until the pipe is closed."""
    # Ctrl-C and a supervisor's SIGTERM go to all processes of the group; the parent decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    try:
        # The timer of each request ends the process. A limit of the whole process (RLIMIT_CPU) would not do: the kernel
        # counts it by its ticks and other clocks measure it, and in an hour of short requests they differ by more than
        # a request may take.
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        work = make()
        if limits.memory_bytes is not None:
            _limit_memory(limits.memory_bytes)
    except BaseException as error:  # noqa: BLE001 - told to the parent, which raises it
        with contextlib.suppress(OSError):
            pipe.send((False, error))
        return
    # The parent closes its end, or is gone: nobody waits for an answer.
    with contextlib.suppress(EOFError, OSError):
        pipe.send((True, None))
        while True:
            seconds, request = pipe.recv()
            signal.setitimer(signal.ITIMER_PROF, seconds)
            pipe.send(_answered(work, request, limits.memory_bytes))
            signal.setitimer(signal.ITIMER_PROF, 0)


def _answered(work: Callable[[Any], Any], request: Any, memory_bytes: int | None) -> tuple[bool, Any]:
    try:
        return True, work(request)
    except MemoryError:
        allowed = f"more than {memory_bytes // 1024**2:,} MB of memory" if memory_bytes else "all memory there is"
        return False, OverrunError(f"it takes {allowed}.")
    except RecursionError:
        return False, OverrunError("it is nested too deep.")
    except Exception as error:  # noqa: BLE001 - raised again in the parent
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        except Exception:  # noqa: BLE001 - of a class that cannot cross
            return False, RuntimeError(f"{type(error).__name__}: {error}")
        return False, error


def _limit_memory(memory_bytes: int) -> None:
    """So many bytes of address space in addition to what is taken now."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - not a file
        taken = int(file.read().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = taken + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))


def _end_with_parent(parent: int) -> None:
    """A killed parent leaves no busy process behind; one that holds the interpreter is ended by its limit."""
    while os.getppid() == parent:
        time.sleep(_PARENT_SECONDS)
    os._exit(1)
