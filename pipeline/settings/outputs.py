"""Settings of what people see: the desk, alerts, logs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from pipeline.settings.section import Secret, Section


class DeskSettings(Section):
    """The search page."""

    host: str = Field(
        "127.0.0.1", description="Address to listen on. Anything but this machine's own needs a token as well."
    )
    port: int = Field(8420, ge=0, le=65535, description="Port to listen on; 0: any free one.")
    token: Secret | None = Field(
        None, description="Token that readers must give; null: none.", examples=[{"env": "WIREDESK_TOKEN"}]
    )
    title: str = Field("Wiredesk", description="Name shown on every page.")
    url: str | None = Field(
        None,
        description="Address at which people reach the desk, for links in alerts; null: http, host and port.",
        examples=["https://desk.example.org/"],
    )


class AlertsSettings(Section):
    """Saved searches that send a message."""

    directory: Path = Field(Path("config/alerts"), description="Directory of the alerts: one YAML file each.")
    smtp_host: str | None = Field(None, description="Mail server for alerts by e-mail.", examples=["mail.example.org"])
    smtp_port: int = Field(25, description="Port of the mail server.")
    smtp_tls: Literal["offered", "starttls", "implicit"] = Field(
        "offered",
        description=(
            "Encryption. offered: STARTTLS where the server offers it; starttls: never without; implicit: TLS from the "
            "first byte (mostly port 465)."
        ),
    )
    smtp_username: str | None = Field(None, description="Log-in to the mail server; it is never sent unencrypted.")
    smtp_password: Secret | None = Field(
        None, description="Password of the log-in.", examples=[{"env": "SMTP_PASSWORD"}]
    )

    @model_validator(mode="after")
    def _whole_log_in(self) -> Self:
        if self.smtp_username is not None and self.smtp_password is None:
            raise ValueError("smtp_username needs smtp_password")
        return self

    mail_from: str | None = Field(None, description="Sender of alerts by e-mail.", examples=["wiredesk@example.org"])


class MonitoringSettings(Section):
    """The endpoint of each long-lived process: /livez, /readyz, /metrics."""

    enabled: bool = Field(True, description="Serve the endpoint.")
    host: str = Field(
        "127.0.0.1", description="Address to listen on. The endpoint needs no log-in: keep it inside your network."
    )
    port: int = Field(8430, ge=0, le=65535, description="First port to try; 0: any free port.")
    ports: int = Field(
        20, ge=1, le=1000, description="How many ports to try: each process of a machine takes the next free one."
    )
    refresh_seconds: float = Field(
        15, ge=1, description="Seconds between two reads of lag, members and dead letters from the brokers."
    )
    late_seconds: float = Field(
        300, gt=0, description="A message that waits for more seconds needs a person; so does an alert that is not run."
    )


class LogSettings(Section):
    """Log lines, on standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least important level logged.")
    format: Literal["auto", "console", "json"] = Field(
        "auto", description="Form of a line; auto: console on a terminal, JSON elsewhere."
    )
