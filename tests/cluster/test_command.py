"""``wiredesk cluster``: what it prints, and its answers to what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipeline.cli.commands import app
from pipeline.events.errors import ConfigurationError, ParseError

TEXT = "The ferry sank off the western coast on Monday after it hit a rock in thick fog, the harbour office said."
OTHER = "The ministry of finance presented a budget on Monday that cuts the taxes of small firms and raises all others."


def call(*arguments: str, **more: Any) -> Result:
    return CliRunner().invoke(app, ["cluster", *arguments], env={"COLUMNS": "200"}, **more)


def file(path: Path, *stories: dict[str, Any]) -> str:
    name = path / "stories.jsonl"
    name.write_text("".join(json.dumps(story, ensure_ascii=False) + "\n" for story in stories), encoding="utf-8")
    return str(name)


STORIES = [
    {"id": "a", "text": TEXT, "language": "en", "time": "2026-05-04T12:00:00Z"},
    {"id": "b", "text": OTHER, "language": "en", "time": "2026-05-04T12:01:00Z"},
    {"id": "c", "text": f"TOLVA (Orbis) - {TEXT}", "language": "en", "time": 1777896120},
    {"id": 7, "text": TEXT},
    {"id": "d", "text": TEXT, "language": "de"},
    {"id": "e", "text": TEXT, "time": "2026-07-04T12:01:00+02:00"},
    {"id": "f", "text": None},
    {"id": "b", "text": TEXT},
]


def test_a_json_object_a_line_in_order(tmp_path: Path) -> None:
    result = call(file(tmp_path, *STORIES), "--json")
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["id"], line["cluster_id"], line["duplicate_of"], line["exact"]) for line in lines] == [
        ("a", "a", None, False),
        ("b", "b", None, False),
        ("c", "a", "a", False),
        ("7", "a", "a", True),
        ("d", "d", None, False),
        ("e", "e", None, False),
        ("f", "f", None, False),
        ("b", "b", None, False),
    ]
    assert lines[0]["similarity"] is None
    assert 0.8 < lines[2]["similarity"] < 1
    assert lines[2]["containment"] == pytest.approx(1, abs=0.02)
    assert list(lines[0]) == ["id", "cluster_id", "duplicate_of", "similarity", "containment", "exact", "event_id"]


def test_what_people_read(tmp_path: Path) -> None:
    result = call(file(tmp_path, *STORIES))
    assert result.output.splitlines() == [
        "c is a copy of a (0.90, contained 1.00)",
        "7 is a copy of a (1.00, contained 1.00)",
        "8 stories: 2 copies in 1 cluster.",
    ]


def test_standard_input() -> None:
    result = call("-", "--json", input=b"\n".join(json.dumps(story).encode() for story in STORIES[:2]) + b"\n\n")
    assert [json.loads(line)["cluster_id"] for line in result.stdout.splitlines()] == ["a", "b"]


def test_the_settings_hold_here_too(tmp_path: Path) -> None:
    settings = tmp_path / "wiredesk.yaml"
    settings.write_text("cluster: {jaccard_threshold: 0.99}\n", encoding="utf-8")
    result = call(file(tmp_path, *STORIES[:4]), "--json", "--config", str(settings))
    assert [json.loads(line)["cluster_id"] for line in result.stdout.splitlines()] == ["a", "b", "c", "a"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: not JSON"),
        ("[1]", "line 2: not an object"),
        ('{"text": "x"}', "line 2: id is None"),
        ('{"id": true, "text": "x"}', "line 2: id is True"),
        ('{"id": "x", "text": 5}', "line 2: text is not a string"),
        ('{"id": "x", "text": "y", "language": 3}', "line 2: language is 3"),
        ('{"id": "x", "text": "y", "time": "noon"}', "line 2: time is 'noon'"),
        ('{"id": "x", "text": "y", "time": 1e300}', "line 2: time is"),
    ],
)
def test_a_line_that_is_no_story_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps(STORIES[0]) + "\n" + line + "\n", encoding="utf-8")
    result = call(str(path), "--json")
    assert isinstance(result.exception, ParseError)
    assert message in str(result.exception)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = call(str(tmp_path / "none.jsonl"))
    assert isinstance(result.exception, ConfigurationError)
    assert "cannot be read" in str(result.exception)
