"""How long to wait between attempts at a server that does not answer: one policy for everything that waits."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.settings import WorkerSettings


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential back-off with jitter.

    Attributes:
        initial_seconds: the first wait.
        max_seconds: the longest wait; each is twice the one before until then.
    """

    initial_seconds: float = 0.5
    max_seconds: float = 30

    @classmethod
    def of(cls, settings: WorkerSettings) -> RetryPolicy:
        """The policy that an installation's settings ask for."""
        return cls(settings.retry_initial_seconds, settings.retry_max_seconds)

    def waits(self) -> Iterator[float]:
        """The seconds to wait before each further attempt, for ever; each is between half of its step and all of it,
        so that processes which lost the same server do not come back at the same moment.
        """
        step = self.initial_seconds
        while True:
            yield step * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
            step = min(step * 2, self.max_seconds)
