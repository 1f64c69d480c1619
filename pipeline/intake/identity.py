"""Which story an item belongs to, and which of its versions it is.

A story is what one provider sends under one item id, in any of its feeds (NewsML-G2 and ninjs: same ``guid`` or
``uri``, the higher version replaces the lower). Versions are distinguished by the provider's version, version time
and content; never by transmission time.
"""

from __future__ import annotations

import hashlib
import re

import xxhash

from pipeline.events import Content, KnownVersion, RawItem, item_key
from pipeline.events.item import Item, Signal
from pipeline.intake.content import content_of

_UNSAFE = re.compile(r"[^a-z0-9]+")
_COUNTER = re.compile(r"\d{1,18}")


def story_id(provider: str, item_id: str) -> str:
    """The story's id in all later stages: the provider as a slug, then an 80-bit hash of provider and item id."""
    slug = _UNSAFE.sub("-", provider.lower()).strip("-")[:24] or "story"
    digest = hashlib.blake2b(item_key(provider, item_id), digest_size=10).hexdigest()
    return f"{slug}-{digest}"


def version_number(version: str | None) -> int | None:
    """The provider's version as a number; ``None``: it is not a counter (``"3rd"``, a hash)."""
    return int(version) if version and _COUNTER.fullmatch(version.strip()) else None


def known_version(raw: RawItem, content: Content, kind: str, message: object) -> KnownVersion:
    """What intake remembers of the version in ``raw``.

    The rank is the version time in milliseconds since 1970; without a version time the version number; without
    either the time of first arrival (a feed without dates and versions has no other order).
    """
    item = raw.item
    number = version_number(item.version)
    received_ms = int(raw.received.timestamp() * 1000)
    if item.versioncreated is not None:
        rank = int(item.versioncreated.timestamp() * 1000)
    else:
        rank = number if number is not None else received_ms
    return KnownVersion.model_validate(
        {
            "rank": rank,
            "version": item.version,
            "kind": kind,
            "pubstatus": item.pubstatus,
            "signals": item.signals,
            "versioncreated": item.versioncreated,
            "firstcreated": item.firstcreated,
            "received": raw.received,
            "content_hash": content_hash(item, content, kind),
            "content": content,
            "connectors": (raw.connector,),
            "tags": raw.tags,
            "rights": raw.rights,
            "refers": item.refers,
            "take": item.take if Signal.TAKE in item.signals else None,
            "keeps_parts": bool(item.keeps_parts),
            "replaces": item.replaces if Signal.TAKE in item.signals else None,
            "lane": raw.lane,
            "first_message": message,
            "body_hash": body_hash(content),
        }
    )


def content_hash(item: Item, content: Content, kind: str) -> str:
    """A 64-bit hash of what makes a version different for an editor; transmission data is left out."""
    signals = sorted(set(item.signals) - {Signal.RESEND})
    visible = content.model_copy(update={"body_html": None})
    parts = (
        kind,
        item.pubstatus,
        item.version or "",
        ",".join(signals),
        visible.model_dump_json(exclude_defaults=True),
    )
    return xxhash.xxh3_64_hexdigest("\x1e".join(parts).encode("utf-8", "surrogatepass"))


def body_hash(content: Content) -> str:
    """A 64-bit hash of the body: equal for equal texts."""
    return xxhash.xxh3_64_hexdigest(content.body.encode("utf-8", "surrogatepass"))


def version_id(known: KnownVersion) -> str:
    """The id of a version within its story; it does not change when other versions arrive."""
    return f"{known.rank}-{known.content_hash[:8]}"


def read(raw: RawItem, max_text_chars: int) -> Content:
    """The cleaned content of ``raw``, with the connector's defaults for missing fields."""
    return content_of(raw.item, default_language=raw.language, priority=raw.priority, max_text_chars=max_text_chars)
