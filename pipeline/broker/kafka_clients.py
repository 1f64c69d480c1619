"""Kafka clients that leave nothing behind where they cannot be opened.

A consumer of kafka-python 3.0.12 whose constructor fails keeps its network thread and its sockets (measured:
one thread and four descriptors for every try), which a long outage turns into a process out of descriptors.
"""

from __future__ import annotations

from typing import Any

from kafka import KafkaConsumer, KafkaProducer
from kafka.net.compat import KafkaNetClient


def open_consumer(**options: Any) -> KafkaConsumer:
    """A consumer. Raises ``kafka.errors.KafkaError`` where no broker answers."""
    return _open(KafkaConsumer, options)


def open_producer(**options: Any) -> KafkaProducer:
    """A producer. Raises ``kafka.errors.KafkaError`` where no broker answers."""
    return _open(KafkaProducer, options)


def _open(kind: Any, options: dict[str, Any]) -> Any:
    made: list[Any] = []

    def client(**configs: Any) -> Any:
        made.append(KafkaNetClient(**configs))
        return made[-1]

    try:
        return kind(kafka_client=client, **options)
    except BaseException:
        for one in made:
            one.close()
        raise
