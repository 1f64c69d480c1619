"""What text wires say of parts: which version is one, its number, and the paragraphs that a sub replaces."""

from __future__ import annotations

import pytest

from pipeline.events.item import Signal

ANPA = (
    "\x16\x16\x01W1234\x1fasian\r\nr i\x13\x11 BC-AS--TopicShort {short}  02-20 0500\r\n"
    "\x02^BC-AS--Topic Short, {word},416< \r\n^The headline says so< \r\n{eds}"
    "{text}\r\n\t   \x03XX-WF-02-20-16 0337GMT<\r\n\r\n\x04\r\n"
)
IPTC = (
    "\x01abc0003 3 i 120 xyz 0412\r\nCountry/topic/\r\n\x02{word}\r\nA headline that says it\r\n\r\n{text}\r\n\x03\r\n"
)
TEXT = "\t   The first paragraph of it. \r\n\t   The second. "


def anpa(parse, word, *, text=TEXT, eds=""):
    message = ANPA.format(
        short=word.replace(" ", "")[:12], word=word, text=text, eds=f"^Eds: {eds}< \r\n" if eds else ""
    )
    (item,) = parse("anpa1312", message.encode("latin-1"), options={}).items
    return item


@pytest.mark.parametrize(
    ("word", "take", "keeps_parts"),
    [
        ("1st Add", 2, False), ("2nd Add", 3, False), ("Add 3", 4, False), ("Adds", None, False), ("Add", None, False),
        ("2nd Take", 2, False), ("Take 3", 3, False), ("1st Sub", None, False), ("Insert", None, False),
        ("1st Ld", None, True), ("2nd Ld", None, True), ("Ld-Writethru", None, False), ("1st Ld-Writethru", None, False),
        ("Writethru", None, False),
    ],
)  # fmt: skip
def test_words_of_parts(parse, word, take, keeps_parts):
    item = anpa(parse, word)
    is_part = not keeps_parts and "rit" not in word
    assert (item.take, bool(item.keeps_parts), Signal.TAKE in item.signals) == (take, keeps_parts, is_part)
    assert item.uri == "W:2016-02-20:BC-AS--Topic Short", "a part is a version of its story"


@pytest.mark.parametrize(
    ("eds", "replaces", "corrects"),
    [
        ("SUBS 3rd graf to correct name", (3, 1), True),
        ("SUBS graf 3 to CORRECT spelling of Moe", (3, 1), True),
        ("SUBS 5th and 6th grafs to update", (5, 2), False),
        ("SUBs grafs 5-7 to fix style", (5, 3), False),
        ("Subs 2nd through 4th grafs, with quotes", (2, 3), False),
        ("INSERTS after 4th graf", (4, 0), False),
        ("INSERT after the 2nd graf with reaction", (2, 0), False),
        ("SUBS last graf", (0, 0), False),
        ("SUBS 3 photos", (0, 0), False),
        ("SUBS 9th to 2nd grafs", (0, 0), False),
        ("Updates with 3rd quarter figures", (0, 0), False),
    ],
)
def test_the_place_of_a_sub(parse, eds, replaces, corrects):
    item = anpa(parse, "1st Sub", eds=eds)
    assert (item.replaces, Signal.CORRECTION in item.signals) == (replaces, corrects)


def test_a_line_above_the_text_may_say_the_place(parse):
    item = anpa(
        parse,
        "1st Sub",
        text="\t   SUBS 2nd graf to correct a name: \r\n\t   The second of it. \r\n\t   PICKS UP 3rd graf",
    )
    assert (item.replaces, item.body_text) == ((2, 1), "The second of it.")
    assert item.ednote == "SUBS 2nd graf to correct a name:"


def test_a_story_that_is_no_part_keeps_its_words(parse):
    item = anpa(parse, "1st Ld-Writethru", text="\t   SUBS 2nd graf is what the sign says. \r\n\t   PICKS UP speed.")
    assert (item.replaces, item.body_text) == (None, "SUBS 2nd graf is what the sign says.\n\nPICKS UP speed.")


@pytest.mark.parametrize(("options", "told"), [({"identity": "slug"}, False), ({}, True)])
def test_parts_of_a_numbered_wire(parse, options, told):
    message = IPTC.format(word="1ST ADD", text="The text of the add.").encode("latin-1")
    (item,) = parse("iptc7901", message, options=options).items
    assert (item.take, Signal.TAKE in item.signals) == (2, True)
    assert item.uri.endswith("Country/topic" if options else "0003")
    assert bool(item.warnings) is told


def test_a_new_lead_of_a_numbered_wire_is_the_whole_story(parse):
    message = IPTC.format(word="1ST LEAD", text="The text.").encode("latin-1")
    (item,) = parse("iptc7901", message, options={}).items
    assert not item.keeps_parts


@pytest.mark.parametrize(
    ("word", "take", "replaces"),
    [
        ("1st Ld-Writethru, 2nd Add", 3, None), ("1st Ld-Writethru Add 2", 3, None), ("2nd Ld 1st Add", 2, None),
        ("2nd Ld-Writethru Take 2", 2, None), ("1st Sub", None, (0, 0)), ("Sub 3rd graf", None, (3, 1)),
        ("1st Sub graf 3", None, (3, 1)), ("Insert after 4th graf", None, (4, 0)),
    ],
)  # fmt: skip
def test_a_part_is_no_whole_story(parse, word, take, replaces):
    item = anpa(parse, word)
    assert (Signal.TAKE in item.signals, item.take, item.replaces) == (True, take, replaces)


@pytest.mark.parametrize(
    "word", ["2nd Add, KILL", "Kill 1st Add", "KILL", "Eliminate", "Eliminates", "ELIMINATION", "Kills 2nd Ld"]
)
def test_a_kill_is_a_kill_also_of_a_part(parse, word):
    item = anpa(parse, word)
    assert (item.pubstatus, item.uri) == ("canceled", "W:2016-02-20:BC-AS--Topic Short")


def test_ld_alone_is_a_lead(parse):
    assert anpa(parse, "Ld").keeps_parts


def test_a_sub_without_a_place_takes_the_place_of_its_note(parse):
    assert anpa(parse, "1st Sub", eds="SUBS 2nd graf").replaces == (2, 1)
