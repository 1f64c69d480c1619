"""How long a message waits because the broker was asked for other partitions only, by aiokafka's longest wait.

    python -m tests.benchmarks.fetch_wait [--rounds 8] [--data-dir DIR]

One consumer of two partitions. A message comes while the consumer is busy elsewhere; the client asks for the other
partition meanwhile. Once it was taken the next one comes, in the same partition: printed is when the consumer has it.
1,500 ms is Faust's wait, 200 ms that of Wiredesk (pipeline/broker/rewinding.py).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from pipeline.broker.topics import topics_of
from pipeline.settings import Settings
from tests.benchmarks.figures import Figure
from tests.benchmarks.servers import site
from tests.benchmarks.show import show

_OURS, _FAUST = 200, 1500
_BUSY_SECONDS = (0.02, 0.3)


async def waits(settings: Settings, wait_ms: int, busy: float, rounds: int) -> list[float]:
    """Milliseconds until each second message is there."""
    topic, servers = topics_of(settings).raw.name, settings.kafka.bootstrap_servers
    async with (
        AIOKafkaProducer(bootstrap_servers=servers) as producer,
        AIOKafkaConsumer(bootstrap_servers=servers, fetch_max_wait_ms=wait_ms, auto_offset_reset="latest") as consumer,
    ):
        consumer.assign([TopicPartition(topic, number) for number in (0, 1)])
        await consumer.seek_to_end()
        times = []
        for _ in range(rounds + 1):
            await producer.send_and_wait(topic, b"1", partition=0)
            await asyncio.sleep(busy)
            while not await consumer.getmany(timeout_ms=1000):
                pass
            began = time.perf_counter()
            await producer.send_and_wait(topic, b"2", partition=0)
            while not await consumer.getmany(timeout_ms=3000):
                pass
            times.append(1000 * (time.perf_counter() - began))
        return times[1:]  # the first begins before the consumer asks


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=8)
    options.add_argument("--data-dir", type=Path, help="a running local stack's; default: one of its own")
    given = options.parse_args()
    figures = []
    with site(given.data_dir) as place:
        settings = place.settings(partitions=2)
        for busy in _BUSY_SECONDS:
            ours, fausts = (asyncio.run(waits(settings, wait, busy, given.rounds)) for wait in (_OURS, _FAUST))
            name = f"next message, consumer busy for {1000 * busy:.0f} ms"
            figures.append(
                Figure(name, "ms", statistics.median(ours), "Faust's longest wait, 1,500 ms", statistics.median(fausts))
            )
            print(
                f"{name}: longest {max(ours):.0f} ms, with Faust's wait {max(fausts):.0f} ms; load {os.getloadavg()[0]:.1f}"
            )
    show("fetch_wait", figures)


if __name__ == "__main__":
    main()
