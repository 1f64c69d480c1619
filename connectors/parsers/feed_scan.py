"""Finds the entries of a well-formed feed and what is in them, with the XML reader that feedparser uses (expat).

An entry of which anything is not certain is left to feedparser (``parts`` is ``None``); a document of which the
structure is not certain as a whole. Names and namespaces are matched as feedparser 6.0.14 matches them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache
from xml.parsers import expat

from feedparser.api import StrictFeedParser
from feedparser.mixin import _FeedParserMixin
from feedparser.urls import _urljoin, make_safe_absolute_uri

from connectors.parsers.feed_parts import (
    AUTHORS,
    LEAVES,
    MEDIA,
    OF_AUTHORS,
    WITHOUT_ATTRIBUTES,
    WITHOUT_EFFECT,
    Attributes,
    Part,
    UnsureError,
)

_XML = "http://www.w3.org/XML/1998/namespace"
_XML_BASE, _XML_LANG = f"{_XML} base xml", f"{_XML} lang xml"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_ABOUT = f"{_RDF} about "
_INHERITED = frozenset({_XML_BASE, _XML_LANG, "base", "lang"})
_NAMESPACES = {uri.lower(): prefix for uri, prefix in _FeedParserMixin.namespaces.items()}
_USERLAND, _USERLAND_RSS = "backend.userland.com/rss", "http://backend.userland.com/rss"
_VERSIONS = {"http://purl.org/rss/1.0/": "rss10", "http://www.w3.org/2005/atom": "atom10"}
_RSS_VERSIONS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_ATOM_VERSIONS = {"0.1": "atom01", "0.2": "atom02", "0.3": "atom03"}
#: Where entries are, by the root element.
_DEPTHS = {"rss": 3, "rdf_rdf": 2, "feed": 2}
#: Keys that a field of an item is read from, or that feedparser takes for one of those: no unknown element may set
#: them.
_TAKEN = frozenset(
    (
        "id title title_detail summary summary_detail subtitle content excerpt_encoded published published_parsed "
        "updated updated_parsed authors author tags links link rights source publisher publishers language image "
        "enclosures guid date date_parsed description description_detail modified modified_parsed issued "
        "issued_parsed copyright copyright_detail tagline category license channel items entries feed url href"
    ).split()
)


@dataclass(slots=True)
class Entry:
    """An entry as it was found.

    Attributes:
        begin: where its start tag begins, in bytes.
        end: where it ends.
        id: ``rdf:about``.
        lang: its language, by ``xml:lang`` on it or around it.
        parts: its elements in document order; ``None`` if feedparser must read it.
    """

    begin: int
    end: int = 0
    id: str | None = None
    lang: str | None = None
    parts: list[Part] | None = field(default_factory=list)


@dataclass(slots=True)
class Scan:
    """What a document consists of.

    Attributes:
        entries: in document order.
        version: as feedparser names it.
        base: what relative addresses within entries are relative to.
    """

    entries: list[Entry]
    version: str
    base: str


class _Kind(Enum):
    LEAF = auto()
    MEDIA = auto()
    AUTHOR = auto()
    OF_AUTHOR = auto()
    IGNORED = auto()
    ENTRY = auto()
    UNKNOWN = auto()


@lru_cache(1024)
def _kind_of(key: str) -> _Kind:
    for kind, keys in (
        (_Kind.LEAF, LEAVES), (_Kind.MEDIA, MEDIA), (_Kind.AUTHOR, AUTHORS), (_Kind.OF_AUTHOR, OF_AUTHORS),
        (_Kind.IGNORED, WITHOUT_EFFECT), (_Kind.ENTRY, {"item", "entry"}), (_Kind.UNKNOWN, _TAKEN),
    ):  # fmt: skip
        if key in keys:
            return kind
    is_known = any(hasattr(StrictFeedParser, f"_{side}_{key}") for side in ("start", "end"))
    return _Kind.UNKNOWN if is_known else _Kind.IGNORED


def _may_be_in(outer: tuple[_Kind, str, Attributes] | None, kind: _Kind, key: str) -> bool:
    if kind in {_Kind.UNKNOWN, _Kind.ENTRY}:
        return False
    if outer is None:
        return kind is not _Kind.OF_AUTHOR
    if outer[0] is _Kind.AUTHOR:
        return kind is _Kind.OF_AUTHOR
    if outer[0] is _Kind.MEDIA:
        return kind in {_Kind.MEDIA, _Kind.IGNORED} or (kind is _Kind.LEAF and key.startswith("media_"))
    return outer[0] is kind is _Kind.IGNORED and not {outer[1], key} & WITHOUT_EFFECT


def _namespace(uri: str) -> tuple[str, str]:
    """A namespace as it is looked up: all those of Userland are one."""
    lower = uri.lower()
    return (_USERLAND_RSS, _USERLAND_RSS) if _USERLAND in lower else (uri, lower)


@lru_cache(1024)
def _attribute_name(name: str) -> str | None:
    """An attribute's name as feedparser has it; ``None`` for one of another namespace, of which it makes several."""
    if name == _XML_LANG:
        return "xml:lang"
    return None if " " in name else name.lower()


