from __future__ import annotations

import pytest

from pipeline.events.errors import ParseError

ITEM = """<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:x:1" version="3" xml:lang="en">
 <rightsInfo><copyrightNotice>(c) X</copyrightNotice><usageTerms>A<br/>B</usageTerms></rightsInfo>
 <itemMeta><itemClass qcode="ninat:text"/><provider qcode="p:x"/><versionCreated>{created}</versionCreated>
  <firstCreated>2024-01-01T10:00:00Z</firstCreated>{meta}</itemMeta>
 <contentMeta>{content}</contentMeta>
 <contentSet>{body}</contentSet></newsItem>"""


def one(parse, created="2024-01-02T10:00:00Z", meta="", content="", body="", **changes):
    (item,) = parse("newsml_g2", ITEM.format(created=created, meta=meta, content=content, body=body), **changes).items
    return item


@pytest.mark.shared
def test_samples(shared_data, check_expected):
    folder = shared_data / "wire" / "newsml-g2" / "examples"
    check_expected("newsml_g2", folder, list(folder.glob("*.xml")))


@pytest.mark.parametrize(
    ("meta", "status", "signals"),
    [
        ('<pubStatus qcode="stat:usable"/>', "usable", ()),
        ('<pubStatus qcode="stat:withheld"/>', "withheld", ()),
        ('<pubStatus qcode="stat:canceled"/>', "canceled", ()),
        ('<pubStatus uri="http://cv.iptc.org/newscodes/pubstatusg2/canceled"/>', "canceled", ()),
        ('<pubStatus qcode="Stat:Cancelled "/>', "canceled", ()),
        ('<signal qcode="sig:update"/>', "usable", ("update",)),
        ('<signal qcode="sig:correction"/><signal qcode="sig:update"/>', "usable", ("correction", "update")),
        ('<signal qcode="update:append-major-content"/>', "usable", ("update",)),
        ('<signal uri="http://cv.iptc.org/newscodes/signal/correction"/>', "usable", ("correction",)),
        ('<signal qcode="sig:atomic"/>', "usable", ()),
    ],
)
def test_status_and_signals(parse, meta, status, signals):
    item = one(parse, meta=meta)
    assert item.pubstatus == status
    assert item.signals == signals


def test_a_signal_of_no_standard_is_left_to_the_mapping(parse):
    assert one(parse, meta='<signal qcode="edStat:C"/>').originals["signal"] == "edStat:C"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-01-02T10:00:00Z ", "2024-01-02T10:00:00+00:00"),
        (" 2024-01-02T10:00:00+0100", "2024-01-02T09:00:00+00:00"),
        ("2024-01-02T10:00:00-05:00", "2024-01-02T15:00:00+00:00"),
        ("2024-01-02", "2024-01-02T00:00:00+00:00"),
    ],
)
def test_dates_as_agencies_write_them(parse, written, read):
    assert one(parse, created=written).versioncreated.isoformat() == read


def test_no_date_of_version_falls_back_to_the_content(parse):
    item = one(parse, created="", content="<contentModified>2024-01-03T00:00:00Z</contentModified>")
    assert item.versioncreated.day == 3


def test_a_date_ahead_is_taken_as_now_and_kept(parse, context):
    item = one(parse, created="2099-01-01T00:00:00Z")
    assert item.versioncreated == context.now
    assert item.originals["versioncreated"] == "2099-01-01T00:00:00Z"


def test_embargo_may_be_ahead_and_may_be_empty(parse):
    assert one(parse, meta="<embargoed>2099-01-01T00:00:00Z</embargoed>").embargoed.year == 2099
    assert one(parse, meta="<embargoed/>").embargoed is None


def test_headlines_by_role_and_rank(parse):
    item = one(
        parse, content='<headline role="hl:sub">Sub</headline><headline>Main</headline><headline rank="3">K</headline>'
    )
    assert (item.headline, item.subheadline, item.kicker) == ("Main", "Sub", "K")


def test_places_and_subjects_by_literal(parse):
    item = one(
        parse,
        content='<located literal="Rome"/><subject literal="a b"/><subject literal="x1"/><subject qcode="subj:04008024"/>',
    )
    assert item.located == "Rome"
    assert [(subject.code, subject.scheme, subject.name) for subject in item.subjects] == [
        (None, None, "a b"), ("x1", None, None), ("04008024", "subj", None),
    ]  # fmt: skip


