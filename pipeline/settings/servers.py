"""Settings of the servers that Wiredesk uses: Kafka and Elasticsearch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from pipeline.settings.section import Secret, Section, Tls


class Sasl(Section):
    """SASL log-in at the broker."""

    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="SASL mechanism."
    )
    username: str = Field(description="User name.")
    password: Secret = Field(description="Password.")
    allow_plaintext: bool = Field(False, description="Send the password unencrypted where kafka.tls is null.")


class KafkaSettings(Section):
    """The Kafka cluster."""

    bootstrap_servers: str = Field("127.0.0.1:9092", description="host:port, several separated by commas.")
    topic_prefix: str = Field(
        "wire",
        description=(
            "Topics are named <topic_prefix>.raw, .stories, .versions, .clustered, .enriched, .items, .connectors and "
            ".dead."
        ),
    )
    group_prefix: str = Field(
        "wiredesk",
        description="Consumer groups are named <group_prefix>-intake, -cluster, -enrich, -index and -connectors.",
    )
    partitions: int = Field(
        8,
        ge=1,
        description=(
            "Partitions of every topic except .stories (which has one). A key decides the partition of its messages: "
            "choose before the first start. A multiple of the number of workers shares the work evenly."
        ),
    )
    replication_factor: int = Field(1, ge=1, description="Copies of each partition; 3 in production.")
    max_message_bytes: int = Field(
        8_000_000,
        ge=100_000,
        description="The largest message in bytes; a story with all its versions and its original is one message.",
    )
    compression: Literal["none", "lz4", "gzip"] = Field("lz4", description="Compression of messages.")
    session_timeout_seconds: float = Field(
        20,
        ge=6,
        description="Seconds without a heartbeat after which a worker's partitions are given to other workers.",
    )
    tls: Tls | None = Field(
        None,
        description="TLS to the brokers; null: unencrypted.",
        examples=[{"ca_file": "/etc/ssl/kafka-ca.pem", "certificate_file": "/etc/ssl/wiredesk.pem"}],
    )
    sasl: Sasl | None = Field(
        None,
        description="Log-in at the brokers; null: none. Without tls it needs allow_plaintext.",
        examples=[{"mechanism": "SCRAM-SHA-512", "username": "wiredesk", "password": {"env": "KAFKA_PASSWORD"}}],
    )

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        if self.sasl and not self.tls and not self.sasl.allow_plaintext:
            raise ValueError("sasl without tls sends the password in the clear; add tls, or sasl.allow_plaintext")
        return self


class ElasticsearchSettings(Section):
    """The Elasticsearch cluster."""

    renamed_keys: ClassVar[Mapping[str, str]] = {"compress": "compress_requests"}

    url: str = Field("http://127.0.0.1:9200", description="Address of the cluster, with http or https.")
    api_key: Secret | None = Field(
        None, description="API key, instead of username and password.", examples=[{"env": "ELASTIC_API_KEY"}]
    )
    username: str | None = Field(None, description="User name of the log-in.")
    password: Secret | None = Field(None, description="Password of the log-in.", examples=[{"env": "ELASTIC_PASSWORD"}])
    allow_plaintext: bool = Field(
        False, description="Send the log-in unencrypted to another machine where url begins with http:."
    )
    tls: Tls | None = Field(
        None,
        description="TLS with an authority or a certificate of your own; null: the operating system's authorities.",
        examples=[{"ca_file": "/etc/ssl/elastic-ca.pem"}],
    )
    compress_requests: bool = Field(
        False, description="Compress requests. Only for a slow network: it costs several times the CPU time."
    )
    request_timeout_seconds: float = Field(30, gt=0, description="Seconds to wait for an answer.")
    prefix: str = Field("", description="Put in front of every index and alias name.")
    replicas: int = Field(0, ge=0, description="Replicas of each shard; at least 1 in production.")
    shards: int = Field(1, ge=1, description="Primary shards of each index.")

    @model_validator(mode="after")
    def _encrypted(self) -> Self:
        secret = self.api_key or self.password
        parts = urlsplit(self.url)
        here = parts.hostname in {"127.0.0.1", "::1", "localhost"}
        if secret and parts.scheme.casefold() == "http" and not here and not self.allow_plaintext:
            raise ValueError("a log-in over http is sent in the clear; use https in url, or set allow_plaintext")
        return self
