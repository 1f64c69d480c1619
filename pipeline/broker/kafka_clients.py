"""Clients of Kafka, built from the settings: options for kafka-python and aiokafka, and openers that close on failure.

A consumer of kafka-python 3.0.12 whose constructor fails keeps its network thread and its sockets (measured: one thread
and four descriptors for every try), which a long outage turns into a process out of descriptors. The openers here close
what a failed constructor left open.
"""

from __future__ import annotations

import contextlib
from typing import Any

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient

from pipeline.broker.tls import ssl_context
from pipeline.settings import KafkaSettings


def security_options(kafka: KafkaSettings) -> dict[str, Any]:
    """Security options as kafka-python and aiokafka both take them."""
    options: dict[str, Any] = {}
    if kafka.tls:
        options["ssl_context"] = ssl_context(kafka.tls)
    if kafka.sasl:
        options |= {
            "sasl_mechanism": kafka.sasl.mechanism,
            "sasl_plain_username": kafka.sasl.username,
            "sasl_plain_password": kafka.sasl.password.read(),
        }
    names = {
        (False, False): "PLAINTEXT",
        (True, False): "SSL",
        (False, True): "SASL_PLAINTEXT",
        (True, True): "SASL_SSL",
    }
    options["security_protocol"] = names[bool(kafka.tls), bool(kafka.sasl)]
    return options


def kafka_options(kafka: KafkaSettings) -> dict[str, Any]:
    """Options that every kafka-python and aiokafka client gets."""
    return {"bootstrap_servers": kafka.bootstrap_servers.split(","), **security_options(kafka)}


def kafka_admin(kafka: KafkaSettings) -> KafkaAdminClient:
    """An admin client of an installation; raises as :func:`open_admin`."""
    return open_admin(**kafka_options(kafka), client_id="wiredesk-admin")


def open_admin(**options: Any) -> KafkaAdminClient:
    """An admin client. Raises ``kafka.errors.KafkaError`` where no broker answers."""
    return _open(KafkaAdminClient, options)


def open_consumer(**options: Any) -> KafkaConsumer:
    """A consumer. Raises ``kafka.errors.KafkaError`` where no broker answers."""
    return _open(KafkaConsumer, options)


def open_producer(**options: Any) -> KafkaProducer:
    """A producer. Raises ``kafka.errors.KafkaError`` where no broker answers."""
    return _open(KafkaProducer, options)


def close_producer(producer: KafkaProducer, seconds: float) -> None:
    """Close a producer; what it cannot send in so many seconds is given up.

    kafka-python 3.0.12 raises then, and leaves its thread and its sockets as they are.
    """
    try:
        producer.close(timeout=seconds)
    except KafkaError:
        producer._sender.force_close()  # noqa: SLF001 - there is no public way, and the version is pinned
        with contextlib.suppress(KafkaError):
            producer.close(timeout=seconds)


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
