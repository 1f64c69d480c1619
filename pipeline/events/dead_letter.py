"""A dead letter: what could not be processed, why, and the original whole, so that it can be sent again."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import xxhash
from pydantic import AwareDatetime, Field

from pipeline.events.base import Event, Id, MessageRef
from pipeline.events.errors import WiredeskError

#: Bytes left over when an original is cut: names of fields, padding.
_MARGIN = 100

Stage = Literal["connector", "intake", "cluster", "enrich", "index"]


class DeadLetter(Event):
    """wire.dead: what could not be processed. Key: the original key."""

    id: Id = Field(description="Hash of stage, origin and original: the same failure is one dead letter.")
    stage: Stage = Field(description="Where it failed.")
    error: str = Field(description="Class of the error.")
    reason: str = Field(description="What was wrong, in a sentence.")
    hint: str | None = Field(None, description="What to do next.")
    connector: str | None = Field(None, description="The connector, where it failed in one.")
    provider: str | None = Field(None, description="Whose item it was, where known.")
    origin: MessageRef | None = Field(None, description="The message that failed; absent for connectors.")
    url: str | None = Field(None, description="Address or file it came from.")
    position: str | None = Field(None, description="Where in the input.")
    failed_at: AwareDatetime = Field(description="When.")
    attempts: int = Field(1, description="How often it was tried.")
    needs_person: bool = Field(False, description="No replay can help: somebody must decide.")
    key: bytes | None = Field(None, description="Key of the message, base64.")
    original: bytes = Field(b"", description="The message or the input's part, base64; whole without original_size.")
    original_size: int | None = Field(
        None, description="Bytes of the whole original where only its beginning is kept; absent: it is whole."
    )


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


def shortened(record: DeadLetter, max_bytes: int) -> DeadLetter:
    """The same dead letter, encoded in at most ``max_bytes``: its original, and then its reason, are cut.

    It says so in ``reason`` and keeps its id; ``original_size`` tells how much there was.
    """
    size = record.original_size if record.original_size is not None else len(record.original)
    note = f"Only the beginning of the original's {size:,} bytes is kept: wire.dead takes no more."
    reason = record.reason if record.reason.endswith(note) else f"{record.reason} {note}"
    without = record.model_copy(update={"original": b"", "original_size": size, "reason": reason})
    excess = len(without.encode()) - max_bytes
    if excess > 0:
        kept = max(len(reason) - len(note) - 1 - excess - _MARGIN, 0)
        return without.model_copy(update={"reason": f"{record.reason[:kept]} {note}"})
    # Base64 takes four bytes for three.
    kept = max(-excess - _MARGIN, 0) // 4 * 3
    return without.model_copy(update={"original": record.original[:kept]})
