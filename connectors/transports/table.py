"""The options of the transports as tables, generated from their types."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from connectors.transports import BUILT_IN
from pipeline.settings import Secret


def options_tables() -> str:
    """A heading and a Markdown table for each built-in transport, by type."""
    parts = []
    for transport in BUILT_IN:
        kind = get_args(transport.model_fields["type"].annotation)[0]
        lines = [f"### `type: {kind}`", "", f"{(transport.__doc__ or '').strip()}", "", *_HEAD]
        lines += _rows(transport, "")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


_HEAD = ("| option | default | description |", "| --- | --- | --- |")


def _rows(section: type[BaseModel], prefix: str) -> list[str]:
    rows = []
    for name, field in section.model_fields.items():
        if name == "type":
            continue
        rows.append(f"| `{prefix}{name}` | {_default(field)} | {field.description or ''} |")
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel) and inner is not Secret:
                rows += _rows(inner, f"{prefix}{name}.")
    return rows


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    return "" if value is None or value == {} else f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    print(options_tables(), end="")  # noqa: T201 - a command
