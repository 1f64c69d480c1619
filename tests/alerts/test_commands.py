"""``wiredesk alerts try`` and ``list``: nothing is sent or recorded unless it is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.alerts.state import AlertState
from pipeline.cli.alerts import app
from pipeline.events.errors import ConfigurationError
from tests.alerts.office import Office, write_alert

pytestmark = pytest.mark.stack


def test_the_commands_try_and_list(office: Office, tmp_path: Path) -> None:
    directory = tmp_path / "alerts"
    directory.mkdir()
    write_alert(directory, office, office.word)
    (directory / "wrong.yaml").write_text("words: [\n", encoding="utf-8")
    config = tmp_path / "wiredesk.yaml"
    elasticsearch = office.settings.elasticsearch
    settings = {
        "elasticsearch": {"url": elasticsearch.url, "prefix": elasticsearch.prefix},
        "alerts": {"directory": str(directory)},
    }
    config.write_text(json.dumps(settings), encoding="utf-8")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--config", str(config)], env={"COLUMNS": "200"})

    for number in range(2):
        office.add(f"s{number}", f"A bridge falls, {number}", minutes=office.minutes_now() - 10 + number)
    office.add("copy", "The bridge fell", minutes=office.minutes_now() - 8, group="s0")
    tried = run("try", office.word)
    assert tried.exit_code == 0, tried.output
    assert "2 stories in the last 24 hours" in tried.output
    assert office.receiver.taken == []
    assert "0 stories" in run("try", office.word, "--hours", "0.1").output
    assert isinstance(run("try", "none").exception, ConfigurationError)
    assert run("try", office.word, "--send").exit_code == 0
    assert [event for event, _ in office.receiver.notices] == ["match"]
    listed = run("list")
    assert listed.exit_code == 0, listed.output
    assert office.word in listed.output
    assert "never" in listed.output
    assert "wrong.yaml" in listed.output
    state = AlertState(office.client, elasticsearch)
    assert state.cursor(office.word) is None, "nothing was recorded"
