"""One installation's settings: config/wiredesk.yaml, with environment variables over it.

Every key may be overridden by an environment variable: ``WIREDESK_`` and the path in upper case, parts joined by
two underscores (``WIREDESK_KAFKA__BOOTSTRAP_SERVERS=a:9092,b:9092``). Secrets are never written in the file: where
a setting is one, it names an environment variable (``{env: NAME}``) or a file (``{file: PATH}``). An unknown key, a
wrong value or a missing secret is an error that names file, line, key and value.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.events.errors import ConfigurationError


class Section(BaseModel):
    """A part of the settings: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(Section):
    """Where a secret is: in an environment variable or in a file."""

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError("name exactly one of env (an environment variable) or file (a path)")
        return self

    def read(self) -> str:
        """The secret itself.

        Raises:
            ConfigurationError: the variable is not set or the file cannot be read.
        """
        if self.env is not None:
            value = os.environ.get(self.env)
            if not value:
                raise ConfigurationError(
                    f"The environment variable {self.env} is not set.", hint=f"Set it: export {self.env}=…"
                )
            return value
        assert self.file is not None
        try:
            return self.file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(f"The secret file {self.file} cannot be read: {error.strerror}.") from error


class Tls(Section):
    """TLS of a connection. Without ``ca_file`` the system's authorities are trusted."""

    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    key_password: Secret | None = None
    verify_hostname: bool = True


class Sasl(Section):
    """SASL log-in at the broker. Without ``kafka.tls`` the password travels unencrypted and is refused
    unless ``allow_plaintext`` says so.
    """

    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    username: str
    password: Secret
    allow_plaintext: bool = False


class KafkaSettings(Section):
    bootstrap_servers: str = "127.0.0.1:9092"
    topic_prefix: str = "wire"
    group_prefix: str = "wiredesk"
    partitions: int = Field(8, ge=1)
    replication_factor: int = Field(1, ge=1)
    max_message_bytes: int = Field(8_000_000, ge=100_000)
    compression: Literal["none", "lz4", "gzip"] = "lz4"
    session_timeout_seconds: float = Field(20, ge=6)
    tls: Tls | None = None
    sasl: Sasl | None = None

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        if self.sasl and not self.tls and not self.sasl.allow_plaintext:
            raise ValueError("sasl without tls sends the password in the clear; add tls, or sasl.allow_plaintext")
        return self


class ElasticsearchSettings(Section):
    url: str = "http://127.0.0.1:9200"
    api_key: Secret | None = None
    username: str | None = None
    password: Secret | None = None
    tls: Tls | None = None
    compress: bool = False
    request_timeout_seconds: float = Field(30, gt=0)
    prefix: str = Field("", description="Put before every index and alias name.")
    replicas: int = Field(0, ge=0)
    shards: int = Field(1, ge=1)


class ConnectorsSettings(Section):
    directory: Path = Path("config/connectors")
    user_agent_contact: str = "set connectors.user_agent_contact"
    max_body_bytes: int = Field(16 * 1024 * 1024, ge=1024)
    max_original_bytes: int = Field(256 * 1024, ge=0)
    timeout_seconds: float = Field(30, gt=0)
    requests_per_host: int = Field(2, ge=1)
    rescan_seconds: float = Field(5, gt=0)
    webhook_host: str = "127.0.0.1"
    webhook_port: int = Field(8125, ge=0, le=65535)


class IntakeSettings(Section):
    max_text_chars: int = Field(500_000, ge=1000)
    max_versions: int = Field(100, ge=2)


class ClusterSettings(Section):
    window_days: float = Field(14, gt=0)
    window_items: int = Field(200_000, ge=1000)
    jaccard_threshold: float = Field(0.5, gt=0, le=1)
    containment_threshold: float = Field(0.8, gt=0, le=1)
    events: bool = False


class EnrichSettings(Section):
    models: dict[str, str] = Field(default_factory=lambda: {"en": "en_wire"})
    default_language: str | None = None
    processes: int = Field(1, ge=1)
    batch_size: int = Field(16, ge=1, le=64)
    batch_seconds: float = Field(0.1, gt=0)
    story_timeout_seconds: float = Field(30, gt=0)
    stories_per_process: int = Field(20_000, ge=1)
    max_chars: int = Field(200_000, ge=1000)


class IndexSettings(Section):
    bulk_max_items: int = Field(500, ge=1)
    bulk_max_bytes: int = Field(5 * 1024 * 1024, ge=10_000)
    bulk_seconds: float = Field(0.2, gt=0)


class WorkerSettings(Section):
    state_directory: Path | None = Field(None, description="Local state; null: under the user's data directory.")
    retry_initial_seconds: float = Field(0.5, gt=0)
    retry_max_seconds: float = Field(30, gt=0)
    reject_attempts: int = Field(2, ge=1)


class DeskSettings(Section):
    host: str = "127.0.0.1"
    port: int = Field(8420, ge=0, le=65535)
    token: Secret | None = None
    title: str = "Wiredesk"
    url: str | None = Field(None, description="Where people reach the desk, for the links of alerts.")


class AlertsSettings(Section):
    directory: Path = Path("config/alerts")
    smtp_host: str | None = None
    smtp_port: int = 25
    mail_from: str | None = None


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "console", "json"] = "auto"


class Settings(Section):
    """All settings of one installation."""

    kafka: KafkaSettings = KafkaSettings()
    elasticsearch: ElasticsearchSettings = ElasticsearchSettings()
    connectors: ConnectorsSettings = ConnectorsSettings()
    intake: IntakeSettings = IntakeSettings()
    cluster: ClusterSettings = ClusterSettings()
    enrich: EnrichSettings = EnrichSettings()
    index: IndexSettings = IndexSettings()
    worker: WorkerSettings = WorkerSettings()
    desk: DeskSettings = DeskSettings()
    alerts: AlertsSettings = AlertsSettings()
    log: LogSettings = LogSettings()
