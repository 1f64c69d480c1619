"""Entities as editors think of them: mentions joined under one name, with role, id, salience and offsets."""

from __future__ import annotations

import pytest

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.entities.recogniser import BLANK, Labelled
from pipeline.enrich.entities.spans import story_text
from pipeline.enrich.entities.story import read_entities
from pipeline.events import Content, Enrichment, Entity

_ANALYSER = Analyser({"en": BLANK})


def _read(body: str, **fields: str) -> Enrichment:
    return _ANALYSER.analyse([Content(body=body, language="en", **fields)])[0]


def _named(result: Enrichment, name: str) -> Entity:
    return next(entity for entity in result.entities if entity.name == name)


# (what it shows, text, name, mentions, roles)
_PEOPLE = [
    ("surname", "Foreign Minister Anna Berg spoke. Berg left.", "Anna Berg", ["Anna Berg", "Berg"], ["Foreign Minister"]),
    ("possessive", "President Anna Berg spoke. Berg's aides left.", "Anna Berg", ["Anna Berg", "Berg"], ["President"]),
    ("brackets", "President [Anna] Berg spoke.", "Anna Berg", ["[Anna] Berg"], ["President"]),
    ("title of two words", "Senate Majority Leader Todd Renner left.", "Todd Renner", ["Todd Renner"], ["Senate Majority Leader"]),
    ("speaker", "House Speaker Carla Dunning left.", "Carla Dunning", ["Carla Dunning"], ["House Speaker"]),
    ("apposition after", "Neil Garrity, a spokesman for the firm, left.", "Neil Garrity", ["Neil Garrity"], ["spokesman for the firm"]),
    ("apposition before", "The mayor of Dayton, Nan Whitlow, left.", "Nan Whitlow", ["Nan Whitlow"], ["mayor of Dayton"]),
    ("age", "They met Tina Voss, 61, at the gate.", "Tina Voss", ["Tina Voss"], []),
    ("with co-", "Co-author Ansgar Reiners said it was late.", "Ansgar Reiners", ["Ansgar Reiners"], ["Co-author"]),
    ("two spellings", "President Kristen Berg spoke. Mayor Kristin Berg left.", "Kristen Berg", ["Kristen Berg", "Kristin Berg"], ["President", "Mayor"]),
    ("no misspelling", "President Dan Berg spoke. Mayor Dean Berg left.", "Dan Berg", ["Dan Berg"], ["President"]),
    ("initials", "Judge J. R. Hale spoke. Hale left.", "J. R. Hale", ["J. R. Hale", "Hale"], ["Judge"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "name", "mentions", "roles"), [case[1:] for case in _PEOPLE], ids=[case[0] for case in _PEOPLE]
)
def test_person(body, name, mentions, roles):
    person = _named(_read(body), name)
    assert person.label == "PERSON"
    assert [mention.text for mention in person.mentions] == mentions
    assert [role.lower() for role in person.roles] == [role.lower() for role in roles]
    assert all(body[mention.start : mention.end] == mention.text for mention in person.mentions)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("The Harwick Center on Global Climate said on Monday the sea would rise.", "Harwick Center on Global Climate"),
        ("The Harwick Rights Council on Monday said the dam was full.", "Harwick Rights Council"),
        ("The New Delhi-based Harwick Policy Network said the dam was full.", "Harwick Policy Network"),
    ],
)
def test_the_whole_name_of_a_body(body, name):
    assert name in [entity.name for entity in _read(body).entities if entity.label == "ORG"]


def test_a_surname_that_two_people_share_names_neither():
    body = "Mayor Maria Castellanos and Judge Hector Castellanos met.\n\n“It was good,” Castellanos said."
    result = _read(body)
    assert {"Maria Castellanos", "Hector Castellanos"} <= {entity.name for entity in result.entities}
    assert [quote.speaker for quote in result.quotes] == [None]


def test_an_abbreviation_that_the_story_explains_is_that_body():
    body = "The Student Christian Organization (SCO) met. The SCO elected a president."
    body_entities = [entity for entity in _read(body).entities if entity.label == "ORG"]
    assert [(entity.name, entity.id, entity.count) for entity in body_entities] == [
        ("Student Christian Organization", None, 3)
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Talks were held in Georgia on Monday.", None),
        ("Talks were held in Georgia on Monday. The two sides met in Tbilisi.", "GE"),
    ],
)
def test_an_ambiguous_name_is_linked_by_its_story_or_not_at_all(body, found):
    assert _named(_read(body), "Georgia").iso == found


