"""Versions as intake remembers them, made for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.events import KnownVersion, MessageRef

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def at(minute: float) -> datetime:
    return T0 + timedelta(minutes=minute)


def message(offset: int, partition: int = 0, topic: str = "wire.raw") -> MessageRef:
    return MessageRef(topic=topic, partition=partition, offset=offset)


def known(words: str, minute: float | None = None, received: float = 0, **more: Any) -> KnownVersion:
    """A version with these words as its headline, hash and body.

    Args:
        words: equal words are equal content.
        minute: when it was made; ``None``: it does not say.
        received: the minute of its arrival.
        more: any other field; fields of the content in ``content``.
    """
    fields: dict[str, Any] = {
        "rank": int(minute or 0),
        "kind": "new",
        "content_hash": words,
        "received": at(received),
        "versioncreated": None if minute is None else at(minute),
        "connectors": ("feed",),
        "first_message": message(1),
    }
    content = {"headline": words, "body": words, **more.pop("content", {})}
    return KnownVersion.model_validate({**fields, **more, "content": content})
