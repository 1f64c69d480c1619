"""Ids of people across stories: one person in several spellings has one, namesakes have none or two."""

from __future__ import annotations

import pytest

from pipeline.enrich.entities.identity import Observation, known_namesakes, namesakes, person_id, person_key
from tests.enrich.speakers_of import everything_in


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sergei Lavrov", "Sergey V. Lavrov"),
        ("Volodymyr Zelensky", "Volodymyr Zelenskyy"),
        ("Tim Sloan", "Timothy J. Sloan"),
        ("Muhammad bin Salman", "Mohammed bin Salman"),
        ("José Mujica", "Jose Mujica"),
        ("Datuk Seri Anwar Ibrahim", "Anwar Ibrahim"),
        ("Ursula von der Leyen", "Ursula Von der Leyen"),
    ],
)
def test_one_person_in_two_spellings_has_one_id(one: str, other: str) -> None:
    assert person_id(one) == person_id(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Donald Trump", "Donald Trump Jr."),
        ("George W. Bush", "George H. W. Bush"),
        ("Volodymyr Orlov", "Vladimir Orlov"),
        ("Ann Moe", "Jan Moe"),
    ],
)
def test_two_persons_have_two_ids(one: str, other: str) -> None:
    assert None is not person_id(one) != person_id(other)


def test_less_than_a_full_name_has_no_id() -> None:
    assert {person_id(name) for name in ("Lavrov", "Mr Lavrov", "S. Lavrov", "", "...")} == {None}


def test_a_known_namesake_needs_evidence() -> None:
    apart = {"john-smith": "country", "george-bush": "middle"}
    assert person_id("John Smith", (), apart) is None
    assert person_id("John Smith", {"AU"}, apart) == "person:john-smith:au"
    assert person_id("John Smith", {"AU", "GB"}, apart) is None
    assert person_id("George Bush", {"US"}, apart) is None
    assert person_id("George W. Bush", (), apart) == "person:george-bush:w"
    assert set(known_namesakes().values()) == {"middle", "country"}
    assert all(person_key(key.replace("-", " ")) == key for key in known_namesakes())


def test_namesakes_are_learnt_from_what_stories_say() -> None:
    australian, briton = Observation("John Smith", frozenset({"AU"})), Observation("John Smith", frozenset({"GB"}))
    assert namesakes([australian] * 3 + [briton] * 3) == {"john-smith": "country"}
    assert namesakes([australian] * 3 + [briton]) == {}, "one story may be wrong"
    both = Observation("John Smith", frozenset({"AU", "GB"}))
    assert namesakes([australian] * 3 + [briton] * 3 + [both]) == {}, "an envoy of one country to the other"
    assert namesakes([Observation("George W. Bush")] * 3 + [Observation("George H. W. Bush")] * 3) == {
        "george-bush": "middle"
    }
    assert namesakes([Observation("Tim Sloan")] * 3 + [Observation("Timothy J. Sloan")] * 3) == {}


def test_entities_and_speakers_have_the_same_id() -> None:
    entities, quotes = everything_in('Russian Foreign Minister Sergey Lavrov left. "We will wait," Mr. Lavrov said.')
    assert [entity.id for entity in entities if entity.label == "PERSON"] == ["person:sergei-lavrov"]
    assert [quote.speaker_id for quote in quotes] == ["person:sergei-lavrov"]
