"""The sample text of the wire: every quotation, person, place and organisation; and the same under changes of form.

A change of marks, names or order must change nothing else.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.parsers import text as text_parser
from pipeline.enrich.analyse import Analyser
from pipeline.events import Content, Enrichment
from pipeline.events.item import ParseContext

_NAMES = {
    "Sergey": "Mariana", "Lavrov": "Okonkwo-Reyes", "Emmanuel": "Tuomas", "Macron": "Ilvesaho", "Vladimir": "Birgit",
    "Putin": "Sandvold", "[Donald] Trump": "[Aroha] Pewhairangi", "Russian": "Peruvian", "Russia": "Peru",
    "France": "Finland", "French": "Finnish",
}  # fmt: skip


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser({"en": "blank-gazetteer"})


@pytest.fixture(scope="module")
def expected(shared_data: Path) -> dict[str, Any]:
    return json.loads((shared_data / "wire/text/tass-2018-04-24-lavrov.expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def story(shared_data: Path) -> Content:
    raw = (shared_data / "wire/text/tass-2018-04-24-lavrov.txt").read_bytes()
    item = text_parser.parse(raw, ParseContext(now=datetime(2018, 4, 24, tzinfo=UTC))).items[0]
    return Content(
        headline=item.headline,
        subheadline=item.subheadline,
        located=item.located,
        source=item.provider,
        body=item.body_text or "",
    )


def _said(result: Enrichment) -> list[tuple[str, str, str | None, str | None]]:
    return [(quote.type, quote.text, quote.source, quote.speaker) for quote in result.quotes]


def _names(result: Enrichment, *labels: str) -> set[str]:
    return {entity.name for entity in result.entities if entity.label in labels}


def test_every_quotation_has_its_type_words_cue_and_speaker(analyser, story, expected):
    result = analyser.analyse([story])[0]
    wanted = [(q["type"], q["text"], q["cue"], q["source"], q["speaker"]) for q in expected["quotes"]]
    assert [(q.type, q.text, q.cue, q.source, q.speaker) for q in result.quotes] == wanted
    assert all(story.body[q.start : q.end] == q.text for q in result.quotes)
    assert all(story.body[q.source_start : q.source_end] == q.source for q in result.quotes)


def test_every_person_has_all_mentions_and_roles(analyser, story, expected):
    result = analyser.analyse([story])[0]
    people = {entity.name: entity for entity in result.entities if entity.label == "PERSON"}
    assert set(people) == {person["name"] for person in expected["people"]}
    for person in expected["people"]:
        found = people[person["name"]]
        assert {mention.text for mention in found.mentions} == set(person["mentions"])
        assert set(found.roles) == set(person["roles"])


def test_every_place_organisation_and_people_is_there(analyser, story, expected):
    result = analyser.analyse([story])[0]
    assert _names(result, "ORG") == set(expected["organisations"])
    assert _names(result, "GPE", "LOC") == set(expected["places"])
    assert _names(result, "NORP") == set(expected["nationalities"])


def test_mentions_stand_where_they_say(analyser, story):
    for entity in analyser.analyse([story])[0].entities:
        for mention in entity.mentions:
            assert getattr(story, mention.field)[mention.start : mention.end] == mention.text


def test_curly_marks_change_nothing(analyser, story):
    parts = story.body.split('"')
    curly = "".join(part + ("" if i == len(parts) - 1 else "“" if i % 2 == 0 else "”") for i, part in enumerate(parts))
    plain, changed = analyser.analyse([story, story.model_copy(update={"body": curly})])
    assert [tuple(str(part).replace("“", '"').replace("”", '"') for part in quote) for quote in _said(changed)] == [
        tuple(map(str, quote)) for quote in _said(plain)
    ]


def test_guillemets_change_nothing(analyser, story):
    parts = story.body.split('"')
    changed = "".join(
        part + ("" if i == len(parts) - 1 else "«" if i % 2 == 0 else "»") for i, part in enumerate(parts)
    )
    plain, other = analyser.analyse([story, story.model_copy(update={"body": changed})])
    assert [(quote[0], quote[3]) for quote in _said(other)] == [(quote[0], quote[3]) for quote in _said(plain)]


def _renamed(text: str | None) -> str:
    for old, new in _NAMES.items():
        text = (text or "").replace(old, new)
    return text or ""


def test_other_names_change_only_the_names(analyser, story):
    other = story.model_copy(
        update={field: _renamed(getattr(story, field)) for field in ("headline", "subheadline", "body")}
    )
    plain, changed = analyser.analyse([story, other])
    assert _said(changed) == [
        (kind, _renamed(text), _renamed(source), _renamed(speaker)) for kind, text, source, speaker in _said(plain)
    ]


def test_another_order_of_paragraphs_loses_no_quotation(analyser, story):
    """Paragraphs that name their speakers in full may change places."""
    paragraphs = story.body.split("\n\n")
    order = [0, 4, 2, 3, 5, 1, 6]
    changed = story.model_copy(update={"body": "\n\n".join(paragraphs[index] for index in order)})
    plain, other = analyser.analyse([story, changed])
    assert sorted(map(str, _said(other))) == sorted(map(str, _said(plain)))


def test_batches_and_repetition_change_nothing(analyser, story):
    alone = analyser.analyse([story])[0]
    other = Content(
        headline="Markets rise", body="Shares rose in London on Tuesday, traders said, after a quiet start."
    )
    assert analyser.analyse([other, story, other])[1] == alone
    assert Analyser({"en": "blank-gazetteer"}).analyse([story])[0] == alone
