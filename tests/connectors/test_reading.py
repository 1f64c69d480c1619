"""What happens to every item after its parser: links without trackers, one item per link, a headline."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.config import ConnectorConfig
from connectors.headline import first_sentence
from connectors.reading import read_payload
from connectors.transports.base import Payload
from pipeline.events import RawItem
from pipeline.events.links import without_tracking

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def read(entries: str, **options: Any) -> list[RawItem]:
    config = ConnectorConfig.model_validate(
        {"name": "x", "provider": "P", "transport": {"type": "folder", "path": "/x"}, "parser": "rss", **options}
    )
    data = f'<rss version="2.0"><channel>{entries}</channel></rss>'.encode()
    return list(read_payload(Payload(data, "x"), config, now=NOW, max_body_bytes=10**6, max_original_bytes=0).items)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://x.example/a?utm_source=rss&utm_medium=feed", "https://x.example/a"),
        ("https://x.example/a?id=7&UTM_source=rss&b=%20c#top", "https://x.example/a?id=7&b=%20c#top"),
        ("https://x.example/a?fbclid=1&amp;utm_campaign=z&id=7", "https://x.example/a?id=7"),
        ("https://x.example/a?id=7;8&empty=&x", "https://x.example/a?id=7;8&empty=&x"),
        ("https://x.example/a?", "https://x.example/a?"), ("https://x.example/utm_source=1", "https://x.example/utm_source=1"),
        ("urn:x?utm_source=1", "urn:x?utm_source=1"), ("mailto:a@b.example?utm_source=1", "mailto:a@b.example?utm_source=1"), ("", ""),
    ],
)  # fmt: skip
def test_parameters_that_track_readers_are_cut(written: str, kept: str) -> None:
    assert without_tracking(written) == kept
    assert without_tracking(kept) == kept


def test_links_and_ids_are_cut_alike() -> None:
    one, other = read(
        "<item><guid>https://x.example/a?utm_source=rss</guid><link>https://x.example/a?utm_source=rss</link><title>t</title></item>"
        "<item><link>https://x.example/a?fbclid=2</link><title>t</title></item>"
    )
    assert (one.item.link, one.item_id) == ("https://x.example/a", "https://x.example/a")
    assert (other.item.link, other.item_id) == (one.item.link, one.item_id)


def test_one_link_under_two_ids_is_one_item_where_a_connector_says_so() -> None:
    entries = (
        '<item><guid isPermaLink="false">1</guid><link>https://x.example/a?utm_source=1</link><title>t</title></item>'
        '<item><guid isPermaLink="false">2</guid><link>https://x.example/a</link><title>t</title></item>'
        '<item><guid isPermaLink="false">3</guid><title>t</title></item>'
    )
    assert [raw.item_id for raw in read(entries)] == ["1", "2", "3"]
    assert [raw.item_id for raw in read(entries, identify_by="link")] == ["https://x.example/a"] * 2 + ["3"]


def test_a_story_without_a_headline_gets_its_first_sentence_and_keeps_its_id() -> None:
    (raw,) = read("<item><description>Ferries stopped at noon on Thursday. Trains ran late.</description></item>")
    assert raw.item.headline == "Ferries stopped at noon on Thursday."
    (titled,) = read("<item><title>T</title><description>Ferries stopped.</description></item>")
    assert titled.item.headline == "T"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Mr. Vask of Norvaine said so. It rained.", "Mr. Vask of Norvaine said so."), ("Short.\n\nNext.", "Short."),
        ('He said: "It is over for us." Then he left.', 'He said: "It is over for us."'), ("no end at all", "no end at all"),
        ("word " * 60, "word " * 27 + "word …"),
    ],
)  # fmt: skip
def test_first_sentences(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence
