"""The tables that come with the packages: YAML, and texts with tabs, whose lines that begin with ``#`` are comments."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from pipeline.events.errors import ConfigurationError


def wrong_entry(file: str, entry: str, problem: str, hint: str) -> ConfigurationError:
    """The error that an entry of a table is wrong.

    Args:
        file: as ``file_of`` names it.
        entry: its name, or its first word.
        problem: what is wrong with it.
        hint: what to do, in a sentence.
    """
    return ConfigurationError(f"{file}: {entry}: {problem}.", hint=hint)


def wrong_cells(file: str, entry: str, cells: int, columns: int) -> ConfigurationError:
    """The error that a row has too many cells, or too few.

    Args:
        file: as ``file_of`` names it.
        entry: its first words.
        cells: of the row.
        columns: of the table.
    """
    problem = f"it has {cells} cells, the table has {columns} columns"
    return wrong_entry(file, entry, problem, "Separate the columns by one tab each.")


def file_of(package: str, *path: str) -> str:
    """How messages name a table: by its path in the packages."""
    return "/".join((*package.split("."), *path))


def table_rows(package: str, *path: str) -> Iterator[list[str]]:
    """The rows of a table, each as its cells.

    Args:
        package: that the table comes with.
        path: of the file in it.

    Raises:
        ConfigurationError: it is not UTF-8.
    """
    for line in _text(package, *path).splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def yaml_table(package: str, *path: str) -> Any:
    """What a YAML file says.

    Args:
        package: that the file comes with.
        path: of the file in it.

    Raises:
        ConfigurationError: it is not YAML, or not UTF-8.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415 - 40 ms, which most commands need not spend
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415 - as above

    try:
        return YAML(typ="safe").load(_text(package, *path))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f":{mark.line + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", None) or error).split())[:_SHOWN_CHARS]
        hint = "Compare the entry with those above it; text with an apostrophe or a colon needs double quotation marks."
        raise ConfigurationError(
            f"{file_of(package, *path)}{place}: this is not YAML: {problem}.", hint=hint
        ) from error


_SHOWN_CHARS = 200


def _text(package: str, *path: str) -> str:
    try:
        return files(package).joinpath(*path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file_of(package, *path)} is not UTF-8.", hint="Save it as UTF-8.") from error
