"""A parser: CSV tables whose first line names fields of the item (``uri``, ``headline``, ``body_text``, ...).

A parser is a module with ``FIELDS``, ``looks_like`` and ``parse``. It is a pure function of the bytes and the context:
no network, no clock (``context.now`` is the clock), no files.
"""

from __future__ import annotations

import csv
import io

from pydantic import ValidationError

from connectors.api import Item, ParseContext, Parsed, ParseError, RejectedItem

#: The fields that this parser can fill.
FIELDS = frozenset({"uri", "version", "versioncreated", "headline", "body_text", "byline", "language"})


def looks_like(data: bytes, content_type: str | None) -> float:
    """How much the bytes look like this format, 0 to 1; ``parser: auto`` uses the parser with the highest value."""
    return 0.7 if content_type == "text/csv" or data.startswith(b"uri,headline") else 0.0


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read a table.

    A line that is not an item is rejected alone and becomes a dead letter; the others are published.

    Raises:
        ParseError: the input as a whole is not the format.
    """
    if len(data) > context.max_bytes:
        raise ParseError(f"the table has more than {context.max_bytes:,} bytes.")
    rows = csv.DictReader(io.StringIO(data.decode(context.charset or "utf-8-sig", "replace")))
    if "headline" not in (rows.fieldnames or []):
        raise ParseError("not a table of items: it has no column named headline.")
    items, rejected = [], []
    for row in rows:
        fields = {name: value for name, value in row.items() if name in FIELDS and value}
        try:
            items.append(Item.model_validate(fields))
        except ValidationError as error:
            where = f"line {rows.line_num}"
            rejected.append(
                RejectedItem(reason=str(error.errors()[0]["msg"]), position=where, original=repr(row).encode())
            )
    return Parsed(items=tuple(items), rejected=tuple(rejected))
