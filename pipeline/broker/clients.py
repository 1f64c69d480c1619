"""Clients of Kafka and Elasticsearch, built from the one place where their settings are.

Faust, kafka-python and aiokafka each want TLS and SASL in a form of their own; all three are made here from the
same :class:`pipeline.settings.KafkaSettings`, so that a secured broker is configured once. A TLS context is
always passed explicitly: Faust falls back to sending the password in the clear where it has none.
"""

from __future__ import annotations

import ssl
from typing import Any

from elasticsearch import AsyncElasticsearch, Elasticsearch, OrjsonSerializer
from faust import SASLCredentials, SSLCredentials
from kafka.admin import KafkaAdminClient

from pipeline.settings import ElasticsearchSettings, KafkaSettings, Tls


def ssl_context(tls: Tls) -> ssl.SSLContext:
    """A client's TLS context: authorities, own certificate, host name check."""
    context = ssl.create_default_context(cafile=str(tls.ca_file) if tls.ca_file else None)
    context.check_hostname = tls.verify_hostname
    if tls.certificate_file:
        password = tls.key_password.read() if tls.key_password else None
        context.load_cert_chain(tls.certificate_file, tls.key_file, password)
    return context


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
    """What every kafka-python and aiokafka client of ours is given."""
    return {"bootstrap_servers": kafka.bootstrap_servers.split(","), **security_options(kafka)}


def faust_credentials(kafka: KafkaSettings) -> SASLCredentials | SSLCredentials | None:
    """The same log-in in Faust's form."""
    context = ssl_context(kafka.tls) if kafka.tls else None
    if kafka.sasl:
        return SASLCredentials(
            username=kafka.sasl.username,
            password=kafka.sasl.password.read(),
            mechanism=kafka.sasl.mechanism,
            ssl_context=context,
        )
    return SSLCredentials(context=context) if context else None


def faust_broker(kafka: KafkaSettings) -> list[str]:
    """The brokers as Faust wants them: one URL each, over aiokafka."""
    return [f"aiokafka://{server.strip()}" for server in kafka.bootstrap_servers.split(",")]


def kafka_admin(kafka: KafkaSettings) -> KafkaAdminClient:
    """An admin client; raises ``kafka.errors.KafkaError`` where no broker answers."""
    return KafkaAdminClient(**kafka_options(kafka), client_id="wiredesk-admin")


def elasticsearch_options(settings: ElasticsearchSettings) -> dict[str, Any]:
    """Options for both clients. Retries are the caller's: one layer of them, with waits, not two."""
    options: dict[str, Any] = {
        "hosts": [settings.url],
        "serializer": OrjsonSerializer(),
        "http_compress": settings.compress_requests,
        "request_timeout": settings.request_timeout_seconds,
        "max_retries": 0,
        "retry_on_timeout": False,
    }
    if settings.api_key:
        options["api_key"] = settings.api_key.read()
    elif settings.username and settings.password:
        options["basic_auth"] = (settings.username, settings.password.read())
    if settings.tls:
        options["ssl_context"] = ssl_context(settings.tls)
    return options


def elasticsearch_client(settings: ElasticsearchSettings) -> Elasticsearch:
    """A blocking client, for commands and for the desk's threads."""
    return Elasticsearch(**elasticsearch_options(settings))


def async_elasticsearch_client(settings: ElasticsearchSettings) -> AsyncElasticsearch:
    """A client for the event loop of the workers."""
    return AsyncElasticsearch(**elasticsearch_options(settings))
