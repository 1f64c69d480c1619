"""A topic prefix of its own for each test, and a stage to feed, start, stop and kill."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient

from pipeline.broker.topics import topics_of
from pipeline.broker.topics_admin import ensure_topics
from pipeline.settings import KafkaSettings, Settings, WorkerSettings


@dataclass
class Lab:
    """One stage on the real broker."""

    settings: Settings
    directory: Path
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def feed(self, *messages: bytes | dict[str, Any], partition: int | None = None) -> None:
        producer = KafkaProducer(bootstrap_servers=self.settings.kafka.bootstrap_servers, acks="all")
        futures = []
        for place, message in enumerate(messages):
            value = message if isinstance(message, bytes) else json.dumps(message).encode()
            target = place % self.settings.kafka.partitions if partition is None else partition
            futures.append(producer.send(topics_of(self.settings).raw.name, value, b"k%d" % place, partition=target))
        for future in futures:
            future.get(20)
        producer.close()

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        path = self.directory / "settings.json"
        path.write_text(self.settings.model_dump_json())
        script = Path(__file__).with_name("stage_process.py")
        log = (self.directory / f"log-{len(self.processes)}").open("w")
        process = subprocess.Popen(
            [sys.executable, str(script), str(path), str(self.directory), *arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        log.close()
        self.processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", (self.directory / f"log-{len(self.processes) - 1}").read_text()
        return process

    def stop(self, process: subprocess.Popen[str], seconds: float = 20) -> int:
        process.send_signal(signal.SIGTERM)
        code = process.wait(seconds)
        assert process.stdout is not None
        process.stdout.close()
        return code

    def read(self, topic: str) -> list[bytes | None]:
        """All keys of a topic, in no particular order between partitions; for the dead letters, their values."""
        consumer = KafkaConsumer(bootstrap_servers=self.settings.kafka.bootstrap_servers, group_id=None,
                                 enable_auto_commit=False, auto_offset_reset="earliest")  # fmt: skip
        partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        consumer.seek_to_beginning(*partitions)
        found = []
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for records in consumer.poll(timeout_ms=200).values():
                found += [record.value if topic.endswith(".dead") else record.key for record in records]
        consumer.close()
        return found

    def passed(self) -> list[int]:
        return [int(key or 0) for key in self.read(topics_of(self.settings).stories.name)]

    def dead(self) -> list[dict[str, Any]]:
        return [json.loads(value or b"") for value in self.read(topics_of(self.settings).dead.name)]

    def committed(self) -> int:
        """Sum of the group's committed offsets."""
        admin = KafkaAdminClient(bootstrap_servers=self.settings.kafka.bootstrap_servers)
        group = f"{self.settings.kafka.group_prefix}-intake"
        offsets = admin.list_group_offsets(group)
        admin.close()
        entries = offsets.get(group, offsets)
        return sum(entry.offset for entry in entries.values() if entry.offset > 0)

    def wait_for(self, condition: Callable[[], bool], seconds: float = 30, what: str = "") -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}; {self.passed()} {self.dead()}"
            time.sleep(0.2)

    def wait_passed(self, numbers: set[int], seconds: float = 30) -> None:
        self.wait_for(lambda: numbers <= set(self.passed()), seconds, f"{sorted(numbers)} passed")


@pytest.fixture
def lab(stack: Any, tmp_path: Path) -> Iterator[Lab]:
    name = uuid.uuid4().hex[:8]
    settings = Settings(
        kafka=KafkaSettings(
            bootstrap_servers=stack.bootstrap,
            topic_prefix=f"t{name}",
            group_prefix=f"g{name}",
            partitions=2,
            session_timeout_seconds=6,
            max_message_bytes=1_000_000,
        ),
        worker=WorkerSettings(retry_initial_seconds=0.1, retry_max_seconds=0.5),
    )
    ensure_topics(settings)
    lab = Lab(settings, tmp_path)
    yield lab
    for process in lab.processes:
        if process.poll() is None:
            process.kill()
            process.wait(10)
        if process.stdout and not process.stdout.closed:
            process.stdout.close()
