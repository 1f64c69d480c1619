"""Worker processes for the language work: spaCy never runs on the event loop.

Each process loads the models once. A batch that crashes its process or takes more processor time than the limit is tried
again story by story, so that the one at fault costs itself a dead letter and nobody else anything. After a number of
stories a process is replaced, which bounds what spaCy's string store grows to (about 1 GB a process with the bundled
model is never reached in 20,000 stories).
"""

from __future__ import annotations

import asyncio
import os
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import structlog

from pipeline.broker.killable import Ending, KillablePool, NotStartedError, ProcessLimits
from pipeline.broker.monitoring import metrics
from pipeline.events import Content, Enrichment
from pipeline.events.errors import FatalError, RejectError

log = structlog.get_logger("wiredesk.enrich")

#: Loading a transformer from a slow disk is slow; an unloadable model fails at once.
_START_SECONDS = 300.0
#: Memory is read so often at most.
_MEASURE_SECONDS = 10.0
_START_HINT = "Look at free memory, and at the models in enrich.models."


class StoryAnalyser(Protocol):
    """What a worker process runs."""

    def analyse(self, stories: Sequence[Content]) -> list[Enrichment]: ...


#: Makes the analyser inside the worker process; must be picklable.
MakeAnalyser = Callable[[], StoryAnalyser]


@dataclass(frozen=True)
class PoolLimits:
    """Bounds of the pool's work.

    Attributes:
        processes: at the same time.
        story_seconds: of processor time for one story.
        stories_per_process: then it is replaced.
    """

    processes: int
    story_seconds: float
    stories_per_process: int


class AnalysisPool:
    """Analyses batches in worker processes.

    Args:
        make: makes the analyser in each process.
        limits: of the processes.
    """

    def __init__(self, make: MakeAnalyser, limits: PoolLimits) -> None:
        self._limits = limits
        of_processes = ProcessLimits(
            limits.processes, limits.story_seconds, None, limits.stories_per_process, _START_SECONDS
        )
        self._pool = KillablePool(_MakeWorker(make), of_processes, "analysis", _count)
        self._measure_at = 0.0
        self._threads = ThreadPoolExecutor(limits.processes, thread_name_prefix="analysis")

    async def start(self) -> None:
        """Start all processes and wait until they have loaded their models; raises what loading raised."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._start)

    def _start(self) -> None:
        # Read when numpy is loaded, which is while a process unpickles what it is to run.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        try:
            self._pool.start()
        except NotStartedError as error:
            raise _not_started(error) from error

    async def analyse(self, stories: Sequence[Content]) -> list[Enrichment | RejectError]:
        """One result for each story, in order; an error for one that crashed a process or ran over its time."""
        loop = asyncio.get_running_loop()
        parts = _shared_out(len(stories), self._limits.processes)
        results = await asyncio.gather(
            *[loop.run_in_executor(self._threads, self._part, [stories[place] for place in part]) for part in parts]
        )
        ordered: dict[int, Enrichment | RejectError] = {}
        for part, answers in zip(parts, results, strict=True):
            ordered.update(zip(part, answers, strict=True))
        self._measure()
        return [ordered[place] for place in range(len(stories))]

    def _measure(self) -> None:
        if time.monotonic() >= self._measure_at:
            self._measure_at = time.monotonic() + _MEASURE_SECONDS
            metrics.ANALYSIS_MEMORY.set(self._pool.memory_bytes())

    def _part(self, stories: list[Content], *, again: bool = False) -> list[Enrichment | RejectError]:
        try:
            return list(self._answer(stories))
        except RejectError as error:
            if len(stories) == 1 and again:
                log.warning("analysis_failed", reason=str(error), headline=stories[0].headline)
                return [RejectError(f"The analysis of this story failed: {str(error).rstrip('.')}.")]
        # A story is at fault only where it fails alone, and not by one bad moment of the machine: twice.
        once = len(stories) == 1
        return [result for story in stories for result in self._part([story], again=once)]

    def _answer(self, stories: list[Content]) -> list[Enrichment]:
        seconds = self._limits.story_seconds * max(1.0, len(stories) / 4)
        request = [story.model_dump_json() for story in stories]
        try:
            answer = self._pool.run(request, seconds=seconds, count=len(stories), attempts=1)
        except NotStartedError as error:
            raise _not_started(error) from error
        return [Enrichment.model_validate_json(line) for line in answer]

    def stop(self) -> None:
        """End all processes."""
        self._pool.close()
        self._threads.shutdown(wait=True, cancel_futures=True)


def _not_started(error: NotStartedError) -> FatalError:
    return FatalError(f"An analysis process does not start: {error}", hint=_START_HINT)


def _count(ending: Ending) -> None:
    metrics.ANALYSIS_RESTARTS.labels(ending).inc()


def _shared_out(count: int, workers: int) -> list[list[int]]:
    """Places dealt to workers like cards, so that long stories at one end do not all fall to one."""
    return [part for part in (list(range(first, count, workers)) for first in range(workers)) if part]


@dataclass(frozen=True)
class _MakeWorker:
    """Makes what a process runs: texts of stories in, texts of results out."""

    make: MakeAnalyser

    def __call__(self) -> Callable[[list[str]], list[str]]:
        # They would be written to the parent's log as they are.
        warnings.simplefilter("ignore")
        analyser = self.make()

        def analyse(stories: list[str]) -> list[str]:
            contents = [Content.model_validate_json(line) for line in stories]
            try:
                found = analyser.analyse(contents)
            except (MemoryError, RecursionError):
                raise
            except Exception as error:
                raise RejectError(f"{type(error).__name__}: {error}") from error
            return [one.model_dump_json(exclude_defaults=True) for one in found]

        return analyse
