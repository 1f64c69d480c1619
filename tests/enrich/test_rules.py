"""The rules for quotations: each example is read as marked, by the rule that it explains."""

from __future__ import annotations

import re

import pytest

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.entities.recogniser import BLANK
from pipeline.enrich.quotes.extract import find_quotes
from pipeline.enrich.quotes.rules import rules
from pipeline.enrich.quotes.taught import Phrase, compiled
from pipeline.events import Content
from pipeline.events.errors import ConfigurationError
from tests.enrich.marked_lines import said_and_sources

_EXAMPLES = [(rule.name, example) for rule in rules().values() for example in rule.examples]


def _plain(line: str) -> str:
    return re.sub(r"[⟦⟧{}]", "", line)


@pytest.mark.parametrize(("name", "example"), _EXAMPLES)
def test_an_example_is_read_as_marked(name, example):
    found, marked = said_and_sources(example)
    assert found == marked
    assert name in {quote.rule for quote in find_quotes(_plain(example))}


@pytest.mark.parametrize("line", [line for rule in rules().values() for line in rule.counterexamples])
def test_nothing_is_found_in_a_counterexample(line):
    assert find_quotes(line) == []


def test_every_quotation_carries_the_name_of_a_rule_that_is_explained():
    names = {quote.rule for _, example in _EXAMPLES for quote in find_quotes(_plain(example))}
    assert names == set(rules())
    [result] = Analyser({"en": BLANK}).analyse(
        [Content(body='"The pumps failed at noon," Ann Moe said.', language="en")]
    )
    assert [quote.rule for quote in result.quotes] == ["marks_name_verb"]


@pytest.mark.parametrize(
    ("phrase", "wrong"),
    [
        ("PERSON [say] CONTENT", "PERSON is none of CONTENT, MEDIUM"),
        ("SOURCE [leave] open", "needs SOURCE or NAME, and CONTENT"),
        ("[leave] open CONTENT", "needs SOURCE or NAME, and CONTENT"),
    ],
)
def test_what_is_wrong_with_a_phrase_is_said(phrase, wrong):
    with pytest.raises(ConfigurationError, match=wrong):
        compiled(Phrase("mine", phrase, "", (), (), in_gold=True))
