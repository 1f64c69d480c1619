"""An analyser that does what a story's headline says, for tests of the worker processes around it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

#: As numpy finds it when it is loaded: before the process runs anything .
THREADS_AT_IMPORT = os.environ.get("OPENBLAS_NUM_THREADS")

from pipeline.events import Content, Enrichment  # noqa: E402
from pipeline.events.errors import ConfigurationError  # noqa: E402


class Scripted:
    """Crashes, hangs or fails on a story that says so; answers others with the number of its process."""

    def analyse(self, stories: Sequence[Content]) -> list[Enrichment]:
        return [self._one(story.headline or "") for story in stories]

    def _one(self, order: str) -> Enrichment:
        if order == "crash":
            os._exit(3)
        if order == "hang":
            while True:
                pass
        if order.endswith("pause"):
            time.sleep(0.05)
        if order == "fail":
            raise ValueError("no analysis of this one")
        return Enrichment(model=f"{order}|{os.getpid()}|{THREADS_AT_IMPORT}")


def broken() -> Scripted:
    """A model that cannot be loaded."""
    raise ConfigurationError("There is no such model.")


def never_ready() -> Scripted:
    """A model that loads for ever."""
    time.sleep(600)
    return Scripted()


def starts_once() -> Scripted:
    """An analyser that starts in the first process and never again, as where memory runs out."""
    started = Path(os.environ["WIREDESK_TEST_STARTED"])
    if started.exists():
        raise MemoryError("no memory left")
    started.touch()
    return Scripted()
