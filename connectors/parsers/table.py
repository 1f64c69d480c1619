"""Which format fills which field, and what the fields are, as tables: made from the declarations, never by hand."""

from __future__ import annotations

from typing import get_args

from connectors.parsers import BUILT_IN, get_parser
from pipeline.events.item import Item, Value

#: What every parser may fill in addition to what it declares.
ALWAYS = frozenset({"type", "originals", "warnings"})


def fields_table() -> str:
    """A Markdown table: a row a field in the order of ``Item``, a column a built-in parser."""
    names = sorted(BUILT_IN)
    declared = {name: get_parser(name).FIELDS for name in names}
    lines = [
        "| field | " + " | ".join(names) + " |",
        "| --- |" + " :-: |" * len(names),
        *(
            f"| {field} | " + " | ".join("•" if field in declared[name] else " " for name in names) + " |"
            for field in Item.model_fields
            if field not in ALWAYS
        ),
    ]
    return "\n".join(lines) + "\n"


def names_table() -> str:
    """A Markdown table: every field of ``Item`` with what it is, and what its parts are called."""
    lines = ["| field | what it is |", "| --- | --- |"]
    for name, field in Item.model_fields.items():
        parts = [part for part in get_args(field.annotation) if isinstance(part, type) and issubclass(part, Value)]
        members = "".join(f" Each with `{'`, `'.join(part.model_fields)}`." for part in parts)
        lines.append(f"| `{name}` | {field.description}{members} |")
    return "\n".join(lines) + "\n"
