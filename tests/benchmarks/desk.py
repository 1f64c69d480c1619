"""How fast the desk answers at 100,000 stories: every page, 100 times each, over HTTP, against a bare search.

    python -m tests.benchmarks.desk [--stories 100000] [--arriving 10] [--elasticsearch URL] [--keep]
    python -m tests.benchmarks.desk --stories 1000000 --fill-seconds 600    # as many as fit into ten minutes

Starts a stack of its own unless it is given a server. Stories are made of a few thousand words in the frequencies of
news (Zipf), a fifth of them copies, each with names, subjects and a quotation. Each search asks for other words, so that
no answer comes out of a cache. The bare search is Elasticsearch's own match query with twenty documents: what no page
on this index can beat.

A newsroom's server has been up for days, so every page is asked for some times before the clock runs: Java's compiler
is still at work on a new server's first few hundred searches, and what they cost is printed apart. With ``--arriving``
stories come in all the while, and every second the index is another one.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil

from pipeline.broker.elasticsearch_client import async_elasticsearch_client, elasticsearch_client
from pipeline.desk.server import desk_in_background
from pipeline.events import Cluster, Content, EnrichedStory, Enrichment, Entity, HistoryEntry, Mention, Quote
from pipeline.events.item import Subject
from pipeline.index import admin
from pipeline.index.documents import quote_documents, story_document
from pipeline.index.mapping import BASES, IndexNames
from pipeline.index.writer import Writer
from pipeline.local.stack import LocalStack
from pipeline.settings import DeskSettings, ElasticsearchSettings, IndexSettings, Settings
from tests.benchmarks.figures import Figure
from tests.benchmarks.show import show

LIMIT_MS = 200
ROUNDS = 100
#: Requests of each page before the clock runs.
WARMING = 50
NOW = datetime.now(UTC)
PROVIDERS = ("Quillon", "Talvek", "Meridian", "Dispatch", "Harbour Press", "Orbis")


class Maker:
    """Makes stories; the same seed, the same stories."""

    def __init__(self, seed: int = 7) -> None:
        self._random = random.Random(seed)
        syllables = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "il", "on", "us")]
        self.words = ["".join(self._random.choices(syllables, k=self._random.randint(1, 4))) for _ in range(6000)]
        self._weights = [1 / (place + 3) for place in range(len(self.words))]
        self.people = [f"{self.word().title()} {self.word().title()}" for _ in range(3000)]
        self.places = [self.word().title() for _ in range(400)]

    def word(self) -> str:
        return self._random.choice(self.words)

    def text(self, count: int) -> str:
        return " ".join(self._random.choices(self.words, self._weights, k=count))

    def story(self, number: int, total: int) -> EnrichedStory:
        """One story, the higher the number the newer."""
        pick = self._random
        time_ = NOW - timedelta(minutes=10 * (total - number))
        person, place = pick.choice(self.people), pick.choice(self.places)
        said = self.text(12)
        begin = f"{place.upper()}, today. {person} of {place} said: "
        body = f"{begin}“{said}.”\n\n" + "\n\n".join(self.text(60) for _ in range(4))
        copied = number > 10 and pick.random() < 0.2
        cluster = f"story-{number - pick.randint(1, 10)}" if copied else f"story-{number}"
        # One event of a twentieth of all stories, and small ones.
        event = "event-0" if number % 20 == 0 else f"event-{number // 8 + 1}"
        headline = f"{person}: {self.text(7)}"
        at = begin.index(person)
        entities = (
            Entity(label="PERSON", name=person, mentions=(Mention(start=at, end=at + len(person), text=person),)),
            Entity(label="GPE", name=place),
            Entity(label="ORG", name=f"{pick.choice(self.places)} Council"),
        )
        quote = Quote(
            type="direct", text=said, start=len(begin), end=len(begin) + len(said) + 3, speaker=person, resolved=True
        )
        return EnrichedStory(
            story_id=f"story-{number}", provider=pick.choice(PROVIDERS), item_id=str(number), index_version=1,
            version_rank=1, first_seen=time_, first_created=time_, version_created=time_, received=time_,
            content=Content(headline=headline, body=body, language="en", urgency=pick.randint(1, 8),
                            subjects=(Subject(code="1", name=pick.choice(("economy", "politics", "sport", "health"))),)),
            history=(HistoryEntry(story_id=f"story-{number}", version_id="v1", version_rank=1, kind="new", received=time_,
                                  headline=headline, body=body),),
            cluster=Cluster(cluster_id=cluster, duplicate_of=cluster if copied else None, event_id=event),
            enrichment=Enrichment(language="en", entities=entities, quotes=(quote,)),
        )  # fmt: skip


async def fill(settings: ElasticsearchSettings, count: int) -> None:
    """Write the stories."""
    client = async_elasticsearch_client(settings)
    try:
        writer, maker = Writer(client, settings, IndexSettings(bulk_max_items=2000)), Maker()
        for begin in range(0, count, 500):
            written = await writer.write([maker.story(n, count) for n in range(begin, min(begin + 500, count))])
            assert not written.rejected
            if begin % 10_000 == 0:
                print(f"  {begin:,} of {count:,} written", flush=True)
        for base in BASES:
            await client.indices.refresh(index=IndexNames(settings.prefix).alias(base))
    finally:
        await client.close()


async def fill_for(settings: ElasticsearchSettings, count: int, seconds: float) -> int:
    """Write documents of stories and quotations alone, in bulk, for so many seconds at most; returns how many stories.

    Without history and registers, which searches do not read, and without the writer's five steps.
    """
    client = async_elasticsearch_client(settings)
    maker, end, done = Maker(), time.monotonic() + seconds, 0
    names = IndexNames(settings.prefix)
    stories, quotes = (names.index(base, 1) for base in ("stories", "quotes"))

    async def write(begin: int) -> None:
        lines: list[dict[str, Any]] = []
        for number in range(begin, min(begin + 1000, count)):
            story = maker.story(number, count)
            lines += [{"index": {"_index": stories, "_id": story.story_id}}, story_document(story, NOW)]
            for identifier, quote in quote_documents(story):
                lines += [{"index": {"_index": quotes, "_id": identifier}}, quote]
        assert not (await client.bulk(operations=lines, filter_path="errors"))["errors"]

    try:
        slowly = {"index": {"refresh_interval": "-1"}}
        await client.indices.put_settings(index=[stories, quotes], settings=slowly)
        while done < count and time.monotonic() < end:
            await asyncio.gather(*(write(begin) for begin in range(done, min(done + 2000, count), 1000)))
            done = min(done + 2000, count)
            if done % 50_000 == 0:
                print(f"  {done:,} of {count:,} written", flush=True)
        await client.indices.put_settings(index=[stories, quotes], settings={"index": {"refresh_interval": None}})
        await client.options(request_timeout=600).indices.refresh(index=[stories, quotes])
    finally:
        await client.close()
    return done


def pages(maker: Maker, count: int) -> dict[str, Callable[[], str]]:
    """An address of each kind, another one each time."""
    pick = random.Random(11)
    common, any_ = maker.words[60:260], maker.words  # in an eighth to a third of all stories

    day_ago = f"{NOW - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"

    halfway = f"{NOW - timedelta(minutes=5 * count):%Y-%m-%dT%H:%M:%SZ}"

    def story() -> str:
        return f"/story/story-{pick.randrange(count)}"

    return {
        "newest stories": lambda: "/",
        "newest, page 20": lambda: f"/?page={pick.randint(18, 22)}",
        "one common word": lambda: f"/?q={pick.choice(common)}",
        "three words": lambda: f"/?q={pick.choice(common)}+{pick.choice(common)}+{pick.choice(any_)}",
        "a phrase": lambda: f"/?q=%22{pick.choice(common)}+{pick.choice(common)}%22",
        "beginning of a word": lambda: f"/?q={pick.choice(any_)[:3]}*",
        "word and facets": lambda: f"/?q={pick.choice(common)}&provider={pick.choice(PROVIDERS)}&subject=sport",
        "about a person": lambda: f"/?about={pick.choice(maker.people).replace(' ', '+')}",
        "the last week": lambda: f"/?q={pick.choice(common)}&since=7d",
        "who said what": lambda: "/quotes",
        "what somebody said": lambda: f"/quotes?speaker={pick.choice(maker.people).replace(' ', '+')}",
        "a word said": lambda: f"/quotes?q={pick.choice(common)}",
        "a story": story,
        "its changes": lambda: story() + "/changes",
        "what arrived": lambda: f"/arrivals?q={pick.choice(common)}&after={day_ago}",
        "events of half the stories": lambda: f"/events?since={halfway}&page={pick.randint(1, 8)}",
        "the newest events": lambda: f"/events?since={halfway}&sort=newest",
        "events by a word": lambda: f"/events?since={halfway}&q={pick.choice(common)}",
        "an event": lambda: f"/event/event-{pick.randint(1, count // 8)}",
        "event of a twentieth": lambda: "/event/event-0",
        "search by event": lambda: f"/?q={pick.choice(common)}&group=event",
        "RSS of a search": lambda: f"/stories.rss?q={pick.choice(common)}",
    }


@contextlib.contextmanager
def arriving(settings: ElasticsearchSettings, begin: int, per_second: int) -> Iterator[None]:
    """Stories that come in meanwhile, written every second as the sink does."""
    done = threading.Event()

    async def write() -> None:
        client = async_elasticsearch_client(settings)
        writer, maker, number = Writer(client, settings, IndexSettings()), Maker(seed=8), begin
        while not done.is_set():
            # As if made now: the newest of all.
            written = await writer.write([maker.story(n, n) for n in range(number, number + per_second)])
            assert not written.rejected
            number += per_second
            await asyncio.sleep(1)
        await client.close()

    thread = threading.Thread(target=lambda: asyncio.run(write()), name="arriving")
    if per_second:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if per_second:
            thread.join()


def measure(desk: str, settings: ElasticsearchSettings, count: int, only: str, *, with_history: bool) -> bool:
    """Ask and print; whether every page keeps the limit (its 95th percentile).

    Args:
        desk: its address.
        settings: of its index.
        count: of the stories there.
        only: in the names of the pages.
        with_history: whether the versions of the stories are there, without which nothing can be compared.
    """
    maker = Maker()
    process = listening(settings.url)
    with elasticsearch_client(settings) as client, httpx.Client(base_url=desk, timeout=60) as browser:
        alias = IndexNames(settings.prefix).alias("stories")
        words = itertools.cycle(maker.words)

        def bare() -> None:
            client.search(index=alias, query={"match": {"body": next(words)}}, size=20)

        def page(address: Callable[[], str]) -> Callable[[], None]:
            def ask() -> None:
                path = address()
                assert browser.get(path).status_code == 200, path

            return ask

        asked = {"bare match query": bare} | {
            name: page(address)
            for name, address in pages(maker, count).items()
            if (only in name or name == "one common word") and (with_history or name != "its changes")
        }
        new = {name: timed(ask, WARMING) for name, ask in asked.items()}
        print("  every page asked for; the clock runs", flush=True)
        rows = []
        for name, ask in asked.items():
            used = cpu_ms(process)
            times = timed(ask, ROUNDS)
            rows.append((name, times, (cpu_ms(process) - used) / ROUNDS))
    return report(rows, new, count)


def timed(ask: Callable[[], None], rounds: int) -> list[float]:
    """Milliseconds of each time."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        ask()
        times.append((time.perf_counter() - begin) * 1000)
    return times


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def report(rows: list[tuple[str, list[float], float]], new: dict[str, list[float]], count: int) -> bool:
    """Print the table; whether every page keeps the limit."""
    floor = statistics.median(rows[0][1])
    print(f"\n{'page':22} {'median':>8} {'p95':>8} {'worst':>8} {'CPU':>8} {'of bare':>9} {'p95, new server':>17}")
    for name, times, cpu in rows:
        median = statistics.median(times)
        print(
            f"{name:22} {median:5.0f} ms {p95(times):5.0f} ms {max(times):5.0f} ms {cpu:5.0f} ms"
            f" {median / floor:7.1f} x {p95(new[name]):14.0f} ms"
        )
    kept = all(p95(times) <= LIMIT_MS for _, times, _ in rows)
    print(f"\n{count:,} stories; every page within {LIMIT_MS} ms (95th percentile): {'yes' if kept else 'NO'}")
    name, times, _ = max(rows[1:], key=lambda row: statistics.median(row[1]))
    figures = [
        Figure(f"slowest page at {count:,} stories: {name}", "ms", statistics.median(times), "bare match query", floor),
        Figure("one common word", "ms", next(statistics.median(found) for page, found, _ in rows if page == "one common word"),
               "bare match query", floor, goal="0.5 x (twice the bare query)"),
    ]  # fmt: skip
    show("desk", figures)
    return kept


