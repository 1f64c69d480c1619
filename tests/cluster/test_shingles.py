"""Shingles are the word 4-grams of a text and nothing else: not the batch it came in, not its punctuation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cluster.shingles import MAX_CHARS, MIN_WORDS, Shingles, plain, shingle
from tests.cluster.scoring import grams

WORDS = st.sampled_from("the a of storm port minister said 12 3.5 1,250 bridge señor größe Москва río q".split())
TEXTS = st.lists(WORDS, max_size=40).map(" ".join)


def shingled(*texts: str) -> Shingles:
    return shingle([plain(text) for text in texts])


def split(shingles: Shingles) -> list[list[int]]:
    """The hashes of each text."""
    ends = np.cumsum(shingles.counts)
    return [part.tolist() for part in np.split(shingles.hashes, ends[:-1])]


@given(st.lists(TEXTS, min_size=1, max_size=8))
@settings(max_examples=200, deadline=None)
def test_a_text_has_the_same_hashes_in_any_batch(texts: list[str]) -> None:
    together = shingled(*texts)
    alone = [shingled(text) for text in texts]
    assert split(together) == [one.hashes.tolist() for one in alone]
    assert together.text_hashes.tolist() == [int(one.text_hashes[0]) for one in alone]
    for at, one in enumerate(alone):
        assert together.numbers[together.number_owners == at].tolist() == one.numbers.tolist()


@given(TEXTS, TEXTS)
@settings(max_examples=300, deadline=None)
def test_as_many_are_common_as_word_4_grams_are(one: str, other: str) -> None:
    first, second = (set(part) for part in split(shingled(one, other)))
    for text, hashes in ((one, first), (other, second)):
        assert len(hashes) == (len(grams(text)) if len(text.split()) >= MIN_WORDS else 0)
    if first and second:
        assert len(first & second) == len(grams(one) & grams(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The storm hit the port at noon, killing two people.", "the STORM hit the Port -- at noon killing two people"),
        ("The “storm” hit the port’s gate at noon on Monday", 'The "storm" hit the port\'s gate at noon on Monday'),
        ("Ｔｈｅ storm hit the port gate at noon on Monday", "The storm hit the port gate at noon on Monday"),
        ("Größe und Straße sind in der Stadt sehr gut", "GRÖSSE und STRASSE sind in der Stadt sehr gut"),
        ("The index rose 1,234.5 points in the last hour", "The index rose 1,234.5 points, in the last hour."),
        ("東京の株価は今日も上がった", "東京の株価は、今日も上がった。"),
    ],
)
def test_what_is_the_same_to_a_reader_is_the_same(one: str, other: str) -> None:
    first, second = split(shingled(one, other))
    assert first
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The index rose 1,234.5 points in the last hour", "The index rose 1 234 5 points in the last hour"),
        ("The index rose 12 points in the last hour", "The index rose 1 2 points in the last hour"),
        ("he said it was not a good day for them", "he said it was a not good day for them"),
    ],
)
def test_what_is_not_the_same_is_not(one: str, other: str) -> None:
    first, second = shingled(one, other).text_hashes.tolist()
    assert first != second


def test_a_headline_has_none_and_does_not_disturb_its_neighbours() -> None:
    body = "The storm hit the port at noon on Monday and left"
    found = shingled("Storm hits port", body, "", "Storm hits the port again, two are dead", body)
    assert found.counts.tolist() == [0, 8, 0, 5, 8]
    assert (found.text_hashes == 0).tolist() == [True, False, True, False, False]
    parts = split(found)
    assert parts[1] == parts[4]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("In the port of the old town there are now 12 ships and 3,400 people", 2),
        ("In the port of the old town there were in 1998 and 2026 ships", 0),
        ("In the port of the old town there now were 2345 and 3012 and 1875 ships", 3),
        ("OSLO, March 14 (Orbis) - The port of the old town is closed now", 0),
        ("In the port of the old town there are now 12 ships, really 12", 2),
        ("In the port of the old town nobody ever counted the ships", 0),
    ],
)
def test_numbers_but_for_years_and_those_of_the_dateline(text: str, numbers: int) -> None:
    assert len(shingled(text).numbers) == numbers


@pytest.mark.parametrize("text", ["word " * 50_000, "é " * 50_000, "東京" * 30_000, "ﷺ" * 20_000, "\ud800 broken " * 9])
def test_of_a_huge_or_broken_text_the_top_is_read(text: str) -> None:
    assert len(plain(text)) <= 4 * MAX_CHARS
    assert shingled(text).counts[0] <= MAX_CHARS
