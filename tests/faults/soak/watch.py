"""Samples of lag, memory and descriptors all along a run, and the slope of memory."""

from __future__ import annotations

import sys
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from pipeline.events.errors import UnreachableError
from pipeline.runtime.status import StatusReader
from pipeline.settings import Settings
from tests.faults.soak.processes import Resources, Supervisor

_INTERVAL_SECONDS = 1.5
#: A process fills its caches first: so much of its life is left out of the slope.
_WARM_UP = 1 / 3


@dataclass(frozen=True)
class Sample:
    """One look at the installation: when it began and ended, the messages that wait (``None``: not known), resources."""

    began: float
    ended: float
    lag: int | None
    resources: dict[str, Resources]


@dataclass(frozen=True)
class Slope:
    """Least squares over the samples of one process: slope, its standard error (bytes per second), and the time span."""

    bytes_per_second: float
    error: float
    seconds: float


class Watch:
    """Looks every second and a half, in a thread; as a context it runs."""

    def __init__(self, settings: Settings, supervisor: Supervisor, samples: list[Sample]) -> None:
        self._settings = settings
        self._supervisor = supervisor
        self._samples = samples
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        reader: StatusReader | None = None
        while not self._stopping.wait(_INTERVAL_SECONDS):
            began, lag = time.monotonic(), None
            try:
                reader = reader or StatusReader(self._settings)
                lag = reader.lag()
            except UnreachableError as error:
                sys.stderr.write(f"      lag not known after {time.monotonic() - began:.0f} s: {error}\n")
                if reader is not None:
                    reader.close()
                reader = None
            self._samples.append(Sample(began, time.monotonic(), lag, self._supervisor.resources()))
        if reader is not None:
            reader.close()


def slopes(samples: Sequence[Sample]) -> dict[str, Slope]:
    """By name of a process, the slope of its resident memory, of the one that lived longest if it was started again."""
    lives: dict[tuple[str, int], list[tuple[float, int]]] = defaultdict(list)
    for sample in samples:
        for name, one in sample.resources.items():
            lives[name, one.pid].append((sample.ended, one.resident))
    found: dict[str, Slope] = {}
    for (name, _), points in lives.items():
        slope = fit(points)
        if slope is not None and (name not in found or slope.seconds > found[name].seconds):
            found[name] = slope
    return found


def fit(points: Sequence[tuple[float, int]]) -> Slope | None:
    """The slope of bytes over seconds after the warm-up; ``None``: too few points."""
    warm = points[int(len(points) * _WARM_UP) :]
    if len(warm) < 10:
        return None
    times, memory = (np.asarray(column, dtype=float) for column in zip(*warm, strict=True))
    times = times - times.mean()
    spread = float((times**2).sum())
    slope = float((times * memory).sum()) / spread
    rest = memory - memory.mean() - slope * times
    error = float(np.sqrt((rest**2).sum() / (len(warm) - 2) / spread))
    return Slope(slope, error, float(times[-1] - times[0]))
