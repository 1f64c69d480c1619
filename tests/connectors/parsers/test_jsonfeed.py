from __future__ import annotations

import json
import random

import pytest

from connectors.identity import stable_id
from connectors.parsers import guess_parser
from pipeline.events.errors import ParseError

FEED_1_1 = {
    "version": "https://jsonfeed.org/version/1.1", "title": "F", "language": "en-GB", "home_page_url": "https://f.example/",
    "feed_url": "https://f.example/feed.json", "next_url": "/2.json", "authors": [{"name": "Feed Author"}],
    "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
    "items": [
        {"id": "1", "url": "/a", "external_url": "https://other.example/", "title": "A &amp; B", "summary": "S",
         "content_html": "<p>One</p><p>Two<script>x</script></p>", "date_published": "2024-01-01T10:00:00+01:00",
         "date_modified": "2024-01-02T10:00:00Z", "tags": ["x", "y"], "authors": [{"name": "W", "url": "https://w.example"}],
         "image": "i.jpg", "attachments": [{"url": "https://f.example/a.mp3", "mime_type": "audio/mpeg", "title": "Cast"}]},
        {"id": 2, "content_text": "Plain\n\ntext", "language": "de"},
        {"url": "https://f.example/c"},
        {},
        "no item",
    ],
}  # fmt: skip


def test_every_field(parse):
    parsed = parse("jsonfeed", json.dumps(FEED_1_1))
    first, second, third = (item.model_dump(mode="json", exclude_defaults=True) for item in parsed.items)
    assert first == {
        "uri": "1", "link": "https://f.example/a", "links": [{"rel": "related", "href": "https://other.example/"}],
        "headline": "A & B", "description": "S", "firstcreated": "2024-01-01T09:00:00Z",
        "versioncreated": "2024-01-02T10:00:00Z", "body_text": "One\n\nTwo", "body_html": "<p>One</p><p>Two</p>",
        "authors": [{"name": "W", "uri": "https://w.example"}], "byline": "W", "language": "en-GB", "keywords": ["x", "y"],
        "media": [{"href": "https://f.example/i.jpg", "rendition": "image"},
                  {"href": "https://f.example/a.mp3", "type": "audio/mpeg", "title": "Cast"}],
    }  # fmt: skip
    assert second == {
        "uri": "2", "body_text": "Plain\n\ntext", "language": "de", "authors": [{"name": "Feed Author"}],
        "byline": "Feed Author",
    }  # fmt: skip
    assert third["link"] == "https://f.example/c"
    assert [part.position for part in parsed.rejected] == ["item 4", "item 5"]
    assert parsed.feed.hub == "https://hub.example/"
    assert parsed.feed.next_link == "https://f.example/2.json"


def test_version_1_0_has_one_author(parse):
    feed = {
        "version": "https://jsonfeed.org/version/1",
        "items": [{"id": "1", "author": {"name": "A"}, "content_text": "x"}],
    }
    (item,) = parse("jsonfeed", json.dumps(feed)).items
    assert item.byline == "A"
    assert guess_parser(json.dumps(feed).encode(), None) == "jsonfeed"


def test_ids_do_not_depend_on_the_order(parse):
    items = [{"id": "a", "title": "A"}, {"url": "https://f.example/b"}, {"title": "C", "date_published": "2024-01-01"}]
    ids = [stable_id(item) for item in parse("jsonfeed", json.dumps({"items": items})).items]
    random.Random(1).shuffle(items)
    again = [stable_id(item) for item in parse("jsonfeed", json.dumps({"items": items})).items]
    assert sorted(ids) == sorted(again)
    assert {kind for _, kind in ids} == {"uri", "link", "hash"}


BASES = [
    ("https://f.example/a/feed.json", "https://f.example/x"),
    ("http://f.example:8181", "http://f.example:8181/x"),
    ("", "/x"),
    ("feed.json", "/x"),
    ("https://", "/x"),
    ("https://[f.example/", "/x"),
    ("https://f.example:99999/", "/x"),
]


@pytest.mark.parametrize(("base", "href"), BASES)
def test_links_in_html_are_relative_to_the_feed(parse, base, href):
    feed = {"feed_url": base, "items": [{"id": "1", "content_html": '<p>See <a href="/x">here</a>.</p>'}]}
    (item,) = parse("jsonfeed", json.dumps(feed)).items
    assert f'href="{href}"' in item.body_html


def test_a_feed_without_a_version_is_warned_of(parse):
    assert parse("jsonfeed", '{"items": []}').warnings


@pytest.mark.parametrize(
    "data", [b"", b"{", b"{}", b"[]", b'{"items": 7}', b'{"items": {}}', b"<rss/>", b"\xff\xfe\x00"]
)
def test_what_is_no_feed(parse, data):
    with pytest.raises(ParseError):
        parse("jsonfeed", data)
