"""The connectors to copy: each is valid, says what it is, and reads what its publisher documents."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.config import load_connector
from connectors.examples_catalog import EXAMPLES, examples
from connectors.reading import read_payload
from connectors.transports.base import Payload
from pipeline.cli.connectors import app
from pipeline.events.errors import ConfigurationError

PATHS = sorted(EXAMPLES.glob("*.yaml"))


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_each_example_is_valid_and_says_what_it_is(path: Path) -> None:
    config = load_connector(path)
    assert config.transport.type == "http"
    assert config.transport.url.startswith("https://")
    assert config.interval_seconds >= 60
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_there_are_feeds_of_every_kind() -> None:
    kinds = [example.about.partition(":")[0] for example in examples()]
    public = {
        "Agency",
        "United Nations",
        "Public broadcaster",
        "Government",
        "Parliament",
        "Central bank",
        "Regulator",
        "Court",
        "Emergencies",
    }
    assert public < set(kinds)
    assert sum(kind in public for kind in kinds) >= 20
    assert {"Search", "Account", "Podcast", "Site"} < set(kinds)


DOCUMENTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "federal-register": (
        {"results": [{"title": "Rule", "type": "Rule", "abstract": None, "document_number": "2026-1", "html_url": "https://f.example/1",
                      "publication_date": "2026-03-02", "agencies": [{"name": "EPA"}]}]},
        {"uri": "2026-1", "headline": "Rule", "byline": "EPA", "link": "https://f.example/1"},
    ),
    "usgs-earthquakes": (
        {"features": [{"id": "us1", "properties": {"title": "M 6.1 - Chile", "url": "https://u.example/1", "time": 1772431200000, "updated": 1772431260000, "place": "Chile"}}]},
        {"uri": "us1", "headline": "M 6.1 - Chile", "urgency": 2, "versioncreated": datetime(2026, 3, 2, 6, 1, tzinfo=UTC)},
    ),
    "nws-alerts": (
        {"features": [{"properties": {"id": "urn:1", "event": "Flood", "headline": None, "description": "Rain.", "instruction": "Go up.",
                                      "sent": "2026-03-02T06:00:00-05:00", "expires": "2026-12-02T09:00:00-05:00", "areaDesc": "Ohio"}}]},
        {"uri": "urn:1", "headline": "Flood", "body_text": "Rain.\n\nGo up.", "located": "Ohio", "keywords": ("Flood",)},
    ),
    "nina": (
        [{"id": "mow.1", "version": 2, "startDate": "2026-03-02T06:00:00+01:00", "severity": "Minor", "type": "Update", "i18nTitle": {"de": "Brand"}}],
        {"uri": "mow.1", "version": "2", "headline": "Brand"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_json_in_the_documented_form(name: str) -> None:
    document, expected = DOCUMENTS[name]
    payload = Payload(json.dumps(document).encode(), name, url="https://api.example/x")
    reading = read_payload(
        payload,
        load_connector(EXAMPLES / f"{name}.yaml"),
        now=datetime(2026, 3, 2, 12, tzinfo=UTC),
        max_body_bytes=10_000,
        max_original_bytes=0,
    )
    item = reading.items[0].item
    assert {field: getattr(item, field) for field in expected} == expected
    assert all(path.found for path in reading.paths if path.field not in {"description", "author", "expires"})


def test_examples_are_listed_and_copied(tmp_path: Path) -> None:
    listed = CliRunner().invoke(app, ["examples"])
    assert listed.exit_code == 0
    assert "ecb  Central bank: European Central Bank" in listed.output
    assert CliRunner().invoke(app, ["examples", "ecb", "gdacs", "-d", str(tmp_path)]).exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ecb.yaml", "gdacs.yaml"]
    again = CliRunner().invoke(app, ["examples", "who", "ecb", "-d", str(tmp_path)])
    assert isinstance(again.exception, ConfigurationError)
    assert not (tmp_path / "who.yaml").exists()
    unknown = CliRunner().invoke(app, ["examples", "nobody", "-d", str(tmp_path)])
    assert "Unknown example 'nobody'" in str(unknown.exception)
