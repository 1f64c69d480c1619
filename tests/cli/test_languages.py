"""``wiredesk languages``: the list, and that nothing is installed but what spaCy's makers released."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from pipeline.cli.languages import app
from pipeline.enrich import pipelines
from pipeline.events.errors import ConfigurationError, UnreachableError

WHEEL = b"a wheel"


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> pipelines.Release:
    """The German release, as if the wheel of these tests were its file."""
    release = replace(
        pipelines.releases()["de"], sha256=hashlib.sha256(WHEEL).hexdigest(), package="nowhere_core_news_sm"
    )
    monkeypatch.setitem(pipelines.releases(), "de", release)
    return release


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "80"}, catch_exceptions=False)


def test_the_list_fits_eighty_columns() -> None:
    result = invoke()
    assert result.exit_code == 0
    table = result.stdout.split("\n\n", maxsplit=1)[0].splitlines()
    assert max(len(line.rstrip()) for line in table) <= 80
    assert next(line.split() for line in table if line.startswith("en")) == [
        "en", "en_wire", "in", "use", "names,", "places,", "quotations",
    ]  # fmt: skip


def test_programs_get_json() -> None:
    states = {state["language"]: state for state in json.loads(invoke("--json").stdout)}
    assert states["en"]["gives"] == ["names", "places", "quotations"]
    assert (states["de"]["analyzer"], states["de"]["gives"]) == (
        "german",
        ["places", "people with titles", "quotations"],
    )
    assert states["de"]["release"]["package"] == "de_core_news_sm"


def test_an_unknown_language_is_told_with_those_that_are_known() -> None:
    with pytest.raises(ConfigurationError, match=r"No release is known for xx; known are de, es, fr"):
        invoke("install", "xx")


def test_a_file_that_was_not_released_is_not_installed(german: pipelines.Release, tmp_path: Path) -> None:
    (tmp_path / german.wheel).write_bytes(b"something else")
    with pytest.raises(ConfigurationError, match="its checksum differs"):
        invoke("install", "de", "--from", str(tmp_path))


def test_a_missing_file_is_told_with_its_address(german: pipelines.Release, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        invoke("install", "de", "--from", str(tmp_path))
    assert german.url in str(raised.value)


def test_without_the_internet_it_says_what_to_do(german: pipelines.Release, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise httpx.ConnectError("no route")

    monkeypatch.setattr(httpx, "stream", refused)
    with pytest.raises(UnreachableError) as raised:
        invoke("install", "de")
    assert "wiredesk languages install de --from FOLDER" in str(raised.value)
    assert german.url in str(raised.value)


def test_what_was_released_is_installed_and_the_setting_shown(
    german: pipelines.Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / german.wheel).write_bytes(WHEEL)
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        assert Path(command[-1]).read_bytes() == WHEEL
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    result = invoke("install", "de", "--from", str(tmp_path))
    assert "--no-deps" in commands[0]
    assert result.stdout.rstrip().endswith("enrich:\n  models:\n    en: en_wire\n    de: nowhere_core_news_sm")


def test_every_release_has_a_checksum_of_its_own() -> None:
    known = list(pipelines.releases().values())
    assert len({release.sha256 for release in known}) == len(known)
    assert all(len(release.sha256) == 64 and int(release.sha256, 16) for release in known)
    assert all(release.url.startswith("https://github.com/explosion/spacy-models/") for release in known)
