"""Payloads are parsed in processes with limits: what is over one is an error of its feed, or a dead letter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.config import ConnectorConfig, Schedule
from connectors.discovery import discover
from connectors.parse_pool import ParseInProcess, ParsePool
from connectors.runner import ConnectorRun
from connectors.transports.base import Payload
from pipeline.backfill.load import Backfill
from pipeline.broker.killable import NotStartedError
from pipeline.cli.commands import app
from pipeline.cli.connectors import app as connectors_app
from pipeline.events import ConnectorState, DeadLetter
from pipeline.events.errors import ConfigurationError, ParseError, UnreachableError
from pipeline.settings import Settings
from pipeline.testing import FakePublisher

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
GOOD = b'<rss version="2.0"><channel><item><guid>1</guid><title>t</title></item></channel></rss>'
#: Sound, but more than two seconds of work.
LONG = (
    b'<rss version="2.0"><channel>'
    + b"<item><title>t</title><description>d</description></item>" * 60_000
    + b"</channel></rss>"
)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings.model_validate(
        {"connectors": {"parse_seconds": 1, "parse_processes": 1, "parse_memory_megabytes": 256}}
    )


@pytest.fixture(scope="module")
def pool(settings: Settings) -> Iterator[ParsePool]:
    pool = ParsePool(settings.connectors)
    yield pool
    pool.close()


def connector(transport: dict[str, Any]) -> ConnectorConfig:
    return ConnectorConfig.model_validate({"name": "x", "provider": "P", "parser": "rss", "transport": transport})


def test_the_same_is_read_as_without_a_pool(pool: ParsePool, settings: Settings) -> None:
    config = connector({"type": "folder", "path": "/nowhere"})
    payload = Payload(GOOD, "feed.xml", settle=lambda _: None)
    assert pool.parse(payload, config, NOW) == ParseInProcess(settings.connectors).parse(payload, config, NOW)


def test_errors_name_the_payload(pool: ParsePool) -> None:
    config = connector({"type": "folder", "path": "/nowhere"})
    with pytest.raises(ParseError, match=r"no\.xml: this is not RSS or Atom"):
        pool.parse(Payload(b"<x/>", "no.xml"), config, NOW)
    with pytest.raises(ParseError, match=r"long\.xml: it takes more than 1 s of processor time"):
        pool.parse(Payload(LONG, "long.xml"), config, NOW)


def test_a_feed_that_overruns_is_not_polled_again_soon(pool: ParsePool, settings: Settings, web: Any) -> None:
    config = connector({"type": "http", "url": web.page("/feed", LONG), "allow_private_addresses": True})
    config = config.model_copy(update={"schedule": Schedule(interval_seconds=2, adaptive=False, jitter=0)})
    run = ConnectorRun(config, ConnectorState(connector="x"), settings, FakePublisher(), pool)
    run.poll_once(NOW)
    assert "1 s of processor time" in (run.state.last_error or "")
    assert run.state.next_poll is not None
    assert (run.state.next_poll - NOW).total_seconds() >= 10


def test_a_file_that_overruns_becomes_a_dead_letter_and_the_next_is_read(
    pool: ParsePool, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "1.xml").write_bytes(LONG)
    (tmp_path / "2.xml").write_bytes(GOOD)
    config = connector({"type": "folder", "path": str(tmp_path), "rest_seconds": 0})
    publisher = FakePublisher()
    run = ConnectorRun(config, ConnectorState(connector="x"), settings, publisher, pool)
    for _ in range(2):
        run.poll_once(datetime.now(UTC))
    (dead,) = [DeadLetter.decode(message.value) for message in publisher.of("dead")]
    assert "1.xml: it takes more than 1 s of processor time" in dead.reason
    assert len(publisher.of("raw")) == 1


@pytest.fixture
def limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is over the limits of its installation, in a folder of its own."""
    monkeypatch.setenv("WIREDESK_CONNECTORS__PARSE_SECONDS", "1")
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "long.xml").write_bytes(LONG)
    return folder / "long.xml"


