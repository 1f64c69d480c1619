"""The commands: what they show, write and answer to what is wrong."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from rich.text import Text
from typer.testing import CliRunner

from connectors.config import load_connector
from connectors.runner import ConnectorRun
from connectors.writing import connector_name
from pipeline.cli.connectors import app
from pipeline.cli.console import SafeConsole
from pipeline.events import ConnectorState, RawItem
from pipeline.events.errors import ConfigurationError
from pipeline.local.demo.serve import SAMPLES


def call(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", **environ})


def refused(*arguments: str) -> str:
    result = call(*arguments)
    assert isinstance(result.exception, ConfigurationError)
    return str(result.exception)


FOLDER = "provider: X\ntransport: {type: folder, path: /tmp/nothing-here}\n"


@pytest.mark.parametrize("command", ["", "run", "list", "check", "try", "parse", "new", "import"])
def test_every_command_has_help(command: str) -> None:
    result = call(*filter(None, [command, "--help"]))
    assert result.exit_code == 0
    assert "Usage" in result.output


class TestParse:
    def test_one_json_object_an_item(self) -> None:
        result = call("parse", "--parser", "text", "--json", str(SAMPLES / "text" / "11-digest.txt"))
        first, second = [json.loads(line) for line in result.stdout.splitlines()]
        assert re.fullmatch(r"zczc:talvek:tlv:0111:20\d\d-11-23:bc-ardelle-wine", first["item_id"])
        assert first["headline"] == "Ardelle's vintners expect small but fine harvest"
        assert (second["slugline"], second["located"]) == ("BC-Norvaine-Lighthouse", "Merrowby")
        assert result.exit_code == 0

    def test_standard_input(self) -> None:
        result = CliRunner().invoke(app, ["parse", "--json", "-"], input=(SAMPLES / "atom.xml").read_bytes())
        assert len(result.stdout.splitlines()) == 8
        assert json.loads(result.stdout.splitlines()[0])["file"] == "standard input"

    def test_what_cannot_be_read_is_told_and_the_rest_is_shown(self, tmp_path: Path) -> None:
        (tmp_path / "bad.xml").write_text("no feed")
        good = SAMPLES / "rss.xml"
        result = call("parse", "-p", "rss", "--json", str(tmp_path / "bad.xml"), str(tmp_path / "none"), str(good))
        assert result.exit_code == 1
        assert len(result.stdout.splitlines()) == 20
        assert "bad.xml: this is not RSS" in result.stderr
        assert "none does not exist" in result.stderr

    def test_unknown_formats_and_mappings_are_named_with_what_there_is(self) -> None:
        assert "--parser: there is no such parser; there are: auto" in refused("parse", "--parser", "x", "f")
        assert "presets: " in refused("parse", "--mapping", "x", "f")


class TestCheck:
    def test_all_well(self, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text(FOLDER)
        result = call("check", "-d", str(tmp_path))
        assert (result.exit_code, "1 connector in" in result.stdout) == (0, True)

    def test_file_line_what_is_wrong_and_secrets(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("NO_SUCH_TOKEN", raising=False)
        (tmp_path / "a.yaml").write_text(FOLDER + "nonsense: 1\n")
        (tmp_path / "b.yaml").write_text(
            "provider: X\ntransport: {type: http, url: 'https://a.example/', bearer_token: {env: NO_SUCH_TOKEN}}\n"
        )
        result = call("check", "-d", str(tmp_path))
        assert result.exit_code == 3
        assert "a.yaml:3: nonsense: there is no such setting" in result.stderr
        assert "b.yaml: transport.bearer_token: The environment variable NO_SUCH_TOKEN is not set" in result.stderr
        assert call("check", "-d", str(tmp_path), "b", NO_SUCH_TOKEN="x").exit_code == 0

    def test_online_asks_the_feeds(self, tmp_path: Path, web: Any) -> None:
        (tmp_path / "a.yaml").write_text(
            f"provider: X\ntransport: {{type: http, url: '{web.url}/none', allow_private_addresses: true}}\n"
        )
        assert call("check", "-d", str(tmp_path)).exit_code == 0
        result = call("check", "--online", "-d", str(tmp_path))
        assert (result.exit_code, "answers 404" in result.stderr) == (3, True)

    def test_online_says_which_connectors_can_bring_nothing(self, tmp_path: Path, web: Any) -> None:
        web.page("/rss.xml", (SAMPLES / "rss.xml").read_bytes(), Content_Type="text/xml")
        (tmp_path / "a.yaml").write_text(
            f"provider: X\ntransport: {{type: http, url: '{web.url}/rss.xml', allow_private_addresses: true}}\n"
            "rules: [{keep: {language: xx}}]\n"
        )
        result = call("check", "--online", "-d", str(tmp_path))
        assert "a.yaml: brings nothing: its rules drop all 20 items of the feed." in result.stderr
        assert result.exit_code == 0

    def test_connectors_that_are_not_there(self, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text(FOLDER)
        assert "The connectors are: a" in refused("check", "-d", str(tmp_path), "b")


class TestNew:
    def test_from_a_page_that_names_its_feeds(self, tmp_path: Path, web: Any) -> None:
        page = (
            "<html><head><link rel='stylesheet' href='x.css'><link rel=alternate type='application/rss+xml' "
            "href='/broken.xml'><link rel='alternate' type='application/atom+xml' href='news/atom.xml'></head>"
        )
        web.page("/start", page.encode(), Content_Type="text/html")
        web.page("/news/atom.xml", (SAMPLES / "atom.xml").read_bytes(), Content_Type="application/xml")
        result = call("new", "vale", "--from", f"{web.url}/start", "--allow-private", "-d", str(tmp_path))
        assert result.exit_code == 0, result.exception
        config = load_connector(tmp_path / "vale.yaml")
        assert (config.transport.url, config.parser, config.provider, config.language) == (  # type: ignore[union-attr]
            f"{web.url}/news/atom.xml", "rss", "Harbour and Vale Press", "en",
        )  # fmt: skip

    def test_from_the_usual_places_and_from_a_folder(self, tmp_path: Path, web: Any) -> None:
        web.page("/", b"<html><p>Nothing named here", Content_Type="text/html")
        web.page("/rss.xml", (SAMPLES / "rss.xml").read_bytes(), Content_Type="text/xml")
        assert call("new", "q", "--from", f"{web.url}/", "--allow-private", "-d", str(tmp_path)).exit_code == 0
        assert load_connector(tmp_path / "q.yaml").transport.url == f"{web.url}/rss.xml"  # type: ignore[union-attr]
        assert call("new", "drop", "--from", str(tmp_path), "-d", str(tmp_path)).exit_code == 0
        assert load_connector(tmp_path / "drop.yaml").transport.type == "folder"

    def test_a_protected_feed(self, tmp_path: Path, web: Any) -> None:
        new = ["new", "a", "--allow-private", "-d", str(tmp_path), "--from", f"{web.url}/key.xml"]
        feed = (SAMPLES / "rss.xml").read_bytes()

        def protected(request: Any) -> None:
            allowed = request.headers.get("X-Api-Key") == "s3cret-of-the-feed"
            request.send_response(200 if allowed else 401)
            request.send_header("Content-Length", str(len(feed) if allowed else 0))
            request.end_headers()
            request.wfile.write(feed if allowed else b"")

        web.pages["/key.xml"] = protected
        result = call(*new)
        assert isinstance(result.exception, ConfigurationError)
        assert "--header 'X-Api-Key: env:NAME'" in (result.exception.hint or "")
        assert "is not a reference to a secret" in refused(*new, "--token", "written-out")
        assert "has no value" in refused(*new, "--header", "X-Api-Key")
        told = call(*new, "--header", "X-Api-Key: env:FEED_KEY", "--provider", "Vale", FEED_KEY="s3cret-of-the-feed")
        assert told.exit_code == 0, told.exception
        written = (tmp_path / "a.yaml").read_text()
        assert "s3cret" not in written + told.output
        config = load_connector(tmp_path / "a.yaml")
        assert config.provider == "Vale"
        assert config.transport.headers["X-Api-Key"].env == "FEED_KEY"  # type: ignore[union-attr]

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        result = call("new", "a", "--from", str(tmp_path / "none"), "-d", str(tmp_path))
        assert isinstance(result.exception, ConfigurationError)
        assert "does not exist" in str(result.exception)
        assert "mkdir -p" in (result.exception.hint or "")
        (tmp_path / "file.xml").write_text("x")
        assert "is a file" in refused("new", "a", "--from", str(tmp_path / "file.xml"), "-d", str(tmp_path))

    def test_refusals_write_nothing(self, tmp_path: Path, web: Any) -> None:
        web.page("/page", b"<html><p>No feed is named")
        target = ["-d", str(tmp_path)]
        assert "usual places" in refused("new", "a", "--from", f"{web.url}/page", "--allow-private", *target)
        web.page("/feed.xml", (SAMPLES / "rss.xml").read_bytes())
        assert "404" in refused("new", "a", "--from", f"{web.url}/x", "--allow-private", *target)
        assert "--allow-private" in refused("new", "a", "--from", f"{web.url}/feed.xml", *target)
        assert "lower-case" in refused("new", "A b", "--from", f"{web.url}/feed.xml", "--allow-private", *target)
        assert list(tmp_path.iterdir()) == []
        (tmp_path / "a.yaml").write_text("mine")
        assert "--replace" in refused("new", "a", "--from", f"{web.url}/feed.xml", "--allow-private", *target)
        assert (tmp_path / "a.yaml").read_text() == "mine"


def test_opml_is_imported_with_folders_as_tags(tmp_path: Path) -> None:
    opml = tmp_path / "list.opml"
    opml.write_text(
        "<opml><body><outline text='World'><outline text='Öl &amp; Gas' xmlUrl='https://a.example/1'/>"
        "<outline text='Öl Gas' xmlUrl='https://a.example/2'/></outline>"
        "<outline text='Bad' xmlUrl='file:///etc/passwd'/><outline text='Again' xmlUrl='https://a.example/1'/></body></opml>"
    )
    result = call("import", "--offline", str(opml), "-d", str(tmp_path / "c"))
    assert "2 of 4 feeds" in result.stdout
    assert "left out: Bad" in result.stderr
    assert sorted(path.name for path in (tmp_path / "c").iterdir()) == ["ol-gas-2.yaml", "ol-gas.yaml"]
    config = load_connector(tmp_path / "c" / "ol-gas.yaml")
    assert (config.provider, config.tags) == ("Öl & Gas", ("World",))
    assert "0 of 4" in call("import", str(opml), "-d", str(tmp_path / "c")).stdout
    opml.write_text("<rss/>")
    assert "Not an OPML file" in refused("import", str(opml), "-d", str(tmp_path))


def test_import_polls_each_feed_once_and_says_which_bring_nothing(tmp_path: Path, web: Any) -> None:
    web.page("/rss.xml", (SAMPLES / "rss.xml").read_bytes(), Content_Type="text/xml")
    web.page("/empty.xml", b"<rss version='2.0'><channel><title>x</title></channel></rss>", Content_Type="text/xml")
    opml = tmp_path / "list.opml"
    opml.write_text(
        f"<opml><body><outline text='Good' xmlUrl='{web.url}/rss.xml'/><outline text='Gone' xmlUrl='{web.url}/no'/>"
        f"<outline text='Empty' xmlUrl='{web.url}/empty.xml'/></body></opml>"
    )
    result = call("import", "--allow-private", str(opml), "-d", str(tmp_path / "c"))
    assert "3 of 3 feeds" in result.stdout
    assert "gone.yaml" in result.stderr
    assert "answers 404" in result.stderr
    assert "empty.yaml: brings nothing now: what it reads has no items (rss)" in result.stderr
    assert "good.yaml" not in result.stderr


@pytest.mark.parametrize(
    ("title", "name"), [("Le Monde, À la une", "le-monde-a-la-une"), ("  --", ""), ("x" * 99, "x" * 60)]
)
def test_names_from_titles(title: str, name: str) -> None:
    assert connector_name(title) == name


def test_try_shows_what_would_be_published_and_takes_nothing(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    for path in (SAMPLES / "text").glob("0[13]*.txt"):
        (drop / path.name).write_bytes(path.read_bytes())
        os.utime(drop / path.name, (1000, 1000))
    (tmp_path / "a.yaml").write_text(f"provider: X\ntransport: {{type: folder, path: {drop}}}\n")
    result = call("try", "a", "-d", str(tmp_path))
    assert "2 items. Nothing was published." in result.stdout
    assert "[correction]" in result.stdout
    as_json = call("try", str(tmp_path / "a.yaml"), "--json")
    assert {RawItem.model_validate_json(line).item_id for line in as_json.stdout.splitlines()} == {"talvek-0101"}
    assert len(list(drop.iterdir())) == 2


@pytest.mark.stack
def test_list_shows_health_from_kafka(broker: Any, web: Any, tmp_path: Path) -> None:
    directory = broker.settings.connectors.directory
    (directory / "a.yaml").write_text(
        f"provider: X\ntransport: {{type: http, url: '{web.url}/rss.xml', allow_private_addresses: true}}\n"
    )
    (directory / "b.yaml").write_text("nonsense: 1\n" + FOLDER)
    web.page("/rss.xml", (SAMPLES / "rss.xml").read_bytes())
    config = load_connector(directory / "a.yaml")
    ConnectorRun(config, ConnectorState(connector="a"), broker.settings, broker.publisher).poll_once(datetime.now(UTC))
    environ = {
        "WIREDESK_KAFKA__BOOTSTRAP_SERVERS": broker.settings.kafka.bootstrap_servers,
        "WIREDESK_KAFKA__TOPIC_PREFIX": broker.settings.kafka.topic_prefix,
        "WIREDESK_KAFKA__PARTITIONS": "2",
    }
    rows = [json.loads(line) for line in call("list", "--json", "-d", str(directory), **environ).stdout.splitlines()]
    assert (rows[0]["name"], rows[0]["published"], rows[0]["trouble"]) == ("a", 20, None)
    assert (rows[1]["state"], "nonsense" in rows[1]["trouble"]) == ("broken", True)
    shown = call("list", "-d", str(directory), **environ)
    assert " ok " in shown.stdout
    assert "b.yaml:1: nonsense" in shown.stderr


@pytest.mark.stack
def test_run_publishes_until_it_is_told_to_stop(broker: Any, web: Any) -> None:
    directory = broker.settings.connectors.directory
    (directory / "a.yaml").write_text(
        f"provider: X\ntransport: {{type: http, url: '{web.url}/rss.xml', allow_private_addresses: true}}\n"
    )
    web.page("/rss.xml", (SAMPLES / "rss.xml").read_bytes())
    process = subprocess.Popen(
        [sys.executable, "-c", "from pipeline.cli.connectors import app; app()", "run", "-d", str(directory)],
        env={
            **os.environ,
            "WIREDESK_KAFKA__BOOTSTRAP_SERVERS": broker.settings.kafka.bootstrap_servers,
            "WIREDESK_KAFKA__TOPIC_PREFIX": broker.settings.kafka.topic_prefix,
            "WIREDESK_KAFKA__GROUP_PREFIX": broker.settings.kafka.group_prefix,
            "WIREDESK_KAFKA__PARTITIONS": "2",
            "WIREDESK_KAFKA__MAX_MESSAGE_BYTES": "200000",
        },
        stderr=subprocess.PIPE,
    )
    assert len(broker.read("raw", 20, seconds=40)) == 20
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 0
    assert b'"published"' in told or b"polled" in told


def test_text_from_outside_cannot_command_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Head\x9b31mline \x1b]0;title\x07 here\n\nText of it.\n")
    for options in ([], ["--json"]):
        result = call("parse", "-p", "text", *options, str(path))
        assert result.exit_code == 0
        assert not {"\x9b", "\x1b", "\x07", "\x7f"} & set(result.stdout + result.stderr)
    hostile = tmp_path / "a\x9b31m.yaml"
    hostile.write_text("nonsense\x9b: 1\n")
    result = call("check", str(hostile))
    assert not {"\x9b", "\x1b"} & set(result.stdout + result.stderr)


def test_the_console_escapes_every_control_character() -> None:
    out = io.StringIO()
    console = SafeConsole(file=out, force_terminal=True)
    console.print(Text("a\x9b31m\x1b[2Jb", style="red"), "c\x85d", "[bold]e\x07[/]", {"f": "\x1b[1m"})
    assert "\x9b" not in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()
    assert "\\x1b[2J" in out.getvalue()
    assert "\x1b[31m" in out.getvalue()  # its own colours stay
