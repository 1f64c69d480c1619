"""What a run came to, and its table."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from dataclasses import dataclass, field

from tests.faults.soak.differences import Differences
from tests.faults.soak.watch import Sample, Slope, slopes

#: A slope over less than this says nothing.
_MIN_SLOPE_SECONDS = 300.0


@dataclass
class Outcome:
    """What a run came to.

    Attributes:
        seconds: how long versions were sent and faults came.
        versions: that were sent, those sent twice included.
        faults: kind, and monotonic time of the end, of each.
        differences: between the index and what follows from the inputs.
        caught_up: whether everything was published and no stage had lag at the end.
        lies: writes that Elasticsearch acknowledged and did not execute, where that was wanted.
        exits: how often processes ended, by kind of process and exit code.
        samples: of lag and resources, all along.
    """

    seconds: float = 0.0
    versions: int = 0
    faults: list[tuple[str, float]] = field(default_factory=list)
    differences: Differences | None = None
    caught_up: bool = False
    poisoned: int = 0
    lies: int = 0
    catch_up_seconds: float = 0.0
    exits: Counter[tuple[str, int]] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)

    @property
    def flawless(self) -> bool:
        """Whether the end is that of a run without faults."""
        return self.caught_up and self.differences is not None and not any(self.differences.counts().values())

    @property
    def usual_lag(self) -> int:
        """The median of the messages that waited, over all samples: while versions come it is seldom exactly 0."""
        known = [sample.lag for sample in self.samples if sample.lag is not None]
        return int(statistics.median(known)) if known else 0

    def seconds_to_lag(self, most: int) -> dict[str, list[float]]:
        """By kind of fault, the seconds from its end until at most so many messages waited.

        Other faults may have come meanwhile; infinity: never.
        """
        found: dict[str, list[float]] = {}
        for kind, ended in self.faults:
            later = (
                sample.ended - ended
                for sample in self.samples
                if sample.began >= ended and sample.lag is not None and sample.lag <= most
            )
            found.setdefault(kind, []).append(next(later, math.inf))
        return found

    def table(self) -> str:
        """The result, for people."""
        usual = self.usual_lag
        lines = ["", f"{'seconds (median, most) until at most so many messages waited':<60} {usual:>5} {0:>13}"]
        lines += [f"{'fault':<44} {'times':>7}", "-" * 80]
        to_usual, to_zero = self.seconds_to_lag(usual), self.seconds_to_lag(0)
        for kind in sorted(to_usual):
            times = " ".join(
                f"{statistics.median(one):>6.0f} {max(one):>6.0f}" for one in (to_usual[kind], to_zero[kind])
            )
            lines.append(f"{kind:<44} {len(to_usual[kind]):>7} {times}")
        lines += ["-" * 80, f"{'all':<44} {len(self.faults):>7} in {self.seconds:.0f} s", ""]
        lines.append(f"{'versions sent':<41} {self.versions:>5}")
        if self.differences is not None:
            for kind, found in vars(self.differences).items():
                lines.append(f"{kind.replace('_', ' '):<41} {len(found):>5}")
                lines += [f"    {one}" for one in found[:8]]
        lines.append(f"{'poisoned messages (dead letters on purpose)':<43} {self.poisoned:>3}")
        if self.lies:
            lines.append(f"{'acknowledged and not done, on purpose':<43} {self.lies:>3}")
        after = f"{self.catch_up_seconds:>5.0f}" if self.caught_up else f"not within {self.catch_up_seconds:.0f}"
        lines.append(f"{'seconds to lag 0 after the last fault':<41} {after}")
        codes = ", ".join(f"{kind} {code}: {count}" for (kind, code), count in sorted(self.exits.items())) or "none"
        lines += [f"processes that ended, by exit code: {codes}", *self._resource_lines()]
        return "\n".join(lines)

    def _resource_lines(self) -> list[str]:
        lines = []
        fitted = slopes(self.samples)
        for name in sorted({name for sample in self.samples for name in sample.resources}):
            own = [sample.resources[name] for sample in self.samples if name in sample.resources]
            memory, open_ = [one.resident for one in own], [one.descriptors for one in own]
            lines.append(
                f"{name}: memory at most {max(memory) / 1e6:.0f} MB, at the end {memory[-1] / 1e6:.0f} MB"
                f"{_slope_text(fitted.get(name))}; descriptors at most {max(open_)}, at the end {open_[-1]}"
            )
        return lines


def _slope_text(slope: Slope | None) -> str:
    if slope is None or slope.seconds < _MIN_SLOPE_SECONDS:
        return ""
    per_hour = 3600 / 1e6
    return (
        f", slope {slope.bytes_per_second * per_hour:+.1f} ± {slope.error * per_hour:.1f} MB/h "
        f"over {slope.seconds / 60:.0f} min of one process"
    )
