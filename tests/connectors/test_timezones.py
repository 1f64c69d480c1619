"""Times without a zone are in the zone of the connector or its mapping; without either they are UTC, and it is said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.config import ConnectorConfig
from connectors.dates import read_time
from connectors.mapping import load_mapping, preset_names
from connectors.parsers.draft import zone_of
from connectors.reading import read_payload
from connectors.transports.base import Payload
from pipeline.events.item import Item

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NITF = (
    '<nitf><head><docdata management-status="embargoed"><doc-id id-string="1"/><date.issue norm="20261101T003000"/>'
    '<date.release norm="{release}"/></docdata></head><body><body.content><p>T</p></body.content></body></nitf>'
)
RSS = "<rss version='2.0'><channel><item><guid>1</guid><title>t</title><pubDate>{time}</pubDate></item></channel></rss>"


def read(data: str, parser: str, **options: Any) -> Item:
    config = ConnectorConfig.model_validate(
        {"name": "x", "provider": "P", "transport": {"type": "folder", "path": "/x"}, "parser": parser, **options}
    )
    reading = read_payload(Payload(data.encode(), "x"), config, now=NOW, max_body_bytes=10**6, max_original_bytes=0)
    return reading.items[0].item


@pytest.mark.parametrize(
    ("options", "embargoed"),
    [
        ({"timezone": "America/New_York"}, "2026-12-01T11:00"), ({"mapping": "ap"}, "2026-12-01T11:00"),
        ({"mapping": "ap", "timezone": "Asia/Tokyo"}, "2026-11-30T21:00"), ({"mapping": "dpa"}, "2026-12-01T05:00"),
    ],
)  # fmt: skip
def test_an_embargo_opens_at_the_agencys_time(options: dict[str, Any], embargoed: str) -> None:
    item = read(NITF.format(release="20261201T060000"), "nitf", **options)
    assert item.embargoed == datetime.fromisoformat(embargoed).replace(tzinfo=UTC)
    assert not item.warnings


def test_without_a_zone_it_is_utc_and_said() -> None:
    item = read(NITF.format(release="20261201T060000"), "nitf")
    assert item.embargoed == datetime(2026, 12, 1, 6, tzinfo=UTC)
    assert any(warning.startswith("embargoed: '20261201T060000' names no time zone") for warning in item.warnings)
    assert not read(NITF.format(release="20261201T060000Z").replace("3000", "3000Z"), "nitf").warnings


def test_an_embargo_in_the_repeated_hour_opens_at_the_later_one() -> None:
    item = read(NITF.format(release="20261101T013000"), "nitf", mapping="ap")
    assert item.embargoed == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "created"),
    [
        ("2026-11-20 08:00:00", 13), ("20 Nov 2026 08:00:00", 13), ("Fri, 20 Nov 2026 08:00:00 GMT", 8),
        ("Fri, 20 Nov 2026 08:00:00 -0000", 8), ("2026-11-20T08:00:00+01:00", 7), ("Fri, 20 Nov 2026 08:00:00 CET", 7),
    ],
)  # fmt: skip
def test_feeds(written: str, created: int) -> None:
    item = read(RSS.format(time=written), "rss", timezone="America/New_York")
    assert item.firstcreated == datetime(2026, 11, 20, created, tzinfo=UTC)
    alone = read(RSS.format(time=written), "rss")
    assert alone.firstcreated == datetime(2026, 11, 20, 8 if created == 13 else created, tzinfo=UTC)
    assert bool(alone.warnings) is (created == 13)


def test_every_agency_has_a_zone_and_a_wrong_one_is_refused() -> None:
    assert all(load_mapping(name).timezone for name in preset_names() if name != "wire")
    with pytest.raises(ValidationError, match="not a time zone"):
        read("", "text", timezone="New York")


def test_read_time_says_whether_a_zone_was_written() -> None:
    found = read_time("2026-07-01 12:00", zone_of("Europe/Berlin"))
    assert found is not None
    assert (found.time, found.has_zone) == (datetime(2026, 7, 1, 10, tzinfo=UTC), False)
    assert read_time("nonsense") is None
