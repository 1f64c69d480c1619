"""Time from a story being offered to it being found, end to end on the real servers.

    python -m tests.benchmarks.latency [--rate 10] [--seconds 60] [--data-dir DIR]

Stories are published to wire.raw at a steady rate; a searcher asks for the newest ones all the time and notes when it
first sees each. Printed with the time of the index's refresh, which is the least that is possible, and with the time of
each step (tests/benchmarks/steps.py). The clock starts once stories of a warm-up have been found, so that every group
is formed and every stage has consumed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import threading
import time
import uuid
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from kafka import KafkaProducer

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.broker.topics import topics_of
from pipeline.events import RawItem
from pipeline.events.item import Item
from pipeline.index.mapping import IndexNames
from pipeline.runtime.worker import Worker
from pipeline.settings import IndexSettings, Settings
from tests.benchmarks.figures import Figure
from tests.benchmarks.servers import site
from tests.benchmarks.show import show
from tests.benchmarks.steps import Watched, moments, table, watched

#: Stories that are offered and found before the clock starts, and the longest wait for them in seconds.
_WARM_UP, _WARM_UP_SECONDS = 40, 120

TEXT = """LISBON, May 4 (Orbis) - Ministers of nine countries agreed on Monday to share the water of three rivers.

"It took us eleven years to agree on one page," Foreign Minister Ana Prado told reporters in Lisbon. She said that the
first dams would open in June.

According to the United Nations, some 40 million people live along the rivers. Opposition leader Jorge Teles called the
agreement "a good start" and asked for a vote in parliament.
"""


def story(number: int, name: str = "s") -> RawItem:
    now, identity = datetime.now(UTC), f"{name}{number}"
    item = Item(uri=identity, versioncreated=now, headline=f"Nine countries share rivers, number {number}",
                body_text=f"{TEXT}\n\nReport {number} of the series {uuid.uuid4().hex}.", language="en")  # fmt: skip
    return RawItem(connector="bench", provider="Orbis", item_id=identity, received=now, parser="text", item=item)


def search(settings: Settings, seen: dict[str, float], stopping: threading.Event) -> None:
    """Note when each story is first found."""
    index = IndexNames(settings.elasticsearch.prefix).alias("stories")
    with elasticsearch_client(settings.elasticsearch) as client:
        while not stopping.is_set():
            hits = client.search(index=index, size=100, sort=[{"received": "desc"}], source=["item_id"])["hits"]["hits"]
            now = time.time()
            for hit in hits:
                seen.setdefault(hit["_source"]["item_id"], now)
            stopping.wait(0.03)


def offer(settings: Settings, rate: float, count: int, name: str) -> dict[str, float]:
    """Publish at a steady rate; returns when each was offered."""
    producer = KafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers, acks="all")
    topic, offered = topics_of(settings).raw.name, {}
    begin = time.monotonic()
    for number in range(count):
        time.sleep(max(begin + number / rate - time.monotonic(), 0))
        raw = story(number, name)
        offered[raw.item_id] = time.time()
        producer.send(topic, raw.encode(), raw.key)
    producer.flush()
    producer.close()
    return offered


def offer_and_find(
    settings: Settings, rate: float, count: int, name: str, seconds: float
) -> tuple[dict[str, float], dict[str, float]]:
    """When each story was offered, and when it was first found; ``seconds``: how long to wait for the last.

    Raises:
        TimeoutError: some were not found.
    """
    seen: dict[str, float] = {}
    stopping = threading.Event()
    searcher = threading.Thread(target=search, args=(settings, seen, stopping))
    searcher.start()
    try:
        offered = offer(settings, rate, count, name)
        deadline = time.monotonic() + seconds
        while lost := offered.keys() - seen.keys():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(lost)} of {len(offered)} stories were not found within {seconds:g} seconds")
            time.sleep(0.1)
    finally:
        stopping.set()
        searcher.join()
    return offered, {identity: seen[identity] for identity in offered}


async def measure(settings: Settings, rate: float, seconds: float, guards: Watched) -> dict[str, list[float]]:
    """The moments of each story's steps; the first is when it was offered.

    Stories are offered and looked for in a process beside the worker's, which therefore loses no time to them.
    """
    worker, loop = Worker(settings), asyncio.get_running_loop()
    running = asyncio.create_task(worker.run())
    try:
        with ProcessPoolExecutor(1, get_context("spawn")) as beside:
            warm = (settings, rate, _WARM_UP, "warm", _WARM_UP_SECONDS)
            await loop.run_in_executor(beside, offer_and_find, *warm)
            guards.batches.clear()
            count = int(rate * seconds)
            offered, seen = await loop.run_in_executor(beside, offer_and_find, settings, rate, count, "s", 30)
        times = await asyncio.to_thread(moments, settings, guards, seen)
    finally:
        worker.stop()
        await running
    return {name: [offered[name], *line[1:]] for name, line in times.items()}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rate", type=float, default=10, help="stories a second")
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--partitions", type=int, default=2)
    options.add_argument("--bulk-seconds", type=float, default=0.2, help="index.bulk_seconds")
    options.add_argument("--data-dir", type=Path, help="a running local stack's; default: one of its own")
    given = options.parse_args()
    with site(given.data_dir) as place, watched() as guards:
        settings = place.settings(partitions=given.partitions)
        settings = settings.model_copy(update={"index": IndexSettings(bulk_seconds=given.bulk_seconds)})
        times = asyncio.run(measure(settings, given.rate, given.seconds, guards))
    cuts = statistics.quantiles([line[-1] - line[0] for line in times.values()], n=100)
    print(
        f"{len(times)} stories, {given.rate:g} a second, measured once {_WARM_UP} others had been found; "
        f"load {os.getloadavg()[0]:.1f}: median {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s"
    )
    print(table(times, guards))
    goal = "1.5 s at 10 stories/s, 3 s at 25"
    show("latency", [Figure(f"offered to searchable at {given.rate:g}/s, p95", "s", cuts[94],
                            "refresh interval of the index", 1.0, "smaller", goal)])  # fmt: skip


if __name__ == "__main__":
    main()
