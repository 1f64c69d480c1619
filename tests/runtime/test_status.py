"""The status of an installation on the real servers, and the command that shows it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from ruamel.yaml import YAML

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.broker.topics import topics_of
from pipeline.broker.topics_admin import ensure_topics
from pipeline.dead.settlement import Settlement
from pipeline.events import ConnectorState
from pipeline.events.dead_letter import dead_letter
from pipeline.events.errors import RejectError
from pipeline.index import admin
from pipeline.runtime.status import StatusReader
from pipeline.settings import AlertsSettings, ConnectorsSettings, ElasticsearchSettings, KafkaSettings, Settings

pytestmark = pytest.mark.stack

ROOT = Path(__file__).parents[2]
OLD = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def settings(stack: Any, tmp_path: Path) -> Iterator[Settings]:
    name = uuid.uuid4().hex[:8]
    for directory in ("connectors", "alerts"):
        (tmp_path / directory).mkdir()
    settings = Settings(
        kafka=KafkaSettings(
            bootstrap_servers=stack.bootstrap, topic_prefix=f"s{name}", group_prefix=f"g{name}", partitions=2
        ),
        elasticsearch=ElasticsearchSettings(url=stack.elasticsearch, prefix=f"s{name}-"),
        connectors=ConnectorsSettings(directory=tmp_path / "connectors"),
        alerts=AlertsSettings(directory=tmp_path / "alerts"),
    )
    ensure_topics(settings)
    with elasticsearch_client(settings.elasticsearch) as client:
        admin.init(client, settings.elasticsearch)
        yield settings
        client.indices.delete(index=list(client.indices.get(index=f"s{name}-*")))


def produce(
    settings: Settings, topic: str, value: bytes, *, key: bytes | None = None, at: datetime | None = None
) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers, acks="all")
    try:
        producer.send(topic, value, key, partition=0, timestamp_ms=int(at.timestamp() * 1000) if at else None).get(20)
    finally:
        producer.close()


@contextmanager
def member(settings: Settings, group: str, topic: str) -> Iterator[KafkaConsumer]:
    """A worker that is in its group and takes nothing."""
    consumer = KafkaConsumer(
        topic, bootstrap_servers=settings.kafka.bootstrap_servers, group_id=f"{settings.kafka.group_prefix}-{group}",
        enable_auto_commit=False, client_id="worker-of-the-test",
    )  # fmt: skip
    until(lambda: bool(consumer.poll(200) or consumer.assignment()))
    try:
        yield consumer
    finally:
        consumer.close()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def status(settings: Settings, tmp_path: Path, **kafka: Any) -> tuple[int, dict[str, Any], str]:
    """Exit code of the command, what it prints as JSON, and what it prints for people."""
    config = tmp_path / "wiredesk.yaml"
    document = json.loads(settings.model_dump_json())
    document["kafka"] |= kafka
    YAML().dump(document, config)
    runs = [
        subprocess.run(
            [sys.executable, "-m", "pipeline.cli", "status", "--config", str(config), *more], capture_output=True,
            text=True, check=False, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"}, timeout=60,
        )
        for more in (["--json"], [])
    ]  # fmt: skip
    assert runs[0].returncode == runs[1].returncode, runs
    assert "Traceback" not in runs[0].stderr + runs[1].stderr
    assert all(len(line) <= 80 for line in runs[1].stdout.splitlines()), runs[1].stdout
    return runs[0].returncode, json.loads(runs[0].stdout), runs[1].stdout


def kinds(document: dict[str, Any]) -> set[str]:
    return {problem["kind"] for problem in document["problems"]}


def test_an_installation_through_its_troubles(settings: Settings, tmp_path: Path) -> None:
    code, document, text = status(settings, tmp_path)
    assert (code, document["ok"], "Nothing needs a person." in text) == (0, True, True), document

    topics = topics_of(settings)
    produce(settings, topics.raw.name, b"{}", at=OLD)
    (tmp_path / "connectors" / "orbis.yaml").write_text(
        "provider: Orbis\ntransport: {type: http, url: 'https://news.example/'}\n"
    )
    (tmp_path / "connectors" / "wrong.yaml").write_text("provider: Orbis\ntransprot: {}\n")
    (tmp_path / "alerts" / "bridges.yaml").write_text("words: bridge\nwebhook: {url: 'https://chat.example/'}\n")
    failing = ConnectorState(connector="orbis", last_error="The server answered 503.", failures=3)
    produce(settings, topics.connectors.name, failing.encode(), key=b"orbis")
    code, document, text = status(settings, tmp_path)
    assert code == 3
    assert kinds(document) == {"no_worker", "no_connectors", "feed_failing", "feed_broken", "alerts_late"}
    assert document["stages"]["intake"]["waiting_since"] == OLD.isoformat()
    assert document["connectors"]["feeds"][0]["name"] in {"orbis", "wrong"}
    assert "orbis: The feed fails: The server answered 503." in text

    with member(settings, "intake", topics.raw.name), member(settings, "connectors", topics.connectors.name):
        code, document, text = status(settings, tmp_path)
        assert code == 3
        assert kinds(document) == {"late", "feed_failing", "feed_broken", "alerts_late"}
        intake = document["stages"]["intake"]
        assert (intake["workers"], intake["unassigned"]) == (1, [])
        assert intake["assigned"] == [{"client": "worker-of-the-test", "host": "127.0.0.1", "partitions": [0, 1]}]
        assert "1: 0-1 (127.0.0.1)" in text


def test_texts_that_wait_are_lag_of_the_index_stage(settings: Settings) -> None:
    topics = topics_of(settings)
    reader = StatusReader(settings)
    try:
        assert reader.read().caught_up
        produce(settings, topics.versions.name, b"{}", key=b"k", at=OLD)
        status = reader.read()
        index = status.stages[-1]
        assert not status.caught_up
        assert (index.stage, index.lag, index.messages, index.waiting_since) == ("index", 1, 1, OLD)
        assert index.partitions == settings.kafka.partitions
        with member(settings, "index", topics.versions.name) as consumer:
            until(lambda: bool(consumer.assignment()))
            consumer.commit({TopicPartition(topics.versions.name, 0): OffsetAndMetadata(1, "", -1)})
        assert reader.read().caught_up
    finally:
        reader.close()


def test_topics_with_other_partitions_than_the_settings_are_said_without_a_traceback(
    settings: Settings, tmp_path: Path
) -> None:
    code, document, text = status(settings, tmp_path, partitions=8)
    assert code == 3
    assert kinds(document) == {"partitions_differ"}
    assert "has 2 partitions, but kafka.partitions is 8" in " ".join(text.split())


def test_a_reader_that_goes_on_knows_the_age_of_what_waits_each_time(settings: Settings) -> None:
    topic = topics_of(settings).raw.name
    produce(settings, topic, b"{}", at=OLD)
    reader = StatusReader(settings)
    try:
        for _ in range(3):
            intake = reader.read().stages[0]
            assert (intake.lag, intake.waiting_since) == (1, OLD)
        assert reader.lag() == 1
    finally:
        reader.close()


def test_only_open_dead_letters_count_also_in_a_reader_that_goes_on(settings: Settings) -> None:
    topic = topics_of(settings).dead.name
    letters = [
        dead_letter(stage="connector", error=RejectError(name), key=None, original=b"x", failed_at=OLD,
                    connector="orbis", url="feed.xml", position=name)
        for name in ("one", "two", "three")
    ]  # fmt: skip
    for letter in letters[:2]:
        produce(settings, topic, letter.encode())
    reader = StatusReader(settings)
    try:
        assert reader.read().dead_letters == 2
        dropped = Settlement(letter=letters[0].id, status="dropped", by="x", at=OLD)
        produce(settings, topic, dropped.encode())
        produce(settings, topic, letters[2].encode())
        found = reader.read()
        assert (found.dead_letters, found.dead_letters_since) == (2, OLD)
        produce(settings, topic, dropped.model_copy(update={"letter": letters[1].id}).encode())
        assert reader.read().dead_letters == 1
    finally:
        reader.close()
