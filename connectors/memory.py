"""What a connector remembers of the items it has shown: enough to publish each once, in a message's size."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import xxhash

from pipeline.events import RawItem

#: Marks of items kept to know what was published already, besides those of the answer at hand.
SEEN_ITEMS = 2000
#: Of the answer at hand; a feed with more publishes the rest again at each look, which intake drops.
MOST_SHOWN = 20_000
_KEY_DIGITS = 16
_TIMES = frozenset({"versioncreated", "firstcreated", "published", "updated"})


def stable_bytes(raw: RawItem) -> bytes:
    """An item without what depends on the time it was received: the same item in two polls has the same.

    A date that could not be believed was replaced by the time of the look; what was written is among the originals.
    """
    item = raw.item
    if item.originals.keys() & _TIMES:
        item = item.model_copy(update={"versioncreated": None, "firstcreated": None})
    return raw.model_copy(
        update={"received": datetime(1970, 1, 1, tzinfo=UTC), "original": None, "item": item}
    ).encode()


def mark(key: bytes, content: bytes) -> str:
    """Which item, and which of its contents: 64 bits each."""
    return xxhash.xxh3_64_hexdigest(key) + xxhash.xxh3_64_hexdigest(content)


def remembered(seen: Sequence[str], shown: Sequence[str], *, comes_again: bool) -> tuple[str, ...]:
    """All that the last answer showed, and the newest of other items that were shown before.

    Of an item only the last answer's contents count: one that goes back to what it said before is news again.

    Args:
        seen: what was remembered before.
        shown: by the last answer.
        comes_again: whether the answer is one of a feed, which shows most of it again; a file does not.
    """
    shown = shown[-(MOST_SHOWN if comes_again else SEEN_ITEMS) :]
    keys = {found[:_KEY_DIGITS] for found in shown}
    older = [found for found in seen if found[:_KEY_DIGITS] not in keys]
    room = max(SEEN_ITEMS - len(shown), 0)
    return (*(older[-room:] if room else ()), *shown)
