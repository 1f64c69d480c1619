from __future__ import annotations

import json

import pytest

from connectors.identity import stable_id
from pipeline.events.errors import ParseError


def one(parse, text, **changes):
    (item,) = parse("text", text, **changes).items
    return item


@pytest.mark.shared
def test_the_sample_is_read_as_a_careful_reader_does(shared_data, parse):
    folder = shared_data / "wire" / "text"
    for path in sorted(folder.glob("*.txt")):
        expected = json.loads(path.with_name(f"{path.stem}.expected.json").read_text(encoding="utf-8"))
        item = one(parse, path.read_bytes())
        for field in ("headline", "subheadline", "dateline", "located", "provider"):
            assert getattr(item, field) == expected[field], field
        assert item.body_text.startswith("Russia expects contacts with France")
        assert "TASS" not in item.body_text[:40]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Headline\n\nLONDON, March 4 (XX) - Text.", {"headline": "Headline", "dateline": "LONDON, March 4", "body_text": "Text."}),
        ("BC-Slug-Word\n\nHeadline\n\nLONDON (XX) - Text.", {"slugline": "BC-Slug-Word", "headline": "Headline"}),
        ("News\n\nHeadline\n\nSub\n\nLONDON (XX) - Text.", {"kicker": "News", "headline": "Headline", "subheadline": "Sub"}),
        ("Headline\n\nBy A Writer\n\nLONDON (XX) - Text.", {"byline": "A Writer", "headline": "Headline"}),
        ("Headline\n\nEds: Recasts lead.\n\nLONDON (XX) - Text.", {"ednote": "Eds: Recasts lead.", "body_text": "Text."}),
        ("slug: s\nid: 7\nurgency: 2\n\nHeadline\n\nLONDON (XX) - Text.", {"slugline": "s", "uri": "7", "urgency": 2}),
        ("Headline\nText that is wrapped\nover lines.", {"headline": "Headline", "body_text": "Text that is wrapped over lines."}),
        ("Just one sentence, and it ends.", {"headline": "Just one sentence, and it ends."}),
        ("Headline\n\n- (XX) Text without a dateline.", {"headline": "Headline", "dateline": None}),
    ],
)  # fmt: skip
def test_fields(parse, text, expected):
    item = one(parse, text)
    assert {name: getattr(item, name) for name in expected} == expected


def test_frames(parse):
    text = "ZCZC A12 x\nHeadline\n\nLONDON (XX) - One.\nNNNN\nZCZC A13\n\nNNNN\nZCZC A14\nOther\n\nPARIS (XX) - Two.\n"
    parsed = parse("text", text)
    assert [item.body_text for item in parsed.items] == ["One.", "Two."]
    assert [(part.position, part.reason) for part in parsed.rejected] == [("line 6", "nothing between ZCZC and NNNN")]


def test_a_number_is_an_id_only_with_its_day_and_its_channel_or_slug(parse):
    def uris(*messages):
        return [
            item.uri for item in parse("text", "".join(f"ZCZC {head}\n{body}\nNNNN\n" for head, body in messages)).items
        ]

    first, second = "BC-A-B\n\nHead\n\nPARIS, March 14 (XX) - One.", "BC-C-D\n\nOther\n\nPARIS, March 15 (XX) - Two."
    assert uris(("ABC0123", first), ("ABC 0123", first)) == ["zczc:xx:abc:0123:2026-03-14:bc-a-b"] * 2
    assert len(set(uris(("0001", first), ("0001", second), ("ABC0001", first), ("ABC0001", second)))) == 4
    assert uris(("0007 x", "date: 2026-03-02T06:00:00Z\nslug: s\n\nHead\n\nText.")) == ["zczc:::0007:2026-03-02:s"]
    # an agency, no day, neither channel nor slug
    undated = "BC-A-B\n\nHead\n\nPARIS (XX) - One."
    assert (
        uris(("AAP", first), ("", first), ("ABC0123", undated), ("0123", first.removeprefix("BC-A-B\n\n")))
        == [None] * 4
    )


def test_stories_under_one_agency_and_one_number_stay_apart(parse):
    stories = [f"Story {number} of the day\n\nSYDNEY (AAP) - Text {number}." for number in range(5)]
    for head in ("AAP", "0001", "A1", ""):
        parsed = parse("text", "".join(f"ZCZC {head}\n{text}\nNNNN\n" for text in stories))
        assert len({stable_id(item)[0] for item in parsed.items}) == 5
    twice = [stable_id(parse("text", f"ZCZC AAP\n{stories[0]}\nNNNN\n").items[0])[0] for _ in range(2)]
    assert twice[0] == twice[1]


@pytest.mark.parametrize(
    "header", ["urgency: high", "version: ", "embargoed: never", "status: unheard of", "date: soon"]
)
def test_a_header_that_makes_no_sense_costs_nothing(parse, header):
    item = one(parse, f"slug: s\n{header}\n\nHeadline\n\nLONDON (XX) - Text.")
    assert (item.slugline, item.headline, item.body_text) == ("s", "Headline", "Text.")


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        ("Bülow".encode(), None), ("Bülow".encode("latin-1"), None), ("Bülow".encode("utf-16"), None),
        ("Bülow".encode("utf-8-sig"), None), ("Bülow".encode("cp437"), "cp437"), ("Bülow".encode(), "no-such-charset"),
    ],
)  # fmt: skip
def test_encodings(parse, data, charset):
    assert one(parse, data, charset=charset).headline == "Bülow"


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\x00\x01\x02", b"PK\x03\x04\x00\x00"])
def test_what_is_no_text(parse, data):
    with pytest.raises(ParseError):
        parse("text", data)
