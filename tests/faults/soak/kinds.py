"""The kinds of faults: each begins, lasts for a while, and is over; everything random comes from the run's seed."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import httpx
from kafka.errors import KafkaError

from pipeline.broker.kafka_clients import open_producer
from pipeline.broker.topics import topics_of
from pipeline.local.stack import LocalStack, ServerName
from pipeline.settings import Settings
from tests.faults.soak import kafka_proxy, proxy
from tests.faults.soak.processes import Supervisor

#: Seconds. A suspended process is removed from its group after its session of six seconds: both sides of that are tried.
_SHORT, _LONG, _SPOILT = (0.5, 3.0), (7.5, 11.0), (1.5, 5.0)
#: For how long a fault waits for a server that another one has down.
_PATIENCE = 90.0


@dataclass
class Surface:
    """What faults can touch.

    Attributes:
        kafka: the proxy in front of Kafka; ``None``: there is none.
        elasticsearch_url: of the server itself.
        poison: values that nobody can read and that must be dead letters at the end.
        more_poison: likewise, in topics that are read at a restart only, or that are themselves no input of a stage.
    """

    stack: LocalStack
    elasticsearch: proxy.ElasticsearchProxy
    kafka: kafka_proxy.KafkaProxy | None
    supervisor: Supervisor
    settings: Settings
    elasticsearch_url: str
    poison: list[bytes] = field(default_factory=list)
    more_poison: list[bytes] = field(default_factory=list)
    _locks: dict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))

    def alone(self, target: str) -> threading.Lock:
        """One fault at a time has this target."""
        return self._locks[target]


Fault = Callable[[Surface, random.Random], None]


def _kill(kind: str, surface: Surface, chance: random.Random) -> None:
    name = surface.supervisor.random_name(chance, kind)
    with surface.alone(name):
        surface.supervisor.signal(name, signal.SIGKILL)


def _suspend(kind: str, seconds: tuple[float, float], surface: Surface, chance: random.Random) -> None:
    name = surface.supervisor.random_name(chance, kind)
    with surface.alone(name):
        surface.supervisor.signal(name, signal.SIGSTOP)
        time.sleep(chance.uniform(*seconds))
        surface.supervisor.signal(name, signal.SIGCONT)


def _leave(kind: str, surface: Surface, chance: random.Random) -> None:
    name = surface.supervisor.random_name(chance, kind)
    with surface.alone(name):
        surface.supervisor.want(name, wanted=False)
        time.sleep(chance.uniform(*_SHORT))
        surface.supervisor.want(name, wanted=True)


def _crash(name: ServerName, surface: Surface, chance: random.Random) -> None:
    with surface.alone(name):
        surface.stack.kill(name)
        time.sleep(chance.uniform(*_SHORT))
        with surface.alone("stack"):
            surface.stack.start_server(name)


def _freeze(name: ServerName, surface: Surface, chance: random.Random) -> None:
    with surface.alone(name):
        surface.stack.pause(name)
        try:
            time.sleep(chance.uniform(*_LONG))
        finally:
            surface.stack.resume(name)


def _spoil(mode: proxy.Mode, surface: Surface, chance: random.Random) -> None:
    with surface.alone("elasticsearch proxy"):
        surface.elasticsearch.share = chance.choice((0.3, 1.0))
        surface.elasticsearch.mode = mode
        time.sleep(chance.uniform(*_SPOILT))
        surface.elasticsearch.mode = "pass"


def _spoil_kafka(mode: kafka_proxy.Mode, surface: Surface, chance: random.Random) -> None:
    assert surface.kafka is not None
    with surface.alone("kafka proxy"):
        surface.kafka.mode = mode
        time.sleep(chance.uniform(*_SPOILT))
        surface.kafka.mode = "pass"


def _full_disk(surface: Surface, chance: random.Random) -> None:
    """The block that Elasticsearch itself sets on every index when its disk is full."""
    url = f"{surface.elasticsearch_url}/{surface.settings.elasticsearch.prefix}*/_settings"

    def block(value: bool | None) -> None:
        body = {"index.blocks.read_only_allow_delete": value}
        httpx.put(url, json=body, timeout=60).raise_for_status()

    with surface.alone("elasticsearch"):
        block(value=True)
        try:
            time.sleep(chance.uniform(*_SPOILT))
        finally:
            block(value=None)


def _poison(surface: Surface, chance: random.Random) -> None:
    topics = topics_of(surface.settings)
    read = (topics.raw, topics.stories, topics.clustered, topics.enriched, topics.versions)
    topic = chance.choice(topics.all())
    value = b"poison " + chance.randbytes(6).hex().encode()
    key = chance.randbytes(chance.randrange(1, 200))
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            with surface.alone("kafka"):
                producer = open_producer(
                    bootstrap_servers=surface.settings.kafka.bootstrap_servers, acks="all", max_block_ms=20_000
                )
                try:
                    producer.send(topic.name, value, key).get(25)
                finally:
                    producer.close(5)
            break
        except KafkaError:  # another fault has it down; a second poison with the same value is one more to reject
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
    (surface.poison if topic in read else surface.more_poison).append(value)


#: Faults after which no process has to start again, so that what a process needs over time can be measured.
LASTING: dict[str, Fault] = {
    "worker suspended": partial(_suspend, "worker", _SHORT),
    "worker suspended past its session": partial(_suspend, "worker", _LONG),
    "connectors suspended past the session": partial(_suspend, "connectors", _LONG),
    "Kafka killed": partial(_crash, "kafka"),
    "Kafka suspended": partial(_freeze, "kafka"),
    "Elasticsearch killed": partial(_crash, "elasticsearch"),
    "Elasticsearch suspended": partial(_freeze, "elasticsearch"),
    "Elasticsearch: disk full": _full_disk,
    "poison on a topic": _poison,
    **{f"Elasticsearch: {mode}": partial(_spoil, mode) for mode in proxy.MODES},
}
THROUGH_KAFKA_PROXY: dict[str, Fault] = {f"Kafka: {mode}": partial(_spoil_kafka, mode) for mode in kafka_proxy.MODES}
FAULTS: dict[str, Fault] = {
    **LASTING,
    "worker killed": partial(_kill, "worker"),
    "worker leaves and joins": partial(_leave, "worker"),
    "connectors killed": partial(_kill, "connectors"),
    "connectors leave and join": partial(_leave, "connectors"),
}
