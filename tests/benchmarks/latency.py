"""Time from a story being offered to it being found, end to end on the real servers.

    python tests/benchmarks/latency.py [--rate 10] [--seconds 60] [--data-dir DIR]

Stories are published to wire.raw at a steady rate; a searcher asks for the newest ones all the time and notes when it
first sees each. Printed beside the time of the index's refresh, which is the floor of what can be had.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

from kafka import KafkaProducer
from rich.console import Console
from rich.table import Table

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.broker.topics import topics_of
from pipeline.events import RawItem
from pipeline.events.item import Item
from pipeline.index.mapping import IndexNames
from pipeline.local.stack import LocalStack
from pipeline.runtime.startup import wait_for_servers
from pipeline.runtime.worker import Worker
from pipeline.settings import ElasticsearchSettings, KafkaSettings, LogSettings, Settings, WorkerSettings, logs

TEXT = """LISBON, May 4 (Orbis) - Ministers of nine countries agreed on Monday to share the water of three rivers.

"It took us eleven years to agree on one page," Foreign Minister Ana Prado told reporters in Lisbon. She said that the
first dams would open in June.

According to the United Nations, some 40 million people live along the rivers. Opposition leader Jorge Teles called the
agreement "a good start" and asked for a vote in parliament.
"""


def story(number: int) -> RawItem:
    now = datetime.now(UTC)
    item = Item(uri=f"s{number}", versioncreated=now, headline=f"Nine countries share rivers, number {number}",
                body_text=f"{TEXT}\n\nReport {number} of the series {uuid.uuid4().hex}.", language="en")  # fmt: skip
    return RawItem(connector="bench", provider="Orbis", item_id=f"s{number}", received=now, parser="text", item=item)


def search(settings: Settings, seen: dict[str, float], stopping: threading.Event) -> None:
    """Note when each story is first found."""
    index = IndexNames(settings.elasticsearch.prefix).alias("stories")
    with elasticsearch_client(settings.elasticsearch) as client:
        while not stopping.is_set():
            hits = client.search(index=index, size=100, sort=[{"received": "desc"}], source=["item_id"])["hits"]["hits"]
            now = time.monotonic()
            for hit in hits:
                seen.setdefault(hit["_source"]["item_id"], now)
            stopping.wait(0.03)


def offer(settings: Settings, rate: float, seconds: float) -> dict[str, float]:
    """Publish at a steady rate; returns when each was offered."""
    producer = KafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers, acks="all")
    topic, offered = topics_of(settings).raw.name, {}
    begin = time.monotonic()
    for number in range(int(rate * seconds)):
        time.sleep(max(begin + number / rate - time.monotonic(), 0))
        raw = story(number)
        offered[raw.item_id] = time.monotonic()
        producer.send(topic, raw.encode(), raw.key)
    producer.flush()
    producer.close()
    return offered


async def measure(settings: Settings, rate: float, seconds: float) -> list[float]:
    worker = Worker(settings)
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(8)  # all groups formed, models loaded
    seen: dict[str, float] = {}
    stopping = threading.Event()
    searcher = threading.Thread(target=search, args=(settings, seen, stopping))
    searcher.start()
    offered = await asyncio.to_thread(offer, settings, rate, seconds)
    await asyncio.sleep(5)
    stopping.set()
    await asyncio.to_thread(searcher.join)
    worker.stop()
    await running
    lost = offered.keys() - seen.keys()
    if lost:
        raise SystemExit(f"{len(lost)} of {len(offered)} stories were not found within five seconds")
    return sorted(seen[name] - offered[name] for name in offered)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rate", type=float, default=10, help="stories a second")
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--data-dir", type=Path, help="a running local stack's; default: one of its own")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        stack = LocalStack(given.data_dir or Path(directory) / "stack")
        if not stack.running():
            stack.start()
        endpoints = stack.endpoints()
        assert endpoints is not None
        name = f"b{uuid.uuid4().hex[:6]}"
        settings = Settings(
            kafka=KafkaSettings(
                bootstrap_servers=endpoints.bootstrap, topic_prefix=name, group_prefix=name, partitions=2
            ),
            elasticsearch=ElasticsearchSettings(url=endpoints.elasticsearch, prefix=f"{name}-"),
            worker=WorkerSettings(state_directory=Path(directory) / "state"),
        )
        logs.configure(LogSettings(), level="warning")
        wait_for_servers(settings, seconds=60)
        try:
            times = asyncio.run(measure(settings, given.rate, given.seconds))
        finally:
            if not given.data_dir:
                stack.stop()
    table = Table("stories", "rate/s", "median s", "p95 s", "p99 s", "most s", "p95 / refresh of 1 s")
    cuts = statistics.quantiles(times, n=100)
    table.add_row(str(len(times)), f"{given.rate:g}", f"{cuts[49]:.2f}", f"{cuts[94]:.2f}", f"{cuts[98]:.2f}",
                  f"{times[-1]:.2f}", f"{cuts[94]:.2f}")  # fmt: skip
    Console().print(table)


if __name__ == "__main__":
    main()
