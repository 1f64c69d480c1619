from __future__ import annotations

import pytest

from connectors.identity import stable_id
from pipeline.events.errors import ParseError

STORY = """<?xml version="1.0" encoding="{encoding}"?><NewsML>
<NewsEnvelope><DateAndTime>20240102T101500Z</DateAndTime><SentFrom><Party FormalName="X Wire"/></SentFrom>
<Priority FormalName="3"/></NewsEnvelope>
<NewsItem {item}><Identification><NewsIdentifier>{identifier}</NewsIdentifier></Identification>
<NewsManagement><NewsItemType FormalName="News"/><FirstCreated>20240102T100000Z</FirstCreated>
<ThisRevisionCreated>20240102T101000+0100</ThisRevisionCreated><Status FormalName="{status}"/>
<Urgency>2</Urgency>{management}</NewsManagement>
<NewsComponent Duid="D1"><NewsLines><HeadLine>Kopf</HeadLine><SubHeadLine>Sub</SubHeadLine><ByLine>By W</ByLine>
<DateLine>PARIS, Jan 2 (X)</DateLine><SlugLine>FR-news</SlugLine><CopyrightLine>(c) X</CopyrightLine>
<KeywordLine>a, b</KeywordLine><NewsLine><NewsLineType FormalName="EdNote"/><NewsLineText>Recasts</NewsLineText></NewsLine>
</NewsLines><AdministrativeMetadata><Provider><Party FormalName="X"/></Provider><Creator><Party FormalName="W"/></Creator>
</AdministrativeMetadata><DescriptiveMetada><Language FormalName="fr"/><Genre FormalName="Current"/>
<SubjectCode><Subject FormalName="11000000"/><SubjectMatter FormalName="11002000"/></SubjectCode>
<Location><Property FormalName="Country" Value="FRA"/><Property FormalName="City" Value="Paris"/></Location>
<Property FormalName="Keyword" Value="c"/></DescriptiveMetada>
<NewsComponent><Role FormalName="Main"/><ContentItem><MediaType FormalName="Text"/><Format FormalName="{format}"/>
<DataContent>{content}</DataContent></ContentItem></NewsComponent>
<NewsComponent><Role FormalName="Picture"/><NewsLines><HeadLine>Caption</HeadLine></NewsLines>
<ContentItem Href="p.jpg"><MediaType FormalName="Photo"/><MimeType FormalName="image/jpeg"/><Characteristics>
<Property FormalName="Width" Value="10"/></Characteristics></ContentItem></NewsComponent></NewsComponent></NewsItem></NewsML>"""
IDENTIFIER = (
    "<ProviderId>x.com</ProviderId><DateId>20240102</DateId><NewsItemId>TX7</NewsItemId><RevisionId>3</RevisionId>"
)


def one(parse, **parts):
    given = {"encoding": "utf-8", "item": "", "identifier": IDENTIFIER, "status": "Usable", "management": "",
             "format": "NITF", "content": "<p>Un.</p><p>Deux é.</p>", **parts}  # fmt: skip
    (item,) = parse("newsml_1", STORY.format(**given).encode(given["encoding"])).items
    return item


@pytest.mark.shared
def test_samples(shared_data, check_expected):
    folder = shared_data / "wire" / "ninjs" / "examples" / "NewsML"
    check_expected("newsml_1", folder, list(folder.glob("*.xml")))


@pytest.mark.shared
def test_the_same_releases_in_ninjs_agree(shared_data, parse):
    """Four releases come in NewsML and in ninjs: what both carry must be the same."""
    folder = shared_data / "wire" / "ninjs" / "examples"
    for file in sorted((folder / "NewsML").glob("*.xml")):
        (old,) = parse("newsml_1", file.read_bytes()).items
        (new,) = parse("ninjs", (folder / "1.4" / f"{file.stem}.json").read_bytes()).items
        for field in ("version", "versioncreated", "headline", "language"):
            assert getattr(old, field) == getattr(new, field), (file.name, field)
        assert {subject.name for subject in new.subjects} == set(old.keywords), file.name
        assert "".join(new.body_text.split())[:60] == "".join(old.body_text.split())[:60], file.name
        assert {media.href for media in new.media} <= {media.href for media in old.media}, file.name


