"""Quotations in French and German: words in marks with a verb of saying, and who speaks as printed."""

from __future__ import annotations

import pytest

from pipeline.enrich.other_quotes import other_quotes
from pipeline.events import Entity, Mention

#: Language, text, and for each quotation its words, who speaks, the verb.
CASES = [
    ("fr", "« Nous irons plus loin », a déclaré Anne Delmas.", [("Nous irons plus loin", "Anne Delmas", "a déclaré")]),
    ("fr", "« Nous irons plus loin, » a déclaré lundi Anne Delmas, ministre.", [("Nous irons plus loin", "Anne Delmas", "a déclaré")]),
    ("fr", "« La route est longue », dit-elle.", [("La route est longue", "elle", "dit")]),
    ("fr", "« La route est longue », a-t-il ajouté.", [("La route est longue", "il", "a-t-il")]),
    ("fr", "« C'est un jour triste », explique M. Perrin à la presse.", [("C'est un jour triste", "M. Perrin", "explique")]),
    ("fr", "“La route est longue”, selon nos informations.", []),
    ("fr", "Anne Delmas a répondu : « Rien ne changera avant lundi. »", [("Rien ne changera avant lundi.", "Anne Delmas", "répondu")]),
    ("fr", "Et, elle admit : « Il faut agir tout de suite »", [("Il faut agir tout de suite", "elle", "admit")]),
    ("fr", "Le film « Les jours de pluie » sort lundi.", []),
    ("fr", "Il parle d'un « principe du mérite » et d'autre chose.", []),
    ("fr", "« Rien ne va plus ici », titre un journal.", []),
    ("de", "„Wir gehen weiter als bisher“, sagte Anne Delmas am Montag.", [("Wir gehen weiter als bisher", "Anne Delmas", "sagte")]),
    ("de", "„Wir gehen weiter als bisher“, so Richter.", [("Wir gehen weiter als bisher", "Richter", "so")]),
    ("de", "»Wir gehen weiter als bisher«, erklärte der Sprecher der Polizei.", [("Wir gehen weiter als bisher", "der Sprecher der Polizei", "erklärte")]),
    ("de", "„Das ist ein Anfang“, sagte sie zu den Leuten.", [("Das ist ein Anfang", "sie", "sagte")]),
    ("de", "Er fügte hinzu: „Das ist noch kein Ende.“", [("Das ist noch kein Ende.", "Er", "fügte")]),
    ("de", "Paul Richter hat einmal gesagt: „Das ist noch kein Ende.“", [("Das ist noch kein Ende.", "Paul Richter", "gesagt")]),
    ("de", "Und sie räumte ein: „Das ist noch kein Ende.“", [("Das ist noch kein Ende.", "sie", "räumte")]),
    ("de", "Die „jüngsten Ereignisse“ sind bekannt.", []),
    ("de", "Der Film „Tage mit viel Regen“ läuft am Montag an.", []),
    ("de", "„Das ist ein Anfang“, hieß es dazu.", []),
    ("es", "«Vamos a seguir adelante», dijo Ana Moreno.", []),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "quotes"), CASES)
def test_words_speaker_and_verb(language: str, text: str, quotes: list[tuple[str, str, str]]) -> None:
    found = other_quotes(text, language)
    assert [(one.text, one.source, one.cue) for one in found] == quotes
    assert all(text[one.start : one.end] == one.text for one in found)
    assert all(text[one.source_start or 0 : one.source_end] == one.source for one in found)


def person(text: str, name: str, at: str) -> Entity:
    start = text.index(at)
    mention = Mention(start=start, end=start + len(at), text=at)
    return Entity(label="PERSON", name=name, mentions=(mention,))


def test_who_speaks_is_named_where_a_person_was_found() -> None:
    text = "Anne Delmas est arrivée. « Nous irons plus loin », a déclaré Mme Delmas."
    people = (person(text, "Anne Delmas", "Anne Delmas"), person(text, "Mme Delmas", "Mme Delmas"))
    (quote,) = other_quotes(text, "fr", people)
    assert (quote.speaker, quote.resolved, quote.source) == ("Anne Delmas", True, "Mme Delmas")
    assert quote.confidence < 0.9, "likely, since it is not calibrated"


def test_of_two_with_one_surname_none_is_chosen() -> None:
    text = "Anne Delmas et Paul Delmas sont là. « Nous irons plus loin », a déclaré Mme Delmas."
    names = ("Anne Delmas", "Paul Delmas", "Mme Delmas")
    (quote,) = other_quotes(text, "fr", tuple(person(text, name, name) for name in names))
    assert quote.speaker == "Mme Delmas"


def test_without_a_person_the_words_stay() -> None:
    (quote,) = other_quotes("„Wir gehen weiter als bisher“, sagte Richter.", "de")
    assert (quote.speaker, quote.resolved, quote.source, quote.confidence) == (None, False, "Richter", 0.0)


@pytest.mark.parametrize("text", ["« " * 20_000, "„" * 50_000, '"a b c d ' * 20_000, "» « " * 20_000])
def test_marks_without_end_cost_little(text: str) -> None:
    assert other_quotes(text, "fr") == ()
