"""An installation of its own for each test, on the session's real servers: topics, groups, indices, directories."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from connectors.service import ConnectorService
from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.broker.topics import topics_of
from pipeline.events import RawItem, Stage
from pipeline.index.mapping import Base, IndexNames
from pipeline.runtime.startup import wait_for_servers
from pipeline.runtime.status import StatusReader
from pipeline.runtime.up import Pipeline
from pipeline.runtime.worker import STAGES, Worker
from pipeline.settings import (
    ConnectorsSettings,
    ElasticsearchSettings,
    EnrichSettings,
    KafkaSettings,
    Settings,
    WorkerSettings,
)
from tests.end_to_end.watching import Feed
from tests.indices import delete_all

#: Seconds after which a test gives up.
PATIENCE = 240


@dataclass
class Installation:
    """A whole Wiredesk on the real servers."""

    settings: Settings
    directory: Path
    client: Elasticsearch
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def names(self) -> IndexNames:
        return IndexNames(self.settings.elasticsearch.prefix)

    def connector(self, name: str, text: str) -> None:
        """Write a connector's file."""
        (self.directory / "connectors" / f"{name}.yaml").write_text(text, encoding="utf-8")

    @contextlib.contextmanager
    def running(self, stages: tuple[Stage, ...] = STAGES) -> Iterator[ConnectorService]:
        """Connectors and stages at work in this process, in a loop of their own."""
        service = ConnectorService(self.settings)
        stopping, problems = threading.Event(), []

        async def run() -> None:
            async with Pipeline(service, Worker(self.settings, stages)) as pipeline:
                while not stopping.is_set() and not pipeline.failed:  # noqa: ASYNC110 - set from another thread
                    await asyncio.sleep(0.05)

        def thread() -> None:
            try:
                asyncio.run(run())
            except BaseException as error:  # noqa: BLE001 - shown by the test
                problems.append(error)

        runner = threading.Thread(target=thread)
        runner.start()
        try:
            yield service
        finally:
            stopping.set()
            runner.join(60)
        assert not problems, problems

    def worker(self, *stages: Stage) -> subprocess.Popen[bytes]:
        """``wiredesk worker`` as a process of its own."""
        return self.start("worker", *[word for stage in stages for word in ("--stage", stage)])

    def start(self, *words: str, before: str = "", path: Path | None = None) -> subprocess.Popen[bytes]:
        """Any long-lived command as a process of its own.

        Args:
            words: the command.
            before: Python statements that it begins with.
            path: of another release's code.
        """
        config = self.directory / ("wiredesk.yaml" if path is None else "older.yaml")
        # JSON is YAML. Another release does not know every setting of this one.
        config.write_text(self.settings.model_dump_json(exclude_unset=path is not None), encoding="utf-8")
        program = [sys.executable, "-c", f"{before}\nfrom pipeline.cli import main; main()"]
        with (self.directory / f"worker-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [*program, *words, "--config", str(config)],
                stdout=log,
                stderr=log,
                cwd=path,
                env=os.environ | ({"PYTHONPATH": str(path)} if path else {}),
            )
        self.processes.append(process)
        return process

    def write_settings(self) -> str:
        """Write the settings' file; returns its path."""
        config = self.directory / "wiredesk.yaml"
        config.write_text(self.settings.model_dump_json(), encoding="utf-8")  # JSON is YAML
        return str(config)

    def run(self, *words: str) -> str:
        """Any command that ends well; returns what it prints."""
        ended = self.ended(*words)
        ended.check_returncode()
        return ended.stdout

    def ended(self, *words: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Any command that ends, however it does."""
        program = [sys.executable, "-c", "from pipeline.cli import main; main()", *words]
        program += ["--config", self.write_settings()]
        return subprocess.run(program, check=False, capture_output=True, text=True, timeout=seconds)

    def log(self, place: int = -1) -> str:
        """What a worker wrote to its log."""
        place = place if place >= 0 else len(self.processes) + place
        return (self.directory / f"worker-{place}.log").read_text(encoding="utf-8")

    def publish(self, *items: RawItem) -> None:
        """Put raw items on the topic as a connector would."""
        producer = KafkaProducer(bootstrap_servers=self.settings.kafka.bootstrap_servers, acks="all")
        topic = topics_of(self.settings).raw.name
        futures = [producer.send(topic, item.encode(), item.key) for item in items]
        for future in futures:
            future.get(20)
        producer.close()

    def documents(self, base: Base = "stories") -> dict[str, dict[str, Any]]:
        """Everything in an index, by ``_id``."""
        self.client.indices.refresh(index=self.names.alias(base))
        hits = self.client.search(index=self.names.alias(base), size=10_000)["hits"]["hits"]
        return {hit["_id"]: hit["_source"] for hit in hits}

    def dead(self) -> list[dict[str, Any]]:
        """All dead letters."""
        return [json.loads(value) for value in self.messages(topics_of(self.settings).dead.name)]

    def messages(self, topic: str) -> list[bytes]:
        """All values of a topic."""
        consumer = KafkaConsumer(bootstrap_servers=self.settings.kafka.bootstrap_servers, group_id=None,
                                 enable_auto_commit=False, auto_offset_reset="earliest")  # fmt: skip
        partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        consumer.seek_to_beginning(*partitions)
        found: list[bytes] = []
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for records in consumer.poll(timeout_ms=200).values():
                found += [record.value for record in records]
        consumer.close()
        return found

    def wait(self, condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        """Wait until something holds; the time only ends a test that would wait for ever, however busy the machine."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
            assert not self.processes or self.processes[-1].poll() in {None, -9}, self.log()
            time.sleep(0.1)

    def pause(self, seconds: float) -> None:
        """Let it work for a while."""
        time.sleep(seconds)

    def wait_for_documents(self, count: int, seconds: float = PATIENCE) -> dict[str, dict[str, Any]]:
        self.wait(lambda: len(self.documents()) >= count, f"{count} stories", seconds)
        return self.documents()

    def wait_caught_up(self, seconds: float = PATIENCE) -> None:
        """Wait until every stage has worked through its topic."""
        reader = StatusReader(self.settings)
        try:
            self.wait(lambda: reader.read().caught_up, "no lag anywhere", seconds)
        finally:
            reader.close()


@pytest.fixture
def partitions() -> int:
    """Of the installation's topics."""
    return 2


@pytest.fixture
def models() -> dict[str, str]:
    """The installation's language models."""
    return {"en": "en_wire"}


@pytest.fixture
def installation(stack: Any, tmp_path: Path, partitions: int, models: dict[str, str]) -> Iterator[Installation]:
    name = uuid.uuid4().hex[:8]
    (tmp_path / "connectors").mkdir()
    settings = Settings(
        kafka=KafkaSettings(
            bootstrap_servers=stack.bootstrap,
            topic_prefix=f"e{name}",
            group_prefix=f"e{name}",
            partitions=partitions,
            session_timeout_seconds=6,
        ),
        elasticsearch=ElasticsearchSettings(url=stack.elasticsearch, prefix=f"e{name}-", request_timeout_seconds=5),
        connectors=ConnectorsSettings(directory=tmp_path / "connectors", rescan_seconds=0.5),
        enrich=EnrichSettings(models=models, batch_seconds=0.05),
        worker=WorkerSettings(state_directory=tmp_path / "state", retry_initial_seconds=0.1, retry_max_seconds=1),
    )
    wait_for_servers(settings, seconds=30)
    with elasticsearch_client(settings.elasticsearch) as client:
        installation = Installation(settings, tmp_path, client)
        yield installation
        for process in installation.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait(10)
        delete_all(client, settings.elasticsearch.prefix)


@pytest.fixture
def feed() -> Iterator[tuple[type[Feed], str]]:
    handler = type("OneFeed", (Feed,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield handler, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
