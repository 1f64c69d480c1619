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

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self
from urllib.parse import urlsplit

import structlog
from pydantic import Field, ValidationError, field_validator, model_validator

from pipeline.events.errors import ConfigurationError
from pipeline.index.query import FACETS, Query
from pipeline.settings import Secret, Section
from pipeline.settings.renamed import rename_keys
from pipeline.settings.yaml import explain, line_of, plain, read_yaml

log = structlog.get_logger("wiredesk.alerts")

_NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
Values = Annotated[tuple[str, ...], Field(max_length=50)]


class Webhook(Section):
    """Each story is posted to an address as JSON, signed where there is a secret (see pipeline/alerts/delivery.py)."""

    url: str = Field(description="Address that each story is posted to, with http or https.")
    secret: Secret | None = Field(None, description="Key of the signature sent with each story; null: unsigned.")
    bearer_token: Secret | None = Field(None, description="Token sent as Authorization: Bearer.")
    timeout_seconds: float = Field(10, gt=0, le=60, description="Seconds to wait for an answer.")

    @field_validator("url")
    @classmethod
    def _http(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
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

    @field_validator("urgency", mode="before")
    @classmethod
    def _numbers(cls, value: object) -> object:
        return [str(one) for one in value] if isinstance(value, list) else value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not (self.words.strip() or self.speaker or self.entity or any(getattr(self, facet) for facet in FACETS)):
            raise ValueError("give at least one condition, such as words: or person:")
        if not (self.webhook or self.email):
            raise ValueError("say where to send it: webhook: or email:")
        return self

    def query(self) -> Query:
        """The search, copies apart: each is compared with what was alerted about before."""
        return Query(
            words=self.words,
            speaker=self.speaker,
            entity=self.entity,
            **{facet: getattr(self, facet) for facet in FACETS},
            collapse=False,
            public=self.only_public,
            sort="newest",
        )


def load_alerts(directory: Path) -> list[Alert]:
    """All alerts of an installation, by name; none where there is no such directory.

    Raises:
        ConfigurationError: a file is wrong; names file, line, key and value.
    """
    return [_load(path) for path in sorted(directory.glob("*.yaml"))] if directory.is_dir() else []


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
