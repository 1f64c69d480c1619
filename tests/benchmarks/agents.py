"""Intake and cluster agents from Kafka to Kafka, against a pass-through agent of Faust with its defaults.

    python -m tests.benchmarks.agents [--stories 2000] [--rounds 3] [--data-dir DIR]

Wiredesk's two stages decode, clean, remember, compare and encode each story and acknowledge after the sends are
durable; the pass-through hands bytes from one topic to another. Each runs in one process; all messages are in the topic
before it starts, and the clock runs from the first message that comes out to the last.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from pipeline.broker.topics import topics_of
from pipeline.events import RawItem
from pipeline.events.item import Item
from pipeline.settings import Settings
from tests.benchmarks.desk import Maker
from tests.benchmarks.figures import Figure
from tests.benchmarks.servers import Site, site
from tests.benchmarks.show import show

_PATIENCE_SECONDS = 300
_PASS_THROUGH = """
import sys, faust
broker, name, source, target = sys.argv[1:]
app = faust.App(name, broker="kafka://" + broker, value_serializer="raw", key_serializer="raw", web_enabled=False,
                topic_allow_declare=False, topic_disable_leader=True, datadir=sys.argv[2] + ".data",
                consumer_auto_offset_reset="earliest")
@app.agent(app.topic(source))
async def forward(stream):
    async for event in stream.events():
        await app.topic(target).send(key=event.key, value=event.value)
app.finalize()
from mode import Worker
Worker(app, loglevel="error").execute_from_commandline()
"""


def publish(settings: Settings, stories: int) -> None:
    """Stories of some 2 kB on wire.raw."""
    maker, topic = Maker(), topics_of(settings).raw.name
    producer = KafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers, acks="all", linger_ms=20)
    for number in range(stories):
        now = datetime.now(UTC)
        item = Item(
            uri=f"s{number}", versioncreated=now, headline=maker.text(8), body_text=maker.text(280), language="en"
        )
        raw = RawItem(connector="bench", provider="Bench", item_id=f"s{number}", received=now, parser="text", item=item)
        producer.send(topic, raw.encode(), raw.key)
    producer.flush()
    producer.close()


def seconds(settings: Settings, topic: str, stories: int, command: list[str]) -> float:
    """Run a command; seconds from the first message in a topic to the last."""
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka.bootstrap_servers)
    partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
    log = settings.connectors.directory.parent / "agents.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=settings.connectors.directory.parent)
    deadline, began, first = time.monotonic() + _PATIENCE_SECONDS, 0.0, 0
    try:
        while (count := sum(consumer.end_offsets(partitions).values())) < stories:
            if count and not began:
                began, first = time.perf_counter(), count
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"Only {count} of {stories} came through: {log.read_text(encoding='utf-8')[-2000:]}")
            time.sleep(0.02)
        return (time.perf_counter() - began) * stories / (stories - first)
    finally:
        consumer.close()
        process.terminate()
        process.wait(60)


def turn(place: Site, stories: int) -> tuple[float, float]:
    """Stories a second of both, in new topics."""
    ours = place.settings()
    publish(ours, stories)
    config = ours.connectors.directory.parent / "wiredesk.yaml"
    config.write_text(ours.model_dump_json(), encoding="utf-8")  # JSON is YAML
    words = ["worker", "--stage", "intake", "--stage", "cluster", "--config", str(config)]
    program = [sys.executable, "-c", "from pipeline.cli import main; main()", *words]
    took = seconds(ours, topics_of(ours).clustered.name, stories, program)
    other = place.settings()
    publish(other, stories)
    topics = topics_of(other)
    broker = other.kafka.bootstrap_servers
    program = [
        sys.executable,
        "-c",
        _PASS_THROUGH,
        broker,
        other.kafka.group_prefix,
        topics.raw.name,
        topics.clustered.name,
    ]
    return stories / took, stories / seconds(other, topics.clustered.name, stories, program)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data-dir", type=Path, help="a running local stack's; default: one of its own")
    given = parser.parse_args()
    rounds = []
    with site(given.data_dir) as place:
        for _ in range(given.rounds):
            rounds.append(turn(place, given.stories))
            print(
                f"turn {len(rounds)}: wiredesk {rounds[-1][0]:.0f}, pass-through {rounds[-1][1]:.0f} stories/s",
                flush=True,
            )
    medians = [sorted(part)[len(rounds) // 2] for part in zip(*rounds, strict=True)]
    show("agents", [Figure("intake and cluster, Kafka to Kafka", "stories/s", medians[0], "pass-through of Faust",
                           medians[1], "larger", "1.5 x", rounds)])  # fmt: skip


if __name__ == "__main__":
    main()
