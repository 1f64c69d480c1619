"""Another language with spaCy's own pipeline, for real: names, places under English names, quotations in marks."""

from __future__ import annotations

import pytest

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.pipelines import installed_version, releases
from pipeline.events import Content

STORY = Content(
    headline="Anne Delmas reçoit Paul Richter à Bruxelles",
    body=(
        "La ministre française Anne Delmas a reçu lundi à Bruxelles le chancelier allemand Paul Richter. « Nous irons plus "
        "loin », a déclaré Anne Delmas. Des représentants de l'Union européenne étaient présents. Ils iront à Berlin."
    ),
    language="fr",
)


@pytest.fixture(scope="module")
def french() -> Analyser:
    return Analyser({"en": "en_wire", "fr": "fr_core_news_sm"})


def test_the_pipeline_is_the_one_that_wiredesk_installs() -> None:
    assert installed_version("fr_core_news_sm") == releases()["fr"].version


def test_people_and_places_are_found(french: Analyser) -> None:
    (found,) = french.analyse([STORY])
    people = {entity.name for entity in found.entities if entity.label == "PERSON"}
    assert (found.status, found.language) == ("done", "fr")
    assert [(quote.text, quote.speaker, quote.type) for quote in found.quotes] == [
        ("Nous irons plus loin", "Anne Delmas", "direct")
    ]
    assert {"Anne Delmas", "Paul Richter"} <= people
    assert (found.model or "").startswith("fr_core_news_sm")


def test_english_stories_next_to_it_are_read_as_before(french: Analyser) -> None:
    story = Content(headline="Talks resume", body='"We will go on," Ann Moe said in Berlin.', language="en")
    mixed, alone = french.analyse([STORY, story])[1], Analyser({"en": "en_wire"}).analyse([story])[0]
    assert mixed == alone
    assert mixed.quotes
