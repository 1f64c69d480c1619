"""Stories that are not in English are found in any grammatical form of their words, on the real Elasticsearch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.events import Cluster, Content, EnrichedStory, Enrichment, HistoryEntry
from pipeline.index.analyzers import analyzed_language, analyzers
from pipeline.index.documents import story_document
from pipeline.index.query import Query
from pipeline.index.search import search
from pipeline.settings import ElasticsearchSettings
from tests.indices import made_indices, write_stories

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)

#: Language, headline, body, what somebody types.
FORMS = [
    ("de", "Neue Brücken für die Stadt", "Die Häuser am Fluss werden abgerissen.", "Haus"),
    ("fr", "Le gouvernement prévoit des réformes", "Les hôpitaux manquaient de médecins.", "hôpital"),
    ("es", "El ministro habló de los incendios", "Las ciudades fueron evacuadas.", "ciudad"),
    ("it", "Nuovi treni per le regioni", "I ministri hanno firmato gli accordi.", "ministro"),
    ("pt", "Novas eleições no país", "Os trabalhadores entraram em greve.", "trabalhador"),
    ("ru", "Новые мосты для города", "Президент встретился с министрами.", "министр"),
    ("ar", "الوزير يعلن عن خطة جديدة", "قال الرئيس إن المدارس ستفتح أبوابها.", "رئيس"),
    ("tr", "Yeni köprüler açıldı", "Bakanlar kentleri ziyaret etti.", "kent"),
    ("zh", "北京举行国际会议", "部长们讨论了气候变化。", "气候"),
    ("nb", "Nye broer i byen", "Ministrene møtte journalistene.", "journalist"),
    ("sv", "Nya broar i staden", "Ministrarna mötte journalisterna.", "journalist"),
]


def make(language: str, headline: str, body: str, **changes: Any) -> EnrichedStory:
    fields: dict[str, Any] = {
        "story_id": f"story-{language}",
        "provider": "Orbis",
        "item_id": f"n-{language}",
        "index_version": 1,
        "version_rank": 1,
        **dict.fromkeys(("first_seen", "first_created", "version_created", "received"), NOON),
        "content": Content(headline=headline, body=body, language=language),
        "history": (
            HistoryEntry(
                story_id="s", version_id="v1", version_rank=1, kind="new", received=NOON, headline=headline
            ),
        ),
        "cluster": Cluster(cluster_id=f"story-{language}"),
        "enrichment": Enrichment(language=language),
    }  # fmt: skip
    return EnrichedStory(**fields | changes)


@pytest.fixture(scope="module")
def settings(stack: Any) -> Iterator[ElasticsearchSettings]:
    with made_indices(stack.elasticsearch) as (settings, _):
        yield settings


@pytest.fixture(scope="module")
def written(settings: ElasticsearchSettings) -> ElasticsearchSettings:
    stories = [make(language, headline, body) for language, headline, body, _ in FORMS]
    stories.append(make("en", "New bridges for the town", "The houses by the river will go."))
    write_stories(settings, *stories)
    return settings


@pytest.mark.parametrize(("language", "typed"), [(form[0], form[3]) for form in FORMS])
def test_another_form_of_a_word_is_found(written: ElasticsearchSettings, language: str, typed: str) -> None:
    with elasticsearch_client(written) as client:
        found = search(client, written, Query(words=typed))
    assert f"story-{language}" in [hit.story_id for hit in found.hits]


def test_the_passage_is_marked(written: ElasticsearchSettings) -> None:
    with elasticsearch_client(written) as client:
        (hit,) = search(client, written, Query(words="Haus")).hits
    assert [[piece.text for piece in snippet if piece.matched] for snippet in hit.snippets] == [["Häuser"]]


def test_a_result_does_not_carry_the_words_twice(written: ElasticsearchSettings) -> None:
    with elasticsearch_client(written) as client:
        (hit,) = search(client, written, Query(words="Haus")).hits
    assert "by_language" not in hit.story


@pytest.mark.parametrize(
    ("tag", "code"),
    [("de-AT", "de"), ("pt_BR", "pt"), ("NB", "no"), ("nn-NO", "no"), ("zh-Hant", "zh"), ("en-GB", None), ("xx", None),
     (None, None), ("", None)],
)  # fmt: skip
def test_the_code_of_a_tag(tag: str | None, code: str | None) -> None:
    assert analyzed_language(tag) == code


def test_an_english_story_has_its_words_once() -> None:
    assert "by_language" not in story_document(make("en", "Headline", "Body."))


def test_the_language_that_was_told_counts_not_the_feeds() -> None:
    story = make("en", "Neue Brücken", "Die Häuser.", enrichment=Enrichment(language="de"))
    assert story_document(story)["by_language"] == {"de": ["Neue Brücken", "Die Häuser."]}


def test_every_language_of_the_sample_sentences_has_an_analyzer() -> None:
    assert {"ar", "de", "es", "fr", "it", "ja", "ru", "tr", "zh"} <= set(analyzers())
