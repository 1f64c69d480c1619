"""Work saved: copies and updates reuse what was analysed, and come out as if nothing had been remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.broker.delivery import Done
from pipeline.broker.messages import Delivery
from pipeline.broker.topics import topics_of
from pipeline.enrich.analyse import Analyser
from pipeline.enrich.entities.recogniser import BLANK, Recogniser
from pipeline.enrich.handler import EnrichHandler
from pipeline.events import Cluster, ClusteredStory, Content, EnrichedStory, Enrichment, MessageRef
from pipeline.events.errors import RejectError
from pipeline.settings import Settings

_PARAGRAPHS = (
    "Foreign Minister Anna Berg said on Monday that the talks in Vienna would go on.",
    '"We will not leave the table," Berg told reporters. "Not this week."',
    "The minister met Tom Reyes, the mayor of Dayton, Ohio, in Washington on Tuesday.",
    "Reyes said the flood had destroyed the bridge.",
    "According to the United Nations, 40 people died in Turkey and Georgia.",
    "He will travel to Tbilisi on Friday.",
)
_stories = st.lists(
    st.lists(st.sampled_from(_PARAGRAPHS), min_size=1, max_size=5).map("\n\n".join), min_size=1, max_size=5
)
_REMEMBERS = Analyser({"en": BLANK})


@settings(max_examples=6, deadline=None)  # a fresh analyser each
@given(_stories)
def test_what_was_read_before_or_beside_changes_nothing(bodies):
    stories = [Content(body=body, language="en") for body in bodies]
    fresh = Analyser({"en": BLANK})
    alone = [fresh.analyse([story])[0] for story in reversed(stories)][::-1]
    assert _REMEMBERS.analyse(stories) == alone
    assert _REMEMBERS.analyse(stories) == alone


@pytest.mark.timeout(120)
def test_unchanged_paragraphs_of_an_update_are_not_read_again():
    warm, fresh = Recogniser("en_wire"), Recogniser("en_wire")
    warm.read(["\n\n".join(_PARAGRAPHS[:4])])
    before = warm.paragraphs_read
    update = "\n\n".join((*_PARAGRAPHS[:2], "The mayor of Dayton resigned.", *_PARAGRAPHS[2:4]))
    found = warm.read([update])
    assert warm.paragraphs_read == before + 1
    assert found == fresh.read([update])


class _Counting:
    """Analyses with the project's own analyser and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Content] = []

    async def analyse(self, stories: Sequence[Content]) -> list[Enrichment | RejectError]:
        self.asked += stories
        return list(_REMEMBERS.analyse(stories))


_TIME = datetime(2024, 5, 1, tzinfo=UTC)


def _delivery(item: str, *, killed: bool = False, **content: str) -> Delivery:
    story = ClusteredStory(
        story_id=item,
        provider="desk",
        item_id=item,
        index_version=1,
        version_rank=1,
        killed=killed,
        first_seen=_TIME,
        first_created=_TIME,
        version_created=_TIME,
        received=_TIME,
        content=Content(language="en", **content),
        cluster=Cluster(cluster_id="a"),
    )
    return Delivery(MessageRef(topic="clustered", partition=0, offset=0), story.key, story.encode())


def _enriched(handler: EnrichHandler, *deliveries: Delivery) -> list[Enrichment]:
    outcomes = asyncio.run(handler.work(deliveries))
    made = [outcome for outcome in outcomes if isinstance(outcome, Done)]
    assert len(made) == len(deliveries)
    return [EnrichedStory.decode(outcome.sends[0].value).enrichment for outcome in made]


@pytest.fixture
def counting() -> _Counting:
    return _Counting()


@pytest.fixture
def handler(counting: _Counting) -> EnrichHandler:
    return EnrichHandler(counting, topics_of(Settings()))


def test_a_copy_takes_the_result_of_the_first(handler, counting):
    """In one batch and later."""
    body = "\n\n".join(_PARAGRAPHS)
    first, copy = _enriched(handler, _delivery("a", body=body), _delivery("b", body=body))
    [later] = _enriched(handler, _delivery("c", body=body))
    assert len(counting.asked) == 1
    assert first == copy == later == _REMEMBERS.analyse([Content(language="en", body=body)])[0]


@pytest.mark.parametrize("beside", [{"located": "Vienna"}, {"source": "United Nations"}, {"headline": "Talks go on"}])
def test_a_copy_with_other_names_beside_the_text_is_analysed_for_itself(handler, beside):
    body = _PARAGRAPHS[0]
    _, other = _enriched(handler, _delivery("a", body=body), _delivery("b", body=body, **beside))
    assert other == Analyser({"en": BLANK}).analyse([Content(language="en", body=body, **beside)])[0]


def test_a_withdrawn_copy_has_no_analysis_and_takes_none_away(handler, counting):
    body = _PARAGRAPHS[0]
    killed, kept = _enriched(handler, _delivery("a", body=body, killed=True), _delivery("b", body=body))
    assert (killed.status, kept.status) == ("withdrawn", "done")
    assert len(counting.asked) == 1
    assert kept.quotes
