from __future__ import annotations

import pytest

from connectors.parsers import guess_parser
from pipeline.events.errors import ParseError

MESSAGE = (
    "\x01abc{number} 3 i 380  xyz 0045\r\n\r\nCountry/topic/\r\n\x02{head}\r\n\r\n{body}\r\n\x03\r\n{time}\r\n\x04"
)  # fmt: skip
BODY = (
    'Geneva (xyz) - The first line of a text that\r\nruns on.\r\n\r\nA second paragraph, "quoted".\r\n\r\n'
    "# Notebook\r\n\r\n## Note to editors\r\n- adds two\r\n\r\n* * * *\r\n"
    "The following information is not intended for publication\r\n\r\n## Contacts\r\n- Desk: +1\r\n\r\nxyz ab cd"
)


def message(head="A headline =", body=BODY, number="0003", time="212322 GMT Nov 18") -> bytes:
    return MESSAGE.format(head=head, body=body, number=number, time=time).encode("latin-1")


def one(parse, *args, options=None, **parts):
    (item,) = parse("iptc7901", message(*args, **parts), options=options or {}).items
    return item


def test_every_field(parse):
    item = one(parse, "REFILE\r\n1ST LEAD\r\nA headline that says it\r\nBy our correspondents =")
    assert item.model_dump(mode="json", exclude_defaults=True) == {
        "uri": "abc:2018-11-21:0003", "version": "1", "versioncreated": "2018-11-21T23:22:00Z", "urgency": 3,
        "signals": ["refile", "lead", "update"], "slugline": "Country/topic", "headline": "A headline that says it",
        "byline": "our correspondents", "dateline": "Geneva", "located": "Geneva", "provider": "xyz",
        "subjects": [{"code": "i", "scheme": "category"}],
        "body_text": 'The first line of a text that runs on.\n\nA second paragraph, "quoted".',
        "ednote": "Notebook\nNote to editors\n- adds two\nThe following information is not intended for publication\n"
                  "Contacts\n- Desk: +1\nxyz ab cd",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "signals"),
    [
        ("1ST LEAD", ("lead", "update")), ("2nd Lead", ("lead", "update")), ("3RD NET", ("lead", "update")),
        ("CORRECTION", ("correction",)), ("REFILE", ("refile",)), ("REPEAT", ("resend",)), ("EXTRA", ("flash",)),
        ("KILL KILL KILL", ("kill",)), ("HOLD HOLD HOLD", ("withhold",)), ("ADVISORY", ("advisory",)),
        ("TEST TEST TEST", ("test",)), ("EMBARGOED", ("embargo",)), ("URGENT", ("urgent",)),
    ],
)  # fmt: skip
def test_words_above_the_headline(parse, line, signals):
    item = one(parse, f"{line}\r\nHeadline =")
    assert (item.signals, item.headline) == (signals, "Headline")


def test_a_headline_that_only_begins_with_such_a_word_stays_whole(parse):
    assert one(parse, "Kill the bill, say protesters =").headline == "Kill the bill, say protesters"


@pytest.mark.parametrize("word", ["KILL KILL KILL", "HOLD HOLD HOLD"])
def test_a_kill_is_a_version_of_the_item_it_names(parse, word):
    story = one(parse)
    text = 'Please do not use abc0003, headlined "A headline that was wrong". A substitute follows.'
    kill = one(parse, f"{word}\r\nTopic =", text, number="0031")
    assert kill.uri == story.uri
    assert kill.refers[0].number == "0003"
    assert kill.refers[0].headline == "A headline that was wrong"
    assert kill.originals["number"] == "0031"


def test_a_lead_replaces_the_story_where_the_slug_is_the_identity(parse):
    by_slug = {"identity": "slug"}
    assert one(parse, options=by_slug).uri == one(parse, number="0077", options=by_slug).uri
    assert one(parse).uri != one(parse, number="0077").uri


@pytest.mark.parametrize(
    ("time", "read"),
    [
        ("212322 GMT Nov 18", "2018-11-21T23:22:00+00:00"),
        ("211259 Nov 18", "2018-11-21T12:59:00+00:00"),
        ("211259 MEZ Mai 18", "2018-05-21T11:59:00+00:00"),
        ("351259 GMT Nov 18", None),
        ("", None),
    ],
)
def test_time(parse, time, read):
    found = one(parse, time=time).versioncreated
    assert (found.isoformat() if found else None) == read


def test_latin_1_and_another_charset(parse):
    data = message("Caf\xe9 =")
    assert parse("iptc7901", data).items[0].headline == "Café"
    greek = data.replace(b"\xe9", "έ".encode("iso-8859-7"))
    assert parse("iptc7901", greek, charset="iso-8859-7").items[0].headline == "Cafέ"


def test_a_message_that_has_lost_its_control_characters(parse):
    data = message("1ST LEAD\r\nHeadline\r\nBy W =")
    plain = bytes(byte for byte in data if byte >= 32 or byte == 10)
    assert parse("iptc7901", plain).items == parse("iptc7901", data).items
    assert guess_parser(plain, None) == guess_parser(data, None) == "iptc7901"


def test_several_messages_and_one_that_is_none(parse):
    parsed = parse("iptc7901", message() + b"\x01garbage\x02 x\x03" + message(number="0004"))
    assert [item.uri[-4:] for item in parsed.items] == ["0003", "0004"]
    assert len(parsed.rejected) == 1


@pytest.mark.parametrize(
    "data", [b"", b"\x01\x02\x03\x04", b"just a text", b"\x01abc", b"<a/>", b"\x00\x01abc0001 3 i 4"]
)
def test_what_is_no_iptc7901(parse, data):
    with pytest.raises(ParseError):
        parse("iptc7901", data)
