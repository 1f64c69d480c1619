"""Saved alerts: their files, and what they say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.alerts.config import load_alerts
from pipeline.alerts.message import Notice, headline, mail, payload
from pipeline.events.errors import ConfigurationError

START = datetime(2026, 5, 4, 12, tzinfo=UTC)


def write_file(directory: Path, name: str, text: str) -> Path:
    path = directory / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_an_alert(tmp_path: Path) -> None:
    text = "words: bridge -game\nplace: [Calvessa]\nurgency: [1, 2]\nwebhook: {url: 'https://chat.example/hook'}\n"
    write_file(tmp_path, "bridges", text)
    (alert,) = load_alerts(tmp_path)
    assert (alert.name, alert.report_kills, alert.enabled) == ("bridges", True, True)
    query = alert.query()
    assert (query.words, query.place, query.urgency, query.collapse) == (
        "bridge -game",
        ("Calvessa",),
        ("1", "2"),
        False,
    )
    assert load_alerts(tmp_path / "none") == []


WRONG = [
    ("words: x\n", "say where to send it"),
    ("webhook: {url: 'https://a.example'}\n", "at least one condition"),
    ("words: x\nwebhook: {url: 'ftp://a.example'}\n", r"wrong.yaml:2: webhook.url: an http or https address"),
    ("words: x\nemail: {to: ['a@b.example, c@d.example']}\n", "email.to"),
    ("words: x\nwerds: y\nemail: {to: [a@b.example]}\n", "wrong.yaml:2: werds: there is no such setting"),
    ("name: y\nwords: x\nemail: {to: [a@b.example]}\n", "named after its file"),
    ("words: [\n", "not YAML"),
]


@pytest.mark.parametrize(("text", "complaint"), WRONG)
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    write_file(tmp_path, "wrong", text)
    with pytest.raises(ConfigurationError, match=complaint):
        load_alerts(tmp_path)


def document(**changes: Any) -> dict[str, Any]:
    plain = {"story_id": "a/1", "cluster_id": "a/1", "provider": "Talvek", "headline": "Bridge\r\nBcc: x@y.example falls",
             "body": "It fell. " * 100, "version_created": "2026-05-04T12:00:00Z"}  # fmt: skip
    return plain | changes


def test_a_mail_is_one_message_and_headers_cannot_be_smuggled_in() -> None:
    notices = [Notice("bridges", "match", document()), Notice("bridges", "kill", document(story_id="b"))]
    message = mail(notices, "desk@example.org", ("one@example.org", "two@example.org"), "https://desk.example/", START)
    assert message["Subject"] == "Bridge Bcc: x@y.example falls (and 1 more)"
    assert message["Bcc"] is None
    text = message.get_content()
    assert "https://desk.example/story/a%2F1" in text
    assert "KILLED: Bridge" in text
    assert "Do not use it" in text
    assert len(text) < 1200


def test_flags_come_first() -> None:
    assert headline(Notice("x", "match", document(embargoed="2026-06-01T00:00:00Z", correction=True))).startswith(
        "EMBARGOED, CORRECTED: "
    )
    found = json.loads(payload(Notice("x", "kill", document()), "https://desk.example"))
    assert (found["event"], found["key"]) == ("kill", "x:kill:a/1")
    assert "body" not in found["story"]
    assert found["text"].splitlines() == ["KILLED: Bridge Bcc: x@y.example falls", "https://desk.example/story/a%2F1"]
