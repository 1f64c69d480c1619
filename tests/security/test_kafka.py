"""A broker that asks who is there: TLS and SASL from the settings, through kafka-python, aiokafka and Faust alike."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import OrjsonSerializer
from kafka.admin import KafkaAdminClient, UserScramCredentialUpsertion

from pipeline.broker.app import faust_credentials
from pipeline.broker.elasticsearch_client import LinesSerializer, elasticsearch_options
from pipeline.broker.kafka_clients import security_options
from pipeline.broker.kafka_publisher import KafkaPublisher
from pipeline.broker.messages import OutgoingMessage
from pipeline.broker.restore import read_partition
from pipeline.broker.topics import topics_of
from pipeline.broker.topics_admin import ensure_topics
from pipeline.events import RawItem
from pipeline.events.errors import ConfigurationError
from pipeline.events.item import Item
from pipeline.local import kafka, process
from pipeline.local.artifacts import fetch
from pipeline.local.ports import any_free
from pipeline.runtime.worker import Worker
from pipeline.settings import (
    ElasticsearchSettings,
    KafkaSettings,
    Sasl,
    Secret,
    Settings,
    Tls,
    WorkerSettings,
)
from tests.certificates import issued

PASSWORD = "correct horse"
_MECHANISMS = ("PLAIN", "SCRAM-SHA-512")

#: A listener for each way in; inside, the broker talks to itself in the clear.
_LISTENERS = """
listeners=PLAINTEXT://127.0.0.1:{plain},SSL://127.0.0.1:{tls},SASL_SSL://127.0.0.1:{both},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},SSL://127.0.0.1:{tls},SASL_SSL://127.0.0.1:{both}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL
inter.broker.listener.name=PLAINTEXT
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
  user_desk="{password}";
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
"""


@dataclass
class Secured:
    """A broker with its ways in, and the files of who may come."""

    directory: Path
    plain: str
    tls: str
    both: str

    def by_certificate(self) -> dict[str, Any]:
        client = self.directory / "client.pem"
        authority = self.directory / "authority.crt"
        return {"bootstrap_servers": self.tls, "tls": Tls(ca_file=authority, certificate_file=client)}

    def by_password(self, mechanism: str = "PLAIN", password: str = PASSWORD) -> dict[str, Any]:
        secret = self.directory / "password"
        secret.write_text(password + "\n")
        sasl = Sasl.model_validate({"mechanism": mechanism, "username": "desk", "password": {"file": secret}})
        return {"bootstrap_servers": self.both, "tls": Tls(ca_file=self.directory / "authority.crt"), "sasl": sasl}


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    directory = tmp_path_factory.mktemp("secured")
    authority = issued(directory, "authority")
    issued(directory, "server", authority)
    issued(directory, "client", authority)
    issued(directory, "stranger")
    taken: set[int] = set()
    plain, controller, tls, both = (any_free(taken) for _ in range(4))
    home = directory / "kafka"
    home.mkdir()
    command = kafka.prepare(home, fetch(), plain, controller)
    with (home / "server.properties").open("a") as properties:
        properties.write(
            _LISTENERS.format(
                plain=plain, controller=controller, tls=tls, both=both, password=PASSWORD,
                keystore=directory / "server.pem", authority=directory / "authority.crt",
            )
        )  # fmt: skip
    server = process.start(command, directory / "kafka.log", home)
    try:
        found = Secured(directory, *(f"127.0.0.1:{port}" for port in (plain, tls, both)))
        ensure_topics(
            Settings(kafka=KafkaSettings(bootstrap_servers=found.plain, topic_prefix="first")), wait_seconds=60
        )
        admin = KafkaAdminClient(bootstrap_servers=found.plain)
        admin.alter_user_scram_credentials([UserScramCredentialUpsertion("desk", "SCRAM-SHA-512", PASSWORD)])
        admin.close()
        yield found
    finally:
        server.stop()


def item(number: int) -> RawItem:
    return RawItem(
        connector="c", provider="Orbis", item_id=str(number), received=datetime(2026, 5, 4, 12, tzinfo=UTC), parser="rss",
        item=Item(uri=str(number), headline=f"Ferry {number} runs aground", body_text="A ferry ran aground on Monday."),
    )  # fmt: skip


async def _through_intake(settings: Settings, count: int) -> list[RawItem]:
    """Run the intake stage (Faust) until so many stories have passed it; what it wrote, read with aiokafka."""
    worker = Worker(settings, ("intake",))
    running = asyncio.create_task(worker.run())
    found: list[Any] = []
    try:
        deadline = time.monotonic() + 60
        while len(found) < count:
            assert time.monotonic() < deadline, "nothing came through"
            assert not running.done(), running.exception()
            await asyncio.sleep(0.5)
            topic = topics_of(settings).stories.name
            found = [value async for _, _, value in read_partition(settings.kafka, topic, 0, 0)]
    finally:
        worker.stop()
        await running
    return found


@pytest.mark.stack
@pytest.mark.parametrize("way", ["certificate", *_MECHANISMS])
def test_a_story_passes_a_secured_broker(secured: Secured, tmp_path: Path, way: str) -> None:
    """The connectors' publisher, the topics' command, a stage and its restored state, all from the one place."""
    security = secured.by_certificate() if way == "certificate" else secured.by_password(way)
    prefix = f"s-{way.lower()}"
    settings = Settings(
        kafka=KafkaSettings(
            topic_prefix=prefix, group_prefix=prefix, partitions=1, session_timeout_seconds=6, **security
        ),
        worker=WorkerSettings(state_directory=tmp_path),
    )
    assert len(ensure_topics(settings, wait_seconds=30)) == len(topics_of(settings).all())
    publisher = KafkaPublisher(settings.kafka)
    items = [item(number) for number in range(3)]
    publisher.publish(
        [OutgoingMessage(topics_of(settings).raw.name, one.key, one.encode()) for one in items], lambda one, _: one
    )
    publisher.close()
    assert len(asyncio.run(_through_intake(settings, 3))) == 3


@pytest.mark.stack
@pytest.mark.parametrize("mechanism", _MECHANISMS)
def test_a_wrong_password_is_said_at_once_and_not_waited_for(secured: Secured, mechanism: str) -> None:
    settings = Settings(kafka=KafkaSettings(**secured.by_password(mechanism, "wrong")))
    waited: list[str] = []
    with pytest.raises(ConfigurationError, match=r"(?s)refuses.*desk.*kafka\.sasl"):
        ensure_topics(settings, wait_seconds=30, on_wait=waited.append)
    assert waited == []


@pytest.mark.stack
def test_a_server_that_is_not_trusted_is_said_at_once(secured: Secured) -> None:
    security = secured.by_certificate() | {"tls": Tls(ca_file=secured.directory / "stranger.crt")}
    with pytest.raises(ConfigurationError, match=r"(?s)certificate.*kafka\.tls"):
        ensure_topics(Settings(kafka=KafkaSettings(**security)), wait_seconds=30)


def test_faust_gets_a_context_with_every_password(secured: Secured) -> None:
    """Without one it would send the password in the clear."""
    credentials: Any = faust_credentials(KafkaSettings(**secured.by_password()))
    assert isinstance(credentials.ssl_context, ssl.SSLContext)
    assert str(credentials.protocol.value) == "SASL_SSL"
    assert security_options(KafkaSettings(**secured.by_password()))["security_protocol"] == "SASL_SSL"


def test_elasticsearch_takes_the_same_forms(secured: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "abc==")
    tls = Tls(ca_file=secured.directory / "authority.crt")
    by_key = elasticsearch_options(
        ElasticsearchSettings(url="https://127.0.0.1:9200", api_key=Secret(env="KEY"), tls=tls)
    )
    assert (by_key["api_key"], by_key["ssl_context"].check_hostname) == ("abc==", True)
    by_name = elasticsearch_options(ElasticsearchSettings(username="desk", password=Secret(env="KEY")))
    assert by_name["basic_auth"] == ("desk", "abc==")
    assert {type(one) for one in by_name["serializers"].values()} == {OrjsonSerializer, LinesSerializer}
