"""XML from outside: no DTDs, no entities of its own, no network, no trees without end."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import partial

from lxml import etree

from pipeline.events.errors import ParseError

_DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[]*(?P<subset>\[)?", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_ENTITY_BYTES = re.compile(rb"<!ENTITY", re.IGNORECASE)
#: A general entity; one with a percent sign is a parameter entity, which only a DTD can use.
_GENERAL = re.compile(r"<!ENTITY\s{1,99}([^\s%\"'<>&;]{1,99})", re.IGNORECASE)
_PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})
_SUBSET_TOKEN = re.compile(r"\"[^\"]*\"|'[^']*'|<!--|<\?|\]|>")
_DATA = re.compile(r"<!--|<!\[CDATA\[")
_REFERENCE_BY_NAME = re.compile(r"&([^\s&;<>#]{1,99});")
#: A document type is declared before the root element.
_PROLOG_CHARS = 256 * 1024
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
#: Encodings under which ASCII is not what it looks like, or that are not character sets.
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
#: Root elements, by their local names.
_FORMATS = {
    "nitf": "nitf", "newsml": "newsml_1", "newsmessage": "newsml_g2", "packageitem": "newsml_g2",
    "conceptitem": "newsml_g2", "knowledgeitem": "newsml_g2", "planningitem": "newsml_g2", "catalogitem": "newsml_g2",
    "urlset": "sitemap", "sitemapindex": "sitemap", "rss": "rss", "feed": "rss", "rdf": "rss",
}  # fmt: skip
_BLANKS = re.compile(rb"\s*")
_PROLOG_TOKEN = re.compile(
    rb"(?P<kind><\?|<!--|<!DOCTYPE)|<(?P<name>(?:[A-Za-z_][\w.-]{0,60}:)?[A-Za-z_][\w.-]{0,60})", re.IGNORECASE
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<", b"\x00\x00")


def as_utf8(data: bytes) -> bytes:
    """UTF-16 without a byte order mark, which readers take for garbage, as UTF-8; anything else as it is."""
    for start, encoding in ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be")):
        if data.startswith(start):
            text = data.decode(encoding, "replace")
            return _DECLARATION.sub("", text, count=1).encode()
    return data


def head_of(data: bytes) -> bytes:
    """The first 4,000 bytes in lower case, to distinguish formats; nothing where it is not XML."""
    head = data[:4000].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return head if head.startswith(b"<") else b""


@dataclass(frozen=True)
class RootTag:
    """The root element's start tag.

    Attributes:
        name: local name in lower case.
        tag: the whole tag in lower case.
    """

    name: str
    tag: bytes

    @property
    def format(self) -> str | None:
        """The format whose documents have such a root, by its parser's name."""
        if self.name == "newsitem":  # of NewsML 1 without its envelope, or of NewsML-G2
            return "newsml_g2" if b"guid=" in self.tag or b"iptc.org/std/nar" in self.tag else "newsml_1"
        if self.name == "newsml" and b"iptc.org/std/nar" in self.tag:
            return "newsml_g2"
        return _FORMATS.get(self.name)


def root_of(data: bytes) -> RootTag | None:
    """The start tag of the root element, after declarations and comments; ``None`` where there is none."""
    head = data[:_PROLOG_CHARS].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    place = 0
    while found := _PROLOG_TOKEN.match(head, _end_of_blanks(head, place)):
        kind = found["kind"]
        if kind is None:
            place = found.end()
            end = head.find(b">", place)
            tag = head[found.start() : end + 1 if end >= 0 else len(head)].lower()
            return RootTag(found["name"].rsplit(b":", 1)[-1].decode("ascii").lower(), tag)
        if kind.lower() == b"<!doctype":
            place = _end_of_doctype(head, found.end())
        else:
            place = head.find(b"-->" if kind == b"<!--" else b"?>", found.end())
            place = place + (3 if kind == b"<!--" else 2) if place >= 0 else -1
        if place < 0:
            return None
    return None


def _end_of_blanks(head: bytes, start: int) -> int:
    blanks = _BLANKS.match(head, start)
    return blanks.end() if blanks else start


def _end_of_doctype(head: bytes, start: int) -> int:
    """Where a document type declaration ends; -1 where it does not."""
    subset, end = head.find(b"[", start), head.find(b">", start)
    if subset < 0 or subset > end >= 0:
        return end + 1 if end >= 0 else -1
    try:
        # The signs of a declaration are ASCII, so that other characters do not matter.
        return _end_of_subset(head.decode("latin-1"), subset + 1)
    except ParseError:
        return -1


