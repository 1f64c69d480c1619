"""Who is named in the indexed stories, and which names are those of several."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.cli import index as command
from pipeline.index import people
from pipeline.index.mapping import IndexNames


def _story(name: str, role: str) -> dict[str, Any]:
    person = {"label": "PERSON", "name": name, "roles": [role]}
    return {"_source": {"entities": {"items": [person, {"label": "GPE", "name": "Oslo"}]}}}


@pytest.fixture
def indexed(monkeypatch):
    hits = [_story("Tom Moe", "Australian minister")] * 3 + [_story("Tom Moe", "British envoy")] * 3
    hits += [_story("Ann Moe", "mayor")] * 5 + [{"_source": {}}]
    monkeypatch.setattr(people, "scan", lambda *_, **__: iter(hits))
    return hits


def test_people_and_their_roles_are_read(indexed):
    found = list(people.people_of_stories(None, IndexNames("")))
    assert found[0] == ("Tom Moe", ("Australian minister",))
    assert len(found) == 11


@pytest.mark.usefixtures("indexed")
@pytest.mark.parametrize(
    ("own", "rows", "told"),
    [
        (None, "thomas-moe\tcountry\n", "name it in enrich.namesakes"),
        ("# ours\n", "thomas-moe\tcountry\n", "Append these rows to"),
        ("thomas-moe\tcountry\n", "", "except those that are known"),
    ],
)
def test_the_command_prints_rows_and_says_where_to_put_them(tmp_path, own, rows, told):
    config, table = tmp_path / "wiredesk.yaml", tmp_path / "namesakes.tsv"
    config.write_text(f"enrich:\n  namesakes: {table}\n" if own else "", encoding="utf-8")
    table.write_text(own or "", encoding="utf-8")
    shown = CliRunner().invoke(command.app, ["namesakes", "--config", str(config)])
    assert shown.stdout == rows
    assert told in shown.stderr
