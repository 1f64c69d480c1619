from __future__ import annotations

import pytest

from connectors.parsers import guess_parser
from pipeline.events.errors import ParseError

HEADER = "\x16\x16\x01W1234\x1fasian\r\n{priority} i\x13\x11 BC-AS--TopicShort {version}  02-20 0500\r\n"
ABOVE = (
    "\x02^BC-AS--Topic Short, {version},416< \r\n^The headline says so< \r\n^XX Photo ABC101, ABC102< \r\n"
    "^Eds: Updates. With photos.< \r\n^A summary of the story _ long enough to be told from a title or a byline.< \r\n"
    "^By A. WRITER= \r\n^Sports Writer= \r\n"
)
TEXT = "\t   ATLANTA, Ga. (XX) _ The first ``quoted'' paragraph. \r\n\t   The second _ with a dash. \r\n\t   ___ \r\n"
END = "\r\n\t   \x03XX-WF-02-20-16 0337GMT<\r\n\r\n\x04\r\n"


def message(
    priority="r", version="1stLd-Writethru", long_version="1st Ld-Writethru", text=TEXT, above=ABOVE, end=END
) -> str:
    header = HEADER.format(priority=priority, version=version)
    return header + above.format(version=long_version) + text + end


def one(parse, options=None, **parts):
    (item,) = parse("anpa1312", message(**parts).encode("latin-1"), options=options or {}).items
    return item


def test_every_field(parse):
    assert one(parse).model_dump(mode="json", exclude_defaults=True) == {
        "uri": "W:2016-02-20:BC-AS--Topic Short", "version": "1", "versioncreated": "2016-02-20T03:37:00Z",
        "signals": ["lead", "update"], "urgency": 4, "slugline": "BC-AS--Topic Short",
        "headline": "The headline says so", "byline": "A. WRITER",
        "authors": [{"name": "A. WRITER", "role": "Sports Writer"}], "dateline": "ATLANTA, Ga.", "located": "Atlanta",
        "subjects": [{"code": "i", "scheme": "category"}], "provider": "XX", "ednote": "Updates. With photos.",
        "description": "A summary of the story — long enough to be told from a title or a byline.",
        "body_text": "The first “quoted” paragraph.\n\nThe second — with a dash.",
        "media": [{"title": "XX Photo ABC101"}, {"title": "XX Photo ABC102"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("letter", "urgency", "signals"),
    [
        ("f", 1, ("flash",)),
        ("b", 2, ("urgent",)),
        ("u", 3, ("urgent",)),
        ("r", 4, ()),
        ("d", 5, ()),
        ("a", 6, ()),
        ("z", None, ()),
    ],
)
def test_priority_letters(parse, letter, urgency, signals):
    item = one(parse, priority=letter, long_version="")
    assert (item.urgency, item.signals) == (urgency, signals)


@pytest.mark.parametrize(
    ("version", "signals", "number"),
    [
        ("1st Ld-Writethru", ("lead", "update"), "1"), ("3rd Ld", ("lead", "update"), "3"), ("Correction", ("correction",), None),
        ("1st Add", ("take",), None), ("KILL", ("kill",), None), ("Advisory", ("advisory",), None), ("ABRIDGED", (), None),
    ],
)  # fmt: skip
def test_keyword_line(parse, version, signals, number):
    item = one(parse, long_version=version)
    assert (item.signals, item.version) == (signals, number)
    assert item.take == (2 if version == "1st Add" else None)


def test_a_writethru_and_a_kill_are_versions_of_the_story(parse):
    assert one(parse, long_version="").uri == one(parse).uri == one(parse, long_version="KILL").uri
    assert one(parse, options={"identity": "number"}).uri == "W1234:2016-02-20:BC-AS--Topic Short"


def test_editors_note_in_the_text(parse):
    item = one(parse, text="\t   EDITOR'S NOTE _ Part of a series.\r\n" + TEXT)
    assert item.ednote == "Updates. With photos.\nPart of a series."
    assert item.body_text.startswith("The first")


def test_a_list_without_paragraphs(parse):
    above = "\x02^BC-AS--Topic Short,20<\r\n^Top news at noon<\r\n^First item of news\r\n^Second item\r\nA  1  2\r\n"
    item = one(parse, above=above, text="")
    assert item.headline == "Top news at noon"
    assert item.body_text == "First item of news\n\nSecond item\n\nA 1 2"


def test_an_alert_has_no_headline_of_its_own(parse):
    item = one(parse, above="\x02^BC-AS--Topic Short<\r\n", text="\t   ATLANTA (XX) _ Something happened.\r\n")
    assert item.headline == "Something happened."


def test_a_message_that_has_lost_its_control_characters(parse):
    data = message()
    plain = "".join(character for character in data if character >= " " or character in "\n\t")
    assert parse("anpa1312", plain).items == parse("anpa1312", data).items
    assert guess_parser(plain.encode(), None) == guess_parser(data.encode(), None) == "anpa1312"


def test_between_zczc_and_nnnn(parse):
    plain = "".join(character for character in message() if character >= " " or character in "\n\t")
    parsed = parse(
        "anpa1312", f"ZCZC 001\n{plain}NNNN\nZCZC 002\n{plain.replace('W1234', 'V7777')}NNNN\nZCZC\nno header\nNNNN\n"
    )
    assert [item.uri[0] for item in parsed.items] == ["W", "V"]
    assert [part.position for part in parsed.rejected] == ["message 3"]
    assert guess_parser(f"ZCZC 001\n{plain}NNNN\n".encode(), None) == "anpa1312"


@pytest.mark.parametrize("data", [b"", b"\x16\x16\x01", b"text", b"ZCZC\nNNNN", b"W1234\nno second line", b"<a/>"])
def test_what_is_no_anpa1312(parse, data):
    with pytest.raises(ParseError):
        parse("anpa1312", data)
