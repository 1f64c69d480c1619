"""Saved alerts: one YAML file each in alerts.directory, named after it.

    # config/alerts/bridges.yaml
    words: bridge collapse -game
    place: [Calvessa]
    webhook:
      url: https://chat.example/hooks/desk
      secret: {env: HOOK_SECRET}
    email:
      to: [desk@example.org]

What is searched for is what the desk and ``wiredesk search`` search for (pipeline/index/query.py); at least one
condition must be given, and at least one way to send.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

import httpx
import structlog
from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from pipeline.events.errors import ConfigurationError
from pipeline.index.query import FACETS, Query
from pipeline.settings import AlertsSettings, Secret, Section
from pipeline.settings.renamed import rename_keys
from pipeline.settings.yaml import explain, line_of, plain, read_yaml

log = structlog.get_logger("wiredesk.alerts")

#: Ways to send, in the order in which they are tried.
Channel = Literal["webhook", "email"]
CHANNELS: tuple[Channel, ...] = ("webhook", "email")
_NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"


def _listed(value: object) -> object:
    """One value as a list of one; numbers as text."""
    if isinstance(value, list):
        return [str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in value]
    return [str(value)] if isinstance(value, str | int) and not isinstance(value, bool) else value


Values = Annotated[
    tuple[str, ...], Field(max_length=50), BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...])
]


class Webhook(Section):
    """Each story is posted to an address as JSON, signed where there is a secret (see pipeline/alerts/delivery.py)."""

    url: str = Field(description="Address that each story is posted to, with http or https.")
    secret: Secret | None = Field(None, description="Key of the signature sent with each story; null: unsigned.")
    bearer_token: Secret | None = Field(None, description="Token sent as Authorization: Bearer.")
    timeout_seconds: float = Field(10, gt=0, le=60, description="Seconds to wait for an answer.")

    @field_validator("url")
    @classmethod
    def _http(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
            usable = usable and httpx.URL(value).host and value.isprintable() and " " not in value
        except (ValueError, httpx.InvalidURL) as error:
            raise ValueError(f"not an address: {error}") from error
        if not usable:
            raise ValueError("an http or https address is expected")
        return value


class Email(Section):
    """The stories of one check are sent in one message."""

    to: tuple[Annotated[str, Field(pattern=r"^[^@\s,;]+@[^@\s,;]+$")], ...] = Field(
        min_length=1, max_length=50, description="Addresses that get one message for all stories of a check."
    )


class Alert(Section):
    """One alert. ``name`` is the name of its file."""

    renamed_keys: ClassVar[Mapping[str, str]] = {"public": "only_public", "kills": "report_kills"}

    name: str = Field(pattern=_NAME, description="Name of the alert: that of its file, never written in it.")
    enabled: bool = Field(True, description="false: keep the file, but do not search.")
    words: str = Field(
        "",
        max_length=512,
        description='Words; "a phrase" in quotation marks; -word leaves out; begin* of a word.',
        examples=["bridge collapse -game"],
    )
    speaker: str | None = Field(None, description="Only stories that quote this person or body.")
    entity: str | None = Field(None, description="Only stories about this person, organisation or place.")
    provider: Values = Field((), description="Only from one of these agencies.")
    language: Values = Field((), description="Only in one of these languages, as BCP 47 tags.", examples=[["en", "fr"]])
    urgency: Values = Field((), description="Only of one of these urgencies: 1 most urgent, 9 least.", examples=[["1"]])
    person: Values = Field((), description="Only with one of these people.")
    organisation: Values = Field((), description="Only with one of these organisations.")
    place: Values = Field((), description="Only with one of these places.", examples=[["Calvessa"]])
    nationality: Values = Field((), description="Only with one of these nationalities.")
    subject: Values = Field((), description="Only with one of these subjects.")
    only_public: bool = Field(
        False, description="Only what readers may see; an embargoed story is sent when its embargo ends."
    )
    watch: Literal["stories", "events", "installation"] = Field(
        "stories",
        description=(
            "stories: search, by the conditions. events: say when an event is breaking, because it grows over agencies "
            "with texts of their own faster than usual, without conditions. installation: say what needs a person, "
            "without conditions: feeds that are silent or fail, stages that wait, open dead letters, and when each is "
            "over."
        ),
    )
    after_seconds: float = Field(
        120,
        ge=0,
        le=86_400,
        description=(
            "Only for watch: installation: seconds that a problem must last to be told, and be over to be called "
            "solved."
        ),
    )
    report_kills: bool = Field(True, description="Send a message too when a story that was sent is killed.")
    webhook: Webhook | None = Field(
        None,
        description="Post each story to an address. At least one of webhook and email is needed.",
        examples=[{"url": "https://chat.example/hooks/desk", "secret": {"env": "HOOK_SECRET"}}],
    )
    email: Email | None = Field(
        None,
        description="Send the stories by e-mail, through alerts.smtp_host.",
        examples=[{"to": ["desk@example.org"]}],
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        conditions = self.words.strip() or self.speaker or self.entity or any(getattr(self, one) for one in FACETS)
        if self.watch == "stories" and not conditions:
            raise ValueError("give at least one condition, such as words: or person:")
        if self.watch != "stories" and conditions:
            raise ValueError(f"an alert of the {self.watch} takes no conditions: they are for stories")
        if not (self.webhook or self.email):
            raise ValueError("say where to send it: webhook: or email:")
        return self

    @property
    def search_id(self) -> str:
        """Changes when what is searched for does."""
        conditions = self.model_dump_json(
            exclude={"name", "enabled", "report_kills", "webhook", "email", "watch", "after_seconds"}
        )
        return hashlib.sha256(conditions.encode()).hexdigest()[:16]

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The ways in which it is sent."""
        return tuple(channel for channel in CHANNELS if getattr(self, channel) is not None)

    def problems(self, settings: AlertsSettings) -> list[str]:
        """What would keep it from being sent: secrets that are not set, no mail server."""
        found = []
        secrets = (self.webhook.secret, self.webhook.bearer_token) if self.webhook else ()
        for secret in secrets:
            try:
                if secret and not secret.read():
                    found.append(f"The secret file {secret.file} is empty.")
            except ConfigurationError as error:
                found.append(str(error))
        try:
            if self.email and settings.smtp_password:
                settings.smtp_password.read()
        except ConfigurationError as error:
            found.append(str(error))
        if self.email and not (settings.smtp_host and settings.mail_from):
            found.append("No mail server: set alerts.smtp_host and alerts.mail_from.")
        return found

    def query(self) -> Query:
        """The search, with copies separate: each is compared with what was sent before."""
        return Query(
            words=self.words,
            speaker=self.speaker,
            entity=self.entity,
            **{facet: getattr(self, facet) for facet in FACETS},
            collapse=False,
            public=self.only_public,
            sort="newest",
        )


