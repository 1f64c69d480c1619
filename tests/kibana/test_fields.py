"""Descriptions of the index fields: complete, within Kibana's limits, in the documentation and in the data views; and
each example query, asked of the real Elasticsearch, finds something.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from elasticsearch import Elasticsearch

from pipeline.events import Cluster, Content, EnrichedStory, Enrichment, Entity, HistoryEntry, Quote
from pipeline.events.item import Author, Media, Signal, Subject
from pipeline.index.fields import MAX_DESCRIPTION_CHARS, field_descriptions, fields_page, unused_descriptions
from pipeline.index.mapping import BASES, Base, IndexNames, fields
from pipeline.kibana.objects import base_of, saved_objects
from pipeline.kibana.specification import load_specification
from pipeline.meaning.vectors import quantised, to_text
from tests.indices import made_indices, write_stories
from tests.kibana.kql import Json, Kql

ROOT = Path(__file__).parents[2]
NOW = datetime.now(UTC).replace(microsecond=0)
EXAMPLES = [
    pytest.param(base, name, entry.example, id=f"{base}-{name}")
    for base in BASES
    for name, entry in field_descriptions(base).items()
    if entry.example
]


def data_views(**options: str) -> list[Json]:
    return [entry for entry in saved_objects(load_specification(), **options) if entry["type"] == "index-pattern"]


@pytest.mark.parametrize("base", BASES)
def test_every_field_is_described_and_nothing_else(base: Base) -> None:
    assert list(field_descriptions(base)) == list(fields(base))
    assert unused_descriptions() == []


@pytest.mark.parametrize("base", BASES)
def test_descriptions_fit_kibana_and_only_searchable_fields_have_examples(base: Base) -> None:
    labels = [entry.label for entry in field_descriptions(base).values()]
    assert len(set(labels)) == len(labels), "two fields of one list would look the same"
    for name, entry in field_descriptions(base).items():
        assert len(entry.with_example) <= MAX_DESCRIPTION_CHARS
        definition = fields(base)[name]
        searchable = (definition["type"] != "object" or "properties" in definition) and definition.get("index", True)
        assert bool(entry.example) is searchable, name


@pytest.mark.parametrize(("base", "name", "example"), EXAMPLES)
def test_an_example_is_kql_about_its_field(base: Base, name: str, example: str) -> None:
    query = Kql(example)
    query.parse()
    asked = {field.partition(".")[0] for field in query.fields}
    assert name in asked
    assert asked <= set(fields(base))


def test_the_page_is_generated() -> None:
    assert (ROOT / "docs" / "index-fields.md").read_text() == fields_page(), "run: python -m pipeline.cli.generate"


def test_data_views_carry_labels_and_descriptions() -> None:
    for entry in data_views():
        described = field_descriptions(base_of(entry["attributes"]["title"]))
        shown = json.loads(entry["attributes"]["fieldAttrs"])
        assert set(shown) == set(described)
        for name, attributes in shown.items():
            assert attributes == {
                "customLabel": described[name].label,
                "customDescription": described[name].with_example,
            }


def test_links_lead_to_the_source_and_to_the_desk() -> None:
    views = {entry["id"]: entry["attributes"] for entry in data_views(desk_url="https://desk.example/wire/")}
    stories = json.loads(views["wiredesk-data-view-stories"]["fieldFormatMap"])
    assert stories["link"] == {"id": "url", "params": {"urlTemplate": "{{rawValue}}"}}
    for name in ("story_id", "cluster_id", "duplicate_of"):
        assert stories[name]["params"]["urlTemplate"] == "https://desk.example/wire/story/{{value}}"
        assert stories[name]["params"]["labelTemplate"] == "{{value}}"
    assert stories["event_id"]["params"]["urlTemplate"] == "https://desk.example/wire/event/{{value}}"
    history = json.loads(views["wiredesk-data-view-stories-history"]["fieldFormatMap"])
    assert set(history) == {"story_id"}
    assert set(json.loads(views["wiredesk-data-view-quotes"]["fieldFormatMap"])) == {"story_id", "cluster_id", "link"}
    for entry in data_views():
        mapping = fields(base_of(entry["attributes"]["title"]))
        assert all(mapping[name]["type"] == "keyword" for name in json.loads(entry["attributes"]["fieldFormatMap"]))


# The examples, asked of the real server


MEDIA = (
    Media(href="https://news.example/episode.mp3", type="audio/mpeg", duration=1800),
    Media(href="https://news.example/episode.vtt", type="text/vtt", rendition="transcript"),
    Media(href="https://news.example/small.jpg", type="image/jpeg", rendition="thumbnail"),
)


def full_story() -> EnrichedStory:
    """A correction of an urgent story that has a value in every field."""
    content = Content(
        headline="Bridge on the rail line closed", subheadline="Traffic diverted", kicker="Transport",
        slugline="BRIDGE-CLOSED", byline="By Ann Moe", authors=(Author(name="Ann Moe"),), dateline="CALVESSA, March 2",
        located="Calvessa", language="en", description="A bridge is closed.", urgency=2, priority=3,
        body="The bridge on the rail line is closed.", body_html="<p>The bridge.</p>", genre=("Analysis",),
        subjects=(Subject(code="04000000", scheme="medtop"),), keywords=("bridges",),
        link="https://news.example/bridge", source="Calvessa Herald", copyrightnotice="c", usageterms="u",
        ednote="Use with caution", expires=NOW + timedelta(days=7), media=MEDIA,
    )  # fmt: skip
    quote = Quote(
        type="direct", text="[The bridge] needs repair", start=0, end=24, cue="said", source="she", speaker="Ann Moe",
        speaker_id="person:sergei-lavrov", role="transport minister", resolved=True, confidence=0.9,
        rule="marks_name_verb",
    )  # fmt: skip
    names: list[tuple[Any, str, str | None]] = [
        ("PERSON", "Ann Moe", None), ("PERSON", "Sergey V. Lavrov", "person:sergei-lavrov"), ("ORG", "Harbour Authority", None), ("GPE", "Calvessa", "iso:NO"),
        ("NORP", "Norwegian", None), ("EVENT", "World Cup", None),
    ]  # fmt: skip
    versions = (
        HistoryEntry(story_id="bridge-1", version_id="v1", version_rank=1, received=NOW, superseded_by="v2", kind="new"),
        HistoryEntry(
            story_id="bridge-1", version_id="v2", version_rank=2, version="2", kind="correction", supersedes="v1",
            received=NOW, versioncreated=NOW, headline=content.headline, body=content.body, ednote=content.ednote,
            signals=(Signal.URGENT,), diff="+ x",
        ),
    )  # fmt: skip
    return EnrichedStory(
        story_id="bridge-1", provider="Example News", item_id="urn:example:bridge", connectors=("example-politics",),
        index_version=2000, version="2", version_rank=2, kind="correction", update_count=1, correction=True,
        correction_note="Corrects the number of lanes", signals=(Signal.URGENT,), first_seen=NOW, first_created=NOW,
        version_created=NOW, received=NOW, tags=("politics",), rights="For internal use", content=content,
        cluster=Cluster(cluster_id="bridge-1", event_id="bridge-1"), history=versions, meaning=to_text(quantised(np.eye(512)[0])),
        enrichment=Enrichment(
            language="en", language_confidence=0.8, model="en_wire 0.2.2", quotes=(quote,),
            entities=tuple(Entity(label=label, name=name, id=id_) for label, name, id_ in names),
        ),
    )  # fmt: skip


def variants() -> list[EnrichedStory]:
    """The full story, and others for the values that one story cannot have at the same time."""
    full = full_story()

    def other(name: str, **changes: Any) -> EnrichedStory:
        history = tuple(entry.model_copy(update={"story_id": name} | {
            key: value for key, value in changes.items() if key in {"withdrawn", "kind", "embargoed"}
        }) for entry in full.history)  # fmt: skip
        shown = {key: value for key, value in changes.items() if key not in {"withdrawn", "embargoed"}}
        return full.model_copy(update={"story_id": name, "history": history, **shown})

    until = NOW + timedelta(days=1)
    return [
        full,
        other("killed", killed=True, kind="kill", enrichment=Enrichment(status="withdrawn", quotes=full.enrichment.quotes)),
        other("withheld", pubstatus="withheld", withdrawn=True),
        other("advisory", advisory=True, kind="advisory"),
        other("test", test=True, kind="test"),
        other("embargoed", embargoed=until, content=full.content.model_copy(update={"embargoed": until})),
        other("german", content=Content(headline="Neue Häuser", language="de"), enrichment=Enrichment(
            language="de", entities=(Entity(label="GPE", name="Moscow", point=(55.75, 37.62)),)
        )),
        other("copy", cluster=Cluster(cluster_id="bridge-1", duplicate_of="bridge-1", similarity=1.0, containment=1.0)),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def index(stack: Any) -> Iterator[tuple[Elasticsearch, IndexNames]]:
    with made_indices(stack.elasticsearch) as (settings, client):
        write_stories(settings, *variants())
        yield client, IndexNames(settings.prefix)


@pytest.mark.stack
@pytest.mark.parametrize("base", BASES)
def test_every_example_finds_a_document(index: tuple[Elasticsearch, IndexNames], base: Base) -> None:
    client, names = index
    total = client.count(index=names.alias(base))["count"]
    everything = {"indexed"} if base == "stories" else set()
    for name, entry in field_descriptions(base).items():
        if entry.example and name not in everything:
            hits = client.count(index=names.alias(base), query=Kql(entry.example).parse())["count"]
            assert 0 < hits <= total, f"{name}: {entry.example}"


@pytest.mark.stack
def test_an_example_with_another_value_finds_nothing(index: tuple[Elasticsearch, IndexNames]) -> None:
    client, names = index
    for wrong in ('people: "Bob Moe"', "slugline: RIVER*", "urgency > 3", "duplicate_of: copy"):
        assert client.count(index=names.alias("stories"), query=Kql(wrong).parse())["count"] == 0, wrong
