"""A package from outside adds a parser and a transport: the example is installed, and used as the commands use ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = Path(__file__).parent / "extension"
TABLE = "uri,headline,body_text\na:1,One,Text of one.\na:2,Two,\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the example is installed: beside our packages, not among them."""
    site = tmp_path_factory.mktemp("site")
    source = tmp_path_factory.mktemp("source") / "extension"
    source.mkdir()
    for path in EXAMPLE.rglob("*"):
        if path.suffix in {".toml", ".py"}:
            (source / path.relative_to(EXAMPLE)).parent.mkdir(exist_ok=True)
            (source / path.relative_to(EXAMPLE)).write_bytes(path.read_bytes())
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-build-isolation",
         "--disable-pip-version-check", "--target", site, source],
        check=True,
    )  # fmt: skip
    return site


def wiredesk(site: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from pipeline.cli.connectors import app; app()", *map(str, arguments)]
    environ = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}", "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, env=environ, check=False)


def connector(folder: Path, program: str) -> Path:
    path = folder / "tables.yaml"
    command = json.dumps([sys.executable, "-c", program])
    path.write_text(f"provider: X\nparser: auto\ntransport:\n  type: program\n  command: {command}\n")
    return path


def test_its_parser_reads_files(site: Path, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(TABLE)
    for parser in ("table", "auto"):
        result = wiredesk(site, "parse", "--parser", parser, "--json", tmp_path / "table.csv")
        items = [json.loads(line) for line in result.stdout.splitlines()]
        assert [(item["parser"], item["item_id"], item["headline"]) for item in items] == [
            ("table", "a:1", "One"),
            ("table", "a:2", "Two"),
        ], result.stderr


def test_its_transport_is_looked_through_with_its_parser(site: Path, tmp_path: Path) -> None:
    result = wiredesk(site, "try", "--json", connector(tmp_path, f"print({TABLE!r})"))
    assert [json.loads(line)["item_id"] for line in result.stdout.splitlines()] == ["a:1", "a:2"], result.stderr


def test_its_troubles_and_its_options_are_told_like_ours(site: Path, tmp_path: Path) -> None:
    result = wiredesk(site, "try", connector(tmp_path, "raise SystemExit('no access')"))
    assert (result.returncode, "ended with 1: no access" in result.stderr) == (3, True)
    path = connector(tmp_path, "")
    path.write_text(path.read_text() + "  comand: x\n")
    result = wiredesk(site, "check", path)
    assert (result.returncode, "tables.yaml:6: " in result.stderr, "no such setting" in result.stderr) == (
        3,
        True,
        True,
    )


def test_without_it_the_names_are_unknown(tmp_path: Path) -> None:
    result = wiredesk(ROOT, "check", connector(tmp_path, ""))
    assert (result.returncode, "tables.yaml:3: " in result.stderr) == (3, True)
