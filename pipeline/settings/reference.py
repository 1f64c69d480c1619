"""Files generated from the descriptions in the settings' types: a commented YAML file, tables for the documentation."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import PurePath
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pipeline.settings.settings import Settings

_PLAIN = re.compile(r"\A(?:[A-Za-z/][\w./-]*(?::[\w./-]+)*|\d+\.\d+\.\d+\.\d+(?::\d+)?)\Z")
_YAML_WORDS = frozenset("null true false yes no on off".split())
_WIDTH = 110

_HEAD = """\
# One installation of Wiredesk: every setting with its default. Delete what you do not change, or change it here.
#
# An environment variable overrides the file: WIREDESK_ and the path in upper case, its parts joined by two
# underscores, such as WIREDESK_KAFKA__BOOTSTRAP_SERVERS=kafka-1:9092,kafka-2:9092. Secrets are never written here:
# a setting that is a secret names an environment variable {env: NAME} or a file {file: /run/secrets/name}.
"""


def default_yaml() -> str:
    """The settings file of an installation: every section and key with its description and default."""
    parts = [_HEAD]
    for name, field in Settings.model_fields.items():
        section = submodel(field)
        assert section is not None
        lines = [f"# {field.description}", f"{name}:"]
        for key, inner in section.model_fields.items():
            lines += _comment(comment_of(inner))
            lines += [f"  # {key}: {_flow(example)}" for example in inner.examples or ()]
            lines += _entry(key, default_of(inner))
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def settings_page() -> str:
    """docs/settings.md: a table of every section."""
    parts = [_PAGE_HEAD]
    for name, field in Settings.model_fields.items():
        section = submodel(field)
        assert section is not None
        parts.append(f"## {name}\n\n{field.description}\n\n{fields_table(section, name)}")
    return "\n".join(parts)


_PAGE_HEAD = """\
# Settings

One YAML file, `config/wiredesk.yaml`, or the one that `--config` or `WIREDESK_CONFIG` names. `wiredesk init` writes it
with every setting and its default. A setting that is left out has its default. Unknown keys and wrong values are errors
that name file, line and key.

An environment variable overrides the file: `WIREDESK_` and the path in upper case, its parts joined by two underscores.
`kafka.bootstrap_servers` is `WIREDESK_KAFKA__BOOTSTRAP_SERVERS`; an empty value is null.

A secret is never written in the file: `{env: NAME}` names an environment variable, `{file: PATH}` a file.

For completion and checks in an editor: [wiredesk.schema.json](schemas/wiredesk.schema.json).

This page is generated from the types in `pipeline/settings` by `python -m pipeline.cli.generate`.
"""


def fields_table(model: type[BaseModel], prefix: str = "") -> str:
    """A Markdown table of a type's fields and of those of the types within it.

    Args:
        model: the type.
        prefix: path of the type; put in front of each name.
    """
    lines = ["| key | default | values | meaning |", "| --- | --- | --- | --- |"]
    for path, field in _walk(model, prefix):
        default = "required" if field.is_required() else _code(default_of(field))
        meaning = " ".join((field.description or "").split())
        if field.examples:
            meaning += f" Example: `{_flow(field.examples[0])}`"
        lines.append(f"| `{path}` | {default} | {_values(field)} | {meaning.replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"


def _walk(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        path = f"{prefix}.{name}" if prefix else name
        yield path, field
        inner = submodel(field)
        if inner is not None and inner.__name__ != "Secret":
            yield from _walk(inner, path)


def submodel(field: FieldInfo) -> type[BaseModel] | None:
    """The type of a field that is a section by itself, also where it may be null."""
    return next(
        (one for one in _members(field.annotation) if isinstance(one, type) and issubclass(one, BaseModel)), None
    )


def _members(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)


def default_of(field: FieldInfo) -> Any:
    """A field's default as a value of JSON."""
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, PurePath):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def comment_of(field: FieldInfo) -> str:
    """The description with the values that are allowed."""
    choices = _choices(field)
    among = f" One of {', '.join(choices)}." if choices and not _others(field) else ""
    return " ".join((field.description or "").split()) + among


def _choices(field: FieldInfo) -> list[str]:
    return [str(value) for one in _members(field.annotation) if get_origin(one) is Literal for value in get_args(one)]


_LIMITS: dict[type, tuple[str, str]] = {
    Ge: ("ge", "≥ {}"), Gt: ("gt", "> {}"), Le: ("le", "≤ {}"), Lt: ("lt", "< {}"),
    MinLen: ("min_length", "at least {}"), MaxLen: ("max_length", "at most {}"),
}  # fmt: skip
_NAMES = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false", "Path": "path"}


def _values(field: FieldInfo) -> str:
    """What a field takes, in words."""
    choices = ", ".join(f"`{choice}`" for choice in _choices(field))
    if choices and not _others(field):
        return choices
    limits = [
        text.format(f"{getattr(one, attribute):,}")
        for one in field.metadata
        for kind, (attribute, text) in _LIMITS.items()
        if isinstance(one, kind)
    ]
    names = [_type_name(one) for one in _others(field)]
    return ", ".join([" or ".join([*dict.fromkeys(names), *([choices] if choices else [])]), *limits])


def _others(field: FieldInfo) -> list[Any]:
    """The types of a field that are not choices of words."""
    return [one for one in _members(field.annotation) if one is not type(None) and get_origin(one) is not Literal]


def _type_name(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin in {tuple, list}:
        return f"list of {_type_name(get_args(annotation)[0])}"
    if origin is dict:
        return "mapping of text to text"
    if hasattr(annotation, "__metadata__"):  # Annotated
        return _type_name(get_args(annotation)[0])
    name = getattr(annotation, "__name__", str(annotation))
    if name == "Secret":
        return "`{env: NAME}` or `{file: PATH}`"
    return _NAMES.get(name, "mapping")


def _code(value: Any) -> str:
    return "" if isinstance(value, BaseModel) else f"`{_flow(value)}`"


def _comment(text: str) -> list[str]:
    return [f"  # {line}" for line in textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)]


def _entry(key: str, value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        return [f"  {key}:", *(f"    {name}: {_flow(inner)}" for name, inner in value.items())]
    return [f"  {key}: {_flow(value)}"]


def _flow(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value not in _YAML_WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the settings file, for completion in editors."""
    schema = Settings.model_json_schema()
    schema["title"] = "Wiredesk settings"
    return schema
