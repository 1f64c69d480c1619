"""Settings under an old name: still read, with a warning that says where the old name is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from pipeline.events.errors import ConfigurationError
from pipeline.settings.section import Section

#: The place of a key, given its path: ``file:line``, or the name of an environment variable.
Where = Callable[[list[str]], str]


def rename_keys(values: dict[str, Any], model: type[BaseModel], where: Where) -> list[str]:
    """Give renamed keys their new names, in place, in a section and all sections below it.

    Args:
        values: what was read, as plain dictionaries.
        model: the type that it will be validated against.
        where: the place of a key.

    Returns:
        A warning for each old name.

    Raises:
        ConfigurationError: a key is given under both names.
    """
    return _rename(values, model, where, [])


def _rename(values: dict[str, Any], model: type[BaseModel], where: Where, path: list[str]) -> list[str]:
    warnings = []
    for old, new in model.renamed_keys.items() if issubclass(model, Section) else ():
        if old not in values:
            continue
        place, name = where([*path, old]), ".".join([*path, old])
        full = ".".join([*path, new])
        if new in values:
            raise ConfigurationError(f"{place}: {name} is the old name of {full}, which is given as well. Remove it.")
        values[new] = values.pop(old)
        warnings.append(f"{place}: {name} is now called {full}. Rename it: the old name will not be read for ever.")
    for key, value in values.items():
        section = _section(model, key)
        if section and isinstance(value, dict):
            warnings += _rename(value, section, where, [*path, key])
    return warnings


def _section(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    field = model.model_fields.get(key)
    annotation = field.annotation if field else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
