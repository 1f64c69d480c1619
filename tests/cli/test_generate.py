"""What is generated from the code is committed as the code makes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli import generate
from pipeline.cli.generate import generated

ROOT = Path(__file__).parents[2]
FILES = generated(ROOT)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_generated_files_are_current(path: Path) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == FILES[path], "run: python -m pipeline.cli.generate"


def test_the_command_writes_what_differs_and_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "alerts.md").write_text((ROOT / "docs" / "alerts.md").read_text())
    generate.main()
    assert "config/wiredesk.yaml\n" in capsys.readouterr().out
    (tmp_path / "docs" / "settings.md").write_text("old")
    generate.main()
    assert capsys.readouterr().out == "docs/settings.md\n"


def test_every_command_is_on_the_page() -> None:
    page = FILES[Path("docs/commands.md")]
    for heading in ("## wiredesk init", "## wiredesk connectors parse", "## wiredesk dead replay"):
        assert heading in page
    assert "| `--size, -n NUMBER` | `10` |" in page
    assert "    wiredesk connectors parse [OPTIONS] FILES..." in page
