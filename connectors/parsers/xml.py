"""XML from outside: no DTDs, no entities, no network, no trees without end."""

from __future__ import annotations

import re

from lxml import etree

from pipeline.errors import ParseError

_DOCTYPE = re.compile(rb"<!DOCTYPE[^>\[]*(\[)?", re.IGNORECASE)
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")


def as_utf8(data: bytes) -> bytes:
    """UTF-16 without a byte order mark, which readers take for garbage, as UTF-8; anything else as it is."""
    for start, encoding in ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be")):
        if data.startswith(start):
            text = data.decode(encoding, "replace")
            return _DECLARATION.sub("", text, count=1).encode()
    return data


def refuse_entities(data: bytes) -> None:
    """Raise where a document declares entities of its own (billion laughs, external entities).

    A bare DOCTYPE, as old feeds carry it, is harmless and let through.

    Raises:
        ParseError: with the place of the declaration.
    """
    head = data if not data.startswith(_UTF16) else data.replace(b"\x00", b"")
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
        root = etree.fromstring(data.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(f"this is not XML: {error}.") from error
    if root is None:
        first = parser.error_log[0] if len(parser.error_log) else None
        raise ParseError(f"this is not XML: {f'line {first.line}: {first.message}' if first else 'nothing in it'}.")
    return root
