"""The page of feeds: what needs somebody comes first, with why; Kafka away is said. Without servers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import httpx
import pytest

from pipeline.desk.feeds import FeedsReader
from pipeline.desk.server import desk_in_background
from pipeline.events import ConnectorState, UsualRate
from pipeline.settings import ConnectorsSettings, DeskSettings, KafkaSettings, Settings

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


def state(name: str, **more: object) -> ConnectorState:
    return ConnectorState.model_validate({"connector": name, "last_success": NOW, "items_published": 1234, **more})


def usual(last_item: datetime) -> UsualRate:
    """Ten items an hour, all week."""
    day = tuple(15 if hour % 2 else 0 for hour in range(24))
    return UsualRate(hours=(4.0,) * 168, items=(40.0,) * 168, observed=NOW, last_item=last_item, day=day)


STATES = {
    "busy": state("busy", usual_rate=usual(NOW)),
    "silent": state("silent", usual_rate=usual(NOW - 9 * HOUR)),
    "down": state("down", last_error="the server answers 503 <b>", failing_since=NOW - HOUR),
}


def stop_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page counts by the hour: it is read in the hour of the states."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(NOW.timestamp(), tz)

    monkeypatch.setattr("pipeline.desk.feeds.datetime", Stopped)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    stop_the_clock(monkeypatch)
    for name in ("busy", "silent", "down", "fresh"):
        (tmp_path / f"{name}.yaml").write_text(
            f"transport: {{type: http, url: 'https://{name}.example/feed'}}\nprovider: {name.title()} News\n"
        )
    (tmp_path / "off.yaml").write_text(
        "enabled: false\ntransport: {type: http, url: 'https://off.example/'}\nprovider: Off\n"
    )
    (tmp_path / "wrong.yaml").write_text("transport: {type: pigeon}\n")
    nobody = KafkaSettings(bootstrap_servers="127.0.0.1:9")
    return Settings(connectors=ConnectorsSettings(directory=tmp_path), kafka=nobody, desk=DeskSettings(port=0))


def get(settings: Settings) -> httpx.Response:
    """The page, from a real desk."""
    stop = desk_in_background(settings)
    try:
        return httpx.get(stop.url.rstrip("/") + "/feeds")
    finally:
        stop()


def test_what_needs_somebody_comes_first_and_says_why(settings: Settings) -> None:
    found = FeedsReader(settings, lambda: STATES)()
    assert [(feed.name, feed.state) for feed in found.feeds] == [
        ("down", "failing"), ("silent", "quiet"), ("wrong", "broken"), ("busy", "ok"), ("fresh", "new"), ("off", "disabled"),
    ]  # fmt: skip
    by_name = {feed.name: feed for feed in found.feeds}
    assert by_name["down"].reason == "the server answers 503 <b>"
    assert "nothing new since" in by_name["silent"].reason
    assert by_name["busy"].new_items == 180
    assert 230 <= (by_name["busy"].usual_items or 0) <= 240  # the hour that runs counts as far as it has run
    assert by_name["wrong"].reason.startswith("wrong.yaml:1: ")
    assert not found.error


def test_the_page(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FeedsReader, "_from_kafka", lambda _: STATES)
    page = get(settings)
    assert page.status_code == 200
    assert "<b>3</b> of 6 feeds need somebody to look" in page.text
    assert "the server answers 503 &lt;b&gt;" in page.text
    assert page.text.index("down") < page.text.index("silent") < page.text.index("busy")
    assert "180" in page.text
    assert "wrong.yaml:1:" in page.text
    assert str(settings.connectors.directory) not in page.text


def test_without_kafka_the_files_are_shown_and_it_is_said(settings: Settings) -> None:
    page = get(settings)
    assert page.status_code == 200
    assert "Kafka does not answer" in page.text
    assert "nothing answers at 127.0.0.1:9" in page.text
    assert "unknown" in page.text


def test_states_are_read_once_for_many_visitors(settings: Settings) -> None:
    reads: list[int] = []

    def read() -> Mapping[str, ConnectorState]:
        reads.append(1)
        return STATES

    reader = FeedsReader(settings, read)
    assert reader() is reader()
    assert len(reads) == 1


def test_no_connectors_says_where_they_are_looked_for(tmp_path: Path, settings: Settings) -> None:
    empty = settings.model_copy(update={"connectors": ConnectorsSettings(directory=tmp_path / "none")})
    page = get(empty)
    assert f"No connectors in {tmp_path / 'none'}" in page.text
