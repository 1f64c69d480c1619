"""Time from a story being offered to it being found, end to end on the real servers.

    python -m tests.benchmarks.latency [--rate 10] [--seconds 60] [--data-dir DIR]

Stories are published to wire.raw at a steady rate; a searcher asks for the newest ones all the time and notes when it
first sees each. Printed with the time of the index's refresh, which is the least that is possible.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

from kafka import KafkaProducer

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.broker.topics import topics_of
from pipeline.events import RawItem
from pipeline.events.item import Item
from pipeline.index.mapping import IndexNames
from pipeline.runtime.worker import Worker
from pipeline.settings import Settings
from tests.benchmarks.figures import Figure
from tests.benchmarks.servers import site
from tests.benchmarks.show import show

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
    with site(given.data_dir) as place:
        times = asyncio.run(measure(place.settings(partitions=2), given.rate, given.seconds))
    cuts = statistics.quantiles(times, n=100)
    print(f"{len(times)} stories, {given.rate:g} a second: median {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s")
    goal = "1.5 s at 10 stories/s, 3 s at 25"
    show("latency", [Figure(f"offered to searchable at {given.rate:g}/s, p95", "s", cuts[94],
                            "refresh interval of the index", 1.0, "smaller", goal)])  # fmt: skip


if __name__ == "__main__":
    main()
