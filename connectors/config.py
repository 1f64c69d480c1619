"""A connector's file: transport × parser × mapping, a few lines of YAML.

    name: example-news
    transport: {type: http, url: "https://example.org/feed.xml"}
    parser: rss
    provider: Example News

One file per feed in ``config/connectors``. Unknown keys are refused. The types here are the only description of
the options: the JSON Schema for editors and the checks come from them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from connectors.mapping import AUTO, known_zone, load_mapping
from connectors.parsers import check_parser_options, parser_names
from connectors.rules import MAX_RULES, Rule
from connectors.transports import AnyTransport
from connectors.transports.push import PushTransport
from pipeline.events import VersionOrder
from pipeline.events.errors import ConfigurationError
from pipeline.settings import Section
from pipeline.settings.yaml import explain, plain, printable, read_yaml

#: A feed polled less than once in four weeks is better disabled.
MAX_INTERVAL_SECONDS = 28 * 24 * 3600
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class Schedule(Section):
    """When to poll. What the server asks for (ttl, max-age, Retry-After) is respected in addition."""

    interval_seconds: float | None = Field(
        None,
        ge=0.2,
        le=MAX_INTERVAL_SECONDS,
        description="Between two polls. Default: as the transport's; 300 for http, 2 for a folder.",
    )
    adaptive: bool = Field(True, description="Poll faster where most items are new, slower where none are.")
    jitter: float = Field(0.1, ge=0, le=0.5, description="Share of the interval by which polls are spread.")


class FullTextOptions(Section):
    """The text of the page behind each new item's link, instead of the feed's; needs ``wiredesk[fulltext]``."""

    pages_per_poll: int = Field(
        20, ge=1, le=200, description="Items beyond these keep the feed's own text, as do those beyond one minute."
    )


class ConnectorConfig(Section):
    """One connector."""

    name: str = Field(description="Lower-case letters, digits and hyphens; identifies the connector everywhere.")
    enabled: bool = Field(True, description="false: keep the file, but do not poll.")
    transport: AnyTransport = Field(description="How the bytes arrive.")
    parser: str = Field("auto", description="Name of the format, or auto: detected from each answer.")
    mapping: str = Field(
        "wire", description="A preset's name, the path of a mapping file, or auto: the agency is told by the content."
    )
    schedule: Schedule = Field(Schedule(), description="When to poll.")
    provider: str = Field(
        min_length=1, description="Who sends it. Connectors of one provider share one set of item ids."
    )
    language: str | None = Field(None, description="BCP 47 tag for items that state none.")
    timezone: str | None = Field(
        None,
        description="Time zone of times that name none, such as America/New_York. Default: the mapping's, else UTC.",
    )
    rights: str | None = Field(None, description="Usage terms; shown with each item.")
    priority: int | None = Field(None, ge=1, le=9, description="For items that have none: 1 most urgent, 9 least.")
    tags: tuple[str, ...] = Field((), description="Added to every item, to filter by.")
    version_order: VersionOrder | None = Field(None, description="Overrides the mapping's: auto, version or time.")
    parser_options: dict[str, Any] = Field(
        default_factory=dict, validate_default=True, description="See docs/formats.md."
    )
    identify_by: Literal["id", "link"] = Field(
        "id", description="link: items with the same link are one, whatever their ids."
    )
    full_text: FullTextOptions | None = Field(
        None, description="Fetch the page behind each new item's link and publish its text. Write {} for the defaults."
    )
    rules: tuple[Rule, ...] = Field((), max_length=MAX_RULES, description="Which items are wanted; docs/rules.md.")
    lane: Literal["live", "backfill"] = Field("live", description="backfill: old items, which raise no alerts.")

    @property
    def interval_seconds(self) -> float:
        """Seconds between two polls, as configured or the transport's default."""
        return self.schedule.interval_seconds or self.transport.default_interval_seconds

    @field_validator("name")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError("lower-case letters, digits and hyphens are allowed, at most 63")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        return known_zone(value)

    @field_validator("parser")
    @classmethod
    def _known_parser(cls, value: str) -> str:
        if value != "auto" and value not in parser_names():
            raise ValueError(f"there is no such parser; there are: auto, {', '.join(parser_names())}")
        return value

    @field_validator("parser_options")
    @classmethod
    def _usable_options(cls, value: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        check_parser_options(str(info.data.get("parser", "")), value)
        return value

    @field_validator("full_text")
    @classmethod
    def _can_be_read(cls, value: FullTextOptions | None, info: ValidationInfo) -> FullTextOptions | None:
        if value is not None:
            check_parser_options("page", {})
            if isinstance(info.data.get("transport"), PushTransport):
                raise ValueError("not for pushes: a sender waits only briefly for its answer")
        return value

    @field_validator("mapping")
    @classmethod
    def _known_mapping(cls, value: str) -> str:
        if value == AUTO:
            return value
        try:
            load_mapping(value)
        except ConfigurationError as error:
            raise ValueError(str(error)) from error
        except (ValueError, TypeError, RecursionError, AttributeError) as error:
            raise ValueError(f"not a mapping: {type(error).__name__}: {error}") from error
        return value


@dataclass(frozen=True)
class ConnectorFile:
    """A file and its content: a connector, or the error in it."""

    path: Path
    config: ConnectorConfig | None
    error: str | None

    @property
    def problem(self) -> str:
        """The error for people who do not work on this machine: without the directory."""
        return (self.error or "").replace(f"{self.path.parent}/", "")


def load_connector(path: Path) -> ConnectorConfig:
    """Read one connector's file. The connector is named like the file unless the file says otherwise.

    Raises:
        ConfigurationError: with file, line, key, what is wrong and what is allowed.
    """
    document = read_yaml(path)
    try:
        return ConnectorConfig.model_validate({"name": path.stem, **plain(document)})
    except ValidationError as error:
        raise ConfigurationError(explain(error, document, path)) from error
    except Exception as error:  # an error in a transport or parser while it checks its options
        reason = printable(f"{type(error).__name__}: {error}")
        raise ConfigurationError(f"{path}:1: this cannot be checked: {reason}.") from error


def connector_of_options(name: str, provider: str, **options: str | None) -> ConnectorConfig:
    """A connector without a file, for commands that are given their input.

    Args:
        name: of the connector.
        provider: of its items.
        options: keys of a connector's file; the command has options of the same names.

    Raises:
        ConfigurationError: an option is wrong; the message names it and what is allowed.
    """
    transport = {"type": "folder", "path": "."}
    try:
        return ConnectorConfig.model_validate({"name": name, "provider": provider, "transport": transport, **options})
    except ValidationError as error:
        problem = error.errors()[0]
        message = problem["msg"].removeprefix("Value error, ").rstrip(".")
        if problem["loc"][0] == "parser_options":  # there is no option for these
            parser = options.get("parser")
            hint = "Name a connector's file, which has them: --parser FILE.yaml."
            raise ConfigurationError(f"--parser {parser}: the paths are missing.", hint=hint) from error
        raise ConfigurationError(f"--{problem['loc'][0]}: {message} (given: {problem['input']!r}).") from error


def connector_files(directory: Path) -> list[Path]:
    """The YAML files of a directory, sorted.

    Raises:
        OSError: the directory cannot be read.
    """
    return sorted(path for path in directory.iterdir() if path.suffix in {".yaml", ".yml"})


def load_file(path: Path) -> ConnectorFile:
    """One file; a broken one is a value, not an exception."""
    try:
        return ConnectorFile(path, load_connector(path), None)
    except ConfigurationError as error:
        return ConnectorFile(path, None, str(error))


def load_directory(directory: Path) -> list[ConnectorFile]:
    """All connectors of a directory, sorted by file name; a broken file is a value, not an exception.

    If two files have the same connector name, the second is the broken one.
    """
    paths = connector_files(directory) if directory.exists() else []
    return with_own_names([load_file(path) for path in paths])


def with_own_names(files: list[ConnectorFile]) -> list[ConnectorFile]:
    """The files; of two with the same connector name the second is a broken one."""
    checked: list[ConnectorFile] = []
    names: dict[str, Path] = {}
    for file in files:
        if file.config is not None and names.setdefault(file.config.name, file.path) != file.path:
            error = f"{file.path}:1: name: {file.config.name!r} is taken by {names[file.config.name]}."
            checked.append(ConnectorFile(file.path, None, error))
        else:
            checked.append(file)
    return checked


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a connector's file, for completion in editors."""
    schema = ConnectorConfig.model_json_schema()
    schema["title"] = "Wiredesk connector"
    schema["required"] = [name for name in schema["required"] if name != "name"]
    return schema
