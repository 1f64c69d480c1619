"""A story's way as ``wiredesk trace`` shows it: with an update, a copy, the same again, and a kill."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.alerts.service import AlertService
from pipeline.cli.commands import app
from pipeline.events import RawItem
from pipeline.events.item import Item, Signal
from pipeline.intake.identity import story_id

pytestmark = pytest.mark.stack

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
BODY = (
    "The footbridge over the river at Calvessa collapsed on Monday morning, the mayor said. Nobody was hurt, said fire "
    'chief Honor Tressillian. "It went down like a folding chair," she told reporters at the northern bank of the river.'
)


def item(minutes: int, *, provider: str = "Orbis", **fields: Any) -> RawItem:
    whole = Item(uri="a1", versioncreated=NOON + timedelta(minutes=minutes), language="en", **fields)
    received = datetime.now(UTC)
    return RawItem(connector="wire", provider=provider, item_id="a1", received=received, parser="test", item=whole)


@pytest.fixture
def receiver() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def traced(installation: Any, receiver: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An installation with an alert, whose settings the command reads."""
    directory = installation.directory / "alerts"
    directory.mkdir()
    (directory / "bridges.yaml").write_text(f"words: footbridge\nwebhook: {{url: '{receiver}'}}\n")
    alerts = installation.settings.alerts.model_copy(update={"directory": directory})
    installation.settings = installation.settings.model_copy(update={"alerts": alerts})
    config = installation.directory / "trace.yaml"
    config.write_text(installation.settings.model_dump_json(), encoding="utf-8")
    monkeypatch.setenv("WIREDESK_CONFIG", str(config))
    monkeypatch.setenv("COLUMNS", "80")
    return installation


def through_its_life(installation: Any, mine: str, copy: str) -> None:
    """The story, an alert about it, a copy, an update, the same again, a kill, and the alert's message about that."""
    service = AlertService(installation.settings, installation.client)
    (alert,) = service.alerts

    def search() -> None:
        installation.client.indices.refresh(index=installation.names.alias("stories"))
        service.check(alert, datetime.now(UTC))

    def shows(id_: str, **fields: Any) -> bool:
        document = installation.documents().get(id_)
        return document is not None and all(document.get(name) == value for name, value in fields.items())

    search()
    with installation.running():
        installation.publish(item(0, headline="Footbridge collapses", body_text=BODY))
        installation.wait(lambda: shows(mine), "the story")
        search()
        installation.publish(item(0, provider="Meridale", headline="Footbridge collapses", body_text=BODY))
        installation.wait(lambda: shows(copy), "the copy")
        installation.publish(item(10, headline="Footbridge collapses, none hurt", body_text=BODY + " It was old."))
        installation.wait(lambda: shows(mine, update_count=1), "the update")
        installation.publish(item(0, headline="Footbridge collapses", body_text=BODY))
        installation.wait_caught_up()
        installation.publish(item(20, signals=(Signal.KILL,), pubstatus="canceled", headline="KILL"))
        installation.wait(lambda: shows(mine, killed=True), "the kill")
        installation.wait_caught_up()
        search()


def test_a_story_with_an_update_a_copy_and_a_kill(traced: Any) -> None:
    mine, copy = story_id("Orbis", "a1"), story_id("Meridale", "a1")
    through_its_life(traced, mine, copy)
    (way,) = json.loads(run(mine, "--json"))
    assert (way["provider"], way["item_id"]) == ("Orbis", "a1")
    assert way["standing"] == "It is in the index, killed."
    times = [step["time"] for step in way["steps"]]
    assert times == sorted(times)

    def said(where: str) -> list[str]:
        return [step["what"] for step in way["steps"] if step["where"] == where]

    assert len(said("poll")) == 4
    assert [what.partition(":")[0] for what in said("intake")] == [
        "new (new)", "version (update)", "unchanged", "version (kill)",
    ]  # fmt: skip
    assert said("cluster")[0] == "no copy: leads its cluster"
    assert len(said("cluster")) == 3
    assert said("enrich")[-1] == "withdrawn"
    (indexed,) = said("index")
    assert indexed.startswith("searchable: kill")
    assert indexed.endswith("killed")
    assert said("alert") == ["bridges: sent", "bridges: kill sent"]
    assert said("dead letter") == []

    both = json.loads(run("a1", "--json"))
    assert {one["story_id"] for one in both} == {mine, copy}, "an item's id may be used by several providers"
    text = run(copy)
    assert all(len(line) <= 80 for line in text.splitlines()), text
    assert f"copy of {mine}" in " ".join(text.split())


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["trace", *words])
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout  # what is logged on the other stream is not part of it


def test_an_item_that_no_worker_has_read_is_found_in_its_topic(traced: Any) -> None:
    traced.publish(item(0, headline="x", body_text=BODY))
    (way,) = json.loads(run("a1", "--json"))
    assert way["standing"] == "Intake has not read it yet."
    assert [step["where"] for step in way["steps"]] == ["poll"]
    missing = CliRunner().invoke(app, ["trace", "never-seen"])
    assert "No story 'never-seen' in the index" in str(missing.exception)
