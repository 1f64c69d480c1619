"""The demonstration's sample feeds are read as they are meant, and its server keeps an agency's manners."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from connectors.config import ConnectorConfig
from connectors.reading import Reading, read_payload
from connectors.transports.base import Payload
from pipeline.intake.lifecycle import kind_of
from pipeline.local.demo.serve import SAMPLES, serve

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TEXTS = sorted((SAMPLES / "text").glob("*.txt"))


def read(path: Path) -> Reading:
    config = ConnectorConfig.model_validate(
        {"name": "demo", "provider": "Demo", "transport": {"type": "folder", "path": "."}}
    )
    payload = Payload(path.read_bytes(), path.name)
    return read_payload(payload, config, now=NOW, max_body_bytes=10**6, max_original_bytes=10**5)


@pytest.mark.parametrize(("name", "count"), [("rss", 20), ("rss-2", 22), ("atom", 8), ("copies", 6)])
def test_every_entry_of_a_sample_feed_is_whole(name: str, count: int) -> None:
    reading = read(SAMPLES / f"{name}.xml")
    assert (len(reading.items), reading.rejected, reading.warnings) == (count, (), ())
    for raw in reading.items:
        assert raw.id_kind == "uri"
        assert raw.item.headline
        assert raw.item.body_text
        assert raw.item.versioncreated
        assert raw.item.located or kind_of(raw.item) == "kill"


def test_the_second_edition_changes_what_it_should() -> None:
    first = {raw.item_id: raw for raw in read(SAMPLES / "rss.xml").items}
    second = {raw.item_id: raw for raw in read(SAMPLES / "rss-2.xml").items}
    changed = {
        name: kind_of(raw.item) for name, raw in second.items() if raw.item != getattr(first.get(name), "item", 0)
    }
    assert changed == {
        "quillon-0003": "new",
        "quillon-0005": "new",
        "quillon-0009": "correction",
        "quillon-0020": "kill",
        "quillon-0021": "new",
        "quillon-0022": "new",
    }
    for name in first.keys() & changed:
        assert second[name].item.versioncreated > first[name].item.versioncreated  # type: ignore[operator]


def test_copies_repeat_texts_under_other_headlines() -> None:
    bodies = {raw.item.body_text: raw.item.headline for raw in read(SAMPLES / "rss.xml").items}
    for raw in read(SAMPLES / "copies.xml").items:
        assert raw.item.body_text in bodies
        assert raw.item.headline != bodies[raw.item.body_text]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_every_wire_text_has_slug_or_category_headline_and_body(path: Path) -> None:
    for raw in read(path).items:
        item = raw.item
        assert item.headline
        assert item.body_text
        assert item.slugline or item.kicker
        assert item.dateline or kind_of(item) == "kill"
        assert "Eds:" not in item.body_text


def test_wire_texts_say_what_they_are() -> None:
    said = {path.stem[:2]: (kind_of(raw.item), *raw.item.signals) for path in TEXTS for raw in read(path).items}
    assert said["02"] == ("new", "update")
    assert said["03"] == ("correction", "correction")
    assert said["06"] == ("new", "urgent")
    assert said["07"] == ("new", "lead", "update")
    assert said["09"] == ("kill", "kill")
    assert said["10"] == ("new", "embargo")


def test_the_server_answers_304_until_the_next_edition() -> None:
    with serve() as server:
        url = f"{server.url}/rss.xml"
        first = httpx.get(url)
        again = httpx.get(url, headers={"If-None-Match": first.headers["etag"]})
        dated = httpx.get(url, headers={"If-Modified-Since": first.headers["last-modified"]})
        server.next_edition()
        second = httpx.get(url, headers={"If-None-Match": first.headers["etag"]})
        assert [first.status_code, again.status_code, dated.status_code, second.status_code] == [200, 304, 304, 200]
        assert second.content == (SAMPLES / "rss-2.xml").read_bytes()
        assert httpx.get(f"{server.url}/../serve.py").status_code == 404
        assert httpx.get(f"{server.url}/atom.xml").content == (SAMPLES / "atom.xml").read_bytes()
