"""Files of any size and archives: the same items as of the parts, in bounded memory, and nothing unpacked without end."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.parsers import get_parser
from connectors.splitting import pieces
from connectors.transports.files import file_payload
from pipeline.cli.connectors import app
from pipeline.events.errors import ParseError
from pipeline.events.item import ParseContext, Parsed

WIRE = Path(__file__).parent / "wire"
G2 = "http://iptc.org/std/nar/2006-10-01/"


def parse(name: str, data: bytes) -> Parsed:
    return get_parser(name).parse(data, ParseContext(now=datetime(2026, 11, 24, tzinfo=UTC)))


def g2_archive(count: int, filler: int = 0) -> bytes:
    items = "".join(
        f'<newsItem guid="urn:a:{n}" version="{n % 7 + 1}"><contentMeta><headline>Häuser &amp; {n}</headline></contentMeta>'
        f"<contentSet><inlineData>Text {n}{' word' * filler}</inlineData></contentSet></newsItem>"
        for n in range(count)
    )
    header = "<header><sent>2019-03-14T09:00:00Z</sent><priority>3</priority></header>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><newsMessage xmlns="{G2}" xml:lang="de">{header}<itemSet>{items}</itemSet></newsMessage>'
    ).encode()


def newsml_1(count: int) -> bytes:
    items = "".join(
        f"<NewsItem><Identification><NewsIdentifier><NewsItemId>{n}</NewsItemId></NewsIdentifier></Identification>"
        f"<NewsComponent><NewsLines><HeadLine>H {n}</HeadLine></NewsLines></NewsComponent></NewsItem>"
        for n in range(count)
    )
    envelope = '<NewsEnvelope><SentFrom><Party FormalName="Orbis"/></SentFrom></NewsEnvelope>'
    return f"<NewsML>{envelope}{items}</NewsML>".encode()


def rss(count: int) -> bytes:
    items = "".join(f"<item><guid>g{n}</guid><title>T {n}</title></item>" for n in range(count))
    return f"<rss version='2.0'><channel><title>F</title><language>sv</language>{items}</channel></rss>".encode()


def zczc(count: int) -> bytes:
    return b"".join(b"ZCZC A%03d\r\nHeadline %d\r\n\r\nOSLO (X) - Text.\r\nNNNN\r\n" % (n, n) for n in range(count))


FORMATS = {"newsml_g2": g2_archive(300), "newsml_1": newsml_1(300), "rss": rss(300), "text": zczc(300)}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("piece_bytes", [1, 700, 10_000, 10**9])
def test_pieces_give_the_same_items_as_the_whole(name: str, piece_bytes: int) -> None:
    whole = parse(name, FORMATS[name]).items
    parts = list(pieces(io.BytesIO(FORMATS[name]), piece_bytes, 10**6))
    found = [item for part in parts for item in parse(name, part).items]
    assert found == list(whole)
    assert len(found) == 300
    assert len(parts) > 1 or piece_bytes > 700 or name == "text"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_encodings_are_kept(encoding: str) -> None:
    text = g2_archive(5).decode().replace("UTF-8", encoding)
    parts = list(pieces(io.BytesIO(text.encode(encoding)), 1, 10**6))
    assert [parse("newsml_g2", part).items[0].headline for part in parts] == [f"Häuser & {n}" for n in range(5)]


@pytest.mark.parametrize(
    "broken",
    [b"</new<x>", b"&nosuch;", b"\0", b"<a b=c>", b"</itemSet>", b"<<<>>", b"\xff\xfe", b"</p></newsItem>", b"]]>", b"<?x",
     b"<![CDATA[</newsItem><newsItem>]]>", b"<!-- <newsItem> -->", b"</inlineData></contentSet>"],
)  # fmt: skip
def test_an_item_that_is_broken_costs_no_other(broken: bytes) -> None:
    data = g2_archive(300)
    place = data.index(b"Text 150")
    parts = pieces(io.BytesIO(data[:place] + broken + data[place:]), 1000, 10**6)
    found = [item.uri for part in parts for item in parse("newsml_g2", part).items]
    others = [f"urn:a:{n}" for n in range(300) if n != 150]
    assert [uri for uri in found if uri != "urn:a:150"] == others


def test_an_item_that_is_never_closed_ends_where_the_next_begins() -> None:
    data = g2_archive(50).replace(b"</newsItem>", b"", 20)
    parts = pieces(io.BytesIO(data), 1, 10**6)
    assert [item.uri for part in parts for item in parse("newsml_g2", part).items] == [f"urn:a:{n}" for n in range(50)]


def test_an_archive_that_breaks_off_gives_what_is_whole() -> None:
    data = g2_archive(100)[:-5000]
    found = [item for part in pieces(io.BytesIO(data), 3000, 10**6) for item in parse("newsml_g2", part).items]
    assert [item.uri for item in found[:20]] == [f"urn:a:{n}" for n in range(20)]
    assert len(found) >= 70


class Endless(io.RawIOBase):
    """A file without end, that counts what is read of it."""

    def __init__(self, start: bytes, more: bytes) -> None:
        self.start, self.more, self.taken = start, more, 0

    def read(self, size: int = -1) -> bytes:
        data, self.start = (self.start, b"") if self.start else (self.more, b"")
        self.taken += len(data)
        return data


@pytest.mark.parametrize(
    ("start", "more"),
    [(b"<newsMessage><newsItem><p>", b"text " * 10_000), (b"<newsMessage><newsItem>", b"<p>x</p>" * 10_000),
     (b"<rss>", b"<nothing/>" * 10_000), (b"Words", b" and words" * 10_000), (b"<rss><item a='", b"x" * 50_000)],
)  # fmt: skip
def test_an_item_without_end_is_left(start: bytes, more: bytes) -> None:
    file = Endless(start, more)
    with pytest.raises(ParseError, match="an item has more than 1,000,000 bytes"):
        list(pieces(file, 1000, 1_000_000))  # type: ignore[arg-type]
    assert file.taken < 3_000_000


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"<!DOCTYPE a [<!ENTITY b 'c'>]><rss><item/></rss>", "entities"), (b'{"items": []}', "JSON"), (b"<rss/>", "no item")],
)  # fmt: skip
def test_what_cannot_be_taken_apart_is_told(data: bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        list(pieces(io.BytesIO(data), 10, 10**6))


def shown(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    result = CliRunner().invoke(app, ["parse", "--json", *arguments])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "wire.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("2019/b.xml", newsml_1(2))
        packed.writestr("2019/a.xml", g2_archive(3))
        packed.writestr("2019/bad.xml", b"\0\1 nothing")
        packed.writestr("__MACOSX/2019/._a.xml", b"x")
        packed.writestr("2019/.DS_Store", b"x")
    return path


def test_archives_folders_and_packed_files_are_read_file_by_file(archive: Path) -> None:
    (archive.parent / "c.xml.gz").write_bytes(gzip.compress(rss(4)))
    code, items, told = shown(str(archive.parent))
    assert [item["file"].removeprefix(str(archive.parent)) for item in items] == (
        ["/c.xml.gz"] * 4 + ["/wire.zip/2019/a.xml"] * 3 + ["/wire.zip/2019/b.xml"] * 2
    )
    assert code == 1
    assert "wire.zip/2019/bad.xml: " in told


@pytest.mark.parametrize("name", ["x.zip", "x.xml.gz"])
@pytest.mark.parametrize("broken", [b"no archive at all", b"", b"half"])
def test_broken_archives_are_told(tmp_path: Path, name: str, broken: bytes) -> None:
    path = tmp_path / name
    if broken == b"half":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("a.xml", g2_archive(100))
        broken = (buffer.getvalue() if name.endswith("zip") else gzip.compress(g2_archive(100)))[:-1500]
    path.write_bytes(broken)
    code, items, told = shown(str(path))
    assert (code, items) == (1, [])
    assert f"{path}: " in " ".join(told.split())


def test_a_bomb_is_left_at_the_limit(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("bomb.xml", b"<newsML><newsItem>" + b" " * 50_000_000)
    with pytest.raises(ParseError, match="more than 100,000 bytes"):
        list(file_payload(bomb, 100_000).parts())


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "link.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(OSError, match="symbolic"):
        file_payload(tmp_path / "link.txt", 1000)


def test_what_stands_before_an_item_without_end_is_taken() -> None:
    for data, count in (
        (g2_archive(50)[:-24] + b"<newsItem>" + b"x" * 3_000_000, 50),
        (zczc(50) + b"x" * 3_000_000, 50),
    ):
        found: list[bytes] = []
        with pytest.raises(ParseError, match="an item has more than"):
            found.extend(pieces(io.BytesIO(data), 10**6, 10**6))
        name = "text" if data.startswith(b"Z") else "newsml_g2"
        assert sum(len(parse(name, part).items) for part in found) == count


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_a_limit_are_refused(tmp_path, method):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", method) as packed:
        packed.writestr("a.xml", b" " * 50_000_000)
    with pytest.raises(ParseError, match="only stored and deflated are read"):
        list(file_payload(path, 10_000_000).parts())


@pytest.mark.parametrize("files", [1, 40])
def test_archives_that_unpack_to_far_more_than_they_have_are_refused(tmp_path, files):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(files):
            packed.writestr(f"{number}.txt", b"ZCZC\nNNNN\n" * (8_000_000 // files))
    with pytest.raises(ParseError, match="unpacks to too many bytes"):
        list(file_payload(path, 90_000_000).parts())
