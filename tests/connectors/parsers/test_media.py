"""Podcasts, pictures and films: type, duration, transcripts and thumbnails, from the feed to the document."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.parsers import jsonfeed, rss, sitemap
from connectors.parsers.rss_facts import read_duration
from pipeline.events.item import Item, Media, ParseContext
from pipeline.index.documents import _media_fields

CONTEXT = ParseContext(now=datetime(2026, 11, 24, tzinfo=UTC))
ITUNES = (
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0"'
)


def entry(content: str, namespaces: str = ITUNES) -> Item:
    data = (
        f"<rss version='2.0' {namespaces}><channel><item><guid>1</guid><title>T</title>{content}</item></channel></rss>"
    )
    return rss.parse(data.encode(), CONTEXT).items[0]


def test_an_episode_of_a_podcast() -> None:
    item = entry(
        '<itunes:duration>1:02:30</itunes:duration><itunes:image href="https://p.example/1.jpg"/><enclosure url="https://p.example/1.mp3" type="audio/mpeg"/>'
        '<podcast:transcript url="https://p.example/1.srt" type="application/x-subrip"/><podcast:transcript url="https://p.example/1.vtt" type="text/vtt"/>'
    )
    assert item.type == "audio"
    assert _media_fields(item.media) == {
        "duration": 3750, "transcripts": ["https://p.example/1.srt", "https://p.example/1.vtt"], "thumbnail": "https://p.example/1.jpg"
    }  # fmt: skip


def test_an_article_read_aloud_is_a_text() -> None:
    assert entry('<enclosure url="https://p.example/1.mp3" type="audio/mpeg"/>', "").type == "text"
    assert entry("").type == "text"


def test_a_film_of_media_rss() -> None:
    namespaces = 'xmlns:media="http://search.yahoo.com/mrss/"'
    content = '<media:content url="https://p.example/1.mp4" type="video/mp4" duration="95" width="640"/><media:thumbnail url="https://p.example/t.jpg"/>'
    item = entry(content, namespaces)
    assert (item.media[0].duration, item.media[0].width, item.media[1].rendition) == (95, 640, "thumbnail")
    assert entry(content, f'{namespaces} xmlns:yt="http://www.youtube.com/xml/schemas/2015"').type == "video"


def test_other_formats() -> None:
    data = b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","attachments":[{"url":"https://a.example/1","mime_type":"audio/mpeg","duration_in_seconds":61}]}]}'
    assert jsonfeed.parse(data, CONTEXT).items[0].media[0].duration == 61
    data = b"<urlset><url><loc>/1</loc><video><content_loc>/1.mp4</content_loc><duration>600</duration><thumbnail_loc>/1.jpg</thumbnail_loc></video></url></urlset>"
    assert [(one.duration, one.rendition) for one in sitemap.parse(data, CONTEXT).items[0].media] == [
        (600, None),
        (None, "thumbnail"),
    ]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("750", 750), ("12:30", 750), ("1:02:30", 3750), ("61.5", 61), ("0", None), ("1:2:3:4", None), ("-5", None), ("9999999", None), ("999999", None), ("soon", None), (None, None)],
)  # fmt: skip
def test_durations(written: str | None, seconds: int | None) -> None:
    assert read_duration(written) == seconds


def test_addresses_that_are_not_links_are_left_out() -> None:
    media = (Media(href="javascript:x", rendition="transcript"), Media(href="data:x", rendition="thumbnail"))
    assert _media_fields(media) == {"duration": None, "transcripts": [], "thumbnail": None}
