"""The messages of the topics: typed, documented, and open to fields of a newer writer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from pipeline.events import (
    TOPIC_EVENTS,
    Cluster,
    ClusteredStory,
    ConnectorState,
    Content,
    EnrichedStory,
    Enrichment,
    Entity,
    Event,
    Mention,
    RawItem,
    StoryVersion,
)
from pipeline.events.errors import DecodeError
from pipeline.events.item import Item, Media

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)

RAW = RawItem(
    connector="c",
    provider="Orbis",
    item_id="1",
    received=NOON,
    parser="rss",
    item=Item(headline="Ferry runs aground", media=(Media(href="https://pictures.example/1"),)),
    original=b"\xff\x00 not text",
)
STORY = StoryVersion(
    story_id="orbis-1",
    provider="Orbis",
    item_id="1",
    index_version=2,
    version_rank=7,
    first_seen=NOON,
    first_created=NOON,
    version_created=NOON,
    received=NOON,
    content=Content(headline="Ferry runs aground", body="A ferry ran aground on Monday."),
)
ENRICHED = EnrichedStory(
    **STORY.model_dump(),
    cluster=Cluster(cluster_id="orbis-1"),
    enrichment=Enrichment(
        entities=(Entity(label="PERSON", name="Ada", mentions=(Mention(start=0, end=3, text="Ada"),)),)
    ),
)


@pytest.mark.parametrize("event", [RAW, STORY, ENRICHED], ids=lambda event: type(event).__name__)
def test_what_is_written_is_read(event: Event) -> None:
    assert type(event).decode(event.encode()) == event


@pytest.mark.parametrize(
    ("event", "place"),
    [
        (RAW, ()),
        (RAW, ("item",)),
        (RAW, ("item", "media", 0)),
        (STORY, ("content",)),
        (ENRICHED, ("enrichment", "entities", 0, "mentions", 0)),
    ],
)
def test_fields_of_a_newer_writer_survive(event: Event, place: tuple[str | int, ...]) -> None:
    """A stage that is rolled out later passes on what it does not know, at every depth."""
    message = json.loads(event.encode())
    target: Any = message
    for part in place:
        target = target[part]
    target["invented_later"] = {"deep": [1, None, "x"]}
    written: Any = json.loads(type(event).decode(json.dumps(message).encode()).encode())
    for part in place:
        written = written[part]
    assert written["invented_later"] == {"deep": [1, None, "x"]}


def test_they_survive_from_stage_to_stage() -> None:
    message = json.loads(STORY.encode()) | {"invented_later": 1}
    story = StoryVersion.decode(json.dumps(message).encode())
    clustered = ClusteredStory(**story.model_dump(exclude={"cluster"}), cluster=Cluster(cluster_id="orbis-1"))
    enriched = EnrichedStory(**clustered.model_dump(exclude={"enrichment"}))
    assert json.loads(enriched.encode())["invented_later"] == 1
    assert ClusteredStory.of(story, cluster=clustered.cluster) == clustered
    assert ClusteredStory.of(story, cluster=clustered.cluster).encode() == clustered.encode()
    assert EnrichedStory.of(clustered) == enriched


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "RawItem: the message has no value."),
        (b"", "RawItem: the message: Invalid JSON"),
        (b"\xff\xfe", "RawItem: the message: Invalid JSON"),
        (b"[]", "RawItem: the message: Input should be an object"),
        (b"{}", "RawItem: connector: Field required"),
        (RAW.encode().replace(b'"2026-05-04T12:00:00Z"', b'"2026-05-04T12:00:00"'), "RawItem: received: Input should have timezone info"),
        (RAW.encode().replace(b'"Orbis"', b'""'), "RawItem: provider: String should have at least 1 character"),
        (RAW.encode().replace(b'"Ferry runs aground"', b"17"), "RawItem: item.headline: Input should be a valid string"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(value: bytes | None, reason: str) -> None:
    with pytest.raises(DecodeError) as error:
        RawItem.decode(value)
    assert str(error.value).startswith(reason)


def models(kind: Any) -> Iterator[type[BaseModel]]:
    """A model and all models inside it."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from models(field.annotation)
    for part in get_args(kind):
        yield from models(part)


def test_every_field_is_explained() -> None:
    every = {model for event in TOPIC_EVENTS.values() for model in models(event)}
    silent = {
        f"{model.__name__}.{name}"
        for model in every
        for name, field in model.model_fields.items()
        if not field.description
    }
    assert silent == set()


@pytest.mark.parametrize("name", TOPIC_EVENTS)
def test_the_exported_schemas_are_current(name: str) -> None:
    """A change of an event is seen in review: ``wiredesk schema --out docs/schemas`` writes them anew."""
    exported = json.loads((SCHEMAS / f"event-{name}.schema.json").read_text(encoding="utf-8"))
    assert exported == TOPIC_EVENTS[name].model_json_schema()


@pytest.mark.parametrize("name", TOPIC_EVENTS)
@pytest.mark.parametrize("rest", [{}, {"of": "the future"}])
def test_a_message_of_a_newer_version_is_refused_and_says_so(name: str, rest: dict[str, str]) -> None:
    with pytest.raises(DecodeError, match=r"schema version 9; this release reads up to 1.*Update Wiredesk"):
        TOPIC_EVENTS[name].decode(json.dumps({"schema_version": 9, **rest}).encode())


def test_even_one_that_fits_is_refused_because_it_could_be_misread() -> None:
    state = ConnectorState(connector="a").model_copy(update={"schema_version": 2})
    with pytest.raises(DecodeError, match="schema version 2"):
        ConnectorState.decode(state.encode())
    assert ConnectorState.decode(ConnectorState(connector="a").encode()).connector == "a"


@pytest.mark.parametrize("value", [b"[1]", b"{}", b'{"schema_version": "9"}', b"\xff"])
def test_what_names_no_version_is_refused_for_what_is_wrong_with_it(value: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        ConnectorState.decode(value)
    assert "schema version" not in str(caught.value)
