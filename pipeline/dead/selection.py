"""Which dead letters are meant: by id, stage, connector, error, time, status. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson

from pipeline.dead.settlement import DeadLetterStatus, StoredDeadLetter
from pipeline.events import DeadLetter, Stage


@dataclass(frozen=True)
class Selection:
    """Conditions; ``None`` and empty mean any.

    Attributes:
        ids: whole ids or their beginnings.
        error: class of the error, or a part of its reason, without case.
        status: of the dead letter.
    """

    ids: tuple[str, ...] = ()
    stage: Stage | None = None
    connector: str | None = None
    error: str | None = None
    since: datetime | None = None
    status: frozenset[DeadLetterStatus] | None = None

    @property
    def empty(self) -> bool:
        """Whether it names nothing by itself."""
        return not (self.ids or self.stage or self.connector or self.error or self.since)

    def takes(self, letter: DeadLetter) -> bool:
        """Whether a dead letter matches, apart from its status."""
        if self.ids and not any(letter.id.startswith(id_) for id_ in self.ids):
            return False
        if self.stage and letter.stage != self.stage:
            return False
        if self.since and letter.failed_at < self.since:
            return False
        if self.error and not _names(letter, self.error):
            return False
        return not self.connector or self.connector in connectors_of(letter)

    def takes_status(self, found: StoredDeadLetter) -> bool:
        """Whether the dead letter's status matches."""
        return self.status is None or found.status in self.status


def _names(letter: DeadLetter, error: str) -> bool:
    return error.casefold() == letter.error.casefold() or error.casefold() in letter.reason.casefold()


def connectors_of(letter: DeadLetter) -> frozenset[str]:
    """The connectors that a dead letter came through: as it says, else as the message that failed says."""
    if letter.connector:
        return frozenset({letter.connector})
    try:
        document = orjson.loads(letter.original)
    except orjson.JSONDecodeError:
        return frozenset()
    if not isinstance(document, dict):
        return frozenset()
    several = document.get("connectors")
    names = several if isinstance(several, list) else [document.get("connector")]
    return frozenset(name for name in names if isinstance(name, str))


def ambiguous(ids: Iterable[str], found: Iterable[StoredDeadLetter]) -> dict[str, list[str]]:
    """The beginnings of ids that match more than one dead letter, with the ids that they match."""
    letters = [entry.letter.id for entry in found]
    fits = {id_: [letter for letter in letters if letter.startswith(id_)] for id_ in ids}
    return {id_: letters for id_, letters in fits.items() if len(letters) > 1}
