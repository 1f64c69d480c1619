"""The demonstration: the sample wire through the real pipeline, from feeds to searches, in one process.

Everything is the real thing: the local Kafka and Elasticsearch, a web server for the feeds, a drop folder, all four
stages. Only the feeds are invented.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from elasticsearch import Elasticsearch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table

from connectors.service import ConnectorService
from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.events.errors import WiredeskError
from pipeline.index.mapping import BASES, IndexNames
from pipeline.index.search import Query, QuoteQuery, quotes, search
from pipeline.local.demo.serve import SAMPLES, SampleServer, serve
from pipeline.local.stack import LocalStack
from pipeline.runtime.startup import wait_for_servers
from pipeline.runtime.up import Pipeline
from pipeline.runtime.worker import Worker
from pipeline.settings import (
    ConnectorsSettings,
    ElasticsearchSettings,
    KafkaSettings,
    Settings,
    WorkerSettings,
    logs,
)

_CONNECTORS = {
    "quillon": ("Quillon Wire", "{{type: http, url: '{url}/rss.xml', allow_private_addresses: true}}"),
    "meridale": ("Meridale Press", "{{type: http, url: '{url}/atom.xml', allow_private_addresses: true}}"),
    # Its file is added while everything runs: copies arrive after what they are copies of.
    "harrow-gate": ("Harrow Gate News", "{{type: http, url: '{url}/copies.xml', allow_private_addresses: true}}"),
    "text-wire": ("Ostrava Text Wire", "{{type: folder, path: '{folder}', rest_seconds: 0.1}}"),
}
_LATER = "harrow-gate"
_SETTLE_SECONDS = 2.0
_PATIENCE_SECONDS = 180.0


@dataclass
class _Place:
    """Where the demonstration's files are."""

    root: Path
    server: SampleServer

    @property
    def folder(self) -> Path:
        return self.root / "drop"

    @property
    def connectors(self) -> Path:
        return self.root / "connectors"


def run_demo(console: Console, data_directory: Path | None, *, stop: bool) -> None:
    """Run it and show what came of it.

    Args:
        console: where it is shown.
        data_directory: of the demonstration's own servers; emptied at the start.
        stop: stop the servers at the end.

    Raises:
        WiredeskError: something did not come up or did not finish; the message says what.
    """
    stack = _started(console, data_directory)
    try:
        with _place() as place:
            settings = _settings(stack, place)
            logs.configure(settings.log, level="error")
            wait_for_servers(settings, seconds=60)
            reasons = asyncio.run(_ingest(console, settings, place))
        with elasticsearch_client(settings.elasticsearch) as client:
            _refresh(client, settings)
            _show_counts(console, client, settings, reasons)
            _show_searches(console, client, settings)
        _show_next(console, stack, stopped=stop)
    finally:
        if stop:
            stack.stop()


def _started(console: Console, data_directory: Path | None) -> LocalStack:
    directory = data_directory or Path(platformdirs.user_data_dir("wiredesk", appauthor=False)) / "demo"
    stack = LocalStack(directory, tell=lambda message: console.print(f"  {message}", highlight=False))
    console.print("[bold]1. Kafka and Elasticsearch[/], by package, on this machine")
    began = time.monotonic()
    stack.reset()
    stack.start()
    console.print(f"  ready after {time.monotonic() - began:.0f} s", highlight=False)
    return stack


@contextmanager
def _place() -> Iterator[_Place]:
    """A directory with the connectors' files and the drop folder, and the web server of the feeds."""
    with tempfile.TemporaryDirectory(prefix="wiredesk-demo-") as root, serve() as server:
        place = _Place(Path(root), server)
        place.folder.mkdir()
        place.connectors.mkdir()
        for name in _CONNECTORS:
            if name != _LATER:
                _add_connector(place, name)
        yield place


def _add_connector(place: _Place, name: str) -> None:
    provider, transport = _CONNECTORS[name]
    where = transport.format(url=place.server.url, folder=place.folder)
    (place.connectors / f"{name}.yaml").write_text(
        f"provider: {provider}\ntransport: {where}\nlanguage: en\n"
        "schedule: {interval_seconds: 0.5, adaptive: false}\n",
        encoding="utf-8",
    )


