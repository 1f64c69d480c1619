"""XML from outside: no DTDs, no entities, no network, no trees without end."""

from __future__ import annotations

import codecs
import re

from lxml import etree

from pipeline.events.errors import ParseError

_DOCTYPE = re.compile(rb"<!DOCTYPE[^>\[]*(\[)?", re.IGNORECASE)
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
#: Encodings under which ASCII is not what it looks like, or which are no character sets.
_NOT_ASCII = frozenset({
    "utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "idna", "punycode", "cp037",
    "cp500", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem",
})  # fmt: skip
_STARTS = (
    (b"\x00\x00\xfe\xff", "utf-32"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
    (b"<\x00\x00\x00", "utf-32-le"), (b"\x00\x00\x00<", "utf-32-be"), (b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)  # fmt: skip
#: A repaired document keeps a note of each error: a million of them would take minutes.
_MOST_UNCLOSED = 10_000
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#([xX][0-9a-fA-F]{1,8}|[0-9]{1,9}|[xX]?[0-9a-fA-F]{9,});")
_ENTITY_TEXT = re.compile(r"<!ENTITY", re.IGNORECASE)
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


def as_text(data: bytes, charset: str | None = None) -> str:
    """A document as text, without its declaration, in the characters that XML allows.

    What it is counts more than what it declares: UTF-8 declared as Latin-1 is common, and hardly any Latin-1 text is by
    chance good UTF-8; bytes that are not the UTF-8 they are declared to be are taken as Windows-1252, as browsers do.

    Args:
        data: the document.
        charset: from outside, for documents that declare none.
    """
    text = ""
    declared = _declared(data)
    # Seven-bit encodings (ISO-2022-JP) look like good UTF-8, so that a declaration is all that tells them.
    names = (*declared, "utf-8-sig") if data.isascii() else ("utf-8-sig", *declared)
    for name in (*_by_first_bytes(data), *names, charset or "", "cp1252"):
        try:
            text = data.decode(name)
            break
        except (UnicodeDecodeError, LookupError):
            continue
    else:
        text = data.decode("cp1252", "replace")
    text = _DECLARATION.sub("", text.lstrip("\ufeff \t\r\n"), count=1)
    return _REFERENCE.sub(_allowed, _FORBIDDEN.sub("", text))


def _by_first_bytes(data: bytes) -> list[str]:
    found = [name for start, name in _STARTS if data.startswith(start)]
    return found[:1]


def _declared(data: bytes) -> list[str]:
    declared = _ENCODING.match(data)
    name = declared[1].decode("ascii").lower() if declared else ""
    try:
        return [name] if name and codecs.lookup(name).name not in _NOT_ASCII else []
    except LookupError:
        return []


def _allowed(reference: re.Match[str]) -> str:
    """A character reference, or nothing where it refers to no character of XML."""
    try:
        number = int(reference[1][1:], 16) if reference[1][0] in "xX" else int(reference[1])
        return "" if _FORBIDDEN.fullmatch(chr(number)) else reference.group()
    except (ValueError, OverflowError):
        return ""


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
    text = as_text(data)
    if _ENTITY_TEXT.search(text):  # in an encoding that the first look did not see through
        raise ParseError("the document declares entities, which are refused (they can expand without end).")
    if text.count("<") > 2 * text.count(">") + _MOST_UNCLOSED:
        raise ParseError("this is not XML: most of its tags are never closed.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True,
        remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.LxmlError, ValueError) as error:
        raise ParseError(f"this is not XML: {error}.") from error
    if root is None:
        first = parser.error_log[0] if len(parser.error_log) else None
        raise ParseError(f"this is not XML: {f'line {first.line}: {first.message}' if first else 'nothing in it'}.")
    return root
