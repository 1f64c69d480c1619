"""JSON from outside: bounded, strict about what JSON is, lenient about what its members are."""

from __future__ import annotations

import re
from typing import Any

import orjson

from connectors.parsers.draft import sized
from pipeline.events.errors import ParseError
from pipeline.events.item import ParseContext

Object = dict[str, Any]
#: What JSON does not allow within a text, and what is white space between its parts: a blank is right for both.
_CONTROLS = re.compile("[\x00-\x1f]")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def load_json(data: bytes, context: ParseContext) -> Any:
    """The document.

    Numbers beyond 64 bits become floats, depth is limited to 1024, lone surrogates are refused. Control characters
    within texts, which JSON does not allow, become blanks where they would cost the whole answer.

    Raises:
        ParseError: empty, too large or not JSON; names line and column.
    """
    data = sized(data, context).strip()
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        text, kind = data.decode(encoding), "this is not JSON"
    except UnicodeDecodeError:
        text, kind = data.decode("cp1252", "replace"), "this is neither UTF-8 nor JSON"
    try:
        return orjson.loads(text.encode())
    except ValueError as error:
        repaired = _CONTROLS.sub(" ", text)
        # Whoever names a schema wants to know what breaks the standard.
        if repaired == text or "schema" in context.options:
            raise ParseError(f"{kind}: {error}.") from error
    try:
        return orjson.loads(repaired.encode())
    except ValueError as error:
        raise ParseError(f"{kind}: {error}.") from error


def objects(value: Any) -> list[Object]:
    """The objects of a list; an object alone is a list of one, anything else is none."""
    if isinstance(value, dict):
        return [value]
    return [found for found in value if isinstance(found, dict)] if isinstance(value, list) else []


def values(value: Any) -> list[Any]:
    """A list as it is, nothing as an empty list, anything else as a list of one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def string(value: Any) -> str:
    """A text or number as text; anything else is an empty text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def first(entry: Object, *names: str) -> str:
    """The first of these members that is a text or number and not empty."""
    return next((text for name in names if (text := string(entry.get(name)).strip())), "")


def whole(value: Any, highest: int = 1_000_000) -> int | None:
    """A whole number from 0 to ``highest``; ``None`` for anything else."""
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10 else value
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= highest else None
