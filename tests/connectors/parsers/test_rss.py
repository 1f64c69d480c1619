from __future__ import annotations

import json
import random
import re

import feedparser
import pytest

from connectors.identity import stable_id
from connectors.parsers import guess_parser
from pipeline.events.errors import ParseError

ITEMS = [
    "<item><guid>id-1</guid><title>One</title><link>https://x.example/1</link></item>",
    "<item><title>Two</title><link>https://x.example/2#top</link></item>",
    "<item><title>Three</title><pubDate>Tue, 02 Jan 2024 10:00:00 GMT</pubDate></item>",
    "<item><description>Only a text</description></item>",
    "<item><title>No date</title></item>",
]
RSS = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>F &amp; G</title><language>en</language><ttl>30</ttl>'
    "{items}</channel></rss>"
)
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="en">
<title>F</title><rights>(c) F</rights><link rel="hub" href="https://hub.example/"/><link rel="next" href="https://x.example/?p=2"/>
<link rel="self" href="https://x.example/feed"/>
<entry><id>tag:x.example,2024:1</id><title type="html">A &amp;amp; &lt;b&gt;B&lt;/b&gt;</title>
<link href="https://x.example/1"/><link rel="related" href="https://x.example/r" title="R"/>
<link rel="enclosure" type="audio/mpeg" href="https://x.example/a.mp3"/>
<published>2024-01-01T10:00:00+01:00</published><updated>2024-01-02T10:00:00Z</updated>
<author><name>W. Riter</name><uri>https://w.example</uri></author><category term="t1" scheme="s" label="Label"/>
<category term="plain"/><summary>Short</summary><source><title>Origin</title></source>
<media:content url="https://x.example/i.jpg" type="image/jpeg" width="10" height="20"><media:credit>Me</media:credit></media:content>
<content type="html">&lt;p onclick="x"&gt;One&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;&lt;p&gt;Two&lt;/p&gt;</content></entry></feed>"""


def rss(*items: str) -> bytes:
    return RSS.format(items="".join(items)).encode()


def test_every_field_of_atom(parse):
    parsed = parse("rss", ATOM)
    (item,) = (item.model_dump(mode="json", exclude_defaults=True) for item in parsed.items)
    assert item == {
        "uri": "tag:x.example,2024:1", "versioncreated": "2024-01-02T10:00:00Z", "firstcreated": "2024-01-01T09:00:00Z",
        "headline": "A & B", "description": "Short", "body_text": "One\n\nTwo", "body_html": "<p>One</p><p>Two</p>",
        "byline": "W. Riter", "authors": [{"name": "W. Riter", "uri": "https://w.example"}], "language": "en",
        "subjects": [{"code": "t1", "scheme": "s", "name": "Label"}, {"name": "plain"}], "copyrightnotice": "(c) F",
        "link": "https://x.example/1", "links": [{"rel": "related", "href": "https://x.example/r", "title": "R"}],
        "media": [{"href": "https://x.example/a.mp3", "type": "audio/mpeg"},
                  {"href": "https://x.example/i.jpg", "type": "image/jpeg", "credit": "Me", "width": 10, "height": 20}],
        "source": "Origin",
    }  # fmt: skip
    facts = parsed.feed
    assert (facts.title, facts.hub, facts.next_link, facts.format) == (
        "F",
        "https://hub.example/",
        "https://x.example/?p=2",
        "atom10",
    )


def test_facts_of_rss(parse):
    facts = parse("rss", rss(*ITEMS)).feed
    assert (facts.title, facts.language, facts.ttl_seconds) == ("F & G", "en", 1800)


def test_ids_are_the_same_over_two_parses_and_under_reordering(parse):
    first = [stable_id(item) for item in parse("rss", rss(*ITEMS)).items]
    assert [kind for _, kind in first] == ["uri", "link", "hash", "hash", "hash"]
    assert len(set(first)) == len(ITEMS)
    shuffled = ITEMS[:]
    random.Random(3).shuffle(shuffled)
    assert first != (again := [stable_id(item) for item in parse("rss", rss(*shuffled)).items])
    assert sorted(first) == sorted(again)
    assert first == [stable_id(item) for item in parse("rss", rss(*ITEMS)).items]


def test_a_changed_text_is_the_same_item(parse):
    dated = "<pubDate>Mon, 04 May 2026 12:00:00 GMT</pubDate>"
    (before,) = parse("rss", rss(f"<item><title>T</title>{dated}<description>a</description></item>")).items
    (after,) = parse("rss", rss(f"<item><title>T</title>{dated}<description>b</description></item>")).items
    assert stable_id(before) == stable_id(after)


@pytest.mark.shared
def test_every_feed_of_the_public_suites(shared_data, parse):
    """None crashes; every entry that feedparser sees is an item, with an id that is the same twice."""
    feeds = [
        path for path in (shared_data / "wire" / "feeds").rglob("*") if path.suffix in {".xml", ".rss", ".atom", ".rdf"}
    ]
    assert len(feeds) > 1700
    entries, without_id = 0, 0
    for path in feeds:
        data = path.read_bytes()
        try:
            parsed = parse("rss", data)
        except ParseError:
            continue
        ids = [stable_id(item) for item in parsed.items]
        assert not parsed.rejected, path
        assert all(len(found) > 0 for found, _ in ids)
        assert ids == [stable_id(item) for item in parse("rss", data).items], path
        entries += len(ids)
        without_id += sum(kind != "uri" for _, kind in ids)
    assert entries > 1300
    assert without_id > 400  # the fallbacks are a main road


@pytest.mark.shared
def test_fields_agree_with_feedparser_on_valid_feeds(shared_data, parse):
    """What feedparser, the truth for these formats, says of id, link, title and dates is what the items say."""
    folder = shared_data / "wire" / "feeds"
    compared = 0
    for path in sorted([*folder.rglob("*.rss"), *folder.rglob("*.atom"), *(folder / "simplepie").rglob("*.xml")]):
        data = path.read_bytes()
        truth = feedparser.parse(data.lstrip() if path.suffix == ".xml" else data, sanitize_html=False)
        try:
            parsed = parse("rss", data)
        except ParseError:
            assert not truth.entries, path
            continue
        if not truth.entries:
            continue  # UTF-16 without a byte order mark is read here, but not by feedparser alone
        assert len(parsed.items) == len(truth.entries), path
        for item, entry in zip(parsed.items, truth.entries, strict=True):
            assert (item.uri, item.link) == (entry.get("id") or None, entry.get("link") or None), path
            assert words(item.headline) == words(re.sub("<[^>]*>", "", entry.get("title", ""))), path
            time = entry.get("updated_parsed") or entry.get("published_parsed")
            if time and item.versioncreated:
                assert item.versioncreated.timetuple()[:6] == time[:6], path
            compared += 1
    assert compared > 20


def words(text: str | None) -> str:
    return " ".join((text or "").split())


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_feeds_polled_twice_give_the_messages_expected(shared_data, parse, kind):
    """The suite's own expected messages: new items of both polls, each once."""
    folder = shared_data / "wire" / "feeds" / "kafka-connect-rss" / "src" / "test" / "resources" / "integration-test"
    messages = [
        json.loads(path.read_text(encoding="utf-8"))["payload"] for path in sorted(folder.glob("output-*.json"))
    ]
    seen: dict[str, dict[str, str]] = {}
    for number in (1, 2):
        parsed = parse("rss", (folder / f"input-{number}.{kind}").read_bytes())
        for item in parsed.items:
            seen.setdefault(stable_id(item)[0], {
                "feed": parsed.feed.title or "", "title": words(item.headline), "link": item.link or "",
                "content": words(item.body_text), "author": item.byline or "",
                "date": item.versioncreated.strftime("%Y-%m-%dT%H:%M:%SZ") if item.versioncreated else "",
            })  # fmt: skip
    feed = next(iter(seen.values()))["feed"]
    wanted = {message["id"]: message for message in messages if message["feed"]["title"] == feed}
    assert seen.keys() == wanted.keys()
    for identity, message in wanted.items():
        found = {**seen[identity], "feed": {"title": feed, "url": message["feed"]["url"]}, "id": identity}
        assert found == {**message, "title": words(message["title"]), "content": words(message["content"])}


