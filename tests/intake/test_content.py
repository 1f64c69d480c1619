"""Cleaning keeps the words, bounds the time, and gives every field one form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.events.item import Item
from pipeline.events.text import MAX_MARKS, stream_safe
from pipeline.intake.content import clean_text, content_of
from pipeline.testing.work import assert_linear

#: Combining classes 220 and 230 in turn: the worst order for canonical ordering.
MARKS = "\u0301\u0316"


def longest_run(text: str) -> int:
    longest = run = 0
    for character in unicodedata.normalize("NFKD", text):
        run = run + 1 if unicodedata.combining(character) else 0
        longest = max(longest, run)
    return longest


@pytest.mark.parametrize("written", ["Zürich", "Zu\u0308rich", "क्षेत्र", "שָׁלוֹם", "Ṩ\u0323\u0307"])
def test_ordinary_text_is_left_as_it_is(written: str) -> None:
    assert stream_safe(written) == written
    assert clean_text(written) == unicodedata.normalize("NFC", written)


@given(st.text(st.sampled_from("ae\u00e9\u0301\u0316\u0344\u1e69\u200b \n"), max_size=300))
def test_no_run_of_marks_is_longer_than_the_standard_allows(text: str) -> None:
    safe = stream_safe(text)
    assert longest_run(safe) <= MAX_MARKS + 3  # a base that is decomposed brings marks of its own
    assert safe.replace("\u034f", "") == text


def test_what_is_taken_out_joins_no_runs() -> None:
    assert longest_run(clean_text(("e" + MARKS * 15 + "\u200b") * 3 + MARKS * 40)) <= MAX_MARKS + 3


def test_cleaning_takes_time_in_proportion_to_the_length() -> None:
    pumps = [
        MARKS,
        "e\u0301",
        "\u0344",
        "\n",
        "\n \t",
        " ",
        "\r",
        "\u200b" + MARKS,
        "a\n\n",
        "\x00",
        "\ud800",
        "<",
        "é",
        "\u3000\n",
    ]
    assert_linear(clean_text, "x", pumps, "x")


def test_an_item_of_marks_alone_is_cleaned() -> None:
    item = Item(headline="e" + MARKS * 100, body_text=MARKS * 300_000, keywords=(MARKS * 1000,))
    content = content_of(item, default_language=None, priority=None, max_text_chars=200_000)
    assert len(content.body) <= 200_000
    assert longest_run(content.headline or "") <= MAX_MARKS + 3
