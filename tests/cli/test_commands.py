"""The command line as a person meets it: help, errors that say what to do next, exit codes that mean something."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from pipeline.cli.commands import app

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "pipeline" / "local" / "demo" / "samples"
#: Nothing listens there.
AWAY = {"WIREDESK_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:9", "WIREDESK_ELASTICSEARCH__URL": "http://127.0.0.1:9"}


def wiredesk(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv[0] = 'wiredesk'; from pipeline.cli import main; main()", *words],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=120,
        env=os.environ | {"COLUMNS": "100"} | environment,
    )  # fmt: skip


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """All commands below one; typer's own classes, whatever it makes them of."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


EVERY = list(commands(typer.main.get_command(app)))


@pytest.mark.parametrize(("path", "command"), EVERY, ids=[" ".join(path) or "wiredesk" for path, _ in EVERY])
def test_every_command_and_option_explains_itself(path: tuple[str, ...], command: Any) -> None:
    assert len(EVERY) > 40
    assert command.help
    assert command.help.split("\n\n")[0].rstrip().endswith((".", ":")), command.help
    silent = [
        option.name
        for option in command.params
        if option.param_type_name == "option" and not option.help and option.name != "help"
    ]
    assert silent == []
    assert len(path) < 3
    assert [part for part in command.help.split("\n\n") if "\n" in part] == [], "typer would keep these line ends"


def test_help_names_the_first_steps() -> None:
    shown = wiredesk("--help")
    assert shown.returncode == 0
    for step in ("wiredesk demo", "wiredesk stack start", "wiredesk up", "wiredesk search"):
        assert step in shown.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["search", "bridge"], 1, "Elasticsearch does not answer"),
        (["status"], 1, "Kafka does not answer at 127.0.0.1:9"),
        (["topics"], 1, "Kafka does not answer at 127.0.0.1:9"),
        (["dead", "list"], 1, "127.0.0.1"),
        (["index", "init"], 1, "Elasticsearch does not answer at http://127.0.0.1:9"),
    ],
)
def test_a_server_that_is_away_is_named_with_what_to_do(words: list[str], code: int, said: str) -> None:
    shown = wiredesk(*words, **AWAY)
    assert shown.returncode == code, shown
    assert said in shown.stderr
    assert "wiredesk stack start" in shown.stderr
    assert len(shown.stderr.splitlines()) == 1, "one clear line, and no log of attempts"
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["serach"], "No such command 'serach'"),
        (["worker", "--stage", "inkate"], "inkate"),
        (["try", "nowhere.xml"], "The file nowhere.xml does not exist"),
        (["try", "README.md", "--parser", "rrs"], "rrs"),
        (["search", "x", "--config", "nowhere.yaml"], "The settings file nowhere.yaml does not exist"),
    ],
)
def test_wrong_usage_ends_with_2_and_names_what_is_wrong(words: list[str], said: str) -> None:
    shown = wiredesk(*words)
    assert shown.returncode == 2, shown
    assert said in " ".join(shown.stderr.split())
    assert "Traceback" not in shown.stderr


def test_settings_that_are_wrong_are_named_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text("kafka:\n  partitions: [many]\n")
    shown = wiredesk("status", "--config", str(path))
    assert shown.returncode == 2
    assert f"{path}:2: kafka.partitions" in shown.stderr


def test_try_shows_a_file_as_it_would_be_indexed() -> None:
    shown = wiredesk("try", str(SAMPLES / "text" / "01-bridge.txt"))
    assert shown.returncode == 0, shown.stderr
    for line in (
        "Footbridge collapses in Calvessa",
        "Honor Tressillian: It went down like a folding chair",
        "Nothing was sent",
    ):
        assert line in shown.stdout


def test_try_explains_which_rule_found_each_quotation(tmp_path: Path) -> None:
    story = tmp_path / "story.txt"
    story.write_text(
        f'Pumps fail in Harwick\n\n{"The council met on Monday to hear the report. " * 4}"We were not told," Ann Moe said.\n'
    )
    shown = wiredesk("try", str(story), "--explain")
    assert shown.returncode == 0, shown.stderr
    assert "We were not told… by 'Ann Moe'" in shown.stdout.replace("\n", " ")
    assert 'marks_name_verb: "…," NAME VERB' in shown.stdout.replace("\n", " ")


def test_try_prints_documents_for_programs() -> None:
    shown = wiredesk("try", str(SAMPLES / "rss.xml"), "--json", "--limit", "2")
    first, second = json.loads(shown.stdout)
    assert first["story"]["story_id"] != second["story"]["story_id"]
    assert all(quote["story_id"] == first["story"]["story_id"] for quote in first["quotes"])


def test_schemas_of_all_events_and_of_the_files_that_people_write(tmp_path: Path) -> None:
    assert wiredesk("schema", "--out", str(tmp_path)).returncode == 0
    names = {path.name.removesuffix(".schema.json") for path in tmp_path.iterdir()}
    assert names == {
        "connector",
        "wiredesk",
        "alert",
        *(
            f"event-{name}"
            for name in ("raw", "stories", "clustered", "enriched", "items", "versions", "connectors", "dead")
        ),
    }
    assert json.loads((tmp_path / "event-raw.schema.json").read_text())["title"] == "RawItem"
