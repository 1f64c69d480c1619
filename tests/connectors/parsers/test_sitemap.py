from __future__ import annotations

import pytest

from connectors.parsers import guess_parser
from pipeline.events.errors import ParseError

SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:xhtml="http://www.w3.org/1999/xhtml">
<url><loc>https://x.example/a?b=1&amp;c=2</loc><lastmod>2024-01-02T10:00:00Z</lastmod><news:news>
<news:publication><news:name>The X</news:name><news:language>en</news:language></news:publication>
<news:genres>PressRelease, Blog</news:genres><news:publication_date>2024-01-01T10:00:00+01:00</news:publication_date>
<news:title>A &amp; B</news:title><news:keywords>one, two</news:keywords></news:news>
<image:image><image:loc>https://x.example/i.jpg</image:loc><image:caption>Cap</image:caption></image:image>
<xhtml:link rel="alternate" hreflang="de" href="https://x.example/de/a"/></url>
<url><loc>/b</loc></url><url><lastmod>2024-01-01</lastmod></url></urlset>"""


def test_every_field(parse):
    parsed = parse("sitemap", SITEMAP, url="https://x.example/news.xml")
    first, second = (item.model_dump(mode="json", exclude_defaults=True) for item in parsed.items)
    assert first == {
        "uri": "https://x.example/a?b=1&c=2", "link": "https://x.example/a?b=1&c=2", "headline": "A & B",
        "versioncreated": "2024-01-02T10:00:00Z", "firstcreated": "2024-01-01T09:00:00Z", "provider": "The X",
        "language": "en", "keywords": ["one", "two"], "genre": ["PressRelease", "Blog"],
        "media": [{"href": "https://x.example/i.jpg", "description": "Cap"}],
        "links": [{"rel": "alternate", "href": "https://x.example/de/a"}],
    }  # fmt: skip
    assert second == {"uri": "https://x.example/b", "link": "https://x.example/b"}
    assert [part.position for part in parsed.rejected] == ["url 3"]


def test_is_guessed():
    assert guess_parser(SITEMAP.encode(), "application/xml") == "sitemap"


def test_an_index_names_its_newest_sitemap(parse):
    index = """<sitemapindex><sitemap><loc>https://x.example/1.xml</loc><lastmod>2024-01-01</lastmod></sitemap>
    <sitemap><loc>https://x.example/2.xml</loc><lastmod>2024-01-02</lastmod></sitemap></sitemapindex>"""
    parsed = parse("sitemap", index)
    assert parsed.items == ()
    assert parsed.feed.next_link == "https://x.example/2.xml"
    assert "2 sitemaps" in parsed.warnings[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"<rss/>",
        b"<sitemapindex/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><urlset><url><loc>&b;</loc></url></urlset>',
    ],
)
def test_what_is_no_sitemap(parse, data):
    with pytest.raises(ParseError):
        parse("sitemap", data)
