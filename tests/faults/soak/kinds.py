"""The kinds of faults: each begins, lasts for a while, and is over; everything random comes from the run's seed."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kafka import KafkaProducer

from pipeline.broker.topics import topics_of
from pipeline.local.stack import LocalStack, ServerName
from pipeline.settings import Settings
from tests.faults.soak.processes import Supervisor
from tests.faults.soak.proxy import MODES, ElasticsearchProxy

#: A suspended process is taken out of its group after its session: both sides of that are tried.
_SHORT, _LONG = (1.0, 4.0), (8.0, 14.0)


@dataclass
class Surface:
    """What faults can touch."""

    stack: LocalStack
    proxy: ElasticsearchProxy
    supervisor: Supervisor
    settings: Settings
    #: Messages that nobody can read, made on purpose: as many dead letters are right.
    poisoned: int = 0


Fault = Callable[[Surface, random.Random], None]


def _kill(kind: str) -> Fault:
    def fault(surface: Surface, chance: random.Random) -> None:
        surface.supervisor.signal(surface.supervisor.random_name(chance, kind), signal.SIGKILL)

    return fault


def _suspend(kind: str, seconds: tuple[float, float]) -> Fault:
    def fault(surface: Surface, chance: random.Random) -> None:
        name = surface.supervisor.random_name(chance, kind)
        surface.supervisor.signal(name, signal.SIGSTOP)
        time.sleep(chance.uniform(*seconds))
        surface.supervisor.signal(name, signal.SIGCONT)

    return fault


def _leave(kind: str) -> Fault:
    def fault(surface: Surface, chance: random.Random) -> None:
        name = surface.supervisor.random_name(chance, kind)
        surface.supervisor.want(name, wanted=False)
        time.sleep(chance.uniform(*_SHORT))
        surface.supervisor.want(name, wanted=True)

    return fault


def _server(name: ServerName, *, crash: bool) -> Fault:
    def fault(surface: Surface, chance: random.Random) -> None:
        if crash:
            surface.stack.kill(name)
            time.sleep(chance.uniform(*_SHORT))
            surface.stack.start_server(name)
        else:
            surface.stack.pause(name)
            time.sleep(chance.uniform(*_LONG))
            surface.stack.resume(name)

    return fault


def _proxied(mode: Any) -> Fault:
    def fault(surface: Surface, chance: random.Random) -> None:
        surface.proxy.share = chance.choice((0.3, 1.0))
        surface.proxy.mode = mode
        time.sleep(chance.uniform(2.0, 6.0))
        surface.proxy.mode = "pass"

    return fault


def _poison(surface: Surface, chance: random.Random) -> None:
    topics = topics_of(surface.settings)
    producer = KafkaProducer(
        bootstrap_servers=surface.settings.kafka.bootstrap_servers, acks="all", max_block_ms=30_000
    )
    topic = chance.choice((topics.raw, topics.stories, topics.clustered, topics.enriched))
    producer.send(topic.name, chance.randbytes(chance.randrange(1, 200)), b"poison").get(40)
    producer.close()
    surface.poisoned += 1


FAULTS: dict[str, Fault] = {
    "worker killed": _kill("worker"),
    "worker suspended": _suspend("worker", _SHORT),
    "worker suspended past its session": _suspend("worker", _LONG),
    "worker leaves and joins": _leave("worker"),
    "connectors killed": _kill("connectors"),
    "connectors suspended past the session": _suspend("connectors", _LONG),
    "connectors leave and join": _leave("connectors"),
    "Kafka killed": _server("kafka", crash=True),
    "Kafka suspended": _server("kafka", crash=False),
    "Elasticsearch killed": _server("elasticsearch", crash=True),
    "Elasticsearch suspended": _server("elasticsearch", crash=False),
    "poison on a topic": _poison,
    **{f"Elasticsearch: {mode}": _proxied(mode) for mode in MODES},
}
