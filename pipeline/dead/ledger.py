"""Which dead letters are open, kept up to date while ``wire.dead`` is read on. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from pipeline.dead.settlement import Settlement, SettlementStatus, decode
from pipeline.events.errors import DecodeError

_ENDS: frozenset[SettlementStatus] = frozenset({"replayed", "dropped", "superseded"})


@dataclass(frozen=True)
class _Entry:
    failed_at: datetime
    offset: int
    open: bool = True


@dataclass
class Ledger:
    """The dead letters of one partition, by id.

    Attributes:
        position: offset of the next message to read.
    """

    position: int = 0
    _entries: dict[str, _Entry] = field(default_factory=dict)

    def read(self, offset: int, value: bytes | None) -> None:
        """Take note of the next message; what is neither a dead letter nor a settlement is passed over."""
        self.position = offset + 1
        try:
            message = decode(value)
        except DecodeError:
            return
        if isinstance(message, Settlement):
            entry = self._entries.get(message.letter)
            if entry and message.status in _ENDS:
                self._entries[message.letter] = replace(entry, open=False)
        elif message.id not in self._entries:
            self._entries[message.id] = _Entry(message.failed_at, offset)

    def forget(self, first: int) -> None:
        """Forget what the topic no longer holds.

        Args:
            first: its first offset.
        """
        self._entries = {id_: entry for id_, entry in self._entries.items() if entry.offset >= first}
        self.position = max(self.position, first)

    def open(self) -> list[datetime]:
        """When each open dead letter failed; one claimed by a replay that has not ended is open."""
        return [entry.failed_at for entry in self._entries.values() if entry.open]
