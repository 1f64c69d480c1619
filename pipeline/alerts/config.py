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

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator

from pipeline.events.errors import ConfigurationError
from pipeline.index.query import FACETS, Query
from pipeline.settings import Secret, Section
from pipeline.settings.yaml import explain, plain, read_yaml

_NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
Values = Annotated[tuple[str, ...], Field(max_length=50)]


class Webhook(Section):
    """Each story is posted to an address as JSON, signed where there is a secret (see pipeline/alerts/delivery.py)."""

    url: str
    secret: Secret | None = None
    bearer_token: Secret | None = None
    timeout_seconds: float = Field(10, gt=0, le=60)

    @field_validator("url")
    @classmethod
    def _http(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("an http or https address is expected")
        return value


class Email(Section):
    """The stories of one check are sent in one message."""

    to: tuple[Annotated[str, Field(pattern=r"^[^@\s,;]+@[^@\s,;]+$")], ...] = Field(min_length=1, max_length=50)


class Alert(Section):
    """One alert. ``name`` is the name of its file."""

    name: str = Field(pattern=_NAME)
    enabled: bool = True
    words: str = Field("", max_length=512)
    speaker: str | None = None
    entity: str | None = None
    provider: Values = ()
    language: Values = ()
    urgency: Values = ()
    person: Values = ()
    organisation: Values = ()
    place: Values = ()
    nationality: Values = ()
    subject: Values = ()
    public: bool = Field(False, description="Only what readers may see; an embargoed story when its embargo ends.")
    kills: bool = Field(True, description="Tell too when a story that was alerted about is killed.")
    webhook: Webhook | None = None
    email: Email | None = None

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
            public=self.public,
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
    try:
        return Alert.model_validate({"name": path.stem, **plain(document)})
    except ValidationError as error:
        raise ConfigurationError(explain(error, document, path)) from error
