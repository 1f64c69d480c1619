"""Saved alerts: their files, and what they say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pipeline.alerts.config import json_schema, load_alerts, read_alerts
from pipeline.alerts.message import Notice, headline, mail, payload
from pipeline.cli.alerts import app
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
    ("words: x\nwebhook: {url: 'https://a.example:99999/'}\n", r"wrong.yaml:2: webhook.url: not an address: Port"),
    ("words: x\nwebhook: {url: 'https://a.example:http/'}\n", "webhook.url: not an address"),
    ("words: x\nwebhook: {url: 'https://a.example:0/'}\n", "an http or https address"),
    ("words: x\nwebhook: {url: 'https://[::1/'}\n", "webhook.url: not an address"),
    ("words: x\nwebhook: {url: 'https://a b.example/'}\n", "webhook.url"),
    ("place: true\nwebhook: {url: 'https://a.example/'}\n", "place"),
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
    assert headline(
        Notice("x", "match", document(embargoed="2026-06-01T00:00:00Z", correction=True)), START
    ).startswith("EMBARGOED, CORRECTED: ")
    found = json.loads(payload(Notice("x", "kill", document()), "https://desk.example", START))
    assert (found["event"], found["key"]) == ("kill", "x:kill:a/1")
    assert "body" not in found["story"]
    assert found["text"].splitlines() == [
        "KILLED: Bridge Bcc: x@\u200by.example falls",
        "https://desk.example/story/a%2F1",
    ]


def test_one_value_is_a_list_of_one(tmp_path: Path) -> None:
    write_file(
        tmp_path, "one", "place: Calvessa\nurgency: 1\nlanguage: [en, fr]\nwebhook: {url: 'https://a.example'}\n"
    )
    (alert,) = load_alerts(tmp_path)
    assert (alert.place, alert.urgency, alert.language) == (("Calvessa",), ("1",), ("en", "fr"))
    one_or_more = json_schema()["properties"]["place"]
    assert {"type": "string"} in one_or_more["anyOf"]


def test_a_wrong_file_is_no_other_files_error(tmp_path: Path) -> None:
    write_file(tmp_path, "right", "words: x\nwebhook: {url: 'https://a.example'}\n")
    write_file(tmp_path, "wrong", "words: [\n")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "folder.yaml").mkdir()
    files = read_alerts(tmp_path)
    assert [alert.name for alert in files.alerts.values()] == ["right"]
    assert sorted(path.stem for path in files.errors) == ["binary", "folder", "wrong"]


def test_embargoed_only_while_it_is() -> None:
    notice = Notice("x", "match", document(embargoed="2026-06-01T00:00:00Z", headline="Budget"))
    end = datetime(2026, 6, 1, tzinfo=UTC)
    assert headline(notice, end - timedelta(seconds=1)) == "EMBARGOED: Budget"
    assert headline(notice, end) == "Budget"
    before, after = (mail([notice], "a@b.example", ("c@d.example",), "", time) for time in (START, end))
    assert "embargoed until" in before.get_content()
    assert "embargoed" not in after.get_content()


def test_a_headline_notifies_nobody_in_a_chat_and_makes_no_link() -> None:
    text = "<!channel> @all [free](https://evil.example) <https://evil.example|free> & more"
    notice = Notice("x", "match", document(headline=text))
    found = json.loads(payload(notice, "https://desk.example", START))
    line = found["text"].splitlines()[0]
    assert not {"<!channel>", "@all", "](", "<https"} & {
        part for part in ("<!channel>", "@all", "](", "<https") if part in line
    }
    assert "&amp; more" in line
    assert found["story"]["headline"] == text, "as it is for programs"


def test_a_repeated_mail_has_the_same_message_id() -> None:
    notices = [Notice("x", "match", document()), Notice("x", "match", document(cluster_id="b"))]
    made = [mail(each, "a@b.example", ("c@d.example",), "", START)["Message-ID"] for each in (notices, notices[::-1])]
    assert made[0] == made[1]
    assert mail(notices[:1], "a@b.example", ("c@d.example",), "", START)["Message-ID"] != made[0]


def run_check(directory: Path, tmp_path: Path) -> Result:
    config = tmp_path / "wiredesk.yaml"
    config.write_text(json.dumps({"alerts": {"directory": str(directory)}}), encoding="utf-8")
    return CliRunner().invoke(app, ["check", "--config", str(config)])


def test_the_check_names_what_keeps_an_alert_from_being_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = tmp_path / "alerts"
    directory.mkdir()
    monkeypatch.delenv("NO_SUCH_SECRET", raising=False)
    write_file(directory, "right", "words: x\nwebhook: {url: 'https://a.example'}\n")
    assert run_check(directory, tmp_path).exit_code == 0
    write_file(directory, "secret", "words: x\nwebhook: {url: 'https://a.example', secret: {env: NO_SUCH_SECRET}}\n")
    write_file(directory, "mail", "words: x\nemail: {to: not-an-address}\n")
    write_file(directory, "mails", "words: x\nemail: {to: [a@b.example]}\n")
    result = run_check(directory, tmp_path)
    assert result.exit_code == 2
    assert "right: correct" in result.output
    assert "NO_SUCH_SECRET is not set" in result.output
    assert "No mail server" in result.output
    assert "mail.yaml" in result.output
