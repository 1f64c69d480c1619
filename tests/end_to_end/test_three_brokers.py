"""A Kafka of three brokers, of which any may be lost: three copies of each topic, two of which must be written."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from pipeline.broker.topics import topics_of
from pipeline.local import kafka, process
from pipeline.local.artifacts import cache_directory, fetch
from pipeline.local.ports import any_free
from pipeline.local.process import ServerProcess
from pipeline.runtime.startup import wait_for_servers
from tests.end_to_end.test_faults import check, item

pytestmark = [
    pytest.mark.stack,
    pytest.mark.long,
    pytest.mark.timeout(900),
]

NODES = (1, 2, 3)
PER_SECOND = 5


class Brokers:
    """Three Kafka nodes on this machine."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        taken: set[int] = set()
        self.ports = {node: any_free(taken) for node in NODES}
        self.controllers = {node: any_free(taken) for node in NODES}
        self.running: dict[int, ServerProcess] = {}

    @property
    def bootstrap(self) -> str:
        return ",".join(f"127.0.0.1:{port}" for port in self.ports.values())

    def start(self, *nodes: int) -> None:
        artifacts = fetch(cache_directory())
        for node in nodes:
            home = self.directory / f"kafka-{node}"
            home.mkdir(parents=True, exist_ok=True)
            command = kafka.prepare(
                home, artifacts, self.ports[node], self.controllers[node], node=node, cluster=self.controllers,
                heap_megabytes=256,
            )  # fmt: skip
            self.running[node] = process.start(command, self.directory / f"kafka-{node}.log", home)
        for node in nodes:
            self._await(node)

    def _await(self, node: int, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while not answers(self.ports[node]):
            log = self.directory / f"kafka-{node}.log"
            assert self.running[node].alive(), process.tail(log)
            assert time.monotonic() < deadline, process.tail(log)
            time.sleep(0.2)

    def kill(self, node: int) -> None:
        self.running[node].send(signal.SIGKILL)
        self.running[node].wait(10)

    def stop(self) -> None:
        for node in self.running:
            self.kill(node)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def brokers(tmp_path: Path) -> Iterator[Brokers]:
    brokers = Brokers(tmp_path)
    try:
        brokers.start(*NODES)
        yield brokers
    finally:
        brokers.stop()


class Feed(threading.Thread):
    """Publishes stories all the time, as a connector does: each is acknowledged by two brokers, or sent again."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        super().__init__()
        self.count = 0
        self._servers, self._topic, self._ending = bootstrap, topic, threading.Event()

    def run(self) -> None:
        asyncio.run(self._publish())

    async def _publish(self) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self._servers, acks="all", enable_idempotence=True)
        async with producer:
            while not self._ending.is_set():
                raw = item(self.count)
                with suppress(KafkaError):
                    await producer.send_and_wait(self._topic, raw.encode(), raw.key)
                    self.count += 1
                await asyncio.sleep(1 / PER_SECOND)

    def end(self) -> int:
        self._ending.set()
        self.join(150)
        return self.count


def test_a_broker_of_three_is_lost_and_comes_back(installation: Any, brokers: Brokers) -> None:
    """Each of the three in turn is killed and started again while stories pass; two workers go on throughout."""
    safe = {"bootstrap_servers": brokers.bootstrap, "replication_factor": 3}
    installation.settings = installation.settings.model_copy(
        update={"kafka": installation.settings.kafka.model_copy(update=safe)}
    )
    wait_for_servers(installation.settings, seconds=60)
    workers = [installation.worker(), installation.worker()]
    feed = Feed(brokers.bootstrap, topics_of(installation.settings).raw.name)
    feed.start()
    installation.wait_for_documents(10)
    for node in NODES:
        brokers.kill(node)
        at_loss = feed.count
        installation.wait(lambda at=at_loss: feed.count >= at + 10 * PER_SECOND, "stories are taken without it")
        installation.wait_for_documents(at_loss + PER_SECOND)
        brokers.start(node)
        at_return = feed.count
        installation.wait(lambda at=at_return: feed.count >= at + 5 * PER_SECOND, "stories are taken with it")
    sent = feed.end()
    began = time.monotonic()
    installation.wait_for_documents(sent)
    installation.wait_caught_up()
    print(f"{sent} stories; no lag {time.monotonic() - began:.0f} s after the last one")
    check(installation, sent)
    for number, worker in enumerate(workers):
        assert worker.poll() is None, installation.log(number)
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(60) for worker in workers] == [0, 0]
