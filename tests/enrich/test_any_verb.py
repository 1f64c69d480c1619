"""Marked words, a name and a finite verb are a quotation, whatever the verb; other marked words next to a name are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pipeline.enrich.quotes.extract import find_quotes

_PROBES = YAML(typ="safe").load(Path(__file__).parent / "probes" / "structure.yaml")
_ORDERS = (
    '"The pumps failed at noon," {name} {verb}.',
    '"The pumps failed at noon," {verb} {name}.',
    '{name} {verb}: "The pumps failed at noon."',
    '{name} {verb}, "The pumps failed at noon."',
)


@pytest.mark.parametrize("verb", _PROBES["verbs"])
@pytest.mark.parametrize("name", ["Ann Moe", "Hallworth"])
def test_any_verb_next_to_marks_reports_them(verb, name):
    for order in _ORDERS:
        text = f"The council met on Monday. {order.format(name=name, verb=verb)}"
        [quote] = find_quotes(text)
        assert quote.source is not None, text
        assert (quote.type, quote.source.text(text)) == ("direct", name), text


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ('"We were late," the old man went on.', "the old man"),
        ('"We were late," she finally conceded to the panel.', "she"),
        ('"Not a chance," spat the driver of the van.', "the driver of the van"),
        ('"We were late," the accused wept as the judge left.', "the accused"),
    ],
)
def test_who_speaks_may_be_a_pronoun_or_a_description(line, source):
    [quote] = find_quotes(line)
    assert quote.source is not None
    assert quote.source.text(line) == source


@pytest.mark.parametrize("line", [line for line in _PROBES["nothing is said"] if "widow" not in line])
def test_titles_and_words_spoken_of_are_no_quotations(line):
    assert find_quotes(line) == []
