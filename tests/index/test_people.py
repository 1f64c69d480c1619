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
    return {"_source": {"entities": [person, {"label": "GPE", "name": "Oslo"}]}}


@pytest.fixture
def indexed(monkeypatch):
    hits = [_story("John Smith", "Australian minister")] * 3 + [_story("John Smith", "British envoy")] * 3
    hits += [_story("Ann Moe", "mayor")] * 5 + [{"_source": {}}]
    monkeypatch.setattr(people, "scan", lambda *_, **__: iter(hits))
    return hits


def test_people_and_their_roles_are_read(indexed):
    found = list(people.people_of_stories(None, IndexNames("")))
    assert found[0] == ("John Smith", ("Australian minister",))
    assert len(found) == 11


@pytest.mark.usefixtures("indexed")
def test_the_command_prints_rows_of_the_table(tmp_path):
    (tmp_path / "wiredesk.yaml").write_text("", encoding="utf-8")
    shown = CliRunner().invoke(command.app, ["namesakes", "--config", str(tmp_path / "wiredesk.yaml")])
    assert shown.output == "john-smith\tcountry\n"
