"""A dead letter: what could not be processed, why, and the original whole, so that it can be sent again."""

from __future__ import annotations

from datetime import datetime

import xxhash

from pipeline.errors import WiredeskError
from pipeline.events import DeadLetter, MessageRef, Stage


def dead_letter(
    *,
    stage: Stage,
    error: Exception,
    key: bytes | None,
    original: bytes,
    failed_at: datetime,
    origin: MessageRef | None = None,
    connector: str | None = None,
    provider: str | None = None,
    url: str | None = None,
    position: str | None = None,
    needs_person: bool = False,
) -> DeadLetter:
    """The record for ``wire.dead``.

    The id is the same for the same failure delivered twice: stage, origin and original bytes decide it, not the time.
    """
    where = f"{origin.topic}/{origin.partition}/{origin.offset}" if origin else f"{connector}/{url}/{position}"
    return DeadLetter(
        id=xxhash.xxh3_128_hexdigest(f"{stage}\x1f{where}\x1f".encode() + original)[:20],
        stage=stage,
        error=type(error.__cause__ or error).__name__,
        reason=Exception.__str__(error),
        hint=error.hint if isinstance(error, WiredeskError) else None,
        connector=connector,
        provider=provider,
        origin=origin,
        url=url,
        position=position,
        failed_at=failed_at,
        needs_person=needs_person,
        key=key,
        original=original,
    )
