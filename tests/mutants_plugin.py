"""A plugin for ``make mutants``: mutmut 3.5 asks pytest's items for an attribute that pytest 9.1 renamed."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item._nodeid = item.nodeid  # type: ignore[attr-defined]
