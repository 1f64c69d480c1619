"""Cleaning keeps the words, bounds the time, and gives every field one form."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.events import Content
from pipeline.events.item import Author, Item, Link, Media, Subject
from pipeline.events.text import MAX_MARKS, stream_safe
from pipeline.intake.content import clean_line, clean_text, content_of
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


#: What is written, and what is left of it in a text.
WHITE_SPACE = {
    "line ends of Windows and of the old Macintosh": ("One.\r\nTwo.\rThree.", "One.\nTwo.\nThree."),
    "one blank line between paragraphs": ("One.\n \n\t\n\nTwo.", "One.\n\nTwo."),
    "spaces of any width": ("One\u00a0 \u2003two\u3000three.", "One two three."),
    "no spaces around a line end": ("One. \n Two.", "One.\nTwo."),
    "nothing before and after": (" \n One. \n ", "One."),
    "invisible marks and controls": ("O\u00adn\u200be\ufeff\x00 \u202etwo\x85.", "One two."),
    "half of a surrogate pair": ("One \ud83dtwo.", "One two."),
    "composed letters": ("Zu\u0308rich", "Zürich"),
    "a tab is a space": ("One\ttwo.", "One two."),
}


@pytest.mark.parametrize("case", WHITE_SPACE)
def test_white_space_has_one_form(case: str) -> None:
    written, cleaned = WHITE_SPACE[case]
    assert clean_text(written) == cleaned


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("Club\tPoints\n\u00a0A  \t3", "Club\tPoints\nA \t3"),
        ("No\u2003 cells.", "No cells."),
        ("A\r\n\r\n\r\nB", "A\n\nB"),
    ],
)
def test_a_table_keeps_the_tabs_between_its_cells(written: str, cleaned: str) -> None:
    assert clean_text(written, tables=True) == cleaned


@pytest.mark.parametrize(
    ("written", "cleaned"), [(None, None), ("", None), (" \n\u200b", None), (" Dam\n\ncloses\tnow ", "Dam closes now")]
)
def test_a_field_of_one_line_is_one_line_or_nothing(written: str | None, cleaned: str | None) -> None:
    assert clean_line(written) == cleaned


def content(max_text_chars: int = 1000, **fields: Any) -> Content:
    item = Item.model_validate(fields)
    return content_of(item, default_language="de", priority=4, max_text_chars=max_text_chars)


LINES = (
    "headline", "subheadline", "kicker", "slugline", "byline", "dateline", "located", "source", "copyrightnotice",
    "usageterms", "ednote",
)  # fmt: skip


def test_everything_that_an_editor_sees_is_passed_on() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    given = {
        **{name: f" {name} \n of it " for name in LINES},
        "link": " https://example.org/dam ",
        "authors": (Author(name="Ann Moe", role="reporter", uri="agency:7"),),
        "language": "fr",
        "description": " The dam \t is closed.\r\n\r\n\r\nSo is the road. ",
        "body_text": " The dam \n\n\n is closed. ",
        "body_html": "<p>The dam</p>",
        "urgency": 2,
        "priority": 3,
        "type": "picture",
        "genre": ("Feature",),
        "subjects": (Subject(code="1", scheme="medtop", name="Dams"),),
        "keywords": ("dam", "road"),
        "media": (Media(href="https://example.org/dam.jpg", title="Dam", width=640),),
        "links": (Link(rel="seeAlso", uri="urn:1", href="https://example.org/road", title="Road"),),
        "embargoed": at,
        "expires": at.replace(year=2027),
    }
    shown = content(**given)
    cleaned = {name: f"{name} of it" for name in LINES} | {
        "link": "https://example.org/dam",
        "description": "The dam is closed.\n\nSo is the road.",
        "body": "The dam\n\nis closed.",
    }
    assert dict(shown) == {name: value for name, value in given.items() if name != "body_text"} | cleaned


def test_what_an_item_does_not_say_is_left_out_or_the_connectors() -> None:
    assert content() == Content(language="de", priority=4)
    assert content(description=" \n ", body_html="") == Content(language="de", priority=4)


#: Characters that are kept, the body, and what is left of it.
LONG_BODIES = {
    "as long as it may be": (10, "a" * 10, "a" * 10),
    "as long as it may be, of two paragraphs": (10, "aaaaaa\n\nbb", "aaaaaa\n\nbb"),
    "no paragraph ends near": (10, "a" * 11, "a" * 10),
    "a paragraph ends in the second half": (10, "aaaaaa\n\nbbbb", "aaaaaa"),
    "the last of them counts": (20, "a" * 10 + "\n\nbb\n\n" + "c" * 20, "a" * 10 + "\n\nbb"),
    "a paragraph ends where half is kept": (10, "aaaaa\n\nbbbbb", "aaaaa"),
    "a paragraph ends at the limit": (10, "aaaaaaaa\n\nbb", "aaaaaaaa"),
    "a paragraph ends after the limit": (10, "aaaaaaa\n\nbbbb\n\nc", "aaaaaaa"),
    "a paragraph of one letter": (3, "a\n\nbcd", "a"),
    "a word ends at the limit": (10, "aaaaaaaaa bbb", "aaaaaaaaa"),
    "a paragraph too early, a line at the limit": (10, "a\n\nbbbbbb\n\nc", "a\n\nbbbbbb"),
    "too much would be lost": (10, "aaa\n\nbbbbbbbb", "aaa\n\nbbbbb"),
}


@pytest.mark.parametrize("case", LONG_BODIES)
def test_a_long_body_ends_with_a_paragraph_where_one_is_near(case: str) -> None:
    most, written, kept = LONG_BODIES[case]
    assert content(most, body_text=written).body == kept


def test_the_tabs_between_the_cells_of_a_body_are_kept() -> None:
    shown = content(body_text="Club\tPoints\nA\t3", description="A\t3")
    assert (shown.body, shown.description) == ("Club\tPoints\nA\t3", "A 3")


def test_markup_may_be_twice_as_long_as_a_text() -> None:
    markup = "<p>Dam</p>"
    assert content(5, body_html=markup).body_html == markup
    assert content(4, body_html=markup).body_html is None
