"""The tables that come with the packages: text files with tabs, in which lines that begin with ``#`` are comments."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files


def table_rows(package: str, *path: str) -> Iterator[list[str]]:
    """The rows of a table, each as its cells.

    Args:
        package: that the table comes with.
        path: of the file in it.
    """
    for line in files(package).joinpath(*path).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")
