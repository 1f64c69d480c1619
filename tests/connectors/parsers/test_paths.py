"""Parsers by configuration: JMESPath, CSS selectors, XPath; what they find, what they refuse, and in linear time."""

from __future__ import annotations

import functools
import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.parsers import CONFIGURED, get_parser
from connectors.parsers.paths import MAX_ENTRIES, preset_names
from pipeline.events.errors import ParseError
from pipeline.events.item import ParseContext, Parsed
from pipeline.testing.work import assert_linear

NOW = datetime(2026, 11, 24, tzinfo=UTC)
WORDPRESS = [{
    "guid": {"rendered": "https://blog.example/?p=7"}, "link": "https://blog.example/7", "date_gmt": "2026-03-02T06:00:00",
    "modified_gmt": "2026-03-02T07:00:00", "title": {"rendered": "Bridge &amp; road"}, "excerpt": {"rendered": "<p>Short</p>"},
    "content": {"rendered": "<p>The bridge.</p><p>It is open.</p>"},
    "_embedded": {"author": [{"name": "A. Writer"}], "wp:term": [[{"name": "Roads"}], [{"name": "Works"}]],
                  "wp:featuredmedia": [{"source_url": "/bridge.jpg"}]},
}]  # fmt: skip
PAGE = b"""<html><head><meta charset="utf-8"><base href="/news/"></head><body><div class=list>
<article data-id=7><h2><a href="bridge">Bridge op\xc3\xa9n</a></h2><time datetime="2026-03-02T06:00:00Z">today</time>
<div class=text><p>One.</p><script>no()</script><p>Two.</p></div></article>
<article data-id=8><h2><a href="/road">Road</a></h2></article></div></body></html>"""
PAGE_OPTIONS = {
    "list": "div.list > article",
    "fields": {"id": "@data-id", "headline": "h2", "time": "time@datetime", "body": ".text"},
}
ALERTS = b"""<a:alerts xmlns:a="urn:a"><a:alert id="1"><a:event>Storm</a:event><a:sent>2026-03-02T06:00:00+01:00</a:sent>
<a:info level="2"><p>Stay <b>inside</b>.</p></a:info></a:alert></a:alerts>"""
ALERT_OPTIONS = {
    "list": "//a:alert", "fields": {"id": "@id", "headline": "concat('Warning: ', a:event)", "time": "a:sent", "body": "a:info", "urgency": "number(a:info/@level)"},
}  # fmt: skip


def parse(name: str, data: bytes, options: dict[str, Any], url: str = "https://site.example/x") -> Parsed:
    return get_parser(name).parse(data, ParseContext(now=NOW, url=url, options=options, max_bytes=100_000_000))


def test_a_preset_reads_wordpress() -> None:
    item = parse("json", json.dumps(WORDPRESS).encode(), {"preset": "wordpress"}).items[0]
    assert (item.uri, item.headline, item.byline, item.keywords) == (
        "https://blog.example/?p=7",
        "Bridge & road",
        "A. Writer",
        ("Roads", "Works"),
    )
    assert item.body_text == "The bridge.\n\nIt is open."
    assert (item.firstcreated, item.versioncreated) == (
        datetime(2026, 3, 2, 6, tzinfo=UTC),
        datetime(2026, 3, 2, 7, tzinfo=UTC),
    )
    assert item.media[0].href == "https://site.example/bridge.jpg"
    assert not item.warnings


@pytest.mark.parametrize(
    ("preset", "document", "expected"),
    [
        ("newsapi", {"articles": [{"url": "https://a.example/1", "title": "T", "publishedAt": "2026-03-02T06:00:00Z", "source": {"name": "S"}}]}, ("https://a.example/1", "T")),
        ("gdelt", {"articles": [{"url": "https://a.example/1", "title": "T", "seendate": "20260302T060000Z"}]}, ("https://a.example/1", "T")),
        ("mastodon", [{"uri": "u", "url": "https://a.example/1", "content": "<p>Toot</p>", "created_at": "2026-03-02T06:00:00Z", "edited_at": None}], ("https://a.example/1", None)),
        ("bluesky", {"feed": [{"post": {"uri": "at://did/1", "record": {"text": "Post", "createdAt": "2026-03-02T06:00:00Z"}}}]}, (None, None)),
    ],
)  # fmt: skip
def test_presets(preset: str, document: Any, expected: tuple[str, str]) -> None:
    item = parse("json", json.dumps(document).encode(), {"preset": preset}).items[0]
    assert (item.link, item.headline) == expected
    assert item.versioncreated == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert preset in preset_names("json")


def test_gdelt_without_a_match_is_an_empty_list() -> None:
    assert parse("json", b"{}", {"preset": "gdelt"}).items == ()


def test_a_page_by_selectors() -> None:
    parsed = parse("html", PAGE, PAGE_OPTIONS)
    first, second = parsed.items
    assert (first.uri, first.headline, first.link) == ("7", "Bridge opén", "https://site.example/news/bridge")
    assert first.body_text == "One.\n\nTwo."
    assert first.versioncreated == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert second.link == "https://site.example/road"
    found = {path.field: (path.found, path.of, path.sample) for path in parsed.paths}
    assert found["list"][:2] == (2, 2)
    assert found["time"] == (1, 2, "2026-03-02T06:00:00Z")


