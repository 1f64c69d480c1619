"""Sentences of our own about what is hard: speakers, names, flashes. What was reached is kept; a wrong name is worse than none."""

from __future__ import annotations

from tests.enrich.probe_score import languages, nothing_said, people, speakers, structure


def test_no_wrong_speaker_and_nearly_all_are_found():
    results = [result for file in ("speakers.yaml", "speakers_again.yaml") for result in speakers(file).values()]
    differences = [line for result in results for line in result.differences]
    assert sum(result.wrong for result in results) == 0, differences
    assert sum(result.missing for result in results) <= 2, differences


def test_people_are_named_without_what_surrounds_them():
    result = people()
    assert result.wrong == 0, result.differences
    assert result.missing <= 1, result.differences


def test_ordinary_verbs_next_to_marks_report_them():
    result = structure()
    assert result.wrong == 0, result.differences
    assert result.missing <= 0.03 * result.right, result.differences


def test_marked_words_that_nobody_says():
    assert nothing_said().wrong <= 1


def test_flashes_are_in_the_language_that_an_installation_expects():
    result = languages()
    assert result.differences == []
