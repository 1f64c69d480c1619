"""Internal DTD subsets are dropped; entities of a document's own are never expanded."""

from __future__ import annotations

import pytest

from connectors.parsers.xml import parse_xml, refuse_general_entities
from pipeline.events.errors import ParseError

NITF = '<!DOCTYPE nitf PUBLIC "-//IPTC//DTD NITF 3.4//EN" "nitf-3-4.dtd" [%s]><nitf><p>%s</p></nitf>'
NEWSML = (
    '<!ENTITY % nitf SYSTEM "nitf-3-4.dtd"> %nitf; <!ENTITY % xhtml PUBLIC "-//W3C//DTD XHTML 1.0//EN" "a]>.dtd">\n%xhtml;'
    "<!-- ]> --><?x ]>?><!ELEMENT p (#PCDATA)><!ATTLIST p a CDATA '>]'>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "latin-1"])
def test_subsets_of_parameter_entities_are_dropped(encoding):
    root = parse_xml((NITF % (NEWSML, "Text")).encode(encoding))
    assert (root.tag, root[0].text) == ("nitf", "Text")


def test_declared_and_not_used_is_no_harm():
    root = parse_xml(
        (NITF % ('<!ENTITY a "b"><!ENTITY logo SYSTEM "x.gif" NDATA gif>', "A &amp; B <![CDATA[&a;]]>")).encode()
    )
    assert root[0].text == "A & B &a;"
    assert parse_xml((NITF % ('<!ENTITY lt "&#38;#60;">', "1 &lt; 2")).encode())[0].text == "1 < 2"


@pytest.mark.parametrize(
    ("subset", "content"),
    [
        ('<!ENTITY a "b">', "&a;"), ('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"), ('<!ENTITY\n\ta\n"b">', "x&a;"),
        ('<!ENTITY a "x"><!ENTITY b "&a;&a;">', "<q>&b;</q>"), ('<!entity a "b">', "&a;"),
        ('<!ENTITY a "]>"><!ENTITY b "c">', "&b;"), ("<!-- ", "&a;"),
    ],
)  # fmt: skip
def test_entities_of_its_own_are_refused(subset, content):
    with pytest.raises(ParseError):
        parse_xml((NITF % (subset, content)).encode())


def test_in_attributes_and_after_the_root_too():
    with pytest.raises(ParseError, match="&a;"):
        parse_xml(b'<!DOCTYPE n [<!ENTITY a "b">]><n x="&a;"/>')
    with pytest.raises(ParseError, match="&a;"):
        parse_xml(b"<n>\n<!DOCTYPE n [<!ENTITY a 'b'>]>&a;</n>")


def test_a_story_may_speak_of_entities():
    assert parse_xml(b"<n><![CDATA[<!ENTITY a 'b'>]]></n>").text == "<!ENTITY a 'b'>"


def test_readers_that_expand_get_no_general_entity():
    document = (NITF % (NEWSML, "Text")).encode()
    assert b"<!" not in refuse_general_entities(document)
    with pytest.raises(ParseError, match="declares entities: a"):
        refuse_general_entities((NITF % ('<!ENTITY a "b">', "Text")).encode("utf-16"))
