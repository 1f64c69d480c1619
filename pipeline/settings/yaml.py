"""YAML files of an installation, read so that every error names file, line, key and value."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError

from pipeline.events.errors import ConfigurationError


def read_yaml(path: Path) -> CommentedMap:
    """A YAML file whose top level is a mapping; an empty file is an empty mapping.

    Raises:
        ConfigurationError: it cannot be read, is no YAML or no mapping.
    """
    try:
        loaded = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{path}:{line}: this is not YAML: {error.problem}.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: byte {error.start}: this is not UTF-8.") from error
    except OSError as error:
        raise ConfigurationError(f"The file {path} cannot be read: {error.strerror}.") from error
    if loaded is None:
        return CommentedMap()
    if not isinstance(loaded, CommentedMap):
        raise ConfigurationError(f"{path}:1: a mapping of sections is expected, such as name: value.")
    return loaded


def plain(node: Any) -> Any:
    """A YAML tree as plain dictionaries and lists."""
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    return node


def explain(
    error: ValidationError, document: CommentedMap, path: Path | None, origins: Mapping[str, str] | None = None
) -> str:
    """A validation error in lines of ``file:line: key: what is wrong (given: value).``

    Args:
        error: what pydantic found.
        document: the tree as read, with its line numbers.
        path: the file; ``None``: no file, only defaults.
        origins: keys that came from elsewhere (environment variables), with its name.
    """
    lines = []
    for problem in error.errors(include_url=False):
        location = [str(part) for part in problem["loc"]]
        key = ".".join(part for part in location if not part.startswith("function-"))
        where = (origins or {}).get(key) or (f"{path}:{line_of(document, location)}" if path else "defaults")
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = "there is no such setting"
        given = problem.get("input")
        value = f" (given: {given!r})" if isinstance(given, str | int | float | bool) else ""
        lines.append(f"{where}: {key}: {message}{value}.")
    return "\n".join(lines)


def line_of(document: Any, location: list[str]) -> int:
    """The line, from 1, of a key or of the nearest one above it."""
    node, line = document, 1
    for part in location:
        if isinstance(node, CommentedMap) and part not in node:
            continue  # the tag of a union stands in the location, but not in the file
        if not isinstance(node, CommentedMap):
            break
        line = node.lc.key(part)[0] + 1
        node = node[part]
    return line
