"""How long a restart of all stages takes with a full window, and for how long a joining worker stops the others.

    python tests/benchmarks/restart.py [STORIES]

On a Kafka and an Elasticsearch of its own: so many invented stories go through a real worker's intake and cluster stages
(enrich and index skip them: they keep nothing). Then a worker of all stages is started, ended, killed and started again,
and timed from its start until it is ready and until a story sent at that moment is in the index. Last, a second worker
joins while ten stories a second pass; the longest gap between two messages of each topic is printed, and before it the
longest gap of the same time without anything that happens.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx
from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition

sys.path.insert(0, str(Path(__file__).parents[2]))

from pipeline.broker.topics import Topic, topics_of
from pipeline.events import RawItem
from pipeline.events.item import Item
from pipeline.local.ports import any_free
from pipeline.local.stack import LocalStack
from pipeline.runtime.startup import wait_for_servers
from pipeline.runtime.status import StatusReader
from pipeline.settings import ElasticsearchSettings, KafkaSettings, MonitoringSettings, Settings, WorkerSettings

_WORDS = [f"{a}{b}" for a in range(300) for b in "abcdefghij"]
_PROGRAM = [sys.executable, "-c", "from pipeline.cli import main; main()", "worker"]
_GAP_SECONDS, _RATE = 40.0, 10.0


class Installation:
    """Settings, a producer, and workers of them."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self.settings, self._directory = settings, directory
        self._config = directory / "wiredesk.yaml"
        self._config.write_text(settings.model_dump_json(), encoding="utf-8")
        self._producer = KafkaProducer(
            bootstrap_servers=settings.kafka.bootstrap_servers, acks="all", linger_ms=20, compression_type="lz4"
        )
        self._chance = random.Random(1)
        self._number = 0
        self._logs = 0

    def send(self, count: int) -> str:
        """Send new stories; returns the uri of the last one."""
        topic, uri = topics_of(self.settings).raw.name, ""
        for _ in range(count):
            self._number += 1
            uri = f"urn:orbis:{self._number}"
            item = Item(uri=uri, version="1", headline=f"Headline {self._number}", language="en",
                        body_text=" ".join(self._chance.choices(_WORDS, k=130)))  # fmt: skip
            raw = RawItem(connector="feed", provider="Orbis", item_id=uri, received=datetime.now(UTC), item=item,
                          parser="ninjs", original=b"{}")  # fmt: skip
            self._producer.send(topic, raw.encode(), raw.key)
        self._producer.flush()
        return uri

    def worker(self, *stages: str) -> Worker:
        self._logs += 1
        words = [word for stage in stages for word in ("--stage", stage)]
        return Worker([*_PROGRAM, *words, "--config", str(self._config)], self._directory / f"worker-{self._logs}.log")

    def skip(self, stage: str, *topics: Topic) -> None:
        """Let a stage begin at the ends of its topics."""
        group = f"{self.settings.kafka.group_prefix}-{stage}"
        consumer = KafkaConsumer(
            bootstrap_servers=self.settings.kafka.bootstrap_servers, group_id=group, enable_auto_commit=False
        )
        pairs = [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]
        consumer.assign(pairs)
        ends = consumer.end_offsets(pairs)
        consumer.commit({pair: OffsetAndMetadata(end, "", -1) for pair, end in ends.items()})
        consumer.close()

    def waits(self, *stages: str) -> int:
        reader = StatusReader(self.settings)
        try:
            return sum(stage.lag for stage in reader.read().stages if stage.stage in stages)
        finally:
            reader.close()

    def indexed(self) -> int:
        """Documents that can be found; refreshes first."""
        base = f"{self.settings.elasticsearch.url}/{self.settings.elasticsearch.prefix}stories"
        httpx.post(f"{base}/_refresh", timeout=30)
        return int(httpx.get(f"{base}/_count", timeout=30).json()["count"])


class Worker:
    """A worker's process, timed from its start."""

    def __init__(self, command: list[str], log: Path) -> None:
        self._log = log
        self.began, self._at = time.perf_counter(), datetime.now(UTC)
        with log.open("wb") as file:
            self._process = subprocess.Popen(command, stdout=file, stderr=file, env=os.environ)

    def ready(self) -> float:
        """Wait until it says that it is ready; returns the seconds from its start until then."""
        while not (told := self.told("worker_ready")):
            assert self._process.poll() is None, self._log.read_text()
            time.sleep(0.05)
        return (datetime.fromisoformat(json.loads(told[0])["timestamp"]) - self._at).total_seconds()

    def _lines(self) -> list[str]:
        return [line for line in self._log.read_text().splitlines() if line.startswith("{") and line.endswith("}")]

    def told(self, event: str) -> list[str]:
        return [line for line in self._lines() if json.loads(line).get("event") == event]

    def end(self, number: int) -> float:
        began = time.perf_counter()
        self._process.send_signal(number)
        self._process.wait(60)
        return time.perf_counter() - began


