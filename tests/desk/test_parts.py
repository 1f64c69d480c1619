"""The desk's pure parts: addresses, marks in a text, what changed, files of a search, links, the token's rule."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.desk.annotations import annotated_paragraphs
from pipeline.desk.changes import compared, paragraph_changes, word_changes
from pipeline.desk.export import as_csv, as_json, html_text, rss_date, rss_title, xml_text
from pipeline.desk.pages import bars, flags, kind_words, laid_out, make_environment, spelt, story_path
from pipeline.desk.parameters import STORY_NAMES, Parameters, quote_search, story_search
from pipeline.desk.security import is_loopback
from pipeline.index.links import safe_link
from pipeline.index.results import Count, Histogram, QuoteResults

NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
words = st.text(max_size=30)


def test_an_address_is_a_search_and_back() -> None:
    pairs = [
        ("q", "harbour fire"),
        ("person", "Zoë"),
        ("person", "Ann"),
        ("since", "24h"),
        ("page", "3"),
        ("token", "x"),
    ]
    parameters, query = story_search(pairs, NOW)
    assert (query.words, query.person, query.page, query.sort) == ("harbour fire", ("Zoë", "Ann"), 3, "relevance")
    assert query.since == NOW - timedelta(days=1)
    assert parse_qsl(parameters.address(3)[1:]) == pairs[:-1]
    assert story_search([], NOW)[1].sort == "newest"
    assert quote_search([("speaker", "Ann"), ("copies", "1")], NOW)[1].copies


@given(st.lists(st.tuples(st.sampled_from([*STORY_NAMES, "page", "else"]), words), max_size=12))
def test_any_address_is_some_search(pairs: list[tuple[str, str]]) -> None:
    parameters, query = story_search(pairs, NOW)
    assert query.page >= 1
    again, same = story_search(parse_qsl(parameters.address(parameters.page)[1:]), NOW)
    assert same == query
    assert again.pairs == parameters.pairs


@given(st.sampled_from(["person", "provider"]), words.filter(str.strip))
def test_a_facet_chosen_twice_is_not_chosen(name: str, value: str) -> None:
    given_ = Parameters((("q", "x"),), page=4)
    chosen = Parameters.read(parse_qsl(given_.toggled(name, value)[1:]), STORY_NAMES)
    assert chosen.page == 1
    if chosen.has(name, value):
        assert chosen.toggled(name, value) == "?q=x"


def entity(label: str, name: str, *spans: tuple[int, int, str]) -> dict[str, Any]:
    return {"label": label, "name": name, "mentions": [{"start": a, "end": b, "text": text} for a, b, text in spans]}


def test_names_and_quotations_are_marked_where_they_stand() -> None:
    body = "Ann Lee of Oslo said: “Oslo\n\nis ours.” The end."
    found = annotated_paragraphs(
        body,
        [entity("PERSON", "Ann Lee", (0, 7, "Ann Lee")), entity("GPE", "Oslo", (11, 15, "Oslo"), (23, 27, "Oslo")),
         entity("DATE", "Monday", (0, 3, "Ann"))],
        [{"start": 22, "end": 38}],
    )  # fmt: skip
    first, second = found
    assert [(run.text, run.facet) for run in first[0].runs] == [
        ("Ann Lee", "person"), (" of ", None), ("Oslo", "place"), (" said: ", None)]  # fmt: skip
    assert (first[1].quote, first[1].ends, [run.text for run in first[1].runs]) == (0, False, ["“", "Oslo"])
    assert (second[0].quote, second[0].ends, second[0].runs[0].text) == (0, True, "is ours.”")
    assert (second[1].quote, second[1].runs[0].text) == (None, " The end.")


WRONG = [(0, 3, "Bob"), (2, 2, ""), (-3, 3, "Ann"), (50, 60, "Ann"), (3, 0, "Ann")]


@pytest.mark.parametrize("span", WRONG)
def test_a_span_that_does_not_fit_is_not_drawn(span: tuple[int, int, str]) -> None:
    ((segment,),) = annotated_paragraphs(
        "Ann said so", [entity("PERSON", "Ann", span)], [{"start": span[0], "end": 999}]
    )
    assert [(run.text, run.facet) for run in segment.runs] == [("Ann said so", None)]


spans = st.tuples(st.integers(-5, 60), st.integers(-5, 60))


@given(st.text(st.sampled_from("ab “”\n"), max_size=50), st.lists(spans, max_size=8), st.lists(spans, max_size=4))
def test_marking_loses_no_text(body: str, named: list[tuple[int, int]], said: list[tuple[int, int]]) -> None:
    entities = [entity("ORG", "x", (a, b, body[max(a, 0) : max(b, 0)])) for a, b in named]
    found = annotated_paragraphs(body, entities, [{"start": a, "end": b} for a, b in said])
    shown = ["".join(run.text for segment in paragraph for run in segment.runs) for paragraph in found]
    assert shown == [line for line in body.split("\n") if line]


def test_changes_word_by_word() -> None:
    changes = paragraph_changes("Same.\n\nBuilt in 1911.\n\nGone.", "Same.\n\nBuilt in 1931.\n\nNew.\nMore.")
    assert [(change.kind, change.text) for change in changes[0]] == [("same", "Same.")]
    assert ("removed", "1911") in [(change.kind, change.text) for change in word_changes("in 1911.", "in 1931.")]
    assert word_changes("", "") == ()


texts = st.text(st.sampled_from("ab .\n"), max_size=60)


@given(texts, texts)
def test_both_versions_can_be_read_out_of_the_changes(old: str, new: str) -> None:
    rows = paragraph_changes(old, new)
    for text, kinds in ((old, {"same", "removed"}), (new, {"same", "added"})):
        shown = ["".join(change.text for change in row if change.kind in kinds) for row in rows]
        assert [line for line in shown if line.strip()] == [line for line in text.split("\n") if line.strip()]


def test_long_texts_are_compared_in_reasonable_time() -> None:
    old = " ".join(f"word{n}" for n in range(20_000))
    assert [change.kind for change in word_changes(old, old + " more")] == ["removed", "added"]


def test_csv_has_no_formulas_and_json_is_json() -> None:
    document = {"headline": "=HYPERLINK(1)", "people": ["Ann", "Bob"], "killed": False, "count": 3}
    text = b"".join(as_csv([document], ["headline", "people", "killed", "count", "none"])).decode()
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[1] == ["'=HYPERLINK(1)", "Ann; Bob", "false", "3", ""]
    assert orjson.loads(b"".join(as_json([document, document]))) == [document, document]
    assert orjson.loads(b"".join(as_json([]))) == []


def test_a_person_has_one_name_in_a_spreadsheet_as_on_the_pages() -> None:
    columns = ["people", "speakers", "speaker", "people_as_written"]
    document = {"people": ["W. Putin", "Ann Moe"], "persons": ["Vladimir Putin", "Ann Moe"],
                "speakers": ["W. Putin"], "persons_quoted": ["Vladimir Putin"],
                "speaker": "W. Putin", "person": "Vladimir Putin"}  # fmt: skip
    written = {"people": ["W. Putin"], "speakers": ["W. Putin"], "speaker": "W. Putin"}
    text = b"".join(as_csv([document, written], columns)).decode()
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[1:] == [
        ["Vladimir Putin; Ann Moe", "Vladimir Putin", "Vladimir Putin", "W. Putin; Ann Moe"],
        ["W. Putin", "W. Putin", "W. Putin", "W. Putin"],
    ], "of a release without ids"


@given(st.text())
def test_xml_text_holds_only_what_xml_can(text: str) -> None:
    assert not set(xml_text(text)) & set("\x00\x08\x0b\x0c\x1f￾￿")


def test_dates_of_rss() -> None:
    assert rss_date("2026-05-04T12:30:00Z") == "Mon, 04 May 2026 12:30:00 +0000"


LINKS = [("https://a.example/x", True), ("http://a.example", True), ("javascript:alert(1)", False), (None, False),
         ("//a.example", False), ("data:text/html,x", False), ("https:///x", False), ("http://[", False)]  # fmt: skip


@pytest.mark.parametrize(("link", "good"), LINKS)
def test_links_that_a_browser_may_follow(link: str | None, good: bool) -> None:
    assert safe_link(link) == (link if good else None)


def test_addresses_of_stories_hold_any_id() -> None:
    assert story_path("a/b?c#d é") == "/story/a%2Fb%3Fc%23d%20%C3%A9"


def test_flags_tell_the_gravest_first() -> None:
    assert [flag.word for flag in flags({"killed": True, "correction": True, "update_count": 2})] == [
        "Killed",
        "Corrected",
    ]
    assert flags({"embargoed": "2001-01-01T00:00:00Z"}) == []
    assert flags({"embargoed": "2199-01-01T00:00:00Z"})[0].word == "Embargoed until 1 Jan 2199 00:00"


def test_bars_fill_the_picture() -> None:
    histogram = Histogram(3_600_000, tuple(Count(f"2026-05-04T{hour:02}:00:00.000Z", hour) for hour in range(24)))
    drawn = bars(histogram)
    assert (drawn[0].height, drawn[-1].height) == (0, 48)
    assert drawn[-1].x + drawn[-1].width <= 600
    assert (drawn[3].since, drawn[3].until) == ("2026-05-04T03:00:00Z", "2026-05-04T04:00:00Z")
    assert bars(Histogram()) == []


HOSTS = [("127.0.0.1", True), ("localhost", True), ("::1", True), ("[::1]", True), ("127.8.8.8", True), ("0.0.0.0", False),
         ("::", False), ("localhost.evil.example", False), ("", False), ("10.0.0.1", False)]  # fmt: skip


@pytest.mark.parametrize(("host", "loopback"), HOSTS)
def test_what_is_this_machine_only(host: str, loopback: bool) -> None:
    assert is_loopback(host) == loopback


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", ";", "＝", "＋", "－", "＠"])
def test_no_cell_of_a_spreadsheet_is_a_formula(begin: str) -> None:
    text = b"".join(as_csv([{"headline": f"{begin}cmd|x"}], ["headline"])).decode().removeprefix("\ufeff")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["headline"] == f"'{begin}cmd|x"


def test_an_export_has_no_link_that_nobody_may_follow() -> None:
    document = {"headline": "x", "link": "javascript:alert(1)"}
    assert b"javascript" not in b"".join(as_csv([document], ["headline", "link"]))
    assert orjson.loads(b"".join(as_json([document])))[0]["link"] is None


def test_texts_of_a_feed_are_text_to_readers_that_show_html() -> None:
    assert html_text("<b>AT&T</b>") == "&lt;b&gt;AT&amp;T&lt;/b&gt;"
    assert rss_title("AT&T <img src=x> &lt;b") == "AT&T &lt;img src=x&gt; &amp;lt;b"


@pytest.mark.parametrize(
    ("story", "said"),
    [
        ({"description": "Short <b>.", "links": {"items": [{"rel": "full-text"}]}}, "own text: Short &lt;b&gt;."),
        ({"links": {"items": [{"rel": "alternate"}, {"rel": "full-text"}]}}, "the page behind the link."),
        ({"killed": True, "description": "Short", "links": {"items": [{"rel": "full-text"}]}}, ""),
        ({"description": "Short", "links": {"items": [{"rel": "alternate"}]}}, ""),
        ({"links": None}, ""),
        ({}, ""),
    ],
)
def test_a_story_says_whose_text_it_shows(story: dict[str, Any], said: str) -> None:
    shown = str(make_environment("Desk").get_template("_parts.html").module.whose_text(story))  # type: ignore[attr-defined]
    assert said in shown
    assert bool(shown) == bool(said)


def test_the_html_of_tables_and_lists_is_shown_and_cleaned_again() -> None:
    table = "<table><tr><td onclick='x()'>Reds</td><td>10<script>alert(1)</script></td></tr></table>"
    shown = laid_out({"html": table})
    assert shown is not None
    assert "<td>Reds</td>" in shown
    assert "script" not in shown
    assert "onclick" not in shown
    assert laid_out({"html": "<p>Text</p>"}) is None
    assert laid_out({"html": "<div>" * 300 + table}) is None
    assert laid_out(None) is None


def test_a_part_of_a_story_is_shown_as_it_is_and_whole_versions_are_compared() -> None:
    part = {"kind": "update", "signals": ["take"]}
    corrected = {"kind": "correction", "signals": ["take", "correction"]}
    killed = {"kind": "kill", "signals": ["take", "kill"]}
    versions = [killed, {"kind": "update"}, corrected, part, {"kind": "new"}]
    assert [compared(versions, place) for place in range(5)] == [1, 4, None, None, None]
    assert [kind_words(one) for one in versions] == ["kill", "update", "correction of a part", "part", "first version"]


def test_a_filter_is_shown_as_its_count_is_spelt() -> None:
    found = QuoteResults((), 1, 1, {"speaker": (Count("Francois Hollande", 2, "François Hollande"), Count("NATO", 1))})
    shown = [spelt(found, "speakers", name) for name in ("Francois Hollande", "NATO", "Ann Moe")]
    assert shown == ["François Hollande", "NATO", "Ann Moe"]
    assert spelt(None, "speakers", "NATO") == "NATO"
