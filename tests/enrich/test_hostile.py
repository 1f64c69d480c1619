"""Whatever comes, the analyser answers: no crash, right offsets, and long texts in time that grows with their length."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.quotes.extract import find_quotes
from pipeline.events import Content, Enrichment

_MARKS = "\"'“”‘’«»„‚‹›[]()—–-:,.;?!… \n"
_WORDS = (
    "said Lavrov told according to the minister he she they it that who President Anna Berg Mr. U.S. SCO (SCO) Russia's"
    " top diplomat Georgia Tbilisi company on Monday [Donald] Trump Foreign Minister of State and for"
).split()
_SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

wire_like = st.lists(
    st.one_of(st.sampled_from(_WORDS), st.text(_MARKS, max_size=3), st.text(max_size=4), st.just("\n\n")), max_size=60
).map(" ".join)


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser({"en": "blank-gazetteer"}, default_language="en", max_chars=20_000)


_ANALYSER = Analyser({"en": "blank-gazetteer"}, default_language="en", max_chars=20_000)


def _check(content: Content, result: Enrichment) -> None:
    assert result.status in {"done", "empty", "unsupported_language"}
    for entity in result.entities:
        assert 0 <= entity.salience <= 1
        assert entity.name
        for mention in entity.mentions:
            assert getattr(content, mention.field)[mention.start : mention.end] == mention.text
    for quote in result.quotes:
        assert content.body[quote.start : quote.end] == quote.text
        assert quote.text.strip()
        assert 0 <= quote.confidence <= 1
        if quote.source is not None:
            assert content.body[quote.source_start : quote.source_end] == quote.source
        assert quote.resolved == (quote.speaker is not None)
    assert Enrichment.model_validate_json(result.model_dump_json()) == result


@_SLOW
@given(headline=st.text(max_size=60), body=st.text(max_size=400))
def test_any_text(headline, body):
    content = Content(headline=headline, body=body, language="en")
    _check(content, _ANALYSER.analyse([content])[0])


@_SLOW
@given(headline=wire_like, body=wire_like)
def test_texts_of_the_wire_s_words(headline, body):
    content = Content(headline=headline, subheadline=headline[:40], body=body, language="en")
    _check(content, _ANALYSER.analyse([content])[0])


@_SLOW
@example(text='"\x01:\x01')
@given(text=st.text(_MARKS + "aA\x01", max_size=200))
def test_nothing_but_marks(text):
    for found in find_quotes(text):
        assert re.search(r"\w", text[found.start : found.end])
        assert 0 <= found.start < found.end <= len(text)


@pytest.mark.timeout(20)
def test_a_mark_behind_a_long_run_of_letters():
    assert find_quotes("x" * 300_000 + '" it') == []


MONSTERS = [
    "x" * 1_000_000,
    '"' * 100_000,
    "“" * 100_000,
    "said " * 40_000,
    "according to " * 20_000,
    "the minister, " * 20_000,
    "President " * 20_000,
    "Anna Berg " * 20_000,
    "U.S. " * 40_000,
    "[Donald] " * 20_000,
    '"a" said B. ' * 10_000,
    "\n\n" * 100_000,
    "a\n\n" * 50_000,
    ", " * 50_000 + "he said.",
    " " * 200_000,
    "🇷🇺👩‍👩‍👧 " * 10_000,
    "مرحبا «قال» " * 10_000,
    "\u202eabc\u202c " * 10_000,
    "\x00\x01\x02\x7f" * 20_000,
    "A" * 50_000 + " said " + "B" * 50_000,
    "Mr " * 50_000,
    "(" * 50_000 + ")" * 50_000,
    "’s " * 50_000,
    "“We go now,” said the\xa0minister. " * 5_000,
    "a statement from the ministry that said " * 10_000,
    "said at the current rate, in Troy Monday " * 10_000,
    "There is a quote attributed to " * 10_000,
    'He promised "action" and called for "peace" ' * 5_000,
    "told his forces in an open letter dated Thursday " * 10_000,
    "Asked of it, In a letter to Roe, " * 10_000 + "he said it was good.",
    "In July, accused plotter Paul Holt, " * 10_000 + "said it was good.",
    "details that have not been and was " * 10_000,
    "demanded the charges and the " * 10_000,
    "They say, 'Are you " * 10_000 + '"no"',
    "of " * 50_000,
    "Berg, the minister of state, " * 10_000,
]


@pytest.mark.parametrize("body", MONSTERS, ids=range(len(MONSTERS)))
@pytest.mark.timeout(20)
def test_monsters(analyser, body):
    content = Content(headline=body[:300], body=body, language="en")
    _check(content, analyser.analyse([content])[0])


def test_empty_and_blank_stories(analyser):
    assert [result.status for result in analyser.analyse([Content(), Content(body=" \n "), Content(headline="\t")])] == [
        "empty", "empty", "empty",
    ]  # fmt: skip


def test_of_a_language_without_a_model_places_and_quotations_are_said(analyser):
    body = (
        "Der Außenminister sagte am Dienstag in Kairo, die Gespräche über den Frieden würden fortgesetzt. Das ist gut."
    )
    result = analyser.analyse([Content(body=body, language="de")])[0]
    assert (result.status, result.language) == ("unsupported_language", "de")
    assert [(quote.source, quote.speaker, quote.type) for quote in result.quotes] == [
        ("Der Außenminister", None, "indirect")
    ]
    assert [entity.name for entity in result.entities] == ["Cairo"]


def test_long_texts_are_cut_where_the_setting_says(analyser):
    body = "Anna Berg said the bridge was gone. " * 2000
    result = analyser.analyse([Content(body=body, language="en")])[0]
    assert max(mention.end for entity in result.entities for mention in entity.mentions) <= 20_000
