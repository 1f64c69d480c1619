"""What the documentation names exists: commands, and the test behind each sentence of the delivery promise."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import typer

from pipeline.cli.commands import app

ROOT = Path(__file__).parents[2]
#: Pages written by hand, for a reader who types what they say.
PAGES = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "deploy" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def functions_in(path: Path) -> set[str]:
    """Names of the test functions in a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("page", ["delivery.md", "security.md"])
def test_every_promise_names_a_test_that_exists(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and "::test_" not in line]
    named = re.findall(r"`(tests/[\w/]+\.py)::(?:\w+::)?(\w+)`", text)
    assert named
    for file, name in named:
        assert name in functions_in(ROOT / file), f"{page} names {file}::{name}"
    heads = ("| promise ", "| threat ", "| who ", "| ---")
    no_promises = [text.partition(f"## {part}\n")[2].partition("##")[0] for part in ("Who is trusted", "Measured")]
    promises = [row for row in rows if not row.startswith(heads) and not any(row in part for part in no_promises)]
    assert promises == [], "no sentence without a test"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_and_paths_in_a_page_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    group: Any = typer.main.get_command(app)
    for match in re.finditer(r"(?:`|^    )wiredesk ((?:[a-z-]+ ?)+)", text, re.MULTILINE):
        command = group
        for word in match[1].split():
            if not hasattr(command, "commands") or word.startswith("-"):
                break
            assert word in command.commands, f"{path.name}: wiredesk {match[1]}"
            command = command.commands[word]
    for name in re.findall(r"`((?:tests|pipeline|connectors|deploy|docs)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), f"{path.name} names {name}"
