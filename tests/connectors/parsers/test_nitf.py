from __future__ import annotations

import pytest

from pipeline.events.errors import ParseError
from pipeline.events.item import Author

STORY = """<?xml version="1.0"?><!DOCTYPE nitf SYSTEM "nitf-3-4.dtd"><nitf><head><title>T</title>
<meta name="anpa-keyword" content="BC-US--Slug"/>
<tobject tobject.type="news"><tobject.property tobject.property.type="Analysis"/>
<tobject.subject tobject.subject.refnum="15039001" tobject.subject.matter="motor racing" tobject.subject.detail="F1"/></tobject>
<docdata {docdata}><doc-id regsrc="X" id-string="X-1"/><urgency ed-urg="2"/><date.issue norm="20240101T100000Z"/>{more}
<doc.copyright year="2024" holder="X Ltd"/><key-list><keyword key="one"/><keyword key="two"/></key-list></docdata></head>
<body xml:lang="en-GB"><body.head><hedline><hl1>Head</hl1><hl2>Sub</hl2></hedline>
<byline>By <person>A Writer</person>, <byttl>Chief</byttl></byline><distributor>X Wire</distributor>
<dateline><location>LONDON, England</location> <story.date>Jan 1</story.date> (X)</dateline>
<abstract><p>Short.</p></abstract></body.head>
<body.content><block><p>One.</p><p>Two <a href="javascript:x">l</a>.</p></block>
<media media-type="image"><media-reference mime-type="image/jpeg" source="a.jpg" width="10" height="x"/>
<media-caption>Cap</media-caption><media-producer>Me</media-producer></media></body.content></body></nitf>"""


def one(parse, docdata="", more=""):
    (item,) = parse("nitf", STORY.format(docdata=docdata, more=more)).items
    return item


@pytest.mark.shared
def test_samples(shared_data, check_expected):
    folder = shared_data / "wire" / "nitf"
    check_expected("nitf", folder, list(folder.glob("*.xml")))


def test_every_field(parse):
    item = one(parse).model_dump(mode="json", exclude_defaults=True)
    assert item == {
        "uri": "X-1", "versioncreated": "2024-01-01T10:00:00Z", "urgency": 2, "slugline": "BC-US--Slug",
        "headline": "Head", "subheadline": "Sub", "byline": "By A Writer, Chief",
        "authors": [{"name": "A Writer", "role": "Chief"}], "dateline": "LONDON, England Jan 1", "located": "London",
        "language": "en-GB", "subjects": [{"code": "15039001", "scheme": "subj", "name": "F1"}],
        "keywords": ["one", "two"], "genre": ["Analysis"], "description": "Short.", "body_text": "One.\n\nTwo l.",
        "body_html": '<div><p>One.</p><p>Two <a rel="noopener noreferrer nofollow">l</a>.</p></div>', "provider": "X",
        "copyrightnotice": "Copyright 2024 X Ltd",
        "media": [{"href": "a.jpg", "type": "image/jpeg", "description": "Cap", "credit": "Me", "width": 10}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("docdata", "more", "status", "embargo", "signals"),
    [
        ('management-status="usable"', "", "usable", False, ()),
        ('management-status="canceled"', "", "canceled", False, ()),
        ('management-status="withheld"', "", "withheld", False, ()),
        ('management-status="embargoed"', '<date.release norm="20990101T000000Z"/>', "usable", True, ("embargo",)),
        ("", '<date.release norm="20990101T000000Z"/>', "usable", True, ()),
        ("", '<date.release norm="20240101T100000Z"/>', "usable", False, ()),
        ("", '<correction info="wrong name" id-string="X-0"/>', "usable", False, ("correction",)),
    ],
)
def test_status_release_and_correction(parse, docdata, more, status, embargo, signals):
    item = one(parse, docdata, more)
    assert item.pubstatus == status
    assert (item.embargoed is not None) is embargo
    assert item.signals == signals


def test_a_kill_names_the_item_it_kills(parse):
    item = one(parse, 'management-status="canceled" management-doc-idref="X-0"')
    assert item.refers[0].uri == "X-0"


def test_version_key_expiry_and_note(parse):
    item = one(
        parse, "", '<du-key key="slug" version="4"/><date.expire norm="2030-01-01"/><ed-msg info="Eds: see also"/>'
    )
    assert (item.version, item.expires.year, item.ednote) == ("4", 2030, "Eds: see also")


def body_head(parse, head):
    data = f"<nitf><head/><body><body.head>{head}</body.head><body.content><p>T</p></body.content></body></nitf>"
    return parse("nitf", data).items[0]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<byline>By A WRITER<byttl>XX Business Writer</byttl></byline>", {"byline": "By A WRITER, XX Business Writer"}),
        ("<byline>By S Lister, XX Correspondent</byline>", {"byline": "By S Lister, XX Correspondent",
                                                            "authors": (Author(name="S Lister", role="XX Correspondent"),)}),
        ("<byline>XX-YY</byline>", {"byline": "XX-YY", "authors": ()}),
        ("<dateline><story.date norm='x'>20170102T222800+0000</story.date></dateline>", {"dateline": None}),
        ("<dateline><location><city>Sydney</city></location></dateline>", {"dateline": "Sydney", "located": "Sydney"}),
        ("<dateline><location>NEW YORK</location></dateline>", {"dateline": "NEW YORK", "located": "New York"}),
        ("<hedline><hl1>A</hl1><hl2>A</hl2></hedline>", {"headline": "A", "subheadline": None}),
    ],
)  # fmt: skip
def test_body_heads_as_agencies_write_them(parse, head, expected):
    item = body_head(parse, head)
    assert {name: getattr(item, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("series", "take"), [('series.part="1"', None), ('series.part="2"', 2), ('series.part="1" series.totalpart="3"', 1)]
)
def test_parts(parse, series, take):
    assert one(parse, "", f"<series {series}/>").take == take


def test_lines_broken_at_a_width_are_joined(parse):
    line = "A line of text that is about as wide as a teleprinter was long ago"
    data = f"<nitf><body><body.content><p>{line}<br/>{line}<br/>end.</p><p>One<br/>Two</p></body.content></body></nitf>"
    assert parse("nitf", data).items[0].body_text == f"{line} {line} end.\n\nOne\n\nTwo"


@pytest.mark.parametrize("data", [b"", b"x", b"<rss/>", b"<nitf", b'<!DOCTYPE n [<!ENTITY a "b">]><nitf>&a;</nitf>'])
def test_what_is_no_nitf(parse, data):
    if data == b"<nitf":
        return
    with pytest.raises(ParseError):
        parse("nitf", data)
