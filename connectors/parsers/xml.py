"""XML from outside: no DTDs, no entities, no network, no trees without end."""

from __future__ import annotations

import re

from lxml import etree

from pipeline.errors import ParseError

_DOCTYPE = re.compile(rb"<!DOCTYPE[^>\[]*(\[)?", re.IGNORECASE)
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_LATIN = frozenset({"iso-8859-1", "latin-1", "latin1", "windows-1252", "cp1252", "iso-8859-15"})
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<", b"\x00\x00")


def as_utf8(data: bytes) -> bytes:
    """UTF-16 without a byte order mark, which readers take for garbage, as UTF-8; anything else as it is."""
    for start, encoding in ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be")):
        if data.startswith(start):
            text = data.decode(encoding, "replace")
            return _DECLARATION.sub("", text, count=1).encode()
    return data


def head_of(data: bytes) -> bytes:
    """The first 4,000 bytes in lower case, to tell one format from another; nothing where it is no XML."""
    head = data[:4000].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return head if head.startswith(b"<") else b""


def true_encoding(data: bytes) -> bytes:
    """The document in UTF-8 where what it declares is not what it is.

    UTF-8 declared as Latin-1 is common, and hardly any Latin-1 text is by chance good UTF-8; bytes that are not the
    UTF-8 they are declared to be are taken as Windows-1252, as browsers do.
    """
    if data.startswith((*_UTF16, b"\x4c\x6f\xa7\x94")):
        return data
    declared = _ENCODING.match(data)
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if data.isascii() or (name not in _LATIN and name not in {"utf-8", "utf8", "us-ascii", "ascii"}):
        return data
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if name in _LATIN:
            return data
        text = data.decode("cp1252", "replace")
    return _DECLARATION.sub("", text, count=1).encode()


def refuse_entities(data: bytes) -> None:
    """Raise where a document declares entities of its own (billion laughs, external entities).

    A bare DOCTYPE, as old feeds carry it, is harmless and let through.

    Raises:
        ParseError: with the place of the declaration.
    """
    head = data.replace(b"\x00", b"")  # UTF-16 and UTF-32 too
    if data.startswith(b"\x4c\x6f\xa7\x94"):
        head = data.decode("cp037", "replace").encode()
    entity = _ENTITY.search(head)
    if entity:
        line = head.count(b"\n", 0, entity.start()) + 1
        raise ParseError(
            f"line {line}: the document declares entities, which are refused (they can expand without end)."
        )


def parse_xml(data: bytes) -> etree._Element:
    """The root of a document, leniently: what can be repaired is.

    Raises:
        ParseError: not XML at all, or with entities; names the line.
    """
    refuse_entities(data)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(true_encoding(data.lstrip()), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(f"this is not XML: {error}.") from error
    if root is None:
        first = parser.error_log[0] if len(parser.error_log) else None
        raise ParseError(f"this is not XML: {f'line {first.line}: {first.message}' if first else 'nothing in it'}.")
    return root