@pytest.mark.parametrize(
    ("date", "read", "kept"),
    [
        ("Tue, 02 Jan 2024 10:00:00 +0100", "2024-01-02T09:00:00+00:00", None),
        ("2024-01-02T10:00:00+0100", "2024-01-02T09:00:00+00:00", None),
        ("Tue, 02 Jan 2099 10:00:00 GMT", "2026-11-24T12:00:00+00:00", "Tue, 02 Jan 2099 10:00:00 GMT"),
        ("gestern um drei", None, "gestern um drei"),
    ],
)
def test_dates(parse, date, read, kept):
    (item,) = parse("rss", rss(f"<item><title>T</title><pubDate>{date}</pubDate></item>")).items
    assert (item.versioncreated.isoformat() if item.versioncreated else None) == read
    assert item.originals.get("published") == kept


def test_half_a_feed_gives_the_entries_that_are_whole(parse):
    whole = rss(*ITEMS)
    parsed = parse("rss", whole[: whole.index(b"<item><title>Three")])
    assert [item.headline for item in parsed.items] == ["One", "Two"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "windows-1252"])
def test_encodings(parse, encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + RSS[21:].format(items="<item><title>Bülow</title></item>")
    assert parse("rss", text.encode(encoding)).items[0].headline == "Bülow"


def test_a_wrong_encoding_still_gives_the_entries(parse):
    text = '<?xml version="1.0" encoding="utf-8"?>' + RSS[21:].format(
        items="<item><guid>1</guid><title>Bülow</title></item>"
    )
    (item,) = parse("rss", text.encode("latin-1")).items
    assert (item.uri, item.headline) == ("1", "Bülow")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"   ", b"not a feed", b"<html><body>404</body></html>", b"\x00\x01\x02\x03" * 50, b"{}", b"<rss",
        b'<!DOCTYPE rss [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><rss version="2.0"><channel><title>&b;</title></channel></rss>',
        b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel><title>&x;</title></channel></rss>',
        '<!DOCTYPE rss [<!ENTITY a "x">]><rss version="2.0"/>'.encode("utf-16"),
        b"<a>" * 50_000,
    ],
)  # fmt: skip
def test_what_is_no_feed(parse, data):
    with pytest.raises(ParseError) as caught:
        parse("rss", data)
    assert len(str(caught.value)) > 20


