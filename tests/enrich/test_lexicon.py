"""The tables of words: well formed, each word once, and what they give to the rules."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files

import pytest

from pipeline.enrich.lexicon import ALL_FORMS, ENGLISH

_TABLES = (
    "abbreviations",
    "function_words",
    "given_names",
    "honorifics",
    "irregular_verbs",
    "modifiers",
    "nouns",
    "verbs",
)


def _lines(table: str) -> list[list[str]]:
    text = files("pipeline.enrich.lexicon").joinpath("en", f"{table}.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("table", _TABLES)
def test_each_word_is_in_its_table_once_and_in_order(table):
    head, *rows = _lines(table)
    words = [row[0] for row in rows]
    assert [word for word, count in Counter(words).items() if count > 1] == []
    assert words == sorted(words, key=str.lower)
    assert all(len(row) <= len(head) for row in rows)
    assert all(cell == cell.strip() for row in rows for cell in row)


def test_a_verb_is_one_word_with_a_use():
    _, *rows = _lines("verbs")
    assert [row for row in rows if len(row) < 2 or " " in row[0]] == [], (
        "tabs between columns; phrases.yaml has phrases"
    )
    assert [verb.lemma for verb in ENGLISH.verbs if not verb.uses] == []


def test_a_verb_that_only_reports_marks_has_no_other_use():
    others = ("says", "thinks", "that", "tells", "asks")
    assert [verb.lemma for verb in ENGLISH.verbs if "only_marks" in verb.uses and {*others} & {*verb.uses}] == []


def test_forms_of_verbs_that_are_in_no_table():
    for lemma, past, gerund in [
        ("chip", "chipped", "chipping"),
        ("quip", "quipped", "quipping"),
        ("visit", "visited", "visiting"),
        ("weep", "wept", "weeping"),
        ("shoot", "shot", "shooting"),
        ("mix", "mixed", "mixing"),
        ("snow", "snowed", "snowing"),
        ("hurry", "hurried", "hurrying"),
        ("balk", "balked", "balking"),
    ]:
        assert (past, gerund) == (ENGLISH.forms_of(lemma, "d")[0], ENGLISH.forms_of(lemma, "g")[0])


@pytest.mark.parametrize("table", _TABLES)
def test_every_column_and_feature_is_explained_in_the_head_of_its_table(table):
    text = files("pipeline.enrich.lexicon").joinpath("en", f"{table}.tsv").read_text(encoding="utf-8")
    explained = " ".join(line for line in text.splitlines() if line.startswith("#")).replace(",", " ").split()
    head, *rows = _lines(table)
    features = {
        feature.partition(":")[0]
        for row in rows
        for name, cell in zip(head, row, strict=False)
        if name == "features"
        for feature in cell.split()
    }
    assert {*head[1:], *features} <= set(explained)


def test_no_word_is_in_two_tables_of_words_before_an_office():
    nouns = {word for noun in ENGLISH.nouns for word in (noun.singular, noun.plural)}
    assert {row[0] for row in _lines("modifiers")[1:]} & nouns == set()


def test_the_uses_of_verbs_are_forms_that_they_have():
    for verb in ENGLISH.verbs:
        for use, letters in verb.uses.items():
            assert set(letters) <= set(ALL_FORMS), (verb.lemma, use)
            assert all(verb.forms[letter] for letter in letters), (verb.lemma, use)


def test_the_uses_of_nouns_are_numbers():
    for noun in ENGLISH.nouns:
        assert all(set(numbers) <= {"s", "p"} for numbers in noun.uses.values()), noun.singular
        assert set(noun.name_numbers) <= {"s", "p"}
        assert noun.gender in {"", "m", "f"}


def test_forms_are_regular_unless_the_table_says_otherwise():
    forms = {verb.lemma: verb.forms for verb in ENGLISH.verbs}
    assert forms["say"]["d"] == ("said",)
    assert forms["admit"]["g"] == ("admitting",)
    assert forms["reply"]["s"] == ("replies",)
    assert forms["write"]["n"] == ("written",)
    assert forms["announce"]["g"] == ("announcing",)
    assert forms["label"]["d"] == ("labeled", "labelled")


def test_a_noun_gives_its_name_with_a_capital_and_its_description_without():
    assert "Ministry" in ENGLISH.ends_of_names("ORG")
    assert "ministry" in ENGLISH.nouns_that("body")
    assert "Islands" in ENGLISH.ends_of_names("LOC")
    assert {"ambassador", "foreign-minister"} <= ENGLISH.called()["diplomat"]
    assert {"mr", "king"} <= ENGLISH.gendered("m")
