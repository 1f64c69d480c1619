"""The quick reader of feeds gives what feedparser gives: every field of every item, every fact, every warning."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.parsers import feed_reader, rss
from connectors.parsers.feed_markup import resolved
from connectors.parsers.feed_parts import AUTHORS, LEAVES, WITHOUT_EFFECT
from pipeline.events.errors import ParseError
from pipeline.events.item import ParseContext, Parsed

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT.parent / "shared" / "data" / "wire" / "feeds"
NOW = datetime(2026, 11, 28, tzinfo=UTC)
CONTEXTS = (
    ParseContext(now=NOW, max_bytes=10_000_000),
    ParseContext(
        now=NOW, max_bytes=10_000_000, url="https://paper.example/feeds/a/../world.xml", content_type="text/xml"
    ),
)
SPACES = {
    "": "http://www.w3.org/2005/Atom", "dc": "http://purl.org/dc/elements/1.1/", "dcterms": "http://purl.org/dc/terms/",
    "content": "http://purl.org/rss/1.0/modules/content/", "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd", "podcast": "https://podcastindex.org/namespace/1.0",
    "excerpt": "http://wordpress.org/export/1.2/excerpt/", "slash": "http://purl.org/rss/1.0/modules/slash/",
    "creativecommons": "http://backend.userland.com/creativeCommonsRssModule", "a": "http://www.w3.org/2005/Atom",
    "georss": "http://www.georss.org/georss", "x": "https://unknown.example/",
}  # fmt: skip


def outcome(data: bytes, context: ParseContext) -> Parsed | str:
    try:
        return rss.parse(data, context)
    except ParseError as error:
        return str(error)


def both(data: bytes, context: ParseContext, monkeypatch: pytest.MonkeyPatch) -> tuple[Parsed | str, Parsed | str]:
    quick = outcome(data, context)
    with monkeypatch.context() as patched:
        patched.setattr(rss, "read_feed", feed_reader.by_feedparser)
        return quick, outcome(data, context)


def assert_same(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    for context in CONTEXTS:
        quick, whole = both(data, context, monkeypatch)
        assert quick == whole


def entries_read_here(data: bytes) -> int:
    found = feed_reader.read_feed(data, {"content-type": "application/xml"})
    return sum(type(entry) is dict for entry in found["entries"])


def files(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in {".xml", ".rss", ".atom"})


@pytest.mark.skipif(not SAMPLES.exists(), reason="no sample data in ../shared/data")
def test_every_sample_feed_is_read_the_same(monkeypatch):
    feeds = [data for path in files(SAMPLES) if rss.looks_like(data := path.read_bytes(), None) >= 0.5]
    for data in feeds:
        assert_same(data, monkeypatch)
    assert len(feeds) > 1000
    assert sum(map(entries_read_here, feeds)) > 1000


def test_every_feed_of_the_tests_is_read_the_same(monkeypatch):
    feeds = [data for path in files(ROOT / "tests") if rss.looks_like(data := path.read_bytes(), None) >= 0.5]
    for data in feeds:
        assert_same(data, monkeypatch)
    assert len(feeds) > 3


TEXTS = st.sampled_from([
    "", "Rates", " two  words \n", "A & B", "A &amp; B", "<b>bold</b> &amp; plain", "<p>One</p><p>Two</p>", "caf\xc3\xa9", "smart \x93q\x94",
    '<a href="/rel">x</a>', '<a title="t" href="https://a.example/x?y=1&amp;z=2">x</a><br/>', "<img src='i.jpg'>", "<br>", "</br>",
    "&#8217;&#150;&#39;", "&bogus; &eacute;", "<P CLASS=x>Up", "<!-- c -->", "<script>x()</script>", "1 < 2", "<a/b/", "<?php ?>",
    "https://a.example/1", "/relative", "news@paper.example (A. Writer)", "A. Writer", "writer@paper.example", "Tue, 02 Jan 2024 10:00:00 GMT",
    "2024-01-02T10:00:00Z", "2024-01-02T10:00:00.5+05:30", "2 janvier 2024", "Tue, 02 Jan 2024 10:00:00 CET", "1:02:30", "a, b,, c", "0",
    "&lt;p&gt;twice&lt;/p&gt;", "x" * 300, "<div><div>deep</div></div>", "<svg><title>s</title></svg>", "-", "\u2028", "<h2>A</h2>text", "javascript:x",
])  # fmt: skip
KNOWN = sorted({*LEAVES, *WITHOUT_EFFECT, *AUTHORS})
NAMES = [
    *(key.replace("_", ":", 1) if key.split("_")[0] in SPACES else key for key in KNOWN),
    "Title", "pubDate", "content:encoded", "media:content", "media:group", "a:link", "a:title", "x:title", "x:date", "date", "image", "body",
    "georss:point", "slash:comments", "comments", "source", "item", "media:Thumbnail", "name", "uri", "email", "podcast:value", "podcast:person",
    "itunes:owner", "tags", "div", "title_detail", "links", "dcterms:valid", "description", "guid", "link", "category",
]  # fmt: skip
USUAL = [
    "title",
    "link",
    "guid",
    "description",
    "content:encoded",
    "pubDate",
    "dc:creator",
    "category",
    "dc:date",
    "author",
    "summary",
]
ATTRIBUTES = st.dictionaries(
    st.sampled_from([
        "type", "href", "url", "rel", "isPermaLink", "term", "scheme", "label", "domain", "xml:lang", "lang", "LANG", "xml:base", "base", "mode",
        "width", "duration", "medium", "length", "src", "TYPE", "x:href", "text", "uri",
    ]),
    st.sampled_from([
        "", "html", "text", "xhtml", "text/html", "HTML", "image/jpeg", "base64", "escaped", "alternate", "enclosure", "self", "related", "via",
        "https://a.example/i.jpg", "b/../i.jpg", "false", "true", "en", "pt_BR", "12", "audio/mpeg", "https://b.example/base/", "License",
    ]),
    max_size=3,
)  # fmt: skip


@st.composite
def elements(draw: Callable[[st.SearchStrategy[Any]], Any], depth: int = 0, *, odd: bool = True) -> str:
    if not odd:
        return f"<{(name := draw(st.sampled_from(USUAL)))}>{escape(draw(TEXTS))}</{name}>"
    name, attributes, text = draw(st.sampled_from(NAMES)), draw(ATTRIBUTES), draw(TEXTS)
    written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    if draw(st.integers(0, 9)) == 0:
        written += ' xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
    inner = (
        "".join(draw(st.lists(elements(depth + 1), max_size=3))) if depth < 2 and draw(st.integers(0, 3)) == 0 else ""
    )
    text = draw(st.sampled_from([escape(text), f"<![CDATA[{text}]]>", ""]))
    return f"<{name}{written}>{text}{inner}</{name}>"


@st.composite
def feeds(draw: Callable[[st.SearchStrategy[Any]], Any]) -> bytes:
    spaces = "".join(f" xmlns{':' if name else ''}{name}={quoteattr(uri)}" for name, uri in SPACES.items() if name)
    odd = draw(st.booleans())
    head = "".join(draw(st.lists(elements(), max_size=3))) if odd else "<title>F</title>"
    lang = (
        ""
        if not odd
        else draw(
            st.sampled_from(
                ["", ' xml:lang="de"', ' lang="fr_FR"', ' xml:base="https://c.example/d/"', ' base="e/"', ' XML="1"']
            )
        )
    )
    tag = draw(st.sampled_from(["item", "entry"]))
    on_entry = (
        ""
        if not odd
        else draw(
            st.sampled_from(
                ["", "", "", ' xml:lang="es"', ' r:about="https://a.example/about"', ' href="x"', ' xmlns:q="urn:q"']
            )
        )
    )
    spaces += ' xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    entries = "".join(
        f"<{tag}{on_entry}>{''.join(content)}</{tag}>"
        for content in draw(st.lists(st.lists(elements(odd=odd) | elements(odd=False), max_size=6), max_size=4))
    )
    after = (
        ""
        if not odd
        else draw(
            st.sampled_from(["", "", "", "<title>After</title>", "<image><url>x</url></image>", "\n<!-- end -->"])
        )
    )
    start, end = draw(st.sampled_from([
        (f"<rss version='2.0'{spaces}{lang}><channel>", "</channel></rss>"),
        (f"<rss version='0.92'{spaces}><channel{lang}>", "</channel></rss>"),
        (f"<feed xmlns='http://www.w3.org/2005/Atom'{spaces}{lang}>", "</feed>"),
        (f"<feed version='0.3' xmlns='http://purl.org/atom/ns#'{spaces}{lang}>", "</feed>"),
        (f"<r:RDF xmlns='http://purl.org/rss/1.0/'{spaces}{lang}><channel><title>T</title></channel>", "</r:RDF>"),
        (f"<rss version='2.0' xmlns='https://other.example/'{spaces}><channel>", "</channel></rss>"),
    ]))  # fmt: skip
    return f"{start}{head}{entries}{after}{end}".encode()


@given(feeds())
@example(
    b"<rss version='2.0'><channel><item><summary></summary><summary xmlns:yt='urn:yt'><abstract><rights></rights></abstract>"
    b"</summary></item><item><abstract></abstract></item></channel></rss>"
)
@settings(max_examples=300, deadline=None)
def test_made_up_feeds_are_read_the_same(data):
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert_same(data, monkeypatch)


@given(
    st.lists(
        TEXTS | st.sampled_from(["<", ">", "&", ";", "/", '"', "'", "&#", "&#x9c;", "<p", " ", "=", "!"]), max_size=6
    ).map("".join)
)
@settings(max_examples=500, deadline=None)
def test_markup_is_left_as_feedparser_leaves_it(markup):
    from feedparser.urls import resolve_relative_uris

    def attempt(resolve: Callable[[], str]) -> str:
        try:
            return resolve()
        except Exception as error:  # noqa: BLE001 - it raises what it likes
            return type(error).__name__

    for base in ("", "https://paper.example/a/b"):
        expected = attempt(lambda base=base: resolve_relative_uris(markup, base, "utf-8", "text/html"))
        assert attempt(lambda base=base: resolved(markup, base)) == expected
