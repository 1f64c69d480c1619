"""What became of a dead letter: kept in ``wire.dead`` itself, after the dead letter.

A dead letter is never changed. Replaying or dropping it appends a :class:`Settlement` to its own partition, so both
have one order, are read together, and leave together (the dead letter first). Before anything is sent a ``claimed`` one
is appended: of two people who replay at the same time the one whose claim is first sends, the other is told. A claim
without an end is a replay that died half-way: whether it was sent is not known, and only ``--again`` sends it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import orjson
from pydantic import AwareDatetime

from pipeline.events import DeadLetter, Event, Id, MessageRef
from pipeline.events.errors import DecodeError

#: ``yielded``: the run found that another had claimed the dead letter before it, and did nothing.
SettlementStatus = Literal["claimed", "yielded", "replayed", "dropped", "superseded"]
DeadLetterStatus = Literal["open", "claimed", "replayed", "dropped", "superseded"]
_ENDS: dict[SettlementStatus, DeadLetterStatus] = {
    "replayed": "replayed",
    "dropped": "dropped",
    "superseded": "superseded",
}


class Settlement(Event):
    """One thing that was done about a dead letter. ``by`` distinguishes the runs of a command."""

    letter: Id
    status: SettlementStatus
    by: Id
    at: AwareDatetime
    sent: MessageRef | None = None


@dataclass(frozen=True)
class Unreadable:
    """A message of ``wire.dead`` that is neither dead letter nor settlement."""

    at: MessageRef
    reason: str


@dataclass(frozen=True)
class StoredDeadLetter:
    """A dead letter in its topic, and what became of it.

    Attributes:
        letter: the dead letter as written; without its original where that was not asked for.
        at: its message (the first one, where the same failure was written twice).
        written: how often it was written.
        size: of the original, in bytes.
        connectors: that it came through.
        settlements: in the order of the topic.
        failed_again_as: ids of the dead letters that its replay came back as.
    """

    letter: DeadLetter
    at: MessageRef
    written: int = 1
    size: int = 0
    connectors: frozenset[str] = frozenset()
    settlements: tuple[Settlement, ...] = ()
    failed_again_as: tuple[str, ...] = ()

    @property
    def status(self) -> DeadLetterStatus:
        """What the last run did; a run that was only second with its claim did nothing."""
        if unfinished_claim(self.settlements):
            return "claimed"
        status: DeadLetterStatus = "open"
        for entry in self.settlements:
            status = _ENDS.get(entry.status, status)
        return status


def unfinished_claim(settlements: Iterable[Settlement]) -> Settlement | None:
    """The claim that holds a dead letter: the first one not followed by the end of its run."""
    open_: dict[str, Settlement] = {}
    for entry in settlements:
        if entry.status == "claimed":
            open_.setdefault(entry.by, entry)
        else:
            open_.pop(entry.by, None)
    return next(iter(open_.values()), None)


def decode(value: bytes | None) -> DeadLetter | Settlement:
    """One message of ``wire.dead``.

    Raises:
        DecodeError: it is neither of the two.
    """
    try:
        document = orjson.loads(value or b"")
    except orjson.JSONDecodeError as error:
        raise DecodeError(f"The message is not JSON: {error}.") from error
    if isinstance(document, dict) and "letter" in document:
        return Settlement.decode(value)
    return DeadLetter.decode(value)