@dataclass(frozen=True)
class AlertFiles:
    """The files of a directory: alerts by file, and the error of each file that is wrong."""

    alerts: Mapping[Path, Alert] = field(default_factory=dict)
    errors: Mapping[Path, ConfigurationError] = field(default_factory=dict)


def read_alerts(directory: Path) -> AlertFiles:
    """All alerts of an installation; a wrong file is its own error and no other's. Empty without the directory."""
    alerts: dict[Path, Alert] = {}
    errors: dict[Path, ConfigurationError] = {}
    for path in sorted(directory.glob("*.yaml")):
        try:
            alerts[path] = _load(path)
        except ConfigurationError as error:
            errors[path] = error
        except (OSError, ValueError, RecursionError) as error:
            errors[path] = ConfigurationError(f"{path}: cannot be read: {error!r}.")
    return AlertFiles(alerts, errors)


def load_alerts(directory: Path) -> list[Alert]:
    """All alerts of an installation, by name; empty without the directory.

    Raises:
        ConfigurationError: a file is wrong; names file, line, key and value.
    """
    files = read_alerts(directory)
    for error in files.errors.values():
        raise error
    return list(files.alerts.values())


def _load(path: Path) -> Alert:
    document = read_yaml(path)
    if "name" in document:
        raise ConfigurationError(f"{path}: name: an alert is named after its file; take the key out.")
    values = plain(document)
    for warning in rename_keys(values, Alert, lambda key: f"{path}:{line_of(document, key)}"):
        log.warning("setting_renamed", reason=warning)
    try:
        return Alert.model_validate({"name": path.stem, **values})
    except ValidationError as error:
        raise ConfigurationError(explain(error, document, path)) from error


def json_schema() -> dict[str, Any]:
    """The JSON Schema of an alert's file, for completion in editors."""
    schema = Alert.model_json_schema()
    schema["title"] = "Wiredesk alert"
    del schema["properties"]["name"], schema["required"]
    return schema