def test_message_header_and_foreign_namespace(parse):
    message = """<newsMessage xmlns="urn:wrong"><header><sent>2024-05-05T00:00:00Z</sent><priority>2</priority></header>
    <itemSet><newsItem guid="a"/><conceptItem guid="c"/><packageItem guid="b"><groupSet root="g"><group id="g">
    <itemRef residref="a"><title>T</title></itemRef></group></groupSet></packageItem></itemSet></newsMessage>"""
    parsed = parse("newsml_g2", message)
    assert [item.uri for item in parsed.items] == ["a", "b"]
    assert [item.priority for item in parsed.items] == [2, 2]
    assert parsed.items[1].type == "composite"
    assert parsed.items[1].links[0].uri == "a"
    assert parsed.rejected[0].reason.startswith("skipped: a concept")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<inlineXML><html xmlns='http://www.w3.org/1999/xhtml'><head><title>T</title></head><body><p>One</p><p>Two</p></body></html></inlineXML>", "One\n\nTwo"),
        ("<inlineXML><p>One</p></inlineXML>", "One"),
        ("<inlineXML><nitf><body><body.content><p>One <em>x</em></p><hl2>H</hl2></body.content></body></nitf></inlineXML>", "One x\n\nH"),
        ("<inlineData contenttype='text/plain'>One\nTwo</inlineData>", "One\n\nTwo"),
        ("<inlineData contenttype='text/plain'><![CDATA[\n<p>\n   One line\nthat runs on.\n   Two.\n</p>]]></inlineData>", "One line that runs on.\n\nTwo."),
        ("<inlineXML><html><body><p>It&amp;#39;s &amp;quot;so&amp;quot; &amp;lt;b&amp;gt;</p></body></html></inlineXML>", "It's \"so\" &lt;b&gt;"),
        ("<inlineData contenttype='text/html'>&lt;p&gt;One&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;</inlineData>", "One"),
        ("<inlineXML><html><body><script>alert(1)</script><p onclick='x'>One</p></body></html></inlineXML>", "One"),
    ],
)  # fmt: skip
def test_bodies(parse, body, text):
    item = one(parse, body=body)
    assert item.body_text == text
    assert "script" not in (item.body_html or "")
    assert "onclick" not in (item.body_html or "")


def test_dateline_and_teaser_are_no_part_of_the_body(parse):
    item = one(
        parse,
        content="<dateline>Berlin (dpa) - </dateline><description role='drol:teaser'>Tease.</description>",
        body="<inlineXML><html><body><p>Tease.</p><p><span class='dateline'>Berlin (dpa) - </span>Text.</p></body></html></inlineXML>",
    )
    assert (item.dateline, item.located, item.body_text) == ("Berlin", "Berlin", "Text.")
    assert item.body_html == "<p>Text.</p>"


def test_a_body_laid_out_for_a_printer(parse):
    text = "(Adds detail)\n    * Gold may rise\n\n    By A Writer\n    Jan 30 (XX) - Gold rose as\nhavens did.\n    Traders\nwaited.\n"
    item = one(parse, body=f"<inlineXML><html><body><p>{text}</p></body></html></inlineXML>")
    assert item.body_text.split("\n\n") == [
        "(Adds detail)", "* Gold may rise", "By A Writer", "Jan 30 (XX) - Gold rose as havens did.", "Traders waited.",
    ]  # fmt: skip
    assert item.body_html.count("<p>") == 5


def test_a_body_printed_nicely_is_one_paragraph(parse):
    text = "\n          A long paragraph\n          that an editor\n          has indented.\n        "
    assert (
        one(parse, body=f"<inlineXML><html><body><p>{text}</p></body></html></inlineXML>").body_text
        == "A long paragraph that an editor has indented."
    )


def test_utf8_that_says_latin_1(parse):
    data = '<?xml version="1.0" encoding="ISO-8859-1"?><newsItem guid="x"><contentMeta><headline>Bülow</headline></contentMeta></newsItem>'
    assert parse("newsml_g2", data.encode()).items[0].headline == "Bülow"
    assert parse("newsml_g2", data.encode("latin-1")).items[0].headline == "Bülow"
    assert parse("newsml_g2", data.replace("ISO-8859-1", "UTF-8").encode("cp1252")).items[0].headline == "Bülow"


@pytest.mark.parametrize(
    "data",
    [b"", b"  ", b"no xml", b"\x00\x01\x02", b"<html><body/></html>", b"<newsMessage/>", b"<contentMeta/>",
     b'<!DOCTYPE a [<!ENTITY x "y">]><newsItem guid="&x;"/>'],
)  # fmt: skip
def test_what_is_no_newsml_g2(parse, data):
    with pytest.raises(ParseError):
        parse("newsml_g2", data)


def test_too_large(parse):
    with pytest.raises(ParseError, match="at most 10"):
        parse("newsml_g2", "<newsItem guid='a'/>", max_bytes=10)


@pytest.mark.shared
def test_the_official_schema_warns_and_never_refuses(shared_data, parse):
    schema = str(shared_data / "wire" / "newsml-g2" / "schema" / "NewsML-G2_2.35-spec-All-Power.xsd")
    folder = shared_data / "wire" / "newsml-g2" / "examples"
    good = parse(
        "newsml_g2", (folder / "LISTING_6_Simple_NewsML-G2_Package.xml").read_bytes(), options={"schema": schema}
    )
    assert good.warnings == ()
    bad = parse(
        "newsml_g2", ITEM.format(created="", meta="<nothing/>", content="", body=""), options={"schema": schema}
    )
    assert bad.items[0].uri == "urn:x:1"
    assert "schema: line" in bad.warnings[0]
