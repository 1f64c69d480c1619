"""The documents of the index."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from elasticsearch.serializer import JsonSerializer

from pipeline.events import Cluster, Content, EnrichedStory, Enrichment, Quote
from pipeline.events.item import Media
from pipeline.index.documents import quote_count, quote_documents, story_document, without_brackets

GOLDEN = Path(__file__).parent / "golden"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "told", "indexed"),
    [
        ("en-GB", "en", "en-GB"),
        ("en_GB", "en", "en_GB"),
        ("en-us", "de", "de"),
        (None, "fr", "fr"),
        ("sk", None, "sk"),
        ("wuu", "zh", "zh"),
    ],
)
def test_a_story_is_indexed_in_the_language_of_its_text(said: str | None, told: str | None, indexed: str) -> None:
    story = EnrichedStory(
        story_id="orbis-1", provider="Orbis", item_id="1", index_version=1, version_rank=1, first_seen=NOON,
        first_created=NOON, version_created=NOON, received=NOON, cluster=Cluster(cluster_id="orbis-1"),
        content=Content(headline="Headline", body="Body", language=said), enrichment=Enrichment(language=told),
    )  # fmt: skip
    assert story_document(story)["language"] == indexed
    assert quote_documents(story) == []


def golden_story() -> EnrichedStory:
    return EnrichedStory.decode((GOLDEN / "story.json").read_bytes())


def as_sent(document: dict[str, Any]) -> Any:
    return json.loads(JsonSerializer().dumps(document))


def test_fields_and_their_values_stay_the_same_over_releases() -> None:
    """Searches, alerts and dashboards of an installation rely on them."""
    documents = json.loads((GOLDEN / "documents.json").read_text(encoding="utf-8"))
    story = golden_story()
    assert as_sent(story_document(story, NOON + timedelta(minutes=11))) == documents["story"]
    assert as_sent(dict(quote_documents(story))) == documents["quotes"]


def test_what_a_story_does_not_have_is_absent() -> None:
    story = EnrichedStory(
        story_id="orbis-1", provider="Orbis", item_id="1", index_version=1, version_rank=1, first_seen=NOON,
        first_created=NOON, version_created=NOON, received=NOON, cluster=Cluster(cluster_id="orbis-1"),
        enrichment=Enrichment(quotes=(Quote(type="direct", text="Yes", start=0, end=3),)),
    )  # fmt: skip
    document = story_document(story)
    assert {"indexed", "headline", "body", "body_html", "media", "duration", "thumbnail", "links", "entities",
            "people", "speakers", "duplicate_of", "language", "signals", "tags"}.isdisjoint(document)  # fmt: skip
    assert (document["leading"], document["killed"], document["update_count"]) == (True, False, 0)
    ((_, quote),) = quote_documents(story)
    assert {"headline", "link", "speaker", "language", "embargoed"}.isdisjoint(quote)
    assert (quote["leading"], quote["position"]) == (True, 0), "no and zero are values"


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({"killed": True, "pubstatus": "canceled"}, {"killed"}),
        ({"pubstatus": "withheld"}, {"withheld"}),
        ({"advisory": True}, {"advisory"}),
        ({"test": True}, {"test"}),
    ],
)
def test_what_keeps_a_story_from_readers_is_in_all_its_documents(changes: dict[str, Any], flags: set[str]) -> None:
    story = golden_story().model_copy(update=changes)
    documents = [story_document(story), *dict(quote_documents(story)).values()]
    assert len(documents) == (1 if story.killed else 4), "a killed story has no quotations"
    assert quote_count(story) == len(documents) - 1
    for document in documents:
        assert {name for name in ("killed", "withheld", "advisory", "test") if document[name]} == flags
        assert document["embargoed"] == story.content.embargoed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It [the dam] is closed", "It the dam is closed"),
        ("It is [ ... ] closed", "It is closed"),
        ("It is […] closed", "It is closed"),
        ("[T]he dam", "The dam"),
        ("[X] is closed", "X is closed"),
        ("  two   spaces ", "two spaces"),
    ],
)
def test_brackets_of_editors_are_no_words(text: str, words: str) -> None:
    assert without_brackets(text) == words


def test_of_names_of_one_kind_the_most_salient_is_first() -> None:
    assert story_document(golden_story())["people"] == ["Bo Lind", "Ada Nkemelu"]


def test_the_thumbnail_is_the_first_picture() -> None:
    film = Media(href="https://orbis.example/film.mp4")
    for rendition in ("thumbnail", "image"):
        picture = Media(href="https://orbis.example/small", rendition=rendition)
        content = Content(media=(film, picture))
        document = story_document(golden_story().model_copy(update={"content": content}))
        assert document["thumbnail"] == "https://orbis.example/small"
    without = golden_story().model_copy(update={"content": Content(media=(film,))})
    assert "thumbnail" not in story_document(without)


def test_words_of_other_languages_are_indexed_by_their_language() -> None:
    content = Content(
        headline="Damm", subheadline="Zu", description="Ein Damm.", body="Der Damm ist zu.", language="de"
    )
    german = golden_story().model_copy(update={"content": content, "enrichment": Enrichment(language="de")})
    assert story_document(german)["by_language"] == {"de": ["Damm", "Zu", "Ein Damm.", "Der Damm ist zu."]}
    assert "by_language" not in story_document(golden_story()), "English words are in the fields themselves"
