"""What somebody holds without a verb of saying, and what is said in a clause with "who": a sentence a line."""

from __future__ import annotations

import pytest

from tests.enrich.marked_lines import said_and_sources

_HELD = """
{Mr. Holt} made the case that ⟦the plan had flaws⟧.
{Mr. Holt} took the position that ⟦the law was void⟧.
{The agency} issued a warning that ⟦the dam could fail⟧.
{Mr. Holt} came to the conclusion that ⟦the law was void⟧.
{Mr. Holt} let it be known that ⟦he would run⟧.
{Mr. Holt} is convinced that ⟦the plan has flaws⟧.
{Mr. Holt} is confident ⟦he will win⟧.
{Officials} are concerned ⟦the dam could fail⟧.
{Mr. Holt} was adamant that ⟦he had not met the envoy⟧.
{Mr. Holt} took to Twitter on Monday to complain that ⟦the plan had failed⟧.
{Mr. Holt} used the speech on Monday to argue that ⟦the plan had failed⟧.
In {Mr. Holt}'s view, ⟦the vote was rigged⟧.
{Mr. Holt}'s argument is that ⟦the vote was rigged⟧.
"""
_IN_RELATIVE_CLAUSES = """
Mr. Trump, {who} has accused ⟦the Fed of playing politics⟧, repeated the charge.
Mr. Trump, {who} says ⟦the vote was rigged⟧, left the room.
Mr. Trump, {who} said last week that ⟦the vote was rigged⟧, will speak on Monday.
Mr. Trump, {who} believes ⟦the vote was rigged⟧, has not conceded.
Mr. Trump, {who} vowed ⟦to fight the ruling⟧, returned to Ohio.
The firm, {which} claims ⟦the land is its own⟧, sued.
Mr. Trump, {who} says ⟦the plan, based on lies, will fail⟧.
The plan was drawn up by Mr. Trump, {who} says ⟦the dam, if built, would save lives⟧.
"""


@pytest.mark.parametrize("line", [*_HELD.strip().split("\n"), *_IN_RELATIVE_CLAUSES.strip().split("\n")])
def test_statement(line):
    found, wanted = said_and_sources(line)
    assert found == wanted