def test_commands_parse_under_the_same_limit(limited: Path, tmp_path: Path) -> None:
    (limited.parent / "zzz.xml").write_bytes(GOOD)
    result = CliRunner().invoke(connectors_app, ["parse", "--json", "-p", "rss", str(limited.parent)])
    assert result.exit_code == 1
    assert "more than 1 s of processor time" in result.stderr
    assert '"headline": "t"' in result.stdout  # of the file after it
    (tmp_path / "x.yaml").write_text(
        f"provider: P\nparser: rss\ntransport: {{type: folder, path: {limited.parent}, rest_seconds: 0}}\n"
    )
    tried = CliRunner().invoke(connectors_app, ["try", "x", "-d", str(tmp_path)])
    assert tried.exit_code == 3
    assert "more than 1 s of processor time" in tried.stderr
    assert "1 item." in tried.stdout


def test_trying_a_file_has_the_same_limit(limited: Path) -> None:
    result = CliRunner().invoke(app, ["try", str(limited)])
    assert "more than 1 s of processor time" in str(result.exception)


def test_archives_are_parsed_under_the_same_limit(pool: ParsePool, settings: Settings, limited: Path) -> None:
    publisher, told = FakePublisher(), []
    config = connector({"type": "folder", "path": "/nowhere"})
    (limited.parent / "zzz.xml").write_bytes(GOOD)
    run = Backfill(settings, config, publisher, pool, None, told.append)
    loaded = run.files([limited, limited.parent / "zzz.xml"])
    assert (loaded.items, loaded.rejected) == (1, 1)
    assert "more than 1 s of processor time" in told[0]
    assert len(publisher.of("raw")) == len(publisher.of("dead")) == 1


def test_a_page_that_is_looked_at_for_a_feed_is_parsed_under_the_same_limit(
    pool: ParsePool, settings: Settings, web: Any
) -> None:
    url = web.page("/feed", LONG)
    with pytest.raises(ConfigurationError, match="No feed found"):
        discover(url, settings, pool, options={}, allow_private=True)
    web.page("/feed", GOOD)
    assert (discover(url, settings, pool, options={}, allow_private=True).parser) == "rss"


class NoProcesses:
    """A machine that starts no process."""

    def __init__(self, error: UnreachableError) -> None:
        self.error = error

    def parse(self, payload: Payload, config: ConnectorConfig, now: datetime) -> Any:
        raise self.error


def test_a_machine_without_processes_makes_no_file_guilty(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "1.xml").write_bytes(GOOD)
    config = connector({"type": "folder", "path": str(tmp_path), "rest_seconds": 0})
    publisher = FakePublisher()
    error = NotStartedError("parser: a process does not start: out of memory.")
    run = ConnectorRun(config, ConnectorState(connector="x"), settings, publisher, NoProcesses(error))
    for _ in range(2):
        run.poll_once(datetime.now(UTC))
    assert run.state.failures > 0
    assert run.health.last_error is not None
    assert not publisher.of("raw") + publisher.of("dead")
    recovered = ConnectorRun(config, run.state, settings, publisher)
    recovered.poll_once(datetime.now(UTC))
    assert len(publisher.of("raw")) == 1


def test_a_process_that_stops_while_it_parses_settles_nothing(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "1.xml").write_bytes(GOOD)
    config = connector({"type": "folder", "path": str(tmp_path), "rest_seconds": 0})
    error = UnreachableError("parser: the process is stopping.")
    publisher = FakePublisher()
    run = ConnectorRun(config, ConnectorState(connector="x"), settings, publisher, NoProcesses(error))
    with pytest.raises(UnreachableError):
        run.poll_once(datetime.now(UTC))
    assert run.state.failures == 0
    next_process = ConnectorRun(config, run.state, settings, publisher)
    next_process.poll_once(datetime.now(UTC))
    assert len(publisher.of("raw")) == 1
