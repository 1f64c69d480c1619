"""Files too large to be read at once, in pieces that are files of the same format.

An XML archive is read as a stream: what stands before the first item (envelope, header, the feed's own title) is kept
and stands before the items of every piece. Text wires are cut where a message ends. Memory is bounded by the size of a
piece and of the largest item, whatever the size of the file.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from connectors.parsers.tree import name_of
from connectors.parsers.xml import refuse_entities
from pipeline.errors import ParseError

#: Elements that are an item, or hold one and its relatives.
_ITEMS = frozenset({
    "newsitem", "packageitem", "conceptitem", "knowledgeitem", "planningitem", "catalogitem", "nitf", "item", "entry",
    "url",
})  # fmt: skip
_PLACE = "wiredesk-items"
#: Entities are declared before the root element.
_PROLOG_BYTES = 256 * 1024
_BLOCK = 256 * 1024
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
        refuse_entities(start)
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

    def peek(self, size: int) -> bytes:
        """The first bytes, which are read again afterwards."""
        self._peeked = self._file.read(size)
        return self._peeked

    def item(self) -> None:
        """An item has ended here."""
        self._since = 0

    def read(self, size: int = -1) -> bytes:
        """Some bytes, as ``lxml`` asks for them."""
        size = _BLOCK if size < 0 else size
        data = self._peeked[:size] or self._file.read(size)
        self._peeked = self._peeked[size:]
        self._since += len(data)
        if self._since > self._most + 2 * _BLOCK:
            raise ParseError(f"an item has more than {self._most:,} bytes, or there is none in the file.")
        return data


def _xml(stream: _Stream, piece_bytes: int) -> Iterator[bytes]:
    """Documents with the same beginning and some of the items each."""
    events = etree.iterparse(
        stream, events=("start", "end"), resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True,
        recover=True, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    path: list[etree._Element] = []
    around: tuple[bytes, bytes] | None = None
    found: list[bytes] = []
    size, depth = 0, 0
    failure: ParseError | None = None
    try:
        for event, element in events:
            if event == "start":
                if around is None and path and name_of(element) in _ITEMS:
                    around, depth = _surroundings(path, element), len(path)
                path.append(element)
                continue
            path.pop()
            if around is None or len(path) > depth:
                continue
            if len(path) == depth:
                if name_of(element) in _ITEMS:
                    item = etree.tostring(element, with_tail=False)
                    if found and size + len(item) > piece_bytes:
                        yield around[0] + b"".join(found) + around[1]
                        found, size = [], 0
                    found.append(item)
                    size += len(item)
                    stream.item()
                _forget(element)
                continue
            if found:
                yield around[0] + b"".join(found) + around[1]
                found, size = [], 0
            around = None
            _forget(element)
    except ParseError as error:
        failure = error
    except etree.LxmlError as error:
        failure = ParseError(f"this is not XML: {error}.")
    if found and around is not None:
        yield around[0] + b"".join(found) + around[1]  # of a document that breaks off
    if failure is not None:
        raise failure
    if depth == 0:
        raise ParseError("there is no item in the file.")


def _surroundings(path: list[etree._Element], item: etree._Element) -> tuple[bytes, bytes]:
    """What stands before and after the items: the elements around them with what came before the first item."""
    inner: etree._Element = etree.Element(_PLACE)
    followed = item
    for element in reversed(path):
        attributes: Any = dict(element.attrib)
        namespaces: Any = element.nsmap  # the stubs know no default namespace
        shell = etree.Element(element.tag, attributes, namespaces)
        shell.text = element.text
        for child in element:
            if child is followed:
                break  # what comes after it is here only because the reader is ahead
            shell.append(copy.deepcopy(child))
        shell.append(inner)
        inner, followed = shell, element
    before, after = re.split(rf"<{_PLACE}[^>]*>".encode(), etree.tostring(inner), maxsplit=1)
    return before, after


def _forget(element: etree._Element) -> None:
    """Free an element that has been read, and its place among its siblings."""
    parent = element.getparent()
    element.clear()
    if parent is not None:
        parent.remove(element)


def _text(stream: _Stream, piece_bytes: int) -> Iterator[bytes]:
    """Whole messages, some in each piece."""
    kept, whole = b"", 0
    try:
        while block := stream.read(_BLOCK):
            kept += block
            ends = [match.end() for match in _END_OF_MESSAGE.finditer(kept)]
            # The last line may go on in the next block.
            whole = next((end for end in reversed(ends) if end < len(kept)), 0)
            if whole:
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