def test_every_field(parse):
    item = one(parse).model_dump(mode="json", exclude_defaults=True)
    assert item == {
        "uri": "urn:newsml:x.com:20240102:TX7", "version": "3", "versioncreated": "2024-01-02T09:10:00Z",
        "firstcreated": "2024-01-02T10:00:00Z", "sent": "2024-01-02T10:15:00Z", "urgency": 2, "priority": 3,
        "slugline": "FR-news", "headline": "Kopf", "subheadline": "Sub", "byline": "By W",
        "authors": [{"name": "W"}], "dateline": "PARIS, Jan 2", "located": "Paris", "language": "fr",
        "subjects": [{"code": "11000000", "scheme": "subj"}, {"code": "11002000", "scheme": "subj"}],
        "keywords": ["a", "b", "c"], "genre": ["Current"], "body_text": "Un.\n\nDeux é.",
        "body_html": "<p>Un.</p><p>Deux é.</p>", "provider": "X", "copyrightnotice": "(c) X", "ednote": "Recasts",
        "media": [{"href": "p.jpg", "type": "image/jpeg", "description": "Caption", "rendition": "Picture", "width": 10}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("identifier", "item", "uri"),
    [
        (IDENTIFIER, "", "urn:newsml:x.com:20240102:TX7"),
        ("<PublicIdentifier>urn:newsml:x.com:20240102:TX7:3N</PublicIdentifier>", "", "urn:newsml:x.com:20240102:TX7"),
        ("<NewsItemId>TX7</NewsItemId>", "", "TX7"),
        ("<ProviderId>x.com</ProviderId><NewsItemId/><PublicIdentifier/>", "", "D1#20240102T100000Z"),
    ],
)
def test_id_is_the_same_for_every_revision(parse, identifier, item, uri):
    assert one(parse, identifier=identifier, item=item).uri == uri


@pytest.mark.parametrize(
    ("status", "management", "expected"),
    [
        ("Canceled", "", ("canceled", (), False, None)),
        ("Withheld", "", ("withheld", (), False, None)),
        ("Embargoed", "<StatusWillChange><FutureStatus FormalName='Usable'/><DateAndTime>20990101T000000Z</DateAndTime></StatusWillChange>",
         ("usable", ("embargo",), True, None)),
        ("Usable", "<Instruction FormalName='Correction'/>", ("usable", ("correction",), False, None)),
        ("Usable", "<DerivedFrom NewsItem='urn:old'/>", ("usable", (), False, "urn:old")),
    ],
)  # fmt: skip
def test_life(parse, status, management, expected):
    item = one(parse, status=status, management=management)
    assert (item.pubstatus, item.signals, item.embargoed is not None, item.evolvedfrom) == expected


@pytest.mark.parametrize(
    ("format_", "content", "text"),
    [
        ("NITF", "<nitf><body><body.content><p>A</p></body.content></body></nitf>", "A"),
        ("XHTML", "<html><head><title>T</title></head><body><p>A</p></body></html>", "A"),
        ("XHTML", "&lt;p&gt;A&lt;/p&gt;&lt;p&gt;B&lt;/p&gt;", "A\n\nB"),
        ("Text", "   A line\nbroken\n   B line\nbroken", "A line broken\n\nB line broken"),
        ("Text", "A\n\nB", "A\n\nB"),
    ],
)
def test_bodies(parse, format_, content, text):
    assert one(parse, format=format_, content=content).body_text == text


def test_topics_name_subjects_and_a_bare_date_is_no_dateline(parse):
    data = """<NewsML><NewsItem><Identification><NewsIdentifier/><NameLabel>the-slug</NameLabel></Identification>
    <NewsComponent><TopicSet><Topic><FormalName>09003000</FormalName><Description Variant="Category">ANE</Description>
    <Description xml:lang="el">X</Description><Description xml:lang="en" Variant="Name">Employment</Description></Topic></TopicSet>
    <NewsLines><DateLine>4/4/2018</DateLine></NewsLines><DescriptiveMetadata><Language FormalName="EN"/><SubjectCode>
    <SubjectMatter FormalName="09003000"/></SubjectCode><Property FormalName="City" Value="Athens"/></DescriptiveMetadata>
    </NewsComponent></NewsItem></NewsML>"""
    (item,) = parse("newsml_1", data).items
    assert (item.slugline, item.dateline, item.located, item.language) == ("the-slug", None, "Athens", "en")
    assert item.subjects[0].name == "Employment"


def test_latin_1(parse):
    assert one(parse, encoding="iso-8859-1").body_text == "Un.\n\nDeux é."


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b"<NewsML/>", b"<rss/>", b'<!DOCTYPE a [<!ENTITY b "c">]><NewsML><NewsItem>&b;</NewsItem></NewsML>'],
)
def test_what_is_no_newsml_1(parse, data):
    with pytest.raises(ParseError):
        parse("newsml_1", data)


@pytest.mark.parametrize(
    ("identifier", "duid"),
    [
        ("<PublicIdentifier>urn:newsml:agency.example:20260314::1</PublicIdentifier>", "NC00001"),
        ("<PublicIdentifier>AGENCY</PublicIdentifier><NewsItemId/>", ""),
        ("<NewsItemId></NewsItemId><PublicIdentifier/>", "NC00001"),
    ],
)
def test_items_without_an_id_of_their_own_stay_apart(parse, identifier, duid):
    def story(headline, first):
        return parse(
            "newsml_1",
            f"<NewsML><NewsItem><Identification><NewsIdentifier>{identifier}</NewsIdentifier></Identification><NewsManagement>"
            f'<FirstCreated>{first}</FirstCreated></NewsManagement><NewsComponent Duid="{duid}"><NewsLines><HeadLine>'
            f"{headline}</HeadLine></NewsLines></NewsComponent></NewsItem></NewsML>",
        ).items[0]

    one, other = story("One", "20260314T060000+0000"), story("Two", "20260314T061500+0000")
    assert stable_id(one)[0] != stable_id(other)[0]
    assert stable_id(one)[0] == stable_id(story("One", "20260314T060000+0000"))[0]
