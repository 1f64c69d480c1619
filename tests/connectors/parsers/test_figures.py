"""Pictures in a body become media with their captions, and leave the text."""

from __future__ import annotations

import pytest

from connectors.parsers.figures import figures, with_figures
from connectors.wording.tidying import tidied
from pipeline.events.item import Media

FIGURE = (
    '<p>One</p><figure><img src="/a.jpg" alt="alt"/><figcaption>The bridge on <b>Tuesday</b>. (ABC Photo/Jo Doe)</figcaption></figure>'
    "<p>Two</p>"
)


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        (FIGURE, [("https://x.example/a.jpg", "The bridge on Tuesday. (ABC Photo/Jo Doe)")]),
        ('<figure><img src="https://y.example/b.png" alt="A bridge"></figure>', [("https://y.example/b.png", "A bridge")]),
        ('<figure><img src="data:image/gif;base64,R0" data-src="https://y.example/c.png"></figure>', []),
        (
            '<figure class="gallery"><figure><img src="/1.jpg"><figcaption>One</figcaption></figure><figure><img src="/2.jpg"></figure></figure>',
            [("https://x.example/1.jpg", "One"), ("https://x.example/2.jpg", None)],
        ),
        ('<div class="wp-caption"><img src="/d.jpg"><p class="wp-caption-text">Dam</p></div>', [("https://x.example/d.jpg", "Dam")]),
        ('<figure><video><source src="/v.mp4" type="video/mp4"></video><figcaption>Film</figcaption></figure>', [("https://x.example/v.mp4", "Film")]),
        ("<figure><blockquote>A quotation</blockquote></figure>", []),
        ('<p><img src="/pixel.gif"></p>', []), ('<img src="/p.gif" width="1" height="1" alt="a long description">', []),
        ('<p><img src="/e.jpg" width="600" height="400px"></p>', [("https://x.example/e.jpg", None)]),
        ('<img src="/f.jpg" alt="The bridge at dawn">', [("https://x.example/f.jpg", "The bridge at dawn")]), ('<img src="/g.jpg" alt="Share">', []),
        ('<figure><img src="javascript:alert(1)"></figure>', []),
        ("<figure>" * 300 + "x", []),
    ],
)  # fmt: skip
def test_figures(markup: str, found: list[tuple[str, str | None]]) -> None:
    assert [(one.href, one.description) for one in figures(markup, "https://x.example/feed")] == found


def test_a_picture_that_is_known_gets_its_caption() -> None:
    known = (Media(href="https://x.example/a.jpg", type="image/jpeg"),)
    (medium,) = with_figures(known, figures(FIGURE, "https://x.example/"))
    assert (medium.type, medium.description) == ("image/jpeg", "The bridge on Tuesday. (ABC Photo/Jo Doe)")


def test_captions_leave_text_html_and_description(parse) -> None:
    content = FIGURE + '<div class="wp-caption"><img src="/d.jpg"/><p class="wp-caption-text">Dam</p></div>'
    feed = (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>x</title><item><guid>1</guid>'
        f"<title>T</title><content:encoded><![CDATA[{content}]]></content:encoded></item></channel></rss>"
    )
    (item,) = parse("rss", feed, url="https://x.example/feed").items
    item = tidied(item, "rss")
    assert (item.body_text, item.description) == ("One\n\nTwo", None)
    assert (item.body_html or "").replace("<div></div>", "") == "<p>One</p><p>Two</p>"
    assert [medium.description for medium in item.media] == ["The bridge on Tuesday. (ABC Photo/Jo Doe)", "Dam"]


def test_a_page_without_a_body_is_read() -> None:
    page = '<html><head><title>A title that never ends</titl e></head><body><img src="https://x.example/a.jpg" alt="Bridge">'
    assert figures(page) == []
    assert [
        medium.href for medium in figures(f"{page}</title><figure><img src='https://x.example/b.jpg'></figure>")
    ] == ["https://x.example/b.jpg"]
