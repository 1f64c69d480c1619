"""The agency is told by the content, wherever it comes from, and a mapping of its name is used."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.config import connector_of_options
from connectors.mapping import load_mapping, preset_names
from connectors.reading import read_payload
from connectors.recognition import recognise, recognise_item
from connectors.transports.base import Payload
from pipeline.events.item import Item

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("item", "preset"),
    [
        ({"uri": "tag:reuters.com,2026:newsml_L8N2110AC:1"}, "reuters"), ({"uri": "urn:newsml:afp.com:20261124:TX-PAR-ABC12:1"}, "afp"),
        ({"uri": "urn:newsml:dpa.com:20090101:261124-930-1", "provider": "x"}, "dpa"), ({"provider": "The Associated Press"}, "ap"),
        ({"provider": "AP", "uri": "W:2026-11-24:BC-US--Bridge"}, "ap"), ({"link": "https://apnews.com/article/1"}, "ap"),
        ({"uri": "urn:newsml:efe.com:20261124:1"}, "efe"), ({"provider": "Press Association"}, "pa"), ({"provider": "ТАСС"}, "tass"),
        ({"link": "https://www.aap.com.au/news/1"}, "aap"), ({"provider": "أ ف ب"}, "afp"),
        ({"body_text": "PARIS (AFP) - Officials said on Tuesday."}, None),  # a site that prints an agency's story
        ({"link": "https://news.example/afp.com/1"}, None), ({"provider": "Harbour News"}, None), ({}, None),
        ({"link": "https://[broken"}, None),
    ],
)  # fmt: skip
def test_an_item_is_known_by_ids_names_and_links(item: dict[str, str], preset: str | None) -> None:
    assert recognise_item(Item.model_validate(item)) == preset


def test_most_items_decide() -> None:
    ours, other = Item(provider="AFP"), Item(provider="Harbour")
    assert recognise([ours, ours, other]) == "afp"
    assert recognise([ours, other]) == "wire"
    assert recognise([]) == "wire"


@pytest.mark.parametrize("preset", [name for name in preset_names() if name != "wire"])
def test_every_preset_says_how_it_is_recognised(preset: str) -> None:
    known = load_mapping(preset).recognised_by
    assert known.ids
    assert known.providers
    assert known.hosts


def test_mapping_auto_reads_tags_and_times_as_the_agency_means_them() -> None:
    document = (
        "<nitf><head><docdata><doc-id id-string='1' regsrc='AP'/><date.issue norm='20261123T090000'/></docdata></head>"
        "<body><body.head><hedline><hl1>APNewsBreak: Bridge opens</hl1></hedline></body.head>"
        "<body.content><p>Text</p></body.content></body></nitf>"
    )
    config = connector_of_options("mirror", "Mirror", mapping="auto")
    reading = read_payload(
        Payload(document.encode(), "a.xml"), config, now=NOW, max_body_bytes=10**6, max_original_bytes=0
    )
    (raw,) = reading.items
    assert (raw.mapping, raw.item.headline, raw.item.signals) == ("ap", "Bridge opens", ("urgent",))
    assert raw.item.versioncreated == datetime(2026, 11, 23, 14, tzinfo=UTC)  # New York
    plain = read_payload(
        Payload(document.replace("'AP'", "'Harbour'").encode(), "a.xml"),
        config,
        now=NOW,
        max_body_bytes=10**6,
        max_original_bytes=0,
    )
    assert plain.items[0].mapping == "wire"
