"""Reading ``wire.dead``: the selected dead letters, each with what became of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from pipeline.broker.restore import read_partition
from pipeline.broker.topics import topics_of
from pipeline.dead.selection import Selection, connectors_of
from pipeline.dead.settlement import Settlement, StoredDeadLetter, Unreadable, decode
from pipeline.events import DeadLetter, MessageRef
from pipeline.events.errors import DecodeError
from pipeline.settings import Settings


@dataclass
class DeadLetterList:
    """The result of reading the topic. Dead letters in the order in which they failed."""

    found: list[StoredDeadLetter]
    unreadable: list[Unreadable]


async def read_dead_letters(settings: Settings, selection: Selection, *, originals: bool = False) -> DeadLetterList:
    """Read the whole topic to its end as it is now.

    Args:
        settings: broker and topics.
        selection: which dead letters to keep.
        originals: keep the dead letters' original bytes (they are most of what a dead letter weighs).

    Raises:
        UnreachableError: the broker cannot be reached.
    """
    topic = topics_of(settings).dead
    parts = await asyncio.gather(
        *[_read(settings, topic.name, number, selection, originals) for number in range(topic.partitions)]
    )
    again = {ref: id_ for part in parts for ref, id_ in part.origins.items()}
    found = [
        replace(entry, failed_again_as=_came_back(entry, again)) for part in parts for entry in part.letters.values()
    ]
    chosen = [entry for entry in found if selection.takes_status(entry)]
    chosen.sort(key=lambda entry: (entry.letter.failed_at, entry.letter.id))
    return DeadLetterList(chosen, [entry for part in parts for entry in part.unreadable])


@dataclass
class _Part:
    """One partition: selected dead letters by id; every dead letter's origin with its id."""

    letters: dict[str, StoredDeadLetter] = field(default_factory=dict)
    origins: dict[MessageRef, str] = field(default_factory=dict)
    unreadable: list[Unreadable] = field(default_factory=list)


async def _read(settings: Settings, topic: str, partition: int, selection: Selection, originals: bool) -> _Part:
    part = _Part()
    async for offset, _, value in read_partition(settings.kafka, topic, partition, 0):
        at = MessageRef(topic=topic, partition=partition, offset=offset)
        try:
            message = decode(value)
        except DecodeError as error:
            part.unreadable.append(Unreadable(at, str(error)))
            continue
        if isinstance(message, Settlement):
            if known := part.letters.get(message.letter):
                part.letters[message.letter] = replace(known, settlements=(*known.settlements, message))
        else:
            _take(part, message, at, selection, originals)
    return part


def _take(part: _Part, letter: DeadLetter, at: MessageRef, selection: Selection, originals: bool) -> None:
    if letter.origin:
        part.origins[letter.origin] = letter.id
    if known := part.letters.get(letter.id):
        part.letters[letter.id] = replace(known, written=known.written + 1)
    elif selection.takes(letter):
        kept = letter if originals else letter.model_copy(update={"original": b""})
        part.letters[letter.id] = StoredDeadLetter(
            kept, at, size=len(letter.original), connectors=connectors_of(letter)
        )


def _came_back(found: StoredDeadLetter, letters: dict[MessageRef, str]) -> tuple[str, ...]:
    sent = [entry.sent for entry in found.settlements if entry.sent]
    return tuple(letters[ref] for ref in sent if ref in letters)