def test_a_plain_doctype_is_harmless(parse):
    data = b'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "x.dtd">' + rss(*ITEMS)[21:]
    assert len(parse("rss", data).items) == len(ITEMS)


@pytest.mark.parametrize(
    ("content_type", "data", "name"),
    [
        ("application/rss+xml", rss(*ITEMS), "rss"), (None, ATOM.encode(), "rss"), ("text/plain", b"Just words.", "text"),
        (None, b"\xef\xbb\xbf" + rss(*ITEMS), "rss"), (None, b"\n\n  " + rss(*ITEMS), "rss"),
    ],
)  # fmt: skip
def test_is_guessed(content_type, data, name):
    assert guess_parser(data, content_type) == name


@pytest.mark.parametrize(
    "date",
    ["Thu, 14 Mar 2019 08:30:00 +0100", "Do, 14. Mär 2019 08:30:00 +0100", "Do, 14 März 2019 08:30 +0100",
     "jeu., 14 mars 2019 08:30:00 +0100", "jue, 14 mar 2019 07:30:00 GMT", "gio, 14 mar 2019 08:30:00 CET",
     "qui, 14 de março de 2019 07:30:00 +0000", "do, 14 maart 2019 08:30:00 +0100", "Чт, 14 мар 2019 10:30:00 +0300",
     "14 марта 2019, 10:30 MSK", "Thu, 14 Mar 2019 03:30:00 EDT", "Thu, 14 Mar 2019 16:30:00 JST"],
)  # fmt: skip
def test_dates_in_the_languages_and_zones_of_real_feeds(parse, date):
    (item,) = parse("rss", rss(f"<item><title>T</title><pubDate>{date}</pubDate></item>")).items
    assert item.versioncreated.isoformat() == "2019-03-14T07:30:00+00:00"
    assert item.originals == {}


@pytest.mark.parametrize(
    ("written", "name"),
    [("desk@news.media (A. Writer)", "A. Writer"), ("A. Writer &lt;a.writer@press.online&gt;", "A. Writer"),
     ("A. Writer", "A. Writer"), ("desk@news.example", None), ("a@b.de (Ä. Ö)", "Ä. Ö"), ("A (B) C", "A (B) C")],
)  # fmt: skip
def test_names_of_authors_beside_their_addresses(parse, written, name):
    (item,) = parse("rss", rss(f"<item><title>T</title><author>{written}</author></item>")).items
    assert item.byline == name


def test_an_id_is_kept_as_it_is_written(parse):
    data = rss(
        "<item><guid>story-17</guid><title>T</title></item>", "<item><guid>http://a.example/?a=1&b=2</guid></item>"
    )
    ids = [item.uri for item in parse("rss", data, url="https://x.example/feed").items]
    assert ids == ["story-17", "http://a.example/?a=1&b=2"]


@pytest.mark.parametrize(
    "element", ["<links type=''/>", "<language a='b'/>", "<link_detail/><title_detail a='b'/>", "<tags x='y'/>"]
)
def test_elements_named_like_a_reader_s_own_fields_do_no_harm(parse, element):
    parsed = parse("rss", RSS.replace("<ttl>", f"{element}<ttl>").format(items=ITEMS[0]).encode())
    assert [item.headline for item in parsed.items] == ["One"]
