"""WebSub hubs: where a feed names one, and the secret that it is given.

A hub can send us stories and kills, so only the publisher may name it: in the HTTP Link header or in the head of the
feed (W3C WebSub, section 4), not in an entry, a comment or a text. Each hub is given its own secret for each connector:
one that turns hostile cannot sign for another.
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urljoin

import httpx
from lxml import etree

_HEAD_BYTES = 262_144
_CHUNK_BYTES = 4096
_ATOM = "{http://www.w3.org/2005/Atom}"
_ENTRIES = frozenset({"item", "entry"})


def hub_of_headers(response: httpx.Response) -> str | None:
    """The hub that the Link header names (RFC 8288), as an absolute address."""
    if len(response.headers.get("link", "")) > _CHUNK_BYTES:
        return None
    for link in response.links.values():
        if "hub" in link.get("rel", "").lower().split() and link.get("url"):
            return urljoin(str(response.url), link["url"])
    return None


def hub_of_head(data: bytes, base: str) -> str | None:
    """The hub that the head of an Atom or RSS feed names: an ``atom:link`` with ``rel="hub"`` before the first entry.

    Args:
        data: the feed.
        base: its address.
    """
    if b"<!DOCTYPE" in data[:_HEAD_BYTES] or b"<!ENTITY" in data[:_HEAD_BYTES]:
        return None
    parser = etree.XMLPullParser(("start", "end"), resolve_entities=False, no_network=True, huge_tree=False)
    path: list[str] = []
    try:
        for start in range(0, min(len(data), _HEAD_BYTES), _CHUNK_BYTES):
            parser.feed(data[start : start + _CHUNK_BYTES])
            for event, element in parser.read_events():
                assert isinstance(element, etree._Element)  # noqa: SLF001 - the parser was asked for no other events
                tag = str(element.tag)
                name = tag.rpartition("}")[2]
                if event == "end":
                    path.pop()
                    continue
                if name in _ENTRIES:
                    return None
                in_head = path in (["feed"], ["rss", "channel"], ["RDF", "channel"])
                if in_head and tag == f"{_ATOM}link" and "hub" in (element.get("rel") or "").lower().split():
                    return urljoin(base, (element.get("href") or "").strip()) or None
                path.append(name)
    except etree.XMLSyntaxError:
        return None
    return None


def hub_id(hub: str) -> str:
    """A short name of a hub, for the callback's address."""
    return hashlib.sha256(hub.encode()).hexdigest()[:32]


def hub_secret(secret: str, connector: str, identity: str) -> str:
    """The secret of one hub and one connector, 64 hexadecimal digits.

    Args:
        secret: of the connector's file.
        connector: its name.
        identity: from ``hub_id``.
    """
    return hmac.new(secret.encode(), f"websub\0{connector}\0{identity}".encode(), "sha256").hexdigest()
