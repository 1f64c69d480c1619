"""YAML files of an installation, read so that every error names file, line, key and value.

Settings need little of YAML, so little is allowed: files of 64 kB, one document, no aliases (they can expand without
limit), no tags (they name types to construct), no deep nesting. Dates are read as text.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    NodeEvent,
)
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.reader import ReaderError

from pipeline.events.errors import ConfigurationError
from pipeline.settings.redaction import redact

MAX_BYTES = 65_536
_MAX_DEPTH = 20
_MAX_VALUES = 10_000
_MAX_NUMBER_CHARS = 40
#: What an error message shows of a value, and how many problems of one file it lists.
_SHOWN_CHARS, _SHOWN_PROBLEMS = 200, 20
#: Values of such keys are not repeated, also where the key is misspelt or in the wrong place.
_SECRET_KEY = re.compile(r"password|passwd|secret|token|key|headers|query|auth", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class _Constructor(RoundTripConstructor):
    """Without dates, and with limits on numbers."""

    def construct_yaml_int(self, node: ScalarNode) -> Any:
        return _number(super().construct_yaml_int, node)

    def construct_yaml_float(self, node: ScalarNode) -> Any:
        return _number(super().construct_yaml_float, node)


def _number(construct: Any, node: ScalarNode) -> Any:
    if len(node.value) <= _MAX_NUMBER_CHARS:
        try:
            return construct(node)
        except (ValueError, ArithmeticError):
            pass
    shown = node.value[:_MAX_NUMBER_CHARS]
    raise ConstructorError(None, None, f"{shown!r} is not a number that can be used", node.start_mark)


_Constructor.add_constructor("tag:yaml.org,2002:int", _Constructor.construct_yaml_int)
_Constructor.add_constructor("tag:yaml.org,2002:float", _Constructor.construct_yaml_float)
_Constructor.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_yaml_str)


def read_yaml(path: Path) -> CommentedMap:
    """Read a YAML file whose top level is a mapping; an empty file is an empty mapping.

    Raises:
        ConfigurationError: it cannot be read, is not YAML, uses what is not allowed, or is not a mapping.
    """
    text = _read_text(path)
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    try:
        _check_events(text, path)
        loaded = yaml.load(text)
    except ConfigurationError:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = printable(str(error.problem or error.context))
        raise ConfigurationError(f"{path}:{mark.line + 1 if mark else 1}: this is not YAML: {problem}.") from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigurationError(
            f"{path}:{line}: the character {text[error.position : error.position + 1]!r} is not allowed."
        ) from error
    except (YAMLError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        raise ConfigurationError(f"{path}:1: this cannot be read as YAML: {type(error).__name__}.") from error
    if loaded is None:
        return CommentedMap()
    if not isinstance(loaded, CommentedMap):
        raise ConfigurationError(f"{path}:1: a mapping of sections is expected, such as name: value.")
    return loaded


def _read_text(path: Path) -> str:
    try:
        # A pipe would block the reader for ever.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ConfigurationError(f"{path} is not a regular file.")
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"The file {path} cannot be read: {error.strerror}.") from error
    if len(data) > MAX_BYTES:
        raise ConfigurationError(f"{path}: the file has more than {MAX_BYTES:,} bytes.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: byte {error.start}: this is not UTF-8.", hint="Save it as UTF-8.") from error


def _check_events(text: str, path: Path) -> None:
    """Refuse what is not allowed before anything is constructed."""
    depth = documents = values = 0
    for event in YAML(typ="rt").parse(text):
        problem = None
        values += isinstance(event, NodeEvent)
        if values > _MAX_VALUES:
            problem = f"the file has more than {_MAX_VALUES:,} values"
        elif isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                problem = "only one document is allowed in a file"
        elif isinstance(event, AliasEvent):
            problem = "aliases are not allowed"
        elif isinstance(event, NodeEvent) and getattr(event, "tag", None):
            problem = "tags are not allowed"
        elif isinstance(event, CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                problem = f"values are nested more than {_MAX_DEPTH} deep"
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        if problem:
            raise ConfigurationError(f"{path}:{event.start_mark.line + 1}: {problem}.")


def printable(text: str) -> str:
    """The text in one line, with control characters as escapes, cut to a length that can be read."""
    shown = _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)
    return shown if len(shown) <= _SHOWN_CHARS else f"{shown[:_SHOWN_CHARS]}…"


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
    problems = error.errors(include_url=False)
    for problem in problems[:_SHOWN_PROBLEMS]:
        location = [str(part) for part in problem["loc"]]
        key = ".".join(part for part in location if not part.startswith("function-"))
        where = (origins or {}).get(key) or (f"{path}:{line_of(document, location)}" if path else "defaults")
        message = problem["msg"].removeprefix("Value error, ")
        given, shown = problem.get("input"), isinstance(problem.get("input"), str | int | float | bool)
        if problem["type"] == "extra_forbidden":
            # A misspelt key may be that of a secret.
            message, shown = "there is no such setting", shown and not isinstance(given, str)
        if problem["type"] == "model_type" and problem.get("ctx", {}).get("class_name") == "Secret":
            message, shown = "a secret is not written here: name a variable {env: NAME} or a file {file: PATH}", False
        value = f" (given: {printable(redact(repr(given)))})" if shown and not _SECRET_KEY.search(key) else ""
        what = f"{printable(key)}: " if key else ""  # without: it concerns the file as a whole
        lines.append(f"{where}: {what}{_shortened(message)}{value}.")
    if len(problems) > _SHOWN_PROBLEMS:
        lines.append(f"{path}: and {len(problems) - _SHOWN_PROBLEMS} more problems.")
    return "\n".join(lines)


def _shortened(message: str) -> str:
    """A message whose long words (values that it repeats) are cut and whose control characters are escaped."""
    return " ".join(printable(word) for word in message.split(" "))


def line_of(document: Any, location: list[str]) -> int:
    """The line, from 1, of a key or of the nearest one above it."""
    node, line = document, 1
    for part in location:
        if isinstance(node, CommentedSeq) and part.isdigit() and int(part) < len(node):
            line = node.lc.item(int(part))[0] + 1
            node = node[int(part)]
            continue
        if not isinstance(node, CommentedMap):
            break
        keys = [key for key in node if str(key) == part]
        if not keys:
            continue  # the tag of a union is in the location, but not in the file
        line = node.lc.key(keys[0])[0] + 1
        node = node[keys[0]]
    return line