@lru_cache(1024)
def _inherited(name: str) -> str:
    """``base`` or ``lang`` where an attribute may be one that holds for all that is in an element, else nothing."""
    lower = name.lower()
    return next((word for word in ("base", "lang") if word in lower.split()), "")


def _declares_base(attributes: Attributes) -> bool:
    return any(_inherited(name) == "base" for name in attributes)


def attributes_of(written: Attributes) -> Attributes:
    """Attributes with names, relations and types in lower case.

    Raises:
        UnsureError: there are some whose names are the same then, or of other namespaces.
    """
    found: Attributes = {}
    for name, value in written.items():
        key = _attribute_name(name)
        if key is None or key in found:
            raise UnsureError
        found[key] = value.lower() if key in {"rel", "type"} else value
    return found


def _language(attributes: Attributes, inherited: str | None) -> str | None:
    written = attributes.get(_XML_LANG, attributes.get("lang"))
    return inherited if written is None else written or None


def _nested_base(base: str, attributes: Attributes) -> str:
    written = attributes.get(_XML_BASE, attributes.get("base")) or base
    found: str = make_safe_absolute_uri(base, written) or base if base else _urljoin("", written)
    return found


class _Scanner:
    """The state of one reading; its methods are called by expat for each tag and text."""

    def __init__(self, base: str) -> None:
        self.entries: list[Entry] = []
        self.base, self.version = base, ""
        self._lang: str | None = None
        self._prefixes: dict[str | None, str] = {}
        self._kinds: dict[str, tuple[_Kind, str]] = {}
        self._depth = self._entry_depth = 0
        self._declared = self._has_channel = False
        self._data = b""
        self._entry: Entry | None = None
        self._open: list[tuple[_Kind, str, Attributes]] = []
        self._texts: list[str] = []
        self._children: list[tuple[str, str]] | None = None
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.StartNamespaceDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._texts.append

    def read(self, data: bytes) -> None:
        """Read the document."""
        self._data = data
        self._parser.Parse(data, True)

    def _doctype(self, *_: object) -> None:
        raise UnsureError

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self._declared = True
        if not uri:
            return
        uri, lower = _namespace(uri)
        if not self.version:
            if prefix is None and lower == "http://my.netscape.com/rdf/simple/0.9/":
                self.version = "rss090"
            else:
                self.version = _VERSIONS.get(lower, "")
        if lower in _NAMESPACES:
            self._prefixes[prefix] = _NAMESPACES[lower]
            self._kinds.clear()

    def _key(self, name: str) -> str:
        """``media_content`` for ``media:content``, whatever the prefix in the document."""
        parts = name.split()
        if not 1 <= len(parts) <= 3:
            raise UnsureError
        local, given = parts[min(len(parts) - 1, 1)], parts[2] if len(parts) == 3 else None
        lower = _namespace(parts[0])[1] if len(parts) > 1 else ""
        prefix = (_NAMESPACES.get(lower, given) or "").lower()
        prefix = self._prefixes.get(prefix, prefix) if prefix else ""
        return f"{prefix}_{local.lower()}" if prefix else local.lower()

    def _kind(self, name: str) -> tuple[_Kind, str]:
        found = self._kinds.get(name)
        if found is None:
            key = self._key(name)
            found = self._kinds[name] = (_kind_of(key), key)
        return found

    def _start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        declared, self._declared = self._declared, False
        entry = self._entry
        if entry is None:
            self._outside(name, attributes, declared)
            return
        if attributes and not self.base and _declares_base(attributes):
            raise UnsureError  # feedparser keeps a base where there was none before
        if declared:
            entry.parts = None
        if entry.parts is not None:
            self._within(entry, name, attributes)
        if entry.parts is None and self._depth > self._entry_depth + 1:
            raise UnsureError  # what is within one another there, feedparser remembers in the entries that follow

    def _outside(self, name: str, attributes: Attributes, declared: bool) -> None:
        kind, key = self._kind(name)
        if self._depth == 1:
            self._root(key, attributes)
        elif kind is _Kind.ENTRY and self._depth == self._entry_depth:
            self._begin(attributes, declared)
        elif self.entries:
            raise UnsureError  # what follows entries depends on what they leave behind
        elif self._depth == 2 and self._entry_depth == 3:
            if key != "channel" or self._has_channel:
                raise UnsureError
            self._has_channel = True
            self._inherit(attributes)
        elif _declares_base(attributes):
            raise UnsureError

    def _root(self, key: str, attributes: Attributes) -> None:
        self._entry_depth = _DEPTHS.get(key, 0)
        version = {name.lower(): value for name, value in attributes.items()}.get("version", "")
        if key == "rss" and not self.version.startswith("rss"):
            self.version = _RSS_VERSIONS.get(version) or ("rss20" if version.startswith("2.") else "rss")
        elif key == "feed" and not self.version:
            self.version = _ATOM_VERSIONS.get(version, "atom")
        if not (self._entry_depth and self.version):
            raise UnsureError
        self._inherit(attributes)

    def _inherit(self, attributes: Attributes) -> None:
        if any(_inherited(name) and name not in _INHERITED for name in attributes):
            raise UnsureError
        self.base = _nested_base(self.base, attributes)
        self._lang = _language(attributes, self._lang)

    def _begin(self, attributes: Attributes, declared: bool) -> None:
        if not self.entries:
            self.base = _nested_base(self.base, {})
            if _nested_base(self.base, {}) != self.base:
                raise UnsureError
        entry = self._entry = Entry(self._parser.CurrentByteIndex, lang=_language(attributes, self._lang))
        self.entries.append(entry)
        self._open.clear()
        for name, value in attributes.items():
            if name.startswith(_ABOUT):
                entry.id = value
            elif name not in {_XML_LANG, "lang"}:
                entry.parts = None
                if not self.base and _declares_base(attributes):
                    raise UnsureError
        if declared:
            entry.parts = None

    def _within(self, entry: Entry, name: str, attributes: Attributes) -> None:
        kind, key = self._kind(name)
        outer = self._open[-1] if self._open else None
        if attributes and kind is not _Kind.IGNORED:
            try:
                attributes = attributes_of(attributes)
            except UnsureError:
                kind = _Kind.UNKNOWN
            if key in WITHOUT_ATTRIBUTES:
                kind = _Kind.UNKNOWN
        if (attributes and _declares_base(attributes)) or not _may_be_in(outer, kind, key):
            entry.parts = None
            return
        if outer is not None and outer[0] is _Kind.AUTHOR:
            if "".join(self._texts).strip():
                entry.parts = None  # text beside names
                return
        elif kind is _Kind.AUTHOR:
            self._children = []
        self._open.append((kind, key, attributes))
        self._texts.clear()
        if key == "media_content" and entry.parts is not None:
            entry.parts.append((key, attributes, "", None))

    def _end(self, _name: str) -> None:
        self._depth -= 1
        entry = self._entry
        if entry is None:
            return
        if self._depth < self._entry_depth:
            self._entry = None
            begin = self._parser.CurrentByteIndex
            entry.end = self._data.index(b">", begin) + 1
            if begin == entry.begin:
                entry.parts = None  # <item/>
        elif entry.parts is not None:
            self._close(entry, entry.parts)
        else:
            self._texts.clear()

    def _close(self, entry: Entry, parts: list[Part]) -> None:
        kind, key, attributes = self._open.pop()
        text = "".join(self._texts)
        self._texts.clear()
        if kind is _Kind.LEAF:
            parts.append((key, attributes, text, None))
        elif kind is _Kind.OF_AUTHOR and self._children is not None:
            self._children.append((key, text))
        elif kind is _Kind.AUTHOR:
            if self._children and text.strip():
                entry.parts = None
            parts.append((key, attributes, text, self._children))


def scan(data: bytes, base: str) -> Scan:
    """Read a document.

    Args:
        data: in UTF-8, declared as that or without a declaration.
        base: the address of the feed; "" where it is not known.

    Raises:
        UnsureError: it must be read by feedparser as a whole.
        expat.ExpatError: it is not well-formed.
    """
    scanner = _Scanner(base)
    scanner.read(data)
    return Scan(scanner.entries, scanner.version, scanner.base)
