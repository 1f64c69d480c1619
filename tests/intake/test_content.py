"""Cleaning keeps the words, bounds the time, and gives every field one form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.events.item import Author, Item, Link, Media
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


def test_only_addresses_that_are_safe_to_follow_are_passed_on() -> None:
    item = Item(
        link="java\tscript:alert(1)",
        links=(Link(rel="a", href="data:text/html,x", uri="urn:1"), Link(rel="b", href="https://example.org/")),
        media=(Media(href="cid:1"), Media(href=" JavaScript:x"), Media(href="photo.jpg")),
        authors=(Author(name="A", uri="javascript:x"), Author(name="B", uri="agency:7")),
        body_html='<p onclick="x"><a href="javascript:x">a</a><a href="https://example.org/">b</a></p><script>x</script>',
    )
    content = content_of(item, default_language=None, priority=None, max_text_chars=1000)
    assert content.link is None
    assert [(link.href, link.uri) for link in content.links] == [(None, "urn:1"), ("https://example.org/", None)]
    assert [medium.href for medium in content.media] == ["cid:1", None, "photo.jpg"]
    assert [author.uri for author in content.authors] == [None, "agency:7"]
    assert "script" not in (content.body_html or "")
    assert "onclick" not in (content.body_html or "")
    assert 'href="https://example.org/"' in (content.body_html or "")


def test_html_too_deep_for_a_reader_is_not_passed_on() -> None:
    item = Item(body_text="t", body_html="<div>" * 300 + "t")
    assert content_of(item, default_language=None, priority=None, max_text_chars=10_000).body_html is None


def test_an_item_of_marks_alone_is_cleaned() -> None:
    item = Item(headline="e" + MARKS * 100, body_text=MARKS * 300_000, keywords=(MARKS * 1000,))
    content = content_of(item, default_language=None, priority=None, max_text_chars=200_000)
    assert len(content.body) <= 200_000
    assert longest_run(content.headline or "") <= MAX_MARKS + 3
