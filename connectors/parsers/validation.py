"""Holding what arrives against a standard's official schema: an option, and never more than a warning.

The parsers take what can be understood, valid or not. A connector whose ``parser_options`` name a ``schema`` (the path
of a file that the installation has, or several, the first being the one that counts) gets a warning for every breach.
Schemas are not fetched: what they refer to must be among the files named.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from pipeline.events.errors import ConfigurationError
from pipeline.events.item import ParseContext

#: One bad file can break a schema in a thousand places; nobody reads the rest.
_MOST = 10


def json_warnings(document: Any, context: ParseContext) -> tuple[str, ...]:
    """What the JSON Schema of ``options.schema`` finds wrong with a document; nothing where none is named.

    Raises:
        ConfigurationError: the schema cannot be read.
    """
    paths = _paths(context)
    if not paths:
        return ()
    from referencing.exceptions import Unresolvable  # noqa: PLC0415 - only where a schema is named

    try:
        found = list(_json_schema(paths).iter_errors(document))
    except Unresolvable as error:
        raise ConfigurationError(
            f"{paths[0]}: it refers to {error.ref}, which is not among the schemas named."
        ) from error
    found.sort(key=lambda error: error.json_path)
    return tuple(f"schema: {error.json_path}: {error.message[:200]}" for error in found[:_MOST])


def xml_warnings(root: etree._Element, context: ParseContext) -> tuple[str, ...]:
    """What the XML Schema of ``options.schema`` finds wrong with a tree; nothing where none is named.

    Raises:
        ConfigurationError: the schema cannot be read.
    """
    paths = _paths(context)
    if not paths:
        return ()
    schema = _xml_schema(paths[0])
    if schema.validate(root):
        return ()
    return tuple(f"schema: line {error.line}: {error.message[:200]}" for error in list(schema.error_log)[:_MOST])


def _paths(context: ParseContext) -> tuple[str, ...]:
    named = context.options.get("schema")
    return (named,) if isinstance(named, str) else tuple(str(path) for path in named) if isinstance(named, list) else ()


@cache
def _json_schema(paths: tuple[str, ...]) -> Any:
    from jsonschema.validators import validator_for  # type: ignore[import-untyped]  # noqa: PLC0415
    from referencing import Registry, Resource  # noqa: PLC0415
    from referencing.jsonschema import DRAFT202012  # noqa: PLC0415

    try:
        schemas = [json.loads(Path(path).read_text(encoding="utf-8")) for path in paths]
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"The schema {paths[0]} cannot be read: {error}.") from error
    # ``format`` (date-time, uri) is told, not demanded, by these schemas and by the standard's own test suite.
    registry: Any = Registry().with_resources(
        (str(schema.get("$id") or schema.get("id")), Resource.from_contents(schema, default_specification=DRAFT202012))
        for schema in schemas
    )
    return validator_for(schemas[0])(schemas[0], registry=registry)


@cache
def _xml_schema(path: str) -> Any:
    try:
        parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
        return etree.XMLSchema(etree.parse(path, parser))
    except (OSError, etree.LxmlError) as error:
        raise ConfigurationError(f"The schema {path} cannot be read: {error}.") from error
