"""Files too large to be read at once, in pieces that are files of the same format.

An XML archive is cut at the tags of its items: what comes before the first one (envelope, header, the feed's
title) is kept and put before the items of every piece. Text wires are cut where a message ends. Memory is bounded by
the size of a piece and of the largest item, not by the size of the file.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from connectors.parsers.xml import refuse_general_entities
from pipeline.events.errors import ParseError

#: Elements that are an item, or hold one and its relatives.
_ITEMS = frozenset({
    "newsitem", "packageitem", "conceptitem", "knowledgeitem", "planningitem", "catalogitem", "nitf", "item", "entry",
    "url",
})  # fmt: skip
_CLOSED_BY = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}
_TAG = rb"<!\[CDATA\[|<!--|<(?P<end>/?)(?P<name>(?:[\w.-]+:)?(?:%s))(?:\s[^<>]*?)?(?P<empty>/?)>"
_ANY_TAG = re.compile(_TAG % rb"[A-Za-z_][\w.-]*")
_ITEM_TAG = re.compile(_TAG % b"|".join(sorted(name.encode() for name in _ITEMS)), re.IGNORECASE)
_NOT_ASCII = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
#: Entities are declared before the root element.
_PROLOG_BYTES = 256 * 1024
_BLOCK = 256 * 1024
_LONGEST_LINE = 200
_END_OF_MESSAGE = re.compile(rb"\x04|^[ \t]*NNNN[ \t]*\r?(?:\n|\Z)", re.MULTILINE)


def pieces(file: BinaryIO, piece_bytes: int, most_bytes: int) -> Iterator[bytes]:
    """The file in pieces.

    Args:
        file: at its beginning; need not be seekable.
        piece_bytes: the items of a piece have no more bytes, unless it is a single one.
        most_bytes: of one item.

    Raises:
        ParseError: it is neither XML with items nor a text wire, or one item is larger than allowed.
    """
    stream = _Stream(file, most_bytes)
    start = stream.peek(_PROLOG_BYTES)
    if start.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith((b"<", b"\x00<")):
        refuse_general_entities(start)
        return _xml(stream, piece_bytes)
    if start.lstrip().startswith((b"{", b"[")):
        raise ParseError(f"a JSON document of more than {most_bytes:,} bytes cannot be read in pieces.")
    return _text(stream, piece_bytes)


class _Stream:
    """A file that is read no further than ``most_bytes`` since the last item.

    Args:
        file: what is read.
        most_bytes: how far.
    """

    def __init__(self, file: BinaryIO, most_bytes: int) -> None:
        self._file, self._most = file, most_bytes
        self._peeked = b""
        self._since = 0
        self._decoder: codecs.IncrementalDecoder | None = None

    def peek(self, size: int) -> bytes:
        """The first bytes, which are read again afterwards."""
        self._peeked = self._file.read(size)
        encoding = next((name for start, name in _NOT_ASCII if self._peeked.startswith(start)), None)
        if encoding:
            self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        return self._peeked

    def item(self) -> None:
        """An item has ended here."""
        self._since = 0

    def read(self, size: int) -> bytes:
        """The next bytes, as UTF-8 where they are in an encoding that is not like ASCII."""
        data = self._peeked[:size] or self._file.read(size)
        self._peeked = self._peeked[size:]
        self._since += len(data)
        if self._since > self._most + 2 * _BLOCK:
            raise ParseError(f"an item has more than {self._most:,} bytes, or there is none in the file.")
        return self._decoder.decode(data).encode() if self._decoder else data


def _xml(stream: _Stream, piece_bytes: int) -> Iterator[bytes]:
    """Documents with the same beginning and some of the items each."""
    before, after, rest = _beginning(stream)
    found: list[bytes] = []
    size = 0
    failure: ParseError | None = None
    try:
        for item in _items(stream, rest, nests=b"<NewsML" in before):
            sound = _is_sound(before + item + after)
            if found and (not sound or size + len(item) > piece_bytes):
                yield before + b"".join(found) + after
                found, size = [], 0
            if not sound:
                yield before + item + after
                continue
            found.append(item)
            size += len(item)
    except ParseError as error:
        failure = error
    if found:
        yield before + b"".join(found) + after
    if failure is not None:
        raise failure


def _is_sound(document: bytes) -> bool:
    """Whether it is well-formed; if not, it could spoil the items next to it."""
    try:
        etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.LxmlError:
        return False
    return True


def _beginning(stream: _Stream) -> tuple[bytes, bytes, bytes]:
    """What comes before the first item, the end tags of the elements open there, and what was read after it."""
    data = b""
    while block := stream.read(_BLOCK):
        data += block
        opened: list[bytes] = []
        for tag in _tags(data, _ANY_TAG):
            name = tag["name"].rsplit(b":", 1)[-1].decode("ascii", "replace").lower()
            if opened and not tag["end"] and name in _ITEMS:
                after = b"".join(b"</" + one + b">" for one in reversed(opened))
                return data[: tag.start()], after, data[tag.start() :]
            if tag["end"]:
                opened = opened[:-1]
            elif not tag["empty"]:
                opened.append(tag["name"])
    raise ParseError("the file has no item.")


def _items(stream: _Stream, data: bytes, *, nests: bool) -> Iterator[bytes]:
    """Every item from its start tag to its end tag, found by the tags alone: one that is broken costs no other.

    Args:
        stream: the file.
        data: what has been read of it from the first item on.
        nests: whether items may stand within items; else a new one ends one that was never closed.
    """
    done, ended = 0, False  # everything before ``done`` has been given
    while not ended:
        block = stream.read(_BLOCK)
        data, done, ended = data[done:] + block, 0, not block
        start, depth = -1, 0
        for tag in _tags(data, _ITEM_TAG):
            begins = not tag["end"]
            if start >= 0 and begins and not nests:
                yield data[start : tag.start()]
                start, done = -1, tag.start()
            if start < 0 and begins:
                start, depth = tag.start(), 0
            if start < 0:
                continue
            depth += 0 if tag["empty"] else 1 if begins else -1
            if depth == 0:
                yield data[start : tag.end()]
                stream.item()
                start, done = -1, tag.end()
        if ended and start >= 0:
            yield data[start:]  # of a file that breaks off


def _tags(data: bytes, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    """The tags that are whole, outside of comments and character data."""
    place = 0
    while found := pattern.search(data, place):
        closed = _CLOSED_BY.get(found.group())
        if closed is None:
            yield found
            place = found.end()
        else:
            place = data.find(closed, found.end())
            if place < 0:
                return


def _text(stream: _Stream, piece_bytes: int) -> Iterator[bytes]:
    """Whole messages, some in each piece."""
    kept, whole = b"", 0
    try:
        while block := stream.read(_BLOCK):
            new = max(len(kept) - _LONGEST_LINE, whole)
            kept += block
            for match in _END_OF_MESSAGE.finditer(kept, new):
                if match.end() < len(kept):  # the last line may go on in the next block
                    whole = match.end()
                    stream.item()
            if whole >= piece_bytes:
                yield kept[:whole]
                kept, whole = kept[whole:], 0
    except ParseError:
        if whole:
            yield kept[:whole]
        raise
    if kept.strip():
        yield kept