def fill(site: Installation, count: int) -> None:
    """The stories through intake and cluster."""
    began = time.perf_counter()
    site.send(count)
    print(f"{count:,} items sent in {time.perf_counter() - began:.0f} s", flush=True)
    worker = site.worker("intake", "cluster")
    worker.ready()
    while left := site.waits("intake", "cluster"):
        print(f"  {left:,} messages wait for intake and cluster", flush=True)
        time.sleep(10)
    print(f"placed in {time.perf_counter() - began:.0f} s", flush=True)
    worker.end(signal.SIGTERM)
    topics = topics_of(site.settings)
    site.skip("enrich", topics.clustered)
    site.skip("index", topics.enriched, topics.versions)


def restart(site: Installation, after: str) -> Worker:
    """Start a worker of all stages, with one story waiting."""
    there = site.indexed()
    site.send(1)
    worker = site.worker()
    ready = worker.ready()
    while site.indexed() == there:
        time.sleep(0.1)
    searchable = time.perf_counter() - worker.began
    print(
        f"{after}: ready after {ready:.1f} s, the story that waited is searchable after {searchable:.1f} s", flush=True
    )
    for line in worker.told("window_restored"):
        print(f"  {line}", flush=True)
    return worker


def gaps(site: Installation, seconds: float) -> dict[str, float]:
    """The longest time without a new message in each topic, and without a new document, while stories are sent."""
    topics = topics_of(site.settings)
    names = [topics.stories.name, topics.clustered.name, topics.enriched.name]
    consumer = KafkaConsumer(*names, bootstrap_servers=site.settings.kafka.bootstrap_servers, group_id=None)
    consumer.poll(500)
    stopping = threading.Event()

    def send() -> None:
        while not stopping.wait(1 / _RATE):
            site.send(1)

    sender = threading.Thread(target=send)
    sender.start()
    began = time.perf_counter()
    last = dict.fromkeys([*names, "index"], began + 2.0)
    longest = dict.fromkeys(last, 0.0)
    documents = site.indexed()
    while (now := time.perf_counter()) - began < seconds:
        seen = {pair.topic for pair in consumer.poll(100)}
        if (count := site.indexed()) != documents:
            documents = count
            seen.add("index")
        for name, at in last.items():
            longest[name] = max(longest[name], now - at)
            if name in seen:
                last[name] = now
    stopping.set()
    sender.join()
    consumer.close()
    return longest


def main(count: int) -> None:
    """Fill, restart, join."""
    with ExitStack() as context:
        directory = Path(context.enter_context(tempfile.TemporaryDirectory()))
        stack = LocalStack(directory / "stack", kafka_port=any_free(set()), elasticsearch_port=any_free(set()))
        endpoints = stack.start()
        context.callback(stack.stop)
        settings = Settings(
            kafka=KafkaSettings(bootstrap_servers=endpoints.bootstrap, partitions=4),
            elasticsearch=ElasticsearchSettings(url=endpoints.elasticsearch),
            worker=WorkerSettings(state_directory=directory / "state"),
            monitoring=MonitoringSettings(enabled=False),
        )
        wait_for_servers(settings, seconds=60)
        site = Installation(settings, directory)
        fill(site, count)
        worker = restart(site, "started after SIGTERM")
        print(f"ended by SIGTERM in {worker.end(signal.SIGTERM):.1f} s", flush=True)
        worker = restart(site, "started again")
        worker.end(signal.SIGKILL)
        worker = restart(site, "started after kill -9")
        print("longest gap in seconds, nothing happens:", rounded(gaps(site, _GAP_SECONDS)), flush=True)
        second = site.worker()
        joining = gaps(site, _GAP_SECONDS)
        print(
            f"longest gap in seconds, a worker joins, ready after {second.ready():.1f} s:", rounded(joining), flush=True
        )
        second.end(signal.SIGTERM)
        worker.end(signal.SIGTERM)


def rounded(seconds: dict[str, float]) -> dict[str, float]:
    """For people."""
    return {name: round(value, 1) for name, value in seconds.items()}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
