"""Ids of people across stories: one person in several spellings has one, namesakes have none or two."""

from __future__ import annotations

from functools import cache

import pytest

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.entities import identity
from pipeline.enrich.entities.identity import known_namesakes, person_id, person_key
from pipeline.enrich.entities.namesakes import Observation, namesakes, read_namesakes
from pipeline.events.errors import ConfigurationError
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


def test_an_installation_adds_namesakes(tmp_path, monkeypatch):
    table = tmp_path / "namesakes.tsv"
    table.write_text("# ours\n\nann-moe\tcountry\n", encoding="utf-8")
    monkeypatch.setattr(identity, "known_namesakes", cache(dict))
    Analyser({}, namesakes=read_namesakes(table))
    assert [person_id("Ann Moe", of) for of in ((), {"NO"})] == [None, "person:ann-moe:no"]
    assert person_id("Jan Moe") == "person:jan-moe"
    Analyser({}, namesakes=read_namesakes(None))
    assert identity.known_namesakes() == {"ann-moe": "country"}


@pytest.mark.parametrize(
    ("content", "error", "hint"),
    [
        (b"ann-moe\tcountry\nann-moe country\n", ":2: 'ann-moe country' is not a row", "a tab"),
        (b"ann-moe\tage\n", ":1: 'ann-moe\\tage' is not a row", "middle or country"),
        (b"moe\tcountry\n", ":1: 'moe' is not the key of a full name", "john-smith"),
        (b"sergey-lavrov\tcountry\n", "'sergey-lavrov' is not the key", "Write 'sergei-lavrov'"),
        (b"\xff\xfe", "is not UTF-8", "a tab"),
        (None, "cannot read", "enrich.namesakes: null"),
    ],
)
def test_a_wrong_table_says_what_to_do(tmp_path, content, error, hint):
    table = tmp_path / "namesakes.tsv"
    if content is not None:
        table.write_bytes(content)
    with pytest.raises(ConfigurationError) as raised:
        read_namesakes(table)
    assert error in str(raised.value)
    assert hint in str(raised.value.hint)
