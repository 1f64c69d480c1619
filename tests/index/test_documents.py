"""The documents of the index."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.events import Cluster, Content, EnrichedStory, Enrichment
from pipeline.index.documents import quote_documents, story_document

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "told", "indexed"),
    [("en-GB", "en", "en-GB"), ("en-us", "de", "de"), (None, "fr", "fr"), ("sk", None, "sk"), ("wuu", "zh", "zh")],
)
def test_a_story_is_indexed_in_the_language_of_its_text(said: str | None, told: str | None, indexed: str) -> None:
    story = EnrichedStory(
        story_id="orbis-1", provider="Orbis", item_id="1", index_version=1, version_rank=1, first_seen=NOON,
        first_created=NOON, version_created=NOON, received=NOON, cluster=Cluster(cluster_id="orbis-1"),
        content=Content(headline="Headline", body="Body", language=said), enrichment=Enrichment(language=told),
    )  # fmt: skip
    assert story_document(story)["language"] == indexed
    assert quote_documents(story) == []
