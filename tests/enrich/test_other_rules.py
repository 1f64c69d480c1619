"""The rules for French and German: each example is read as marked, by the rule that it explains; titles; the gold."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest
from ruamel.yaml import YAML

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.entities.recogniser import BLANK
from pipeline.enrich.other_quotes import other_quotes
from pipeline.enrich.others.people import titled
from pipeline.enrich.others.words import LANGUAGES
from pipeline.events import Content
from pipeline.events.tables import table_rows
from tests.enrich.other_score import same_source, score

_EDGES = " \"“”„«»'‘’,.;:!?"


def _rules(language: str) -> dict[str, dict[str, Any]]:
    text = files("pipeline.enrich").joinpath("lexicon", language, "rules.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = YAML(typ="safe").load(text)
    return found


RULES = [(language, name, rule) for language in sorted(LANGUAGES) for name, rule in _rules(language).items()]
EXAMPLES = [(language, name, line) for language, name, rule in RULES for line in rule["examples"]]
NOTHING = [(language, line) for language, _, rule in RULES for line in rule.get("not", ())]


def _between(line: str, opening: str, closing: str) -> list[str]:
    return [part.strip(_EDGES) for part in re.findall(f"{opening}(.*?){closing}", line)]


@pytest.mark.parametrize(("language", "name", "line"), EXAMPLES)
def test_an_example_is_read_as_marked_by_its_rule(language: str, name: str, line: str) -> None:
    text = re.sub(r"[⟦⟧{}]", "", line)
    found = other_quotes(text, language)
    assert [one.text.strip(_EDGES) for one in found] == _between(line, "⟦", "⟧")
    assert name in {one.rule for one in found}
    sources = _between(line, "{", "}")
    assert all(same_source(one.source, sources) if one.source else not sources for one in found)
    assert all(text[one.start : one.end] == one.text for one in found)
    assert all(one.source is None or text[one.source_start or 0 : one.source_end] == one.source for one in found)


@pytest.mark.parametrize(("language", "line"), NOTHING)
def test_nothing_is_found_in_a_counterexample(language: str, line: str) -> None:
    assert other_quotes(line, language) == ()


def test_every_rule_is_explained() -> None:
    explained = {(language, name) for language, name, _ in RULES}
    assert {(language, one.rule) for language, _, line in EXAMPLES
            for one in other_quotes(re.sub(r"[⟦⟧{}]", "", line), language)} == explained  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text", "people"),
    [
        ("fr", "Le ministre des Finances Bruno Lacaze a parlé.", [("Bruno Lacaze", "ministre des Finances")]),
        ("fr", "La chancelière Angela Merkel, en visite.", [("Angela Merkel", "chancelière")]),
        ("fr", "Anne Moreau, directrice de la régie, est là.", [("Anne Moreau", "directrice de la régie")]),
        ("fr", "Le directeur général du groupe, Luc Petit, est là.", [("Luc Petit", "directeur général du groupe")]),
        ("fr", "Le maire de Paris est là.", []),
        ("fr", "Le ministre saluait Luc Petit.", []),
        ("de", "Bundeskanzler Olaf Scholz sprach.", [("Olaf Scholz", "Bundeskanzler")]),
        ("de", "Der ehemalige Außenminister Max Klein sprach.", [("Max Klein", "ehemaliger Außenminister")]),
        ("de", "Anne Richter, Sprecherin der Polizei, sprach.", [("Anne Richter", "Sprecherin der Polizei")]),
        ("de", "Der Inhaber einer Bonus Card spart.", []),
        ("de", "Sie beauftragte die Firma Nord Licht.", []),
        ("de", "Der Abgeordnete Hong Kong gibt es nicht.", []),
    ],
)
def test_titles(language: str, text: str, people: list[tuple[str, str]]) -> None:
    assert [(one.name, one.role) for one in titled(text, language)] == people


def test_who_has_a_title_is_a_person_of_the_story_and_named_as_speaker_without_a_pipeline() -> None:
    story = Content(
        headline="Scholz bleibt hart", language="de",
        body="Bundeskanzler Olaf Scholz ist am Montag in Berlin. Scholz sagte, die Pumpen seien zu alt für die ganze Stadt.",
    )  # fmt: skip
    (found,) = Analyser({"en": BLANK}).analyse([story])
    (person,) = [entity for entity in found.entities if entity.label == "PERSON"]
    assert (person.name, person.roles, person.count) == ("Olaf Scholz", ("Bundeskanzler",), 3)
    (quote,) = found.quotes
    assert (quote.type, quote.speaker, quote.role, quote.source) == (
        "indirect",
        "Olaf Scholz",
        "Bundeskanzler",
        "Scholz",
    )
    assert "Berlin" in {entity.name for entity in found.entities}


def test_marks_within_a_statement_make_it_mixed() -> None:
    (quote,) = other_quotes("Le maire a jugé que la situation restait « très préoccupante ».", "fr")
    assert (quote.type, quote.text) == ("mixed", "la situation restait « très préoccupante »")


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_sentences_that_the_rules_were_made_on(language: str) -> None:
    found = score(language, "dev", with_model=False)
    assert found["and by whom"].f1 >= 0.95
    assert found["titles"].f1 >= 0.95


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_tables_have_each_line_once(language: str) -> None:
    for name in ("saying.tsv", "around_saying.tsv", "nouns.tsv", "phrases.tsv"):
        rows = [tuple(row) for row in table_rows("pipeline.enrich", "lexicon", language, name)]
        assert len(rows) == len(set(rows)), name
        assert all(len(row) == 2 and all(cell == cell.strip() != "" for cell in row) for row in rows), name


@pytest.mark.parametrize(
    "text",
    ["sagte, " * 5_000, "Herr " * 10_000, "minister " * 10_000, "selon " * 8_000, "a dit que " * 8_000, ", " * 25_000,
     ("Minister Anna Berg" + " x" * 90 + ". ") * 120],
)  # fmt: skip
def test_long_texts_cost_little(text: str) -> None:
    for language in sorted(LANGUAGES):
        other_quotes(text, language)
        titled(text, language)
