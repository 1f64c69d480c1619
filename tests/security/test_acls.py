"""A broker that allows nothing but what is granted: every part works with its own rights, and says what is missing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.broker.acls import acls, commands, grant, rights
from pipeline.broker.kafka_publisher import KafkaPublisher
from pipeline.broker.messages import OutgoingMessage
from pipeline.broker.restore import read_partition
from pipeline.broker.topics import topics_of
from pipeline.broker.topics_admin import ensure_topics
from pipeline.desk.feeds import FeedsReader
from pipeline.events import RawItem
from pipeline.events.errors import UnreachableError
from pipeline.events.item import Item
from pipeline.local import kafka, process
from pipeline.local.artifacts import fetch
from pipeline.local.ports import any_free
from pipeline.runtime.status import StatusReader
from pipeline.runtime.worker import Worker
from pipeline.settings import (
    ElasticsearchSettings,
    EnrichSettings,
    KafkaSettings,
    Sasl,
    Secret,
    Settings,
    Tls,
    WorkerSettings,
)
from tests.certificates import issued

PASSWORD = "correct horse"

#: Inside, the broker talks to itself, and the test to it as its administrator, in the clear.
_LISTENERS = """
listeners=PLAINTEXT://127.0.0.1:{plain},SASL_SSL://127.0.0.1:{tls},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},SASL_SSL://127.0.0.1:{tls}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
inter.broker.listener.name=PLAINTEXT
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required {users};
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
allow.everyone.if.no.acl.found=false
"""


@dataclass
class Strict:
    """A broker with a user for each part, without any rights yet."""

    directory: Path
    plain: str
    tls: str

    def as_administrator(self, prefix: str) -> Settings:
        return Settings(kafka=KafkaSettings(bootstrap_servers=self.plain, topic_prefix=prefix, group_prefix=prefix,
                                            partitions=1))  # fmt: skip

    def as_part(self, part: str, prefix: str, elasticsearch: str = "http://127.0.0.1:9") -> Settings:
        sasl = Sasl(mechanism="PLAIN", username=f"wiredesk-{part}", password=Secret(file=self.directory / "password"))
        return Settings(
            kafka=KafkaSettings(
                bootstrap_servers=self.tls, topic_prefix=prefix, group_prefix=prefix, partitions=1, sasl=sasl,
                tls=Tls(ca_file=self.directory / "authority.crt"), session_timeout_seconds=6,
            ),
            elasticsearch=ElasticsearchSettings(url=elasticsearch, prefix=f"{prefix}-"),
            worker=WorkerSettings(state_directory=self.directory / f"{prefix}-{part}"),
            enrich=EnrichSettings(models={}, processes=1, batch_seconds=0.05),
        )  # fmt: skip


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strict]:
    directory = tmp_path_factory.mktemp("strict")
    authority = issued(directory, "authority")
    issued(directory, "server", authority)
    (directory / "password").write_text(PASSWORD)
    taken: set[int] = set()
    plain, controller, tls = (any_free(taken) for _ in range(3))
    home = directory / "kafka"
    home.mkdir()
    command = kafka.prepare(home, fetch(), plain, controller)
    users = " ".join(f'user_wiredesk-{part}="{PASSWORD}"' for part in rights())
    with (home / "server.properties").open("a") as properties:
        properties.write(
            _LISTENERS.format(
                plain=plain, controller=controller, tls=tls, users=users, keystore=directory / "server.pem"
            )
        )
    server = process.start(command, directory / "kafka.log", home)
    try:
        found = Strict(directory, f"127.0.0.1:{plain}", f"127.0.0.1:{tls}")
        ensure_topics(found.as_administrator("first"), wait_seconds=60)
        yield found
    finally:
        server.stop()


def item() -> OutgoingMessage:
    raw = RawItem(
        connector="c", provider="Orbis", item_id="1", received=datetime(2026, 5, 4, 12, tzinfo=UTC), parser="rss",
        item=Item(uri="1", headline="Ferry runs aground", body_text="A ferry ran aground on Monday."),
    )  # fmt: skip
    return OutgoingMessage("raw", raw.key, raw.encode())


def publish(settings: Settings, message: OutgoingMessage, seconds: float = 30) -> None:
    publisher = KafkaPublisher(settings.kafka)
    try:
        topic = f"{settings.kafka.topic_prefix}.{message.topic}"
        publisher.publish([OutgoingMessage(topic, message.key, message.value)], lambda one, _: one, seconds)
    finally:
        publisher.close()


async def enriched(administrator: Settings, workers: list[Worker]) -> list[Any]:
    """Run workers until a story has come out of the last stage before the index."""
    running = [asyncio.create_task(worker.run()) for worker in workers]
    found: list[Any] = []
    try:
        deadline = time.monotonic() + 60
        while not found:
            assert time.monotonic() < deadline, "nothing came through"
            assert not any(task.done() for task in running), [task for task in running if task.done()]
            await asyncio.sleep(0.3)
            topic = topics_of(administrator).enriched.name
            found = [value async for _, _, value in read_partition(administrator.kafka, topic, 0, 0)]
    finally:
        for worker in workers:
            worker.stop()
        await asyncio.gather(*running)
    return found


@pytest.mark.stack
def test_every_part_works_with_its_own_rights(secured: Strict) -> None:
    administrator = secured.as_administrator("least")
    users = {part: f"wiredesk-{part}" for part in rights()}
    assert grant(users, administrator) == grant(users, administrator), "granting twice changes nothing"
    assert len(ensure_topics(secured.as_part("operator", "least"))) == len(topics_of(administrator).all())
    for part in ("connectors", "worker", "enrich"):
        assert ensure_topics(secured.as_part(part, "least")) == [], "what is there is checked by every part"
    publish(secured.as_part("connectors", "least"), item())
    workers = [
        Worker(secured.as_part("worker", "least"), ("intake", "cluster")),
        Worker(secured.as_part("enrich", "least"), ("enrich",)),
    ]
    assert len(asyncio.run(enriched(administrator, workers))) == 1
    assert not FeedsReader(secured.as_part("desk", "least"))().error
    for part in ("worker", "alerts", "operator"):
        reader = StatusReader(secured.as_part(part, "least"))
        status = reader.read()
        reader.close()
        assert {stage.stage: stage.lag for stage in status.stages} == {
            "intake": 0,
            "cluster": 0,
            "enrich": 0,
            "index": 2,
        }


@pytest.mark.stack
def test_no_part_may_do_what_is_not_its_own(secured: Strict) -> None:
    administrator = secured.as_administrator("strict")
    ensure_topics(administrator)
    grant({part: f"wiredesk-{part}" for part in rights()}, administrator)
    for part in ("enrich", "desk", "alerts"):
        with pytest.raises(UnreachableError, match=r"(?i)authorization"):
            publish(secured.as_part(part, "strict"), item(), 3)
    publish(administrator, OutgoingMessage("enriched", b"k", b"{}"))
    with pytest.raises(UnreachableError, match=r"(?i)authorization"):
        asyncio.run(_read(secured.as_part("desk", "strict"), "enriched"))


async def _read(settings: Settings, topic: str) -> list[Any]:
    return [
        value async for _, _, value in read_partition(settings.kafka, f"{settings.kafka.topic_prefix}.{topic}", 0, 0)
    ]


@pytest.mark.stack
def test_without_rights_the_start_says_what_is_missing(secured: Strict) -> None:
    ensure_topics(secured.as_administrator("nothing"))
    with pytest.raises(Exception, match="does not allow it") as raised:
        ensure_topics(secured.as_part("worker", "nothing"))
    assert "rights" in str(raised.value.hint)  # type: ignore[attr-defined]


def test_every_part_and_topic_of_the_file_exists() -> None:
    topics = {topic.name.removeprefix("wire.") for topic in topics_of(Settings()).all()}
    for part, given in rights().items():
        assert {*given.read, *given.write} <= topics, part
        assert set(given.groups) <= {"connectors", "intake", "cluster", "enrich", "index"}
        assert given.about.endswith(".")
        assert len(acls(part, "x", Settings())) == len(list(commands(part, "x", Settings())))
    lines = list(commands("desk", "reader", Settings()))
    assert (
        "kafka-acls.sh --bootstrap-server 127.0.0.1:9092 --add --allow-principal User:reader --operation Read "
        "--topic wire.connectors"
    ) in lines