def test_any_xml_by_xpath() -> None:
    item = parse("xml", ALERTS, ALERT_OPTIONS).items[0]
    assert (item.uri, item.headline, item.urgency) == ("1", "Warning: Storm", 2)
    assert item.body_text == "Stay inside."
    assert item.body_html == "<p>Stay <b>inside</b>.</p>"


def test_seconds_since_1970_are_times() -> None:
    document = json.dumps([{"t": 1772431200, "h": "x"}, {"t": 1772431200000, "h": "y"}]).encode()
    for item in parse("json", document, {"fields": {"headline": "h", "time": "t"}}).items:
        assert item.versioncreated == datetime(2026, 3, 2, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "data", "options", "message"),
    [
        ("json", b'{"error": "no key"}', {"list": "articles", "fields": {"headline": "t"}}, "finds no list of entries; the answer has: error"),
        ("json", b"<p>", {"fields": {"headline": "t"}}, "this is not JSON"),
        ("html", b"<p>moved</p>", {"list": "article", "fields": {"headline": "h2"}}, "finds no entry: has the page changed?"),
        ("xml", b"<a/>", {"list": "//x:b", "fields": {"headline": "t"}}, "Undefined namespace prefix"),
        ("xml", b"<a/>", {"list": "//b", "fields": {"headline": "document('file:///etc/passwd')"}, "may_be_empty": True}, None),
        ("xml", b"<a><b/></a>", {"list": "//b", "fields": {"headline": "document('file:///etc/passwd')"}}, "cannot be used"),
        ("xml", b"<a><b/></a>", {"list": "//b", "fields": {"headline": "re:test('a', 'b')"}}, "cannot be used"),
    ],
)  # fmt: skip
def test_what_is_not_found_is_said(name: str, data: bytes, options: dict[str, Any], message: str | None) -> None:
    if message is None:
        assert parse(name, data, options).items == ()
        return
    with pytest.raises(ParseError, match=message.replace("?", r"\?")):
        parse(name, data, options)


def test_an_entry_without_anything_is_rejected() -> None:
    parsed = parse("json", b'[{"t": "x"}, {}]', {"fields": {"headline": "t"}})
    assert (len(parsed.items), [part.position for part in parsed.rejected]) == (1, ["entry 2"])


def test_there_is_a_limit_of_entries() -> None:
    with pytest.raises(ParseError, match="10,001 entries"):
        parse("json", json.dumps([{}] * (MAX_ENTRIES + 1)).encode(), {"fields": {"headline": "t"}})


def test_entities_of_a_document_are_not_expanded() -> None:
    with pytest.raises(ParseError, match="entity"):
        parse("xml", b'<!DOCTYPE a [<!ENTITY e "x">]><a><b>&e;</b></a>', {"list": "//b", "fields": {"headline": "."}})


SEEDS = {
    "json": (json.dumps(WORDPRESS).encode(), {"preset": "wordpress"}),
    "html": (PAGE, PAGE_OPTIONS),
    "xml": (ALERTS, ALERT_OPTIONS),
    "page": (PAGE, {}),
}
TOKENS = [
    b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"<", b">", b"&", b"]]>", b"<!--", b"<a:b>", b"</article>", b"<article>" * 300, b"[" * 2000,
    b'"', b"\\ud800", b"null", b"{}", b"1e999", b"9" * 30, b"&#xD800;", b"9999-99-99", b"http://[::1", b"<base href='http://['>", b"A" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("name", CONFIGURED)
@pytest.mark.parametrize("inputs", [400, pytest.param(30_000, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_any_bytes_give_items_or_an_error(name: str, inputs: int) -> None:
    sample, options = SEEDS[name]
    rng = random.Random(name)
    for _ in range(inputs):
        data = bytearray(sample)
        for _ in range(rng.randint(1, 4)):
            start = rng.randrange(len(data) + 1)
            data[start : start + rng.choice((0, 1, 8, 200))] = rng.choice(TOKENS)
        try:
            parsed = parse(name, bytes(data), options)
        except ParseError:
            continue
        for item in parsed.items:
            assert item.model_dump_json()


# What trafilatura does with a page is bounded by the limits of the processes only.
@pytest.mark.parametrize("name", sorted(set(CONFIGURED) - {"page"}))
def test_the_time_grows_with_the_length(name: str) -> None:
    sample, options = SEEDS[name]

    def through(data: bytes) -> None:
        try:
            parse(name, data, options)
        except ParseError:
            return

    documents = [
        f"{sign}"
        for sign in (
            "<a>",
            "<p>",
            "<article>",
            "<article><h2>",
            "</a>",
            "<!--",
            "<li><ul>",
            "<meta ",
            "<b href='",
            "[",
            '{"a":',
            "&lt;",
        )
    ]
    assert_linear(functools.partial(through), "", documents, "", encode=True)
    place = {"json": b"Short", "html": b"One.", "xml": b"Storm"}[name]
    entry = {"json": b"x", "html": b"x", "xml": b"x"}[name]
    assert_linear(
        lambda text: through(sample.replace(place, entry + text.encode())),
        "x",
        ["a ", "&amp;", "<b>", "<p>", "_", "&lt;p "] if name != "json" else ["a ", "&amp;", "<b>"],
        "!",
    )
