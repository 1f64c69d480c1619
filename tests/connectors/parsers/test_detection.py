"""The format is told by the root element and the shape of the first lines, not by words in the text."""

from __future__ import annotations

import pytest

from connectors.parsers import guess_parser

NITF = '<nitf><head><docdata><doc-id id-string="urn:newsml:x.example:20260314:1"/></docdata></head><body/></nitf>'
G2 = '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:newsml:x:1" standard="NewsML-G2">{}</newsItem>'
FEED = '<rss version="2.0"><channel><title>{}</title></channel></rss>'


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("nitf", NITF), ("nitf", NITF.replace("<nitf>", '<nitf xmlns="http://iptc.org/std/NITF/2006-10-18/">')),
        ("nitf", f"<!-- <NewsML> newsml-g2 -->\n<!DOCTYPE nitf [<!ENTITY % x SYSTEM 'NewsML.dtd'> %x;]>{NITF}"),
        ("nitf", '<?xml version="1.0"?><?x <rss> ?>' + NITF.replace("<nitf>", "<n:nitf xmlns:n='x'>")),
        ("nitf", f"<batch>{NITF}{NITF}</batch>"),
        ("newsml_1", "<!DOCTYPE NewsML SYSTEM 'NewsML_1.2.dtd'><NewsML><NewsItem><p>newsml-g2 http://iptc.org/std/nar/</p></NewsItem></NewsML>"),
        ("newsml_1", "<NewsItem><Identification><NewsIdentifier/></Identification></NewsItem>"),
        ("newsml_g2", G2.format("<inlineXML><nitf><NewsML/></nitf></inlineXML>")), ("newsml_g2", f"<newsMessage>{G2.format('')}</newsMessage>"),
        ("newsml_g2", "<x:packageItem xmlns:x='http://wrong.example/' guid='u'/>"),
        ("rss", FEED.format("&lt;nitf&gt; and NewsML-G2 http://iptc.org/std/nar/2006-10-01/")),
        ("rss", "<feed xmlns='http://www.w3.org/2005/Atom'><title>urlset &lt;urlset&gt;</title></feed>"),
        ("rss", "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>"),
        ("sitemap", "<urlset><url><loc>http://x.example/feed.rss</loc></url></urlset>"),
        ("iptc7901", "\x01abc12345 4 i 120\r\n\r\nSlug/\r\n\x02Head\r\n\x03"), ("iptc7901", "abcde0123A 4 pl 120 x\nSlug/\nHead\n"),
        ("iptc7901", "abc 0123 4 pl 120 x\nSlug/\nHead\n"),
        ("email", "Received: from a\nDKIM-Signature: v=1;" + "\n b=xxxxxxxxxxxxxxxx" * 500 + "\nFrom: a@b.example\nSubject: s\n\nText"),
        ("email", "Return-Path: <a@b.example>\nReceived: by x; Sat, 14 Mar 2026 06:00:00 +0000\nFrom: a@b.example\n\n<nitf>"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_format_is_told_by_the_content(name, document, encoding):
    if encoding == "utf-16" and name in {"iptc7901", "email"}:
        pytest.skip("text wires and mails are not sent in UTF-16")
    assert guess_parser(document.encode(encoding), None) == name


def test_numbers_of_five_digits_and_letters_are_ids(parse):
    items = parse(
        "iptc7901", "\x01abc12345 4 i 120\r\n\r\nA/\r\n\x02One\r\n\x03\x01abc0123A 4 i 120\r\n\r\nB/\r\n\x02Two\r\n\x03"
    ).items
    assert [item.uri.rsplit(":", 1)[-1] for item in items] == ["12345", "0123A"]