def listening(url: str) -> psutil.Process | None:
    """The process behind a port of this machine, if we may know it."""
    port = httpx.URL(url).port
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in process.net_connections("tcp")):
                return process
    return None


def cpu_ms(server_process: psutil.Process | None) -> float:
    """Processor time that server and desk (this process) have used so far."""
    return 1000 * sum(
        times.user + times.system
        for process in (psutil.Process(), server_process)
        if process is not None
        for times in [process.cpu_times()]
    )


@contextlib.contextmanager
def server(given: str | None) -> Iterator[str]:
    """Elasticsearch: the one given, or a stack of our own."""
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory() as directory:
        stack = LocalStack(Path(directory))
        try:
            stack.start()
            endpoints = stack.endpoints()
            assert endpoints is not None
            yield endpoints.elasticsearch
        finally:
            stack.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=100_000)
    parser.add_argument(
        "--arriving", type=int, default=0, metavar="N", help="stories that come in each second meanwhile"
    )
    parser.add_argument("--pages", default="", metavar="WORD", help="only pages whose name has this word")
    parser.add_argument("--fill-seconds", type=float, help="write as many stories as fit into so many seconds")
    parser.add_argument("--elasticsearch", metavar="URL")
    parser.add_argument("--keep", action="store_true", help="keep the indices, and use them where they are")
    options = parser.parse_args()
    with server(options.elasticsearch) as url:
        settings = ElasticsearchSettings(url=url, prefix="bench-desk-")
        names = IndexNames(settings.prefix)
        with elasticsearch_client(settings) as client:
            there = client.indices.exists(index=names.alias("stories"))
            admin.init(client, settings)
            if not there and options.fill_seconds:
                options.stories = asyncio.run(fill_for(settings, options.stories, options.fill_seconds))
                print(f"  {options.stories:,} stories written in {options.fill_seconds:.0f} s at most", flush=True)
            elif not there:
                asyncio.run(fill(settings, options.stories))
            desk = desk_in_background(Settings(elasticsearch=settings, desk=DeskSettings(port=0)))
            try:
                with arriving(settings, options.stories, options.arriving):
                    whole = not options.fill_seconds
                    kept = measure(desk.url, settings, options.stories, options.pages, with_history=whole)
            finally:
                desk()
                if not options.keep:
                    client.indices.delete(index=[names.index(base, 1) for base in BASES])
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
