"""Which format fills which field, as a table: made from the parsers' own declarations, so that it cannot be wrong."""

from __future__ import annotations

from connectors.item import Item
from connectors.parsers import BUILT_IN, get_parser

#: What every parser may fill beside what it declares.
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