def likeness(data: bytes, name: str, otherwise: float) -> float:
    """How much a document is of one XML format, by its root element.

    Args:
        data: the document.
        name: of the format's parser.
        otherwise: where the root is of no format known, such as a wrapper around several documents.
    """
    root = root_of(data)
    found = root.format if root else None
    return otherwise if found is None else 0.97 if found == name else 0.0


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
    # What is taken out may join two halves of a reference: those become the sign for a character that cannot be shown.
    return _REFERENCE.sub(partial(_allowed, otherwise="\ufffd"), _REFERENCE.sub(_allowed, _FORBIDDEN.sub("", text)))


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


def _allowed(reference: re.Match[str], otherwise: str = "") -> str:
    """A character reference, or something else where it refers to no character of XML."""
    try:
        number = int(reference[1][1:], 16) if reference[1][0] in "xX" else int(reference[1])
        return otherwise if _FORBIDDEN.fullmatch(chr(number)) else reference.group()
    except (ValueError, OverflowError):
        return otherwise


def without_subset(text: str) -> tuple[str, frozenset[str]]:
    """A document without a DOCTYPE that has an internal subset, and the general entities that the subset declared.

    A subset that only names external parameter entities is how NewsML 1 and NITF documents refer to their DTD. A bare
    DOCTYPE, as old feeds have it, is harmless and left.

    Raises:
        ParseError: the subset does not end, or there is a declaration after the beginning of the document.
    """
    found = _DOCTYPE.search(text, 0, _PROLOG_CHARS)
    names: frozenset[str] = frozenset()
    if found is not None and found["subset"]:
        end = _end_of_subset(text, found.end())
        names = frozenset(_GENERAL.findall(text, found.end(), end)) - _PREDEFINED
        text = text[: found.start()] + text[end:]
    stray = _ENTITY.search(text)
    if stray is not None and _ENTITY.search(_without_data(text)):
        line = text.count("\n", 0, stray.start()) + 1
        raise ParseError(f"line {line}: the document declares entities where no declaration may be.")
    return text, names


def _end_of_subset(text: str, start: int) -> int:
    """Where the DOCTYPE ends whose subset begins at ``start``: quoted texts and comments may have brackets in them."""
    closed = False
    place = start
    while token := _SUBSET_TOKEN.search(text, place):
        sign, place = token.group(), token.end()
        if sign in {"<!--", "<?"}:
            place = text.find("-->" if sign == "<!--" else "?>", place)
            if place < 0:
                break
        elif sign == "]":
            closed = True
        elif sign == ">" and closed:
            return place
    raise ParseError("the document type declaration does not end.")


def _without_data(text: str) -> str:
    """The markup of a document, without comments and character data."""
    parts: list[str] = []
    place = 0
    while found := _DATA.search(text, place):
        parts.append(text[place : found.start()])
        end = text.find("-->" if found.group() == "<!--" else "]]>", found.end())
        place = len(text) if end < 0 else end + 3
    return "".join((*parts, text[place:]))


def _refuse_entities(text: str, names: frozenset[str]) -> None:
    """Raise where the content refers to an entity that the document itself declared: it can expand without end."""
    if not names:
        return
    used = next((name for name in _REFERENCE_BY_NAME.findall(_without_data(text)) if name in names), None)
    if used is not None:
        raise ParseError(f"the document uses the entity &{used}; of its own; such entities can expand without end.")


def refuse_general_entities(data: bytes) -> bytes:
    """The document; one with an internal subset as UTF-8 and without it.

    For readers that expand entities.

    Raises:
        ParseError: it declares general entities (billion laughs, external entities); used or not.
    """
    head = data.replace(b"\x00", b"")  # UTF-16 and UTF-32 too
    if data.startswith(b"\x4c\x6f\xa7\x94"):
        head = data.decode("cp037", "replace").encode()
    if not _ENTITY_BYTES.search(head):
        return data
    text, names = without_subset(as_text(data))
    if names or _ENTITY_BYTES.search(text.encode()):
        declared = f": {', '.join(sorted(names)[:3])}" if names else ""
        raise ParseError(f"the document declares entities{declared}; these are refused (they can expand without end).")
    return text.encode()


def parse_xml(data: bytes) -> etree._Element:
    """The root of a document, leniently: what can be repaired is.

    Raises:
        ParseError: not XML at all, or it uses entities of its own; names the line.
    """
    text, names = without_subset(as_text(data))
    _refuse_entities(text, names)
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
