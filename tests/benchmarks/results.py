"""Results of benchmarks over time: one JSON line for each figure, and what changed since another commit."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure

ROOT = Path(__file__).parents[2]
FILE = ROOT / "build" / "benchmarks.jsonl"
#: A ratio that is this much worse than before is a regression: below it is noise.
_TOLERANCE = 0.10
_PACKAGES = (
    "spacy",
    "numpy",
    "faust-streaming",
    "aiokafka",
    "elasticsearch",
    "feedparser",
    "lxml",
    "datasketch",
    "rensa",
)


def machine() -> dict[str, Any]:
    """The machine and the versions that a figure depends on."""
    found = {"python": platform.python_version(), "cores": os.cpu_count(), "processor": _processor()}
    return found | {name: metadata.version(name) for name in _PACKAGES}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def commit_of(reference: str) -> str:
    """The short id of a commit.

    Raises:
        SystemExit: there is no such commit.
    """
    run = subprocess.run(
        ["git", "rev-parse", "--short=10", reference], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        raise SystemExit(f"Not a commit of this repository: {reference}")
    return run.stdout.strip()


def append(benchmark: str, figures: Iterable[Figure], file: Path = FILE) -> None:
    """Add figures to the results file, with commit, time and machine."""
    file.parent.mkdir(parents=True, exist_ok=True)
    common = {
        "benchmark": benchmark,
        "commit": commit_of("HEAD"),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with file.open("a", encoding="utf-8") as lines:
        for figure in figures:
            lines.write(json.dumps({**common, **figure.as_json(), "machine": machine()}) + "\n")


@dataclass(frozen=True)
class Change:
    """One figure at two commits."""

    benchmark: str
    name: str
    before: float
    after: float

    @property
    def is_regression(self) -> bool:
        """Whether it is worse by more than noise."""
        return self.after < self.before * (1 - _TOLERANCE)


def changes(lines: Iterable[dict[str, Any]], before: str, after: str) -> Iterator[Change]:
    """Ratios that were measured at both commits; of several measurements the last.

    Args:
        lines: of the results file.
        before: short id of a commit.
        after: short id of another.
    """
    ratios: dict[tuple[str, str], dict[str, float]] = {}
    for line in lines:
        if line["ratio"] is not None and line["commit"] in {before, after}:
            ratios.setdefault((line["benchmark"], line["name"]), {})[line["commit"]] = line["ratio"]
    for (benchmark, name), found in ratios.items():
        if before in found and after in found:
            yield Change(benchmark, name, found[before], found[after])


def compare(reference: str, file: Path = FILE) -> int:
    """Print what changed between a commit and this one; 1 if a ratio got worse.

    Args:
        reference: any name of a commit.
        file: the results.
    """
    try:
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        print(f"There are no results in {file}. Run: make bench")
        return 2
    found = list(changes(lines, commit_of(reference), commit_of("HEAD")))
    if not found:
        print(f"No figure was measured both at {reference} and at this commit. Run `make bench` at each.")
        return 2
    for change in found:
        note = "  WORSE" if change.is_regression else ""
        print(f"{change.benchmark:12} {change.name:44} {change.before:7.2f} -> {change.after:7.2f}{note}")
    return int(any(change.is_regression for change in found))
