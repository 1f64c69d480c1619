"""Which items a connector has published already: enough to publish each once, small enough for one message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import xxhash

from pipeline.events import RawItem

#: Marks of published items that are kept, besides those of the latest poll.
SEEN_ITEMS = 2000
#: Marks kept of the latest poll. A feed with more items publishes the rest again at each poll; intake drops them.
MAX_LATEST_ITEMS = 20_000
_KEY_DIGITS = 16
_TIMES = frozenset({"versioncreated", "firstcreated", "published", "updated"})


def stable_bytes(raw: RawItem) -> bytes:
    """The item without what depends on when it was received: the same for the same item in two polls.

    A date that was not plausible was replaced by the time of the poll; the original is in ``originals``.
    """
    item = raw.item
    if item.originals.keys() & _TIMES:
        item = item.model_copy(update={"versioncreated": None, "firstcreated": None})
    return raw.model_copy(
        update={"received": datetime(1970, 1, 1, tzinfo=UTC), "original": None, "item": item}
    ).encode()


def item_mark(key: bytes, content: bytes) -> str:
    """A hash of the item's key and one of its content, 64 bits each."""
    return xxhash.xxh3_64_hexdigest(key) + xxhash.xxh3_64_hexdigest(content)


def updated_seen(seen: Sequence[str], latest: Sequence[str], *, repeats: bool) -> tuple[str, ...]:
    """The marks to keep: all of the latest poll, and the newest of other items.

    Of one item only the latest content counts: an item that returns to an earlier text is published again.

    Args:
        seen: marks kept before.
        latest: marks of the latest poll.
        repeats: whether the source is a feed, which contains most of its items again at the next poll; files do not.
    """
    latest = latest[-(MAX_LATEST_ITEMS if repeats else SEEN_ITEMS) :]
    keys = {mark[:_KEY_DIGITS] for mark in latest}
    older = [mark for mark in seen if mark[:_KEY_DIGITS] not in keys]
    free = max(SEEN_ITEMS - len(latest), 0)
    return (*(older[-free:] if free else ()), *latest)


def seen_with_pushed(seen: Sequence[str], pushed: Sequence[str]) -> tuple[str, ...]:
    """The marks to keep after items were pushed: what a poll of the same feed has found is not forgotten for them."""
    keys = {mark[:_KEY_DIGITS] for mark in pushed}
    kept = [mark for mark in seen if mark[:_KEY_DIGITS] not in keys]
    return (*kept, *pushed)[-max(SEEN_ITEMS, len(seen)) :]
