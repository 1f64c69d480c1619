"""What a careful reader does with odd names, subjects, character sets, undated texts and repeated heads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.archive_time import day_of_dateline, day_of_name
from connectors.config import connector_of_options
from connectors.parsers.text import decode
from connectors.reading import read_payload
from connectors.transports.base import Payload
from connectors.wording.people import are_initials, with_people
from connectors.wording.tidying import tidied
from pipeline.events import RawItem
from pipeline.events.item import Author, Item

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TEXT = "Officials said on Tuesday that the bridge would open again next week.\n\nIt had been closed since May."


def read(data: str | bytes, name: str = "a.xml", **options: Any) -> RawItem:
    config = connector_of_options("test", "Test").model_copy(update=options)
    payload = Payload(data.encode() if isinstance(data, str) else data, name)
    return read_payload(payload, config, now=NOW, max_body_bytes=10**6, max_original_bytes=0).items[0]


@pytest.mark.parametrize(
    ("written", "byline", "names"),
    [
        ("Jane Doe ()", "Jane Doe", ["Jane Doe"]), ("(Jane Doe)", "Jane Doe", ["Jane Doe"]),
        ("Jane Doe (jane@news.example)", "Jane Doe", ["Jane Doe"]), ("Jane Doe <jane@news.example>", "Jane Doe", ["Jane Doe"]),
        ("Jane Doe), al@news.example (Al Roe", "Jane Doe, Al Roe", ["Jane Doe", "Al Roe"]), ("By Jane Doe", "By Jane Doe", ["Jane Doe"]),
        ("jd", None, []), ("abc/de/fg", None, []), ("dw, dk", None, []), ("HVS/RSA", None, []),
        ("Ida Marsh and Tom Rees", "Ida Marsh and Tom Rees", ["Ida Marsh", "Tom Rees"]), ("Jo Fox, Jane Doe and Al van der Roe", "Jo Fox, Jane Doe and Al van der Roe", ["Jo Fox", "Jane Doe", "Al van der Roe"]),
        ("Reuters and AP", "Reuters and AP", ["Reuters and AP"]), ("Jane Doe, BBC News", "Jane Doe, BBC News", ["Jane Doe, BBC News"]), ("Bob", "Bob", ["Bob"]), ("BBC", "BBC", ["BBC"]),
        ("Agence France-Presse", "Agence France-Presse", ["Agence France-Presse"]),
    ],
)  # fmt: skip
def test_names_without_addresses_and_initials(written: str, byline: str | None, names: list[str]) -> None:
    item = with_people(Item(byline=written, authors=(Author(name=written),)))
    assert (item.byline, [author.name for author in item.authors]) == (byline, names)


def test_initials() -> None:
    assert are_initials("bur-sg/wai")
    assert not are_initials("Jo")
    assert not are_initials("van den berg")


@pytest.mark.parametrize(
    ("author", "byline"),
    [
        ("jane@news.example (Jane Doe)", "Jane Doe"), ("Jane Doe (jane@news.example)", "Jane Doe"),
        ("jane@news.example (Jane Doe), al@news.example (Al Roe)", "Jane Doe, Al Roe"), ("jane@news.example", None),
    ],
)  # fmt: skip
def test_authors_of_feeds(author: str, byline: str | None) -> None:
    feed = f"<rss version='2.0'><channel><item><title>T</title><guid>1</guid><author>{author}</author></item></channel></rss>"
    assert read(feed, parser="rss").item.byline == byline


@pytest.mark.parametrize(
    ("subject", "headline"),
    [
        (b"=?iso-8859-1?Q?Br=FCcke_offen", "Brücke offen"), (b"=?UTF-8?Q?Br=C3?= =?UTF-8?Q?=BCcke?=", "Brücke"),
        (b"=?unknown?q?Br=FCcke?=", "Brücke"), (b"=?utf-8?q?Br=FCcke?=", "Brücke"), ("Brücke".encode("latin-1"), "Brücke"),
        (b"=?utf-8?Q?A=20long?==?utf-8?Q?=20one?=", "A long one"), (b"Is 2 + 2 = 4?", "Is 2 + 2 = 4?"),
    ],
)  # fmt: skip
def test_subjects_with_broken_encodings(subject: bytes, headline: str) -> None:
    mail = b"From: Press <p@x.example>\nMessage-ID: <1@x>\nSubject: " + subject + b"\n\nText."
    assert read(mail, parser="email").item.headline == headline


@pytest.mark.parametrize(
    ("text", "charset", "language"),
    [
        ("Мост открыт", "cp1251", "ru"), ("Most został otwarty w środę", "cp1250", "pl"), ("Η γέφυρα άνοιξε", "cp1253", "el"),
        ("Köprü açıldı, şimdi", "cp1254", "tr-TR"), ("الجسر مفتوح", "cp1256", "ar"), ("橋は開いた", "cp932", "ja"), ("桥开了", "gb18030", "zh-CN"),
        ("Le pont est rouvert à Nîmes", "cp1252", "fr"), ("Мост открыт", "utf-8", "ru"),
    ],
)  # fmt: skip
def test_the_language_tells_the_character_set(text: str, charset: str, language: str) -> None:
    assert decode(text.encode(charset), None, language) == text
    assert decode(text.encode(charset), charset, None) == text


def test_a_connector_of_russian_texts_reads_windows_1251() -> None:
    raw = read("Мост открыт\n\nОн был закрыт с мая.\n".encode("cp1251"), "a.txt", parser="text", language="ru")
    assert (raw.item.headline, raw.item.body_text) == ("Мост открыт", "Он был закрыт с мая.")


@pytest.mark.parametrize(
    ("dateline", "day"),
    [
        ("BEIJING, April 24", "2026-04-24"), ("LONDON, Nov 24, 2019", "2019-11-24"), ("Rabat, 24/11/2019", "2019-11-24"),
        ("Paris, le 24 nov 2019", "2019-11-24"), ("Budapest, 2019. november 24", "2019-11-24"), ("Berlin, 3. März 2018", "2018-03-03"),
        ("LONDON", None), ("", None),
    ],
)  # fmt: skip
def test_the_day_of_a_dateline(dateline: str, day: str | None) -> None:
    found = day_of_dateline(dateline, NOW)
    assert (found.date().isoformat() if found else None) == day


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("wire/2019-03-14/item7.txt", "2019-03-14"), ("20190314_item.xml", "2019-03-14"), ("12345678901.txt", None), ("x20191399.txt", None),
        ("a.zip/2019/03/14/x.txt", "2019-03-14"),
    ],
)  # fmt: skip
def test_the_day_of_a_file(name: str, day: str | None) -> None:
    found = day_of_name(name)
    assert (found.date().isoformat() if found else None) == day


def test_an_undated_text_of_an_archive_does_not_look_new() -> None:
    text = "Bridge opens\n\nLONDON, March 14 (Reuters) - " + TEXT
    archived = read(text, "old/a.txt", parser="text", lane="backfill")
    assert archived.item.versioncreated == datetime(2026, 3, 14, tzinfo=UTC)
    assert "its dateline" in archived.item.warnings[-1]
    assert read(text, "old/a.txt", parser="text").item.versioncreated is None  # a live one: when it came
    named = read("Bridge opens\n\n" + TEXT, "old/2001-02-03.txt", parser="text", lane="backfill")
    assert named.item.versioncreated == datetime(2001, 2, 3, tzinfo=UTC)
    assert read("Bridge opens\n\n" + TEXT, "a.txt", parser="text", lane="backfill").item.versioncreated is None


@pytest.mark.parametrize(
    ("line", "time"),
    [
        ("12.11.2026 10:30", "2026-11-12T07:30"), ("2026-11-12 10:30:11", "2026-11-12T07:30"),
        ("Source: Xinhua| 2026-11-12 10:30:11|Editor: x", "2026-11-12T07:30"), ("12.11.2026 10:30 GMT", "2026-11-12T10:30"),
        ("12.11.2027 10:30", None), ("Results 12.11.2026 10:30", None), ("Harbour", None),
    ],
)  # fmt: skip
def test_a_line_above_the_headline_that_is_a_time_is_the_time(line: str, time: str | None) -> None:
    text = f"{line}\n\nBridge in Valdoria reopens\n\nNORVAINE, Nov 12 (Abc) - {TEXT}"
    item = read(text, "a.txt", parser="text", timezone="Europe/Moscow").item
    assert (item.versioncreated.isoformat()[:16] if item.versioncreated else None) == time
    assert "Bridge in Valdoria reopens" in {item.headline, item.subheadline}
    assert time is None or item.headline == "Bridge in Valdoria reopens"


def test_slug_and_headline_above_a_dateline_without_a_dash() -> None:
    text = "DEL12\nVALDORIA-BRIDGE\nBridge reopens in Valdoria\n\n        Norvaine, Nov 12 (PTI) The bridge has reopened,\nthe mayor said.\n\n        It was closed. PTI ABC DEF\nGHI\n11121030\nNNNN\n"
    item = read(text, "a.txt", parser="text").item
    assert (item.slugline, item.headline) == ("VALDORIA-BRIDGE", "Bridge reopens in Valdoria")
    assert item.body_text == "The bridge has reopened, the mayor said.\n\nIt was closed."
    assert (item.dateline, item.located) == ("Norvaine, Nov 12", "Norvaine")


def test_the_maker_of_a_picture_is_no_author_of_the_story() -> None:
    picture = (
        "<NewsComponent Duid='photo0'><AdministrativeMetadata><Creator><Party FormalName='Al Roe'/></Creator></AdministrativeMetadata>"
        "<NewsComponent><Role FormalName='Caption'/><ContentItem><DataContent><p>Bridge</p></DataContent></ContentItem></NewsComponent>"
        "<NewsComponent><Role FormalName='HighDef'/><ContentItem Href='a.jpg'><MediaType FormalName='Photo'/></ContentItem></NewsComponent>"
        "</NewsComponent>"
    )  # fmt: skip
    document = (
        "<NewsML><NewsItem><NewsComponent><NewsLines><HeadLine>Bridge opens</HeadLine><ByLine>Jane Doe</ByLine></NewsLines><NewsComponent>"
        f"<ContentItem><DataContent><p>Text.</p></DataContent></ContentItem></NewsComponent>{picture}</NewsComponent></NewsItem></NewsML>"
    )  # fmt: skip
    item = read(document, parser="newsml_1").item
    assert [author.name for author in item.authors] == ["Jane Doe"]
    assert [(medium.href, medium.description) for medium in item.media] == [("a.jpg", "Bridge")]


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Jane Doe", ["Jane Doe"]), ("Von Karla Mohn und Olaf Wirt, dpa", ["Karla Mohn", "Olaf Wirt"]), ("By JANE DOE, Associated Press", ["JANE DOE"]),
        ("NTB", []), ("By The Associated Press staff", []), ("Reuters", []),
    ],
)  # fmt: skip
def test_authors_are_those_of_the_byline_where_nothing_else_names_them(byline: str, names: list[str]) -> None:
    assert [author.name for author in with_people(Item(byline=byline)).authors] == names


def test_what_has_no_headline_gets_the_first_sentence_without_dateline_and_notes() -> None:
    document = (
        "<NewsML><NewsItem><Identification><NewsIdentifier><ProviderId>afp.com</ProviderId><DateId>20261124T1</DateId>"
        "<NewsItemId>TX-1</NewsItemId></NewsIdentifier></Identification><NewsComponent><NewsLines><HeadLine xml:lang='ar'/></NewsLines>"
        "<DescriptiveMetadata><Language FormalName='ar'/><Location HowPresent='Event'><Property FormalName='City' Value='غزة'/></Location>"
        "<Location HowPresent='Origin'><Property FormalName='City' Value='باريس'/></Location></DescriptiveMetadata>"
        "<ContentItem><MediaType FormalName='Text'/><DataContent><nitf><body><body.content><p>الرئيس يعلن فتح الجسر الجديد في المدينة يوم الثلاثاء</p>"
        "<p>بل-اكو/غ ر/كام</p><p/></body.content></body></nitf></DataContent></ContentItem></NewsComponent></NewsItem></NewsML>"
    )  # fmt: skip
    item = read(document, parser="newsml_1", mapping="afp").item
    assert item.headline == item.body_text == "الرئيس يعلن فتح الجسر الجديد في المدينة يوم الثلاثاء"
    assert item.located == "باريس"  # where it was written, not what it is about


def test_a_body_does_not_begin_with_its_own_headlines() -> None:
    item = tidied(
        Item(
            headline="Bridge opens",
            subheadline="Closed since May",
            slugline="harbour-bridge",
            body_text=f"Bridge opens\n\nClosed since May\n\n{TEXT}",
            body_html=f"<h1>Bridge opens</h1><h2>Closed since May</h2><p>{TEXT.split(chr(10), maxsplit=1)[0]}</p>",
        ),
        "newsml_g2",
    )
    assert item.body_text == TEXT
    assert "Bridge opens" not in (item.body_html or "")


@pytest.mark.parametrize("field", ["subheadline", "description"])
def test_lines_above_the_story_lose_their_dateline(field: str) -> None:
    item = tidied(Item.model_validate({field: "Lisboa, 28 jan 2026 (Lusa) -- Notícias breves:"}), "newsml_1")
    assert getattr(item, field) == "Notícias breves:"


def test_two_lines_of_bylines_are_not_the_headline() -> None:
    message = (
        "\x01eca062 4 pl 211  dpa-euro  0062\n\nValdoria/Haushalt/\n\x02Koalition streitet -\nMinister droht =\nVon Karla Mohn, dpa\n"
        "und Olaf Wirt, dpa-AFX\n   \n   Port Ardelle (dpa) - Die Koalition streitet.\n\x03\n121203 Nov 26\n"
    )  # fmt: skip
    item = read(message, parser="iptc7901", mapping="dpa").item
    assert (item.headline, item.byline) == (
        "Koalition streitet - Minister droht",
        "Karla Mohn, dpa und Olaf Wirt, dpa-AFX",
    )


def test_categories_in_identified_content() -> None:
    document = (
        "<nitf><head><docdata><identified-content><classifier type='apcategorycode' value='f'/><classifier type='x' value='y'/>"
        "</identified-content></docdata></head><body><body.head><hedline><hl1>T</hl1></hedline></body.head></body></nitf>"
    )  # fmt: skip
    assert [(one.code, one.name) for one in read(document, parser="nitf", mapping="ap").item.subjects] == [
        ("f", "Business")
    ]


def test_a_press_release_is_left_with_its_text() -> None:
    document = (
        "<nitf><head/><body><body.head><hedline><hl1>Shop opens</hl1></hedline><dateline><location>MARLBOROUGH, Mass.</location></dateline>"
        "</body.head><body.content><block><p>MARLBOROUGH, Mass.--(BUSINESS WIRE)--Nov 5, 2026--</p><p>The shop opens on Friday.</p>"
        "<p>View source version on businesswire.com:https://www.businesswire.com/news/home/1/en/</p><p>KEYWORD: UNITED STATES</p>"
        "<p>Copyright Business Wire 2026.</p><p>PUB: 11/05/2026 06:00 AM/DISC: 11/05/2026 06:01 AM</p></block></body.content></body></nitf>"
    )  # fmt: skip
    item = read(document, parser="nitf", mapping="ap").item
    assert item.body_text == "The shop opens on Friday."
    assert (item.dateline, item.located) == ("MARLBOROUGH, Mass., Nov 5, 2026", "Marlborough")
    assert item.copyrightnotice == "Copyright Business Wire 2026."


def test_the_parts_of_a_place_are_set_apart() -> None:
    location = "<location><city>London</city><country iso-cc='GB'>UK</country></location>"
    document = f"<nitf><body><body.head><hedline><hl1>T</hl1></hedline><dateline>{location}</dateline></body.head></body></nitf>"
    item = read(document, parser="nitf").item
    assert (item.dateline, item.located) == ("London, UK", "London")


def test_empty_elements_leave_the_html() -> None:
    item = tidied(
        Item(
            body_text="Text.",
            body_html="<p></p><p>Text.</p><div><p> </p></div><p><a href='https://x.example/'></a></p>",
        ),
        "rss",
    )
    assert item.body_html == "<p>Text.</p>"
