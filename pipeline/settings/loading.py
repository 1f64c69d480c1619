"""Read the settings: config/wiredesk.yaml, with environment variables over it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import structlog
from pydantic import ValidationError
from ruamel.yaml.comments import CommentedMap

from pipeline.events.errors import ConfigurationError
from pipeline.settings.renamed import rename_keys
from pipeline.settings.settings import Settings
from pipeline.settings.yaml import explain, line_of, plain, read_yaml

log = structlog.get_logger("wiredesk.settings")

ENV_PREFIX = "WIREDESK_"


def _log_warning(warning: str) -> None:
    log.warning("setting_renamed", reason=warning)


def load_settings(
    path: Path | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    warn: Callable[[str], None] = _log_warning,
) -> Settings:
    """Read the settings.

    Args:
        path: a YAML file; ``None``: ``$WIREDESK_CONFIG``, else ``config/wiredesk.yaml`` if it exists, else defaults.
        environ: the environment; ``None``: the process's own.
        warn: gets a warning for each setting that is given under an old name.

    Raises:
        ConfigurationError: the file cannot be read, or a key or value is wrong; names file, line, key and value.
    """
    environ = os.environ if environ is None else environ
    path = _find(path, environ)
    document = read_yaml(path) if path else CommentedMap()
    merged: dict[str, Any] = plain(document)
    warnings = rename_keys(merged, Settings, lambda key: f"{path}:{line_of(document, key)}")
    origins: dict[str, str] = {}
    for name, parts, value in _variables(environ):
        tree = _nested(parts, value)
        warnings += rename_keys(tree, Settings, lambda _, name=name: name)  # type: ignore[misc]
        origins[".".join(_merge(merged, tree))] = name
    for warning in warnings:
        warn(warning)
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        raise ConfigurationError(explain(error, document, path, origins)) from error


def no_file(path: Path) -> str:
    """What is wrong with a path that is no file, as the end of a sentence."""
    return "is a directory" if path.is_dir() else "does not exist"


def _find(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    if path is None and environ.get("WIREDESK_CONFIG"):
        path = Path(environ["WIREDESK_CONFIG"])
    if path is not None:
        if not path.is_file():
            raise ConfigurationError(f"The settings file {path} {no_file(path)}.", hint="wiredesk init writes one.")
        return path
    default = Path("config/wiredesk.yaml")
    return default if default.is_file() else None


def _variables(environ: Mapping[str, str]) -> Iterator[tuple[str, list[str], str | None]]:
    """Each variable that is a setting: its name, the path of the setting, the value (``None`` where it is empty)."""
    for name, value in environ.items():
        if name.startswith(ENV_PREFIX) and "__" in name:
            parts = name[len(ENV_PREFIX) :].lower().split("__")
            if parts[0] in Settings.model_fields:
                yield name, parts, value or None


def _nested(parts: list[str], value: str | None) -> dict[str, Any]:
    tree: Any = value
    for part in reversed(parts):
        tree = {part: tree}
    return dict(tree)


def _merge(target: dict[str, Any], tree: dict[str, Any]) -> list[str]:
    """Put a tree with a single leaf over another; the path of the leaf."""
    ((key, value),) = tree.items()
    if not isinstance(value, dict):
        target[key] = value
        return [key]
    if not isinstance(target.get(key), dict):
        target[key] = {}
    return [key, *_merge(target[key], value)]
