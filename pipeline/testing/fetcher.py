"""A source of news without a network."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from connectors.transports.base import Payload, Poll, PollContext
from pipeline.events import ConnectorState


class FakeFetcher:
    """Answers polls as told, as :class:`connectors.transports.base.Transport` promises.

    Args:
        answers: of the polls, in order: bytes (one payload of that content), or a whole poll. A poll's state is taken
            over where it is another connector's; the last answer stays.

    Attributes:
        polls: state and context of each poll so far.
        settled: for each payload that was settled, its name and whether it was published.
    """

    type = "fake"
    default_interval_seconds: ClassVar[float] = 300

    def __init__(self, answers: Iterable[bytes | Poll]) -> None:
        self._answers = deque(answers)
        self.polls: list[tuple[ConnectorState, PollContext]] = []
        self.settled: list[tuple[str, bool]] = []

    def poll(self, state: ConnectorState, context: PollContext) -> Poll:
        """Give the next answer."""
        self.polls.append((state, context))
        answer = self._answers.popleft() if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Poll):
            return answer if answer.state.connector == state.connector else replace(answer, state=state)
        name = f"answer {len(self.polls)}"
        return Poll(state, payloads=(Payload(answer, name, settle=lambda done: self.settled.append((name, done))),))