def _settings(stack: LocalStack, place: _Place) -> Settings:
    endpoints = stack.endpoints()
    assert endpoints is not None
    return Settings(
        kafka=KafkaSettings(bootstrap_servers=endpoints.bootstrap, partitions=2),
        elasticsearch=ElasticsearchSettings(url=endpoints.elasticsearch),
        connectors=ConnectorsSettings(
            directory=place.connectors, rescan_seconds=0.5, user_agent_contact="the demonstration"
        ),
        worker=WorkerSettings(state_directory=place.root / "state"),
    )


async def _ingest(console: Console, settings: Settings, place: _Place) -> dict[str, Counter[str]]:
    """Run connectors and stages until both editions are through; returns what each stage counted."""
    console.print("[bold]2. The sample wire[/]: three feeds over HTTP, a folder of plain text, polled twice a second")
    service, worker = ConnectorService(settings, place.connectors), Worker(settings)
    with Progress(
        SpinnerColumn(), TextColumn("{task.description:<28}"), BarColumn(24), MofNCompleteColumn(), console=console
    ) as progress:
        bars = {stage: progress.add_task(stage, total=None) for stage in ("published", *_STAGES)}
        async with Pipeline(service, worker) as running:
            texts = sorted((SAMPLES / "text").glob("*.txt"))
            _drop(texts[: len(texts) // 2], place.folder)
            await _settled(running, lambda: _advance(progress, bars, running))
            place.server.next_edition()
            _add_connector(place, _LATER)
            _drop(texts[len(texts) // 2 :], place.folder)
            await _settled(running, lambda: _advance(progress, bars, running))
            health = service.health()
    reasons: dict[str, Counter[str]] = {stage.stage: Counter(stage.counters.reasons) for stage in worker.running}
    reasons["connectors"] = Counter(
        polls=sum(one.polls for one in health), items=sum(one.items for one in health),
        published=sum(one.published for one in health),
    )  # fmt: skip
    return reasons


_STAGES = ("intake", "cluster", "enrich", "index")


def _drop(files: list[Path], folder: Path) -> None:
    for path in files:
        hidden = folder / f".{path.name}"
        shutil.copyfile(path, hidden)
        hidden.replace(folder / path.name)


def _advance(progress: Progress, bars: dict[str, TaskID], running: Pipeline) -> tuple[int, ...]:
    """Show how far everything is; returns the numbers that no longer change once everything is indexed."""
    published = sum(health.published for health in running.service.health())
    received: dict[str, int] = {stage.stage: stage.counters.acknowledged for stage in running.worker.running}
    passed: dict[str, int] = {stage.stage: _stories_passed(stage.counters.reasons) for stage in running.worker.running}
    totals = {"published": published, "intake": published, "cluster": passed.get("intake", 0)}
    totals |= {"enrich": totals["cluster"], "index": totals["cluster"]}
    progress.update(bars["published"], total=published, completed=published)
    for stage in _STAGES:
        progress.update(bars[stage], total=max(totals[stage], received.get(stage, 0)), completed=received.get(stage, 0))
    return (published, *(received.get(stage, 0) for stage in _STAGES), totals["cluster"])


def _stories_passed(reasons: dict[str, int]) -> int:
    return sum(count for reason, count in reasons.items() if reason in {"new", "version", "late", "again"})


async def _settled(running: Pipeline, look: Callable[[], tuple[int, ...]]) -> None:
    """Wait until something came, everything that came is through, and nothing has moved for a while."""
    before, since, deadline = look(), time.monotonic(), time.monotonic() + _PATIENCE_SECONDS
    start = before
    while True:
        await asyncio.sleep(0.1)
        now = look()
        if now != before:
            before, since = now, time.monotonic()
        if now != start and all_through(now) and time.monotonic() - since > _SETTLE_SECONDS:
            return
        if running.failed or time.monotonic() > deadline:
            troubles = [
                f"{health.name}: {health.last_error}" for health in running.service.health() if health.last_error
            ]
            raise WiredeskError(f"The demonstration makes no progress at {now}. {' '.join(troubles)}")


def all_through(counts: tuple[int, ...]) -> bool:
    """Whether every stage has worked through what came; what a stage gets again after a rebalance counts twice.

    Args:
        counts: items published, messages acknowledged by intake, cluster, enrich and index, stories that intake passed.
    """
    published, intake, *others, passed = counts
    return intake >= published and all(count >= passed for count in others)


def _refresh(client: Elasticsearch, settings: Settings) -> None:
    names = IndexNames(settings.elasticsearch.prefix)
    client.indices.refresh(index=[names.alias(base) for base in BASES])


def _show_counts(console: Console, client: Elasticsearch, settings: Settings, reasons: dict[str, Counter[str]]) -> None:
    names = IndexNames(settings.elasticsearch.prefix)
    stories, history, said = (client.count(index=names.alias(base))["count"] for base in BASES)

    def having(**term: bool) -> int:
        return int(client.count(index=names.alias("stories"), query={"term": term})["count"])

    counted = ("persons", "organisations", "places", "persons_quoted")
    facets = client.search(
        index=names.alias("stories"), size=0, aggs={name: {"cardinality": {"field": name}} for name in counted}
    )["aggregations"]
    found = {name: int(facet["value"]) for name, facet in facets.items()}
    intake, seen = reasons["intake"], reasons["connectors"]
    polled_again = seen["items"] - seen["published"]
    nothing_new = intake["unchanged"] + intake["resend"]
    rows = [
        ("came in", f"{seen['items']:,} items in {seen['polls']} polls, {seen['published']} of them new or changed"),
        ("dropped", f"{polled_again:,} known from the poll before; {nothing_new} that say nothing new"),
        ("stories", f"{stories} current stories, {history} versions of them"),
        ("of these", f"{having(correction=True)} corrected, {having(killed=True)} killed"),
        ("grouped", f"{having(leading=False)} copies under the story they are copies of"),
        ("found", f"{found['persons']} people, {found['organisations']} organisations, {found['places']} places"),
        ("quoted", f"{said} quotations of {found['persons_quoted']} speakers"),
        ("dead letters", str(sum(stage["rejected"] for stage in reasons.values()))),
    ]
    table = Table(title="3. What came of it", title_justify="left", title_style="bold", box=None, show_header=False)
    for name, value in rows:
        table.add_row(f"  {name}", value)
    console.print(table)


def _show_searches(console: Console, client: Elasticsearch, settings: Settings) -> None:
    console.print("[bold]4. Three searches[/]")
    target = settings.elasticsearch
    words = search(client, target, Query(words="bridge", size=3))
    console.print('\n[bold cyan]wiredesk search "bridge"[/]')
    words.show(console)
    speaker = _busiest(client, settings, "speakers")
    entity = _busiest(client, settings, "organisations")
    console.print(f'\n[bold cyan]wiredesk search --speaker "{speaker}"[/]')
    quotes(client, target, QuoteQuery(speaker=speaker, size=3)).show(console)
    console.print(f'\n[bold cyan]wiredesk search --entity "{entity}"[/]')
    search(client, target, Query(entity=entity, size=3)).show(console)


def _busiest(client: Elasticsearch, settings: Settings, field: str) -> str:
    index = IndexNames(settings.elasticsearch.prefix).alias("stories")
    answer = client.search(index=index, size=0, aggs={"names": {"terms": {"field": field, "size": 1}}})
    buckets = answer["aggregations"]["names"]["buckets"]
    return str(buckets[0]["key"]) if buckets else ""


def _show_next(console: Console, stack: LocalStack, *, stopped: bool) -> None:
    endpoints = stack.endpoints()
    assert endpoints is not None
    console.print("\n[bold]5. What to try next[/]")
    if stopped:
        console.print("  The servers are stopped. Run the demonstration without --stop to search on.")
        return
    console.print(
        f"  export WIREDESK_KAFKA__BOOTSTRAP_SERVERS={endpoints.bootstrap}\n"
        f"  export WIREDESK_ELASTICSEARCH__URL={endpoints.elasticsearch}",
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip
    program = "wiredesk" if shutil.which("wiredesk") else sys.argv[0]
    for command, what in (
        ('search "minister -budget"', "words, or a phrase; --speaker, --entity, --since, --json"),
        ("desk", "the search page, in a browser"),
        ("try README.md --parser text", "what would be made of any file or URL; sends nothing"),
        ("connectors new NAME --from URL", "a feed of your own; then: wiredesk up"),
        (f"stack stop --data-dir {stack.directory}", "end the demonstration's servers"),
    ):
        console.print(f"  {program} {command:<34} {what}", highlight=False, markup=False, soft_wrap=True)
