from __future__ import annotations

from email.message import EmailMessage

import pytest

from connectors.parsers import guess_parser
from pipeline.events.errors import ParseError

HEAD = "From: Press Office <press@x.example>\nDate: Tue, 02 Jan 2024 10:00:00 +0100\nMessage-ID: <1@x.example>\n"


def one(parse, data, **changes):
    (item,) = parse("email", data, **changes).items
    return item


def whole_message() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Presse Büro <press@x.example>"
    message["Subject"] = "Fwd: Ein Thema für alle"
    message["Date"] = "Tue, 02 Jan 2024 10:00:00 +0100"
    message["Message-ID"] = "<1@x.example>"
    message["Keywords"] = "one, two"
    message["Importance"] = "high"
    message["In-Reply-To"] = "<0@x.example>"
    message.set_content(
        "BERLIN, Jan 2 (XX) - Der erste Absatz,\nder umbricht.\n\nDer zweite.\n\nEds: not this\n\n-- \nA signature\n"
    )
    message["Content-Language"] = "de"
    message.add_alternative("<p>Der <b>erste</b></p><script>x</script>", subtype="html")
    message.add_attachment(b"\xff\xd8", maintype="image", subtype="jpeg", filename="bild.jpg")
    return message


def test_every_field(parse):
    item = one(parse, whole_message().as_bytes())
    assert item.model_dump(mode="json", exclude_defaults=True) == {
        "uri": "1@x.example", "versioncreated": "2024-01-02T09:00:00Z", "sent": "2024-01-02T09:00:00Z",
        "headline": "Ein Thema für alle", "keywords": ["one", "two"], "language": "de", "urgency": 2,
        "authors": [{"name": "Presse Büro", "uri": "mailto:press@x.example"}], "provider": "Presse Büro",
        "dateline": "BERLIN, Jan 2", "located": "Berlin", "ednote": "Eds: not this", "evolvedfrom": "0@x.example",
        "body_text": "Der erste Absatz, der umbricht.\n\nDer zweite.", "body_html": "<p>Der <b>erste</b></p>",
        "media": [{"type": "image/jpeg", "title": "bild.jpg"}],
    }  # fmt: skip
    assert guess_parser(whole_message().as_bytes(), None) == "email"


@pytest.mark.parametrize(
    ("subject", "read"),
    [
        (b"=?utf-8?B?VsO2bGtlcg==?=", "Völker"),
        (b"=?iso-8859-1?Q?Caf=E9?= open", "Café open"),
        (b"=?x-unknown?Q?Caf=E9?=", "Café"),
        ("Völker".encode(), "Völker"),
        ("Café".encode("latin-1"), "Café"),
        (b"=?utf-8?B?broken", "=?utf-8?B?broken"),
        (b"Re: AW: [x] A topic", "[x] A topic"),
        (b"Two\n lines", "Two lines"),
    ],
)
def test_subjects_in_odd_charsets(parse, subject, read):
    assert one(parse, HEAD.encode() + b"Subject: " + subject + b"\n\nText of it.\n").headline == read


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/plain; charset=iso-8859-1", "Café".encode("latin-1"), "Café"),
        ("text/plain; charset=nonsense", "Café".encode(), "Café"),
        ("text/html; charset=utf-8", b"<p>A</p><p>B</p>", "A\n\nB"),
        ("multipart/mixed; boundary=x", b"--x\nContent-Type: text/plain\n\nInside\n--x--\n", "Inside"),
        ("multipart/mixed; boundary=x", b"--x\nContent-Type: text/plain\n\nNever closed\n", "Never closed"),
    ],
)
def test_bodies(parse, kind, body, text):
    data = f"{HEAD}Subject: Topic\nMIME-Version: 1.0\nContent-Type: {kind}\n\n".encode() + body
    assert one(parse, data).body_text == text


def test_the_text_may_bring_the_headline(parse):
    item = one(parse, HEAD + "\nThe headline of it\n\nLONDON (XX) - The text.\n")
    assert (item.headline, item.body_text, item.dateline) == ("The headline of it", "The text.", "LONDON")


@pytest.mark.parametrize(
    "data", [b"", b"text without headers", b"X: y\n\ntext", b"<rss/>", b"From: a\n\n", b"\x00" * 9]
)
def test_what_is_no_message(parse, data):
    with pytest.raises(ParseError):
        parse("email", data)
