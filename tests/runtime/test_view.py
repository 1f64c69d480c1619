"""The live view of ``wiredesk up`` at the width of a terminal."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from rich.console import Console

from pipeline.runtime.condition import StageStatus, Status, Worker
from pipeline.runtime.up import Pipeline, StatusWatch, _view
from pipeline.runtime.worker import STAGES
from pipeline.settings import Settings

SETTINGS = Settings()


def running(*feeds: Any) -> Pipeline:
    counters = SimpleNamespace(
        received=120_000, sent=90_000, rejected=3, retried=0, acknowledged=120_000,
        reasons=Counter(new=80_000, version=10_000, unchanged=25_000, resend=4_000, late=997),
    )  # fmt: skip
    stages = [SimpleNamespace(stage=stage, counters=counters) for stage in reversed(STAGES)]
    service = SimpleNamespace(health=lambda: list(feeds))
    return cast("Pipeline", SimpleNamespace(worker=SimpleNamespace(running=stages), service=service))


def feed(name: str, error: str | None = None) -> Any:
    success = None if error else datetime.now(UTC) - timedelta(seconds=40)
    return SimpleNamespace(name=name, polls=12_345, items=99_999, published=88_888, rejected=0, last_success=success,
                           last_error=error)  # fmt: skip


def watch() -> StatusWatch:
    watching = StatusWatch(SETTINGS)
    old = datetime.now(UTC) - timedelta(hours=3)
    stages = tuple(StageStatus(name, f"wire.{name}", 10, 0, 1, (Worker("w", "h", (0,)),)) for name in STAGES)
    stages = (replace(stages[0], lag=7, waiting_since=old), *stages[1:])
    watching.status = Status(stages, 2, {"stories": 5, "stories-history": 6, "quotes": 7})
    return watching


def drawn(*feeds: Any) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=80, color_system=None).print(_view(SETTINGS, running(*feeds), watch(), desk=True))
    return out.getvalue().splitlines()


def test_everything_keeps_to_the_width_and_says_first_what_needs_a_person() -> None:
    lines = drawn(*(feed(f"feed-{number:02}") for number in range(14)), feed("zeta", "The server answered 503. " * 9))
    assert all(len(line) <= 80 for line in lines), "\n".join(lines)
    assert lines[1].startswith("! intake: 7 messages waiting, the oldest for 3 h.")
    order = [line.split()[0] for line in lines if line.split()[0] in {*STAGES, "zeta", "feed-00"} and "!" not in line]
    assert order == [*STAGES, "zeta", "feed-00"], "the stages in their order; the feed that fails before the others"
    assert any("2 open dead letters" in line for line in lines)


def test_many_feeds_are_counted_not_listed() -> None:
    lines = drawn(*(feed(f"feed-{number:03}") for number in range(300)))
    assert len(lines) < 40
    assert any(line.startswith("… 285 more") for line in lines)
