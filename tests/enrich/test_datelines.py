"""A body that still carries its dateline: it is no part of a quotation, and nobody who speaks.

A sentence a line, ⟦what was said⟧ and {who said it} marked.
"""

from __future__ import annotations

import pytest

from pipeline.enrich.other_quotes import other_quotes
from tests.enrich.marked_lines import said_and_sources

_HEADS = (
    "HARWICK (AP) - ", "HARWICK (AP) — ", "HARWICK, Jan. 4 (Reuters) - ", "HARWICK, Ohio, Jan 4, 2026 (Reuters) -- ",
    "LONDON — ", "LONDON, June 3 - ", "PARIS, France (AFP) - ", "Paris (AFP) – ", "ST. LOUIS (AP) _ ", "(Reuters) - ",
    "RIO DE JANEIRO, Brazil — ", "NEW YORK, March 3 /PRNewswire/ -- ", "HARWICK — ", "UPPER HARWICK — ", "HARWICK (AP) -\n\n",
    "The dam broke on Monday.\n\nHARWICK (AP) - ",
)  # fmt: skip
_STORIES = (
    '⟦"We will go,"⟧ {Mayor Moe} said.',
    '⟦"We will go on with the work,"⟧ said {Ann Moe}. ⟦"It is late."⟧',
    "⟦The dam was full⟧, {Moe} said.",
    "⟦The dam was full⟧, according to {the mayor}.",
    "According to {the mayor}, ⟦the dam was full⟧.",
    "{Moe} said ⟦the dam was full⟧.",
    '{Ann Moe} on Monday called ⟦the dam "a farce"⟧.',
    '{Mayor Ann Moe} said: ⟦"We will go on with the work."⟧',
)


@pytest.mark.parametrize("story", _STORIES)
@pytest.mark.parametrize("head", _HEADS)
def test_a_dateline_is_no_part_of_a_quotation_or_source(head: str, story: str) -> None:
    found, marked = said_and_sources(head + story)
    assert found == marked


@pytest.mark.parametrize(
    "line",
    [
        "⟦NATO was late⟧, {Moe} said.",
        "⟦AIDS — a disease that kills millions — can be cured⟧, {Moe} said.",
        "⟦NASA - the space agency - was late⟧, {Moe} said.",
        "⟦Harwick - the town by the river - was flooded⟧, {Moe} said.",
        "⟦U.S. - Russian ties are good⟧, {Moe} said.",
        "⟦NATO - Russian ties are good⟧, {Moe} said.",
        '⟦"LONDON — the city of light,"⟧ {Moe} said.',
        "⟦The Harwick (AP) bureau - a small one - was closed⟧, {Moe} said.",
    ],
)
def test_other_words_before_a_dash_are_still_said(line: str) -> None:
    found, marked = said_and_sources(line)
    assert found == marked


@pytest.mark.parametrize(
    ("language", "body", "said", "source"),
    [
        ("de", "BERLIN (dpa) - „Wir gehen morgen nach Hause“, sagte Anna Moe.", "Wir gehen morgen nach Hause", "Anna Moe"),
        ("de", "Berlin (dpa) - Die Strecke sei gesperrt, sagte Anna Moe.", "Die Strecke sei gesperrt", "Anna Moe"),
        ("fr", "PARIS (AFP) - Le pont est fermé, a déclaré Anne Moe.", "Le pont est fermé", "Anne Moe"),
        ("fr", "Paris, 24 nov 2026 (AFP) - « Le pont est fermé », a déclaré Anne Moe.", "Le pont est fermé", "Anne Moe"),
    ],
)  # fmt: skip
def test_nor_is_it_in_french_and_german(language: str, body: str, said: str, source: str) -> None:
    [quote] = other_quotes(body, language)
    assert (quote.text, quote.source) == (said, source)
    assert body[quote.start : quote.end] == said
