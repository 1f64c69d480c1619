"""What a benchmark says: figures against a named alternative of the same run, and how contestants take turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

#: Turns of each contestant: a median of fewer says little.
ROUNDS = 5


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Args:
        name: what was measured.
        unit: of ``value`` and ``other``: "s", "stories/s", "MB", "bytes/byte".
        value: Wiredesk's.
        against: the alternative in the same run; "" where there is none.
        other: the alternative's.
        better: whether a larger or a smaller value is better.
        goal: what is aimed at, in words.
        rounds: each turn: (Wiredesk's, the alternative's).
    """

    name: str
    unit: str
    value: float
    against: str = ""
    other: float | None = None
    better: Literal["larger", "smaller"] = "smaller"
    goal: str = ""
    rounds: Sequence[tuple[float, float]] = ()

    @property
    def ratio(self) -> float | None:
        """How many times as good as the alternative: above 1 is better, whatever the unit."""
        if self.other is None or not self.other or not self.value:
            return None
        return self.value / self.other if self.better == "larger" else self.other / self.value

    def as_json(self) -> dict[str, Any]:
        """The figure with its ratio, for the results file."""
        return {**asdict(self), "ratio": self.ratio}


@dataclass
class Contestant:
    """One way to do the work, and what each turn took."""

    name: str
    run: Callable[[], object]
    times: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The median of the turns, in seconds."""
        return statistics.median(self.times)


def take_turns(
    contestants: Sequence[Contestant], rounds: int = ROUNDS, clock: Callable[[], float] = time.process_time
) -> None:
    """Let each contestant run ``rounds`` times, in an order that rotates, after one turn that is not counted.

    Args:
        contestants: their ``times`` are filled, in seconds.
        rounds: turns of each.
        clock: processor time of this process by default, which another program on the machine hardly changes.
    """
    for contestant in contestants:
        contestant.run()
    for turn in range(rounds):
        for place in range(len(contestants)):
            contestant = contestants[(turn + place) % len(contestants)]
            began = clock()
            contestant.run()
            contestant.times.append(clock() - began)


def faster(
    name: str, ours: Contestant, other: Contestant, *, work: float = 1, unit: str = "s", goal: str = ""
) -> Figure:
    """The figure of two contestants: seconds, or units of ``work`` in a second.

    Args:
        name: what was measured.
        ours: Wiredesk.
        other: the alternative.
        work: units of work of one turn, for a rate.
        unit: "s" for seconds; any other for ``work`` in a second.
        goal: what is aimed at.
    """
    rounds = list(zip(ours.times, other.times, strict=True))
    if unit == "s":
        return Figure(name, unit, ours.median, other.name, other.median, "smaller", goal, rounds)
    return Figure(name, unit, work / ours.median, other.name, work / other.median, "larger", goal, rounds)
