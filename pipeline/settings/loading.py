"""Read the settings: config/wiredesk.yaml, with environment variables over it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml.comments import CommentedMap

from pipeline.events.errors import ConfigurationError
from pipeline.settings.sections import Settings
from pipeline.settings.yaml import explain, plain, read_yaml

ENV_PREFIX = "WIREDESK_"


def load_settings(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Args:
        path: a YAML file; ``None``: ``$WIREDESK_CONFIG``, else ``config/wiredesk.yaml`` if it is there, else defaults.
        environ: the environment; ``None``: the process's own.

    Raises:
        ConfigurationError: the file cannot be read, or a key or value is wrong; names file, line, key and value.
    """
    environ = os.environ if environ is None else environ
    path = _find(path, environ)
    document = read_yaml(path) if path else CommentedMap()
    merged, origins = _overlay(document, environ)
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        raise ConfigurationError(explain(error, document, path, origins)) from error


def _find(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    if path is None and environ.get("WIREDESK_CONFIG"):
        path = Path(environ["WIREDESK_CONFIG"])
    if path is not None:
        if not path.is_file():
            raise ConfigurationError(f"The settings file {path} does not exist.")
        return path
    default = Path("config/wiredesk.yaml")
    return default if default.is_file() else None


def _overlay(document: CommentedMap, environ: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    merged: dict[str, Any] = plain(document)
    origins: dict[str, str] = {}
    for name, value in environ.items():
        if not name.startswith(ENV_PREFIX) or "__" not in name:
            continue
        parts = name[len(ENV_PREFIX) :].lower().split("__")
        if parts[0] not in Settings.model_fields:
            continue
        target = merged
        for part in parts[:-1]:
            if not isinstance(target.get(part), dict):
                target[part] = {}
            target = target[part]
        target[parts[-1]] = None if value == "" else value
        origins[".".join(parts)] = name
    return merged, origins
