"""Places in languages that no pipeline reads: found under one English name, and little else taken for one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.entities.foreign import located
from pipeline.enrich.entities.scan import gazetteer_matches
from pipeline.enrich.world import city, languages, places_in
from pipeline.events import Content, Entity

PARALLEL = Path(__file__).parents[3] / "shared" / "data" / "parallel" / "pud-news.tsv"

SENTENCES = [
    ("de", "Der Kanzler flog von Peking über Moskau nach Großbritannien.", ["Beijing", "Moscow", "United Kingdom"]),
    ("de", "Das Essen war gut, sagte sie in Brüssel.", ["Brussels"]),
    ("de", "Vertreter der Vereinigten Staaten und der Türkei.", ["United States", "Turkey"]),
    ("fr", "Le ministre a quitté Bruxelles pour les États-Unis.", ["Brussels", "United States"]),
    ("fr", "La ville de Moscou et l'Allemagne.", ["Moscow", "Germany"]),
    ("es", "El presidente viajó de Pekín a Londres y Estados Unidos.", ["Beijing", "London", "United States"]),
    ("it", "Il premier è volato da Mosca a Pechino.", ["Moscow", "Beijing"]),
    ("pt", "O ministro viajou de Pequim para Londres e para os EUA.", ["Beijing", "London", "United States"]),
    ("ru", "Министр прилетел из Германии, из США и из Шанхая.", ["Germany", "United States", "Shanghai"]),
    ("ru", "Канадский министр. Давайте посмотрим. Самой большой была эта.", []),
    ("tr", "Bakan Ankara'dan Moskova'ya gitti, Fransız gazetesi yazdı.", ["Ankara", "Moscow"]),
    ("zh", "部长们在北京会见了美国和法国的代表。", ["Beijing", "United States", "France"]),
    ("zh", "部長們在北京會見了美國和英國的代表。", ["Beijing", "United States", "United Kingdom"]),
    ("ar", "وصل الوزير من موسكو إلى فرنسا", ["Moscow", "France"]),
    ("ja", "大臣は北京でアメリカの代表と会った。", ["Beijing", "United States"]),
    ("xx", "Moskau, Peking", []),
]


@pytest.mark.parametrize(("language", "text", "names"), SENTENCES)
def test_places_under_their_english_names(language: str, text: str, names: list[str]) -> None:
    found = places_in(text, language) if language in languages() else []
    assert [place.name for _, _, place in found] == names


def test_a_name_does_not_go_over_a_line() -> None:
    assert places_in("Vereinigte\nStaaten", "de") == []


def test_a_story_in_a_language_without_a_pipeline_has_its_places() -> None:
    content = Content(
        headline="Kanzler in Peking", body="Der Kanzler ist in Peking. Er war in Frankreich.", language="de"
    )
    (result,) = Analyser({"en": "blank-gazetteer"}).analyse([content])
    assert (result.status, result.language, result.quotes) == ("unsupported_language", "de", ())
    peking, france = result.entities
    assert (peking.name, peking.count, peking.point, peking.id) == ("Beijing", 2, (39.907, 116.397), "Q956")
    assert (france.name, france.iso, france.point) == ("France", "FR", None)
    assert [(mention.field, mention.text) for mention in peking.mentions] == [
        ("headline", "Peking"),
        ("body", "Peking"),
    ]


@pytest.mark.parametrize(
    ("name", "countries", "country"),
    [
        ("Moscow", (), "RU"), ("Hyderabad", ("PK",), "PK"), ("Hyderabad", ("IN",), "IN"), ("Hyderabad", (), None),
        ("Nowhere", (), None), ("Lyon", ("FR",), "FR"), ("Lyon", (), None), ("Lyon", ("DE",), None),
        ("Wroclaw", ("PL",), "PL"), ("Victoria", ("AU",), None), ("Cambridge", ("GB", "US"), None),
    ],
)  # fmt: skip
def test_which_city_a_name_stands_for(name: str, countries: tuple[str, ...], country: str | None) -> None:
    found = city(name, countries)
    assert (found.iso if found else None) == country


def test_entities_of_any_text_get_their_point_and_keep_their_id() -> None:
    entities = (
        Entity(label="GPE", name="Shanghai", id="Q8686"), Entity(label="GPE", name="Osaka"),
        Entity(label="PERSON", name="Paris"), Entity(label="GPE", name="France", iso="FR", id="Q142"),
    )  # fmt: skip
    found = located(entities)
    assert [entity.point is not None for entity in found] == [True, True, False, False]
    assert [entity.id for entity in found] == ["Q8686", "geonames:1853909", None, "Q142"]


@pytest.mark.skipif(not PARALLEL.exists(), reason="the parallel sentences are not here")
@pytest.mark.parametrize("language", ["de", "fr", "es", "it", "pt"])
def test_against_the_same_sentences_in_english(language: str) -> None:
    """What is found must be in the English sentence too; there it may be a nationality, hence some difference."""
    head, *rows = [line.split("\t") for line in PARALLEL.read_text(encoding="utf-8").splitlines()]
    counts: Counter[str] = Counter()
    for row in rows:
        english, other = row[head.index("en")], row[head.index(language)]
        there = {match.known.name for match in gazetteer_matches(english) if match.known.label == "GPE"}
        there |= {
            place.name for _, _, place in places_in(english, "ga")
        }  # any language in Latin letters has the cities
        found = {place.name for _, _, place in places_in(other, language)}
        counts += Counter(both=len(found & there), only_here=len(found - there), only_english=len(there - found))
    assert counts["both"] >= 0.6 * (counts["both"] + counts["only_english"])
    assert counts["both"] >= 0.85 * (counts["both"] + counts["only_here"])