def test_a_surname_that_is_a_city_too_means_the_person_where_no_city_can_stand():
    body = "Valeska Paris, an Australian woman, spoke. Paris said she was held. She now lives in Paris."
    result = _read(body)
    assert [mention.text for mention in _named(result, "Valeska Paris").mentions] == ["Valeska Paris", "Paris"]
    assert [mention.start for mention in _named(result, "Paris").mentions] == [body.rindex("Paris")]
    assert [quote.speaker for quote in result.quotes] == ["Valeska Paris"]


def test_a_country_and_its_people_have_one_code():
    result = _read("Russia said Russian troops would leave. The Russians left.")
    assert {entity.iso for entity in result.entities} == {"RU"}
    assert {entity.label for entity in result.entities} == {"GPE", "NORP"}


def test_headline_and_lead_make_salient():
    body = (
        "President Anna Berg met Prime Minister Tom Reyes.\n\n"
        + "The talks were long. " * 30
        + "Judge Marcus Hale left."
    )
    result = _read(body, headline="President Anna Berg in talks")
    order = [entity.name for entity in result.entities if entity.label == "PERSON"]
    assert order == ["Anna Berg", "Tom Reyes", "Marcus Hale"]
    assert all(0 <= entity.salience <= 1 for entity in result.entities)


def test_a_place_next_to_a_text_without_names_is_an_entity():
    [place] = _read("Nothing happened here.", located="Vienna").entities
    assert (place.name, place.count, place.salience) == ("Vienna", 0, 0)


def test_an_honorific_tells_an_office():
    """A doctor is meant by "the doctor", not whoever spoke last."""
    body = (
        "Dr. Alan Kim runs the clinic.\n\n“I was done,” Judge Brandy Lowe said.\n\n“She did the work,” the doctor said."
    )
    assert [quote.speaker for quote in _read(body).quotes] == ["Brandy Lowe", "Alan Kim"]


def test_a_name_called_a_company_is_nobody():
    """A recogniser that takes a company for a person is overruled by what the story calls it."""
    body = "The fine hits the chip maker Novatek hard.\n\nNovatek said it would appeal."
    second = body.rindex("Novatek")
    labelled = [Labelled(second, second + len("Novatek"), "PERSON")]
    story = read_entities(story_text(Content(body=body, language="en"), 10_000), {"body": labelled}, {}, learned=True)
    assert [person.name for person in story.people] == []
    assert [(thing.label, thing.name) for thing in story.things] == [("ORG", "Novatek")]


@pytest.mark.parametrize(
    ("body", "labelled", "label", "name"),
    [
        ("The bridge was built by Ann Moe's firm.", "Ann Moe's", "PERSON", "Ann Moe"),
        ("It was found by the Harwick Post on Monday.", "the Harwick Post", "ORG", "Harwick Post"),
        ("He left the Bank of the West and Roe followed.", "Bank of the West and", "ORG", "Bank of the West"),
        ("He told the conservative Harwick Post so.", "conservative Harwick Post", "ORG", "Harwick Post"),
        ("It was ready for London-based Harwick Lines.", "London-based Harwick Lines", "ORG", "Harwick Lines"),
    ],
)
def test_what_a_recogniser_takes_into_a_name_is_none_of_it(body, labelled, label, name):
    """Pipelines differ in whether a name has its article and its genitive."""
    start = body.index(labelled)
    found = [Labelled(start, start + len(labelled), label)]
    story = read_entities(story_text(Content(body=body, language="en"), 10_000), {"body": found}, {}, learned=True)
    [mention] = [span for one in (*story.people, *story.things) if one.name == name for span in one.mentions]
    assert body[mention.start : mention.end] == name


@pytest.mark.parametrize(("labelled", "name"), [("the next day", "next day"), ("last year's", "last year")])
def test_a_time_is_named_without_article_and_genitive(labelled, name):
    body = f"The bridge closed {labelled} end."
    found = [Labelled(18, 18 + len(labelled), "DATE")]
    story = read_entities(story_text(Content(body=body, language="en"), 10_000), {"body": found}, {}, learned=True)
    assert [(thing.label, thing.name) for thing in story.things] == [("DATE", name)]
