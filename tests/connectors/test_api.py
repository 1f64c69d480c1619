"""The interface for parsers and transports of other packages: exactly what it exports, and that the example needs no more."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from connectors import api

EXAMPLE = Path(__file__).parent / "extension"
ROOT = Path(__file__).parents[2]

EXPORTED = """
    Answer Author ConfigurationError ConnectorState FeedFacts Item Link Media ParseContext ParseError Parsed Parser
    Payload Piece Poll PollContext Push PushTransport Reference RejectedItem Secret Section Signal Subject Transport
""".split()


def test_it_exports_exactly_these_names() -> None:
    assert sorted(EXPORTED) == api.__all__ == sorted(api.__all__)
    public = {name for name in vars(api) if not name.startswith("_")}
    assert public - {"annotations"} == set(EXPORTED)


def test_its_description_names_each_of_them() -> None:
    words = set((api.__doc__ or "").replace(",", " ").split())
    assert set(EXPORTED) <= words


@pytest.mark.parametrize("path", sorted(EXAMPLE.rglob("*.py")), ids=lambda path: path.name)
def test_the_example_imports_nothing_else_of_wiredesk(path: Path) -> None:
    imported = {
        node.module
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    }
    assert {module for module in imported if module.split(".")[0] in {"connectors", "pipeline"}} <= {"connectors.api"}


@pytest.mark.parametrize("package", ["connectors", "pipeline"])
def test_the_packages_are_marked_as_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
    assert '"py.typed"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
