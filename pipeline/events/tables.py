"""The tables that come with the packages: YAML, and texts with tabs, whose lines that begin with ``#`` are comments."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any


def table_rows(package: str, *path: str) -> Iterator[list[str]]:
    """The rows of a table, each as its cells.

    Args:
        package: that the table comes with.
        path: of the file in it.
    """
    for line in files(package).joinpath(*path).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def yaml_table(package: str, *path: str) -> Any:
    """What a YAML file says.

    Args:
        package: that the file comes with.
        path: of the file in it.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415 - 40 ms, which most commands need not spend

    return YAML(typ="safe").load(files(package).joinpath(*path).read_text(encoding="utf-8"))
