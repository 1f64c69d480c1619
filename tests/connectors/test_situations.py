"""Twenty real situations: the file, what ``connectors try`` shows of a real server's answer, what a wrong value says.

docs/recipes.md is made of them: ``WIREDESK_UPDATE_EXPECTED=1 pytest tests/connectors/test_situations.py``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from connectors.parse_pool import ParseInProcess
from pipeline.cli.connectors import app
from tests.connectors.situations import SITUATIONS, body

PAGE = Path(__file__).parents[2] / "docs" / "recipes.md"
HEAD = """# Recipes: {count} situations

Each file is complete; the name of the file is the name of the connector. Below it is what `wiredesk connectors try` shows, and
what `wiredesk connectors check` says where one value is wrong.
"""


class _Here(ParseInProcess):
    """Parses in the process of the test: twenty pools of processes would take a minute."""

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        return


def serve(web: Any, situation: Any) -> None:
    def answer(content: bytes, asks: dict[str, str]) -> Callable[[BaseHTTPRequestHandler], None]:
        def page(request: BaseHTTPRequestHandler) -> None:
            known = all(request.headers.get(name) == value for name, value in asks.items())
            request.send_response(200 if known else 401)
            request.end_headers()
            request.wfile.write(content if known else b"")

        return page

    for path, content in situation.answers.items():
        web.pages[path] = answer(body(content), {} if path == "/token" else situation.asks)


def file_of(folder: Path, text: str, web: Any) -> Path:
    """The file, with the test's server in place of the address, and allowed to be private."""
    yaml = YAML()
    document = yaml.load(text.replace("https://feed.example", web.url))
    if isinstance(document.get("transport"), dict):
        document["transport"]["allow_private_addresses"] = True
    path = folder / "example.yaml"
    with path.open("w") as file:
        yaml.dump(document, file)
    return path


def shown(path: Path, web: Any) -> str:
    result = CliRunner().invoke(app, ["try", str(path)], env={"COLUMNS": "200"})
    output = result.output or str(result.exception)
    return output.replace(web.url, "https://feed.example").replace(str(path), "example.yaml")


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.parse_pool.ParsePool", _Here)
    monkeypatch.setenv("EXAMPLE_KEY", "s3cret-s3cret-s3cret")


def section(situation: Any, output: str, error: str) -> str:
    before, after = situation.wrong
    lines = situation.yaml.count("\n")

    def indented(text: str) -> str:
        return "".join(f"    {line}".rstrip() + "\n" for line in text.strip().splitlines())

    mistake = f"`{after.strip()}` instead of `{before.strip()}`" if after else f"Without `{before.strip(' ,')}`"
    return (
        f"\n## {situation.title}\n\n{lines} lines:\n\n{indented(situation.yaml)}\n`wiredesk connectors try`:\n\n"
        f"{indented(output)}\n{mistake}:\n\n{indented(error)}"
    )


def sections(web: Any, folder: Path) -> list[str]:
    found = []
    for situation in SITUATIONS:
        web.pages.clear()
        serve(web, situation)
        output = shown(file_of(folder, situation.yaml, web), web)
        assert "Nothing was published." in output, f"{situation.title}: {output}"
        assert "\n0 items" not in f"\n{output}", situation.title
        assert "s3cret" not in output
        wrong = situation.yaml.replace(*situation.wrong)
        assert wrong != situation.yaml
        (folder / "example.yaml").write_text(wrong, encoding="utf-8")
        error = CliRunner().invoke(app, ["check", str(folder / "example.yaml")], env={"COLUMNS": "200"})
        assert error.exit_code == 3, f"{situation.title}: {error.output}"
        message = error.output.replace(str(folder / "example.yaml"), "example.yaml").rpartition("\n1 connector")[0]
        assert message.startswith("example.yaml:"), message
        found.append(section(situation, output, message))
    return found


def test_each_situation_is_as_the_page_shows_it(web: Any, tmp_path: Path, ready: None) -> None:
    found = sections(web, tmp_path)
    assert len(found) >= 20
    text = HEAD.format(count=len(found)) + "".join(found)
    if os.environ.get("WIREDESK_UPDATE_EXPECTED"):
        PAGE.write_text(text, encoding="utf-8")
    assert text == PAGE.read_text(encoding="utf-8")


def test_no_situation_takes_more_than_twelve_lines() -> None:
    assert max(situation.yaml.count("\n") for situation in SITUATIONS) <= 12
