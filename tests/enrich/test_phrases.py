"""Phrases of ``phrases.yaml`` after a statement, and what else is said after one.

A sentence a line, ⟦what was said⟧ and {who said it} marked.
"""

from __future__ import annotations

import pytest

from pipeline.enrich.quotes.extract import find_quotes
from tests.enrich.marked_lines import said_and_sources

_LINES = """
⟦The bridge is safe⟧, {Ann Birch} shot back.
⟦The bridge is safe⟧, {the minister} fired back on Monday.
⟦The bridge is safe⟧, shot back {Ann Birch}.
⟦The bridge is safe⟧, {Ann Birch, the mayor,} shot back.
⟦The ban would stay⟧, {the court} made plain.
⟦The ban would stay⟧, {the court} made it known on Friday.
⟦The bridge is safe⟧, {Ann Birch} shot back, adding that ⟦the gates were open⟧.
⟦The bridge is safe⟧, {Ann Birch} shot back, and added that ⟦the gates were open⟧.
{Ann Birch} shot back that ⟦the bridge was safe⟧, adding that ⟦the gates were open⟧.
{Ann Birch} shot back that ⟦the bridge was safe⟧, but warned that ⟦the gates were open⟧.
{The court} made plain that ⟦the ban would stay⟧, adding that ⟦an appeal was open⟧.
{Ann Birch} left open whether ⟦the tax would rise⟧, adding that ⟦the gates were open⟧.
{Ann Birch} urged ⟦residents to leave⟧, adding that ⟦the gates were open⟧.
{Ann Birch} called for ⟦an inquiry into the fire⟧, saying ⟦the gates were open⟧.
{Ann Birch} called ⟦the delay "a farce"⟧, adding that ⟦the gates were open⟧.
{Ann Birch} vowed ⟦to open the gates⟧, saying that ⟦the bridge was safe⟧.
"""


@pytest.mark.parametrize("line", _LINES.strip().splitlines())
def test_a_phrase_follows_a_statement_and_more_follows_it(line: str) -> None:
    found, marked = said_and_sources(line)
    assert found == marked


@pytest.mark.parametrize(
    "line",
    [
        "The rebels shot back that night.",
        "When the rebels opened fire, the army shot back.",
        "Wounded in the leg by a guard, he shot back.",
        "Attacked from the hills above the town, the army fired back.",
        "The rebels attacked the town, and the army shot back.",
        "Police, who had been fired on, shot back.",
        "The police, fired on from a car, fired back.",
        "The toy was made plain, the shop closed.",
    ],
)
def test_what_is_done_with_guns_and_hands_is_no_statement(line: str) -> None:
    assert find_quotes(line) == []
