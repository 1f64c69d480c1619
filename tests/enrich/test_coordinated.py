"""A verb after "and" or "but" without a subject of its own: whoever spoke before it speaks.

A sentence a line, ⟦what was said⟧ and {who said it} marked.
"""

from __future__ import annotations

import pytest

from tests.enrich.marked_lines import said_and_sources

_SPEAKS_AGAIN = """
⟦The dam was full⟧, {Moe} said, and added that ⟦the gates were open⟧.
⟦The dam was full⟧, {Moe} said and added that ⟦the gates were open⟧.
⟦The dam was full⟧, {Ann Moe} said, but warned that ⟦the gates were open⟧.
⟦The dam was full⟧, said {Ann Moe}, and added that ⟦the gates were open⟧.
⟦The dam was full⟧, {the mayor} said on Monday, and added that ⟦the gates were open⟧.
⟦The dam was full⟧, {the mayor} said in a statement, but stressed that ⟦the gates were open⟧.
⟦The dam was full⟧, {Ann Moe} told reporters in Harwick, but warned that ⟦the river could rise⟧.
⟦The dam was full⟧, {Ann Moe, the mayor,} said, and added that ⟦the gates were open⟧.
⟦The dam was full⟧, {Moe} said, and also warned ⟦the gates were open⟧.
⟦The dam was full⟧, {Moe} said, then added that ⟦the gates were open⟧.
⟦The dam was full⟧, {Moe} said, and later denied that ⟦the gates were open⟧.
⟦The dam was full⟧, {Moe} said, and added: ⟦"The gates are open."⟧
⟦The dam was full⟧, {Moe} said, and added that ⟦the gates were open⟧, but warned that ⟦the river could rise⟧.
⟦The dam was full⟧, {Moe} said, adding that ⟦the gates were open⟧.
⟦The dam was full⟧, {Moe} said, adding that ⟦the gates were open⟧, but warned that ⟦the river could rise⟧.
⟦The dam was full⟧, {Moe} said, and called for ⟦an inquiry into the fire⟧.
⟦The dam was full⟧, {Moe} said, and urged ⟦residents to leave⟧.
⟦The dam was full⟧, {Moe} said, and vowed ⟦to open the gates⟧.
⟦The dam was full⟧, {Moe} said, and called ⟦the delay "a farce"⟧.
⟦The council has failed⟧, {Moe} said, and warned that ⟦the gates were open⟧.
⟦Harwick was flooded⟧, {Moe} said, and announced that ⟦the gates were open⟧.
⟦The dam⟧, {Moe} said, ⟦was full⟧, and added that ⟦the gates were open⟧.
⟦"The dam is full,"⟧ {Moe} said, and added that ⟦the gates were open⟧.
⟦"The dam is full,"⟧ said {Moe}, but warned that ⟦the gates were open⟧.
⟦"The dam is full,"⟧ {Moe} told reporters on Monday and later added that ⟦the gates were open⟧.
{Moe} said ⟦the dam was full⟧, adding that ⟦the gates were open⟧ but warned that ⟦the river could rise⟧.
{Moe} said that ⟦the dam was full⟧, and added that ⟦the gates were open⟧, but warned that ⟦the river could rise⟧.
"""

_OTHERS_SPEAK = """
⟦The dam was full⟧, {Moe} said, and {Roe} added that ⟦the gates were open⟧.
⟦The dam was full⟧, {Moe} said, but {she} warned that ⟦the gates were open⟧.
⟦The dam was full⟧, {officials} said, and {the report} added that ⟦the gates were open⟧.
⟦The dam⟧, {Moe} said, ⟦was full⟧, and {she} warned that ⟦the gates were open⟧.
⟦The firm closed the plant⟧, {officials} said, and {Roe} said ⟦it would open again⟧.
{The mayor} opened the dam and added that ⟦the gates were safe⟧.
{The mayor}, who said little on Monday, opened the dam and added that ⟦the gates were safe⟧.
{The firm} closed the plant, and announced that ⟦it would pay the workers⟧.
"""


@pytest.mark.parametrize("line", _SPEAKS_AGAIN.strip().splitlines())
def test_who_spoke_before_and_speaks_after_it(line: str) -> None:
    found, marked = said_and_sources(line)
    assert found == marked


@pytest.mark.parametrize("line", _OTHERS_SPEAK.strip().splitlines())
def test_a_subject_after_and_or_at_the_head_of_the_sentence_speaks(line: str) -> None:
    found, marked = said_and_sources(line)
    assert found == marked


def test_what_the_subject_of_a_statement_can_have_done_is_not_the_speakers() -> None:
    (_, sources), _ = said_and_sources("The firm closed the plant, officials said, and announced that it would pay.")
    assert sources == {"officials", "The firm"}
