"""Which stages are restoring their state in this process: not ready until it is complete."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.broker.monitoring import metrics

_lock = threading.Lock()
_running: Counter[str] = Counter()


@contextmanager
def restoring(stage: str) -> Iterator[None]:
    """While this lasts the stage is not ready; counted and timed."""
    began = time.monotonic()
    with _lock:
        _running[stage] += 1
    try:
        yield
    finally:
        with _lock:
            _running[stage] -= 1
        metrics.RESTORES.labels(stage).inc()
        metrics.RESTORE_SECONDS.labels(stage).set(time.monotonic() - began)


def is_restoring(stage: str) -> bool:
    """Whether the stage is reading its state back now."""
    with _lock:
        return _running[stage] > 0
