"""Worker processes for the language work: spaCy never runs on the event loop.

Each process loads the models once and answers one batch at a time over a pipe. A process that crashes or takes longer
than the limit is killed and replaced; the batch it had is tried again story by story, so that the one at fault costs
itself a dead letter and nobody else anything. After a number of stories a process is replaced, which bounds what
spaCy's string store grows to (about 1 GB a process with the bundled model is never reached in 20,000 stories).
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Protocol

import structlog

from pipeline.broker.monitoring import metrics
from pipeline.events import Content, Enrichment
from pipeline.events.errors import FatalError, RejectError, WiredeskError

log = structlog.get_logger("wiredesk.enrich")

#: Loading a transformer from a slow disk is slow; an unloadable model fails at once.
_START_SECONDS = 300.0
_START_HINT = "Look at free memory, and at the models in enrich.models."


class StoryAnalyser(Protocol):
    """What a worker process runs."""

    def analyse(self, stories: Sequence[Content]) -> list[Enrichment]: ...


#: Makes the analyser inside the worker process; must be picklable.
MakeAnalyser = Callable[[], StoryAnalyser]


@dataclass(frozen=True)
class PoolLimits:
    """Bounds of the pool's work."""

    processes: int
    story_seconds: float
    stories_per_process: int


class WorkerDiedError(Exception):
    """A worker process crashed or ran over its time."""


class AnalysisPool:
    """Analyses batches in worker processes.

    Args:
        make: makes the analyser in each process.
        limits: number of processes, seconds a story, stories until a process is replaced.
    """

    def __init__(self, make: MakeAnalyser, limits: PoolLimits) -> None:
        self._limits = limits
        self._workers = [_Worker(make, limits) for _ in range(limits.processes)]
        self._threads = ThreadPoolExecutor(limits.processes, thread_name_prefix="analysis")

    async def start(self) -> None:
        """Start all processes and wait until they have loaded their models; raises what loading raised."""
        loop = asyncio.get_running_loop()
        await asyncio.gather(*[loop.run_in_executor(self._threads, worker.start) for worker in self._workers])

    async def analyse(self, stories: Sequence[Content]) -> list[Enrichment | RejectError]:
        """One result for each story, in order; an error for one that crashed a process or ran over its time."""
        loop = asyncio.get_running_loop()
        parts = _shared_out(len(stories), len(self._workers))
        results = await asyncio.gather(
            *[
                loop.run_in_executor(self._threads, self._part, worker, [stories[place] for place in part])
                for worker, part in zip(self._workers, parts, strict=False)
            ]
        )
        ordered: dict[int, Enrichment | RejectError] = {}
        for part, answers in zip(parts, results, strict=True):
            ordered.update(zip(part, answers, strict=True))
        return [ordered[place] for place in range(len(stories))]

    def _part(self, worker: _Worker, stories: list[Content], *, again: bool = False) -> list[Enrichment | RejectError]:
        try:
            return list(worker.analyse(stories))
        except WorkerDiedError as error:
            if len(stories) == 1 and again:
                log.warning("analysis_failed", reason=str(error), headline=stories[0].headline)
                return [RejectError(f"The analysis of this story failed: {error}.")]
        # A story is at fault only where it fails alone, and not by one bad moment of the machine: twice.
        once = len(stories) == 1
        return [result for story in stories for result in self._part(worker, [story], again=once)]

    def stop(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)


def _shared_out(count: int, workers: int) -> list[list[int]]:
    """Places dealt to workers like cards, so that long stories at one end do not all fall to one."""
    return [part for part in (list(range(first, count, workers)) for first in range(workers)) if part]


class _Worker:
    """One process and the pipe to it. Used by one thread at a time."""

    def __init__(self, make: MakeAnalyser, limits: PoolLimits) -> None:
        self._make = make
        self._limits = limits
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._done = 0

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        # Read when numpy is loaded, which is while the process unpickles what it is to run.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        self._process = context.Process(target=_serve, args=(theirs, self._make, os.getpid()), daemon=True)
        self._process.start()
        theirs.close()
        self._pipe, self._done = ours, 0
        try:
            ready = self._answer(_START_SECONDS)
        except WorkerDiedError as error:
            raise FatalError(f"An analysis process does not start: {error}.", hint=_START_HINT) from error
        if isinstance(ready, WiredeskError):
            self.stop()
            raise ready
        if isinstance(ready, BaseException):
            self.stop()
            raise FatalError(f"An analysis process does not start: {ready!r}.", hint=_START_HINT) from ready

    def analyse(self, stories: list[Content]) -> list[Enrichment]:
        if self._process is None or self._done >= self._limits.stories_per_process:
            if self._process is not None:
                metrics.ANALYSIS_RESTARTS.labels("planned").inc()
            self.stop()
            self.start()
        assert self._pipe is not None
        try:
            self._pipe.send([story.model_dump_json() for story in stories])
        except OSError as error:
            self.stop()
            raise WorkerDiedError("its process had ended") from error
        answer = self._answer(self._limits.story_seconds * max(1.0, len(stories) / 4))
        self._done += len(stories)
        if isinstance(answer, BaseException):
            raise WorkerDiedError(f"{type(answer).__name__}: {answer}") from answer
        return [Enrichment.model_validate_json(line) for line in answer]

    def _answer(self, seconds: float) -> list[str] | BaseException:
        assert self._pipe is not None
        assert self._process is not None
        try:
            if not self._pipe.poll(seconds):
                metrics.ANALYSIS_RESTARTS.labels("timeout").inc()
                self.stop()
                raise WorkerDiedError(f"it took longer than {seconds:g} s")
            answer: list[str] | BaseException = self._pipe.recv()
        except (EOFError, OSError) as error:
            metrics.ANALYSIS_RESTARTS.labels("crashed").inc()
            self._process.join(5)
            code = self._process.exitcode
            self.stop()
            raise WorkerDiedError(f"its process ended with exit code {code}") from error
        return answer

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join(10)
            self._process.close()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None


def _serve(pipe: Connection, make: MakeAnalyser, parent: int) -> None:
    """A worker process: load, say so, then answer batches until the pipe is closed."""
    # Ctrl-C in a terminal goes to the whole group; the parent decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # They would be written to the parent's log as they are.
    warnings.simplefilter("ignore")
    try:
        analyser = make()
    except BaseException as error:  # noqa: BLE001 - told to the parent, which raises it
        pipe.send(error)
        return
    pipe.send([])
    while os.getppid() == parent:
        try:
            if not pipe.poll(5):
                continue
            stories = [Content.model_validate_json(line) for line in pipe.recv()]
        except (EOFError, OSError):
            return
        try:
            answer: list[str] | Exception = [
                found.model_dump_json(exclude_defaults=True) for found in analyser.analyse(stories)
            ]
        except Exception as error:  # noqa: BLE001 - a story's fault: told to the parent
            answer = RejectError(f"{type(error).__name__}: {error}")
        pipe.send(answer)
