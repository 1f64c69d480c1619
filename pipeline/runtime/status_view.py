"""The condition of an installation on a terminal, at 80 columns: what needs a person first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.events.problem import Problem
from pipeline.runtime.condition import FeedStatus, StageStatus, Status, Worker, ago

#: Problems and feeds shown at most; the rest is counted.
_SHOWN = 12


def status_view(status: Status, problems: Sequence[Problem], now: datetime) -> Group:
    """All of it: problems, stages, feeds, and one line each for dead letters, documents and alerts."""
    parts: list[RenderableType] = [problems_view(problems), Text(), stages_view(status, now), Text()]
    if status.feeds:
        parts += [feeds_view(status.feeds, now)]
    return Group(*parts, *_lines(status, now))


def problems_view(problems: Sequence[Problem]) -> RenderableType:
    """What needs a person, one entry for each."""
    if not problems:
        return Text("Nothing needs a person.", style="green")
    table = Table.grid(padding=(0, 1))
    for problem in problems[:_SHOWN]:
        table.add_row(Text("!", style="bold red"), Text(f"{problem.subject}: {problem.message}"))
    if len(problems) > _SHOWN:
        table.add_row("", Text(f"… and {len(problems) - _SHOWN} more: wiredesk status --json"))
    return table


def stages_view(status: Status, now: datetime) -> Table:
    """One line for each stage: what waits, since when, who works on it."""
    table = Table(box=None, pad_edge=False)
    for heading in ("stage", "waiting", "oldest", "workers and their partitions"):
        table.add_column(heading, justify="right" if heading in {"waiting", "oldest"} else "left")
    for stage in status.stages:
        oldest = ago(stage.waiting_since, now) if stage.waiting_since else "-"
        table.add_row(stage.stage, f"{stage.lag:,}", oldest, _workers(stage))
    if status.connectors is not None:
        table.add_row(
            "connectors", "", "", _held(status.connectors) or Text("none", style="red" if status.feeds else "")
        )
    return table


def _workers(stage: StageStatus) -> Text:
    held = _held(stage.workers)
    return held or Text("none", style="red" if stage.lag else "")


def _held(workers: Sequence[Worker]) -> Text:
    """``2: 0-3 (10.0.0.5), 4-7 (10.0.0.6)``: how many, and the partitions that each holds."""
    each = (f"{spans(worker.partitions) or 'none'} ({worker.host})" for worker in workers)
    return Text(f"{len(workers)}: {', '.join(each)}") if workers else Text()


def spans(numbers: Sequence[int]) -> str:
    """Sorted numbers as spans: ``0-3,5``."""
    parts = []
    for _, group in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        span = [number for _, number in group]
        parts.append(str(span[0]) if len(span) == 1 else f"{span[0]}-{span[-1]}")
    return ",".join(parts)


def feeds_view(feeds: Sequence[FeedStatus], now: datetime) -> RenderableType:
    """The feeds that need a person by name, the others as numbers."""
    counts = Counter(feed.condition for feed in feeds)
    line = Text("connectors: " + ", ".join(f"{count} {name}" for name, count in counts.most_common()))
    wrong = [feed for feed in feeds if feed.needs_person]
    if not wrong:
        return line
    table = Table(box=None, pad_edge=False, expand=True)
    table.add_column("connector", no_wrap=True, overflow="ellipsis", max_width=24)
    table.add_column("condition", no_wrap=True)
    table.add_column("last success", no_wrap=True)
    table.add_column("reason", no_wrap=True, overflow="ellipsis", ratio=1)
    for feed in wrong[:_SHOWN]:
        success = f"{ago(feed.last_success, now)} ago" if feed.last_success else "never"
        table.add_row(Text(feed.name), Text(feed.condition, style="red"), success, Text(" ".join(feed.reason.split())))
    more = [Text(f"… and {len(wrong) - _SHOWN} more: wiredesk connectors list")] if len(wrong) > _SHOWN else []
    return Group(table, *more, line)


def _lines(status: Status, now: datetime) -> list[Text]:
    since = f", the oldest since {ago(status.dead_letters_since, now)}" if status.dead_letters_since else ""
    lines = [Text(f"dead letters: {status.dead_letters:,} open{since}")]
    if status.documents is None:
        lines.append(Text("documents: not known"))
    else:
        counts = ", ".join(f"{count:,} {base}" for base, count in status.documents.items())
        lines.append(Text(f"documents: {counts}"))
    if status.alerts:
        checked = [one.checked for one in status.alerts if one.checked]
        last = f", last searched {ago(max(checked), now)} ago" if checked else ""
        lines.append(Text(f"alerts: {sum(not one.error for one in status.alerts)} enabled{last}"))
    return lines
