"""Sends dead letters back to where they came from, once, or drops them; says what happened to each.

The original bytes go with the original key to the partition of the topic that they were read from; nothing is decoded.
Before sending, the dead letter is claimed (see ``settlement``) and the claims are read back: the first in the topic's
order holds. ``wire.enriched`` is compacted: there an older message sent again would outlive the newer one that follows
it. A dead letter from there is sent only if no later message has its key; otherwise it is settled as superseded.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from pipeline.broker.kafka_clients import kafka_options
from pipeline.broker.restore import read_partition
from pipeline.broker.topics import topics_of
from pipeline.dead.settlement import Settlement, SettlementStatus, StoredDeadLetter, decode
from pipeline.events import MessageRef
from pipeline.events.errors import DecodeError, UnreachableError
from pipeline.settings import Settings

ResultStatus = Literal["sent", "would be sent", "dropped", "superseded", "refused", "not sendable"]


@dataclass(frozen=True)
class Result:
    """What happened to one dead letter. ``said`` is a sentence for whoever asked for it."""

    found: StoredDeadLetter
    status: ResultStatus
    said: str
    sent: MessageRef | None = None


def refusal(found: StoredDeadLetter, again: bool) -> Result | None:
    """Why a dead letter is not sent; ``None`` where it may be. Pure."""
    letter, status = found.letter, found.status
    if letter.origin is None:
        return Result(found, "not sendable", unsendable(found))
    if letter.original_size is not None:
        return Result(
            found,
            "not sendable",
            f"Only the beginning of its {letter.original_size:,} bytes was kept, because wire.dead took no more. Set "
            "the topic's max.message.bytes to what wiredesk topics asks for, and let the source send the item again.",
        )
    if again or status == "open":
        return None
    last = found.settlements[-1]
    if status == "claimed":
        return Result(
            found,
            "refused",
            f"Another replay has claimed it at {last.at:%Y-%m-%d %H:%M:%S} and has not ended. If that one died, it is "
            "not known whether the dead letter was sent: --again sends it (a second delivery does no harm).",
        )
    where = f" to {last.sent.topic}/{last.sent.partition} at {last.sent.offset}" if last.sent else ""
    came_back = f" It failed again as {', '.join(found.failed_again_as)}." if found.failed_again_as else ""
    return Result(
        found, "refused", f"Was {status}{where} on {last.at:%Y-%m-%d %H:%M:%S}.{came_back} --again sends it once more."
    )


def unsendable(found: StoredDeadLetter) -> str:
    """What to do about a dead letter without a message: a file, or a part of one, that a connector could not read."""
    letter = found.letter
    return (
        f"It failed in the connector {letter.connector or '(unnamed)'} before it became a message: there is no topic "
        f"to send it to. Save it (wiredesk dead show {letter.id} --original > FILE), put the connector's parser or "
        f"mapping right, and read it again: wiredesk backfill FILE --connector {letter.connector or 'NAME'}; "
        f"then wiredesk dead drop {letter.id}."
    )


async def replay(
    settings: Settings, letters: Sequence[StoredDeadLetter], now: datetime, *, again: bool = False
) -> list[Result]:
    """Send dead letters back; one result for each, in order.

    Args:
        settings: broker and topics.
        letters: with their originals.
        now: the time to write down.
        again: send also what was sent or dropped before.

    Raises:
        UnreachableError: the broker went away; what was sent until then is marked.
    """
    results: dict[str, Result] = {}
    for found in letters:
        if refused := refusal(found, again):
            results[found.letter.id] = refused
    able = [found for found in letters if found.letter.id not in results]
    by = uuid.uuid4().hex
    if able:
        async with _producer(settings) as producer:
            settle = _Settling(producer, by, now)
            for found in able:
                await settle.append(found, "claimed")
            held = await _held_by_others(settings, able, by)
            for found in able:
                results[found.letter.id] = await _replay_one(settings, settle, found, held.get(found.letter.id))
    return [results[found.letter.id] for found in letters]


async def drop(settings: Settings, letters: Sequence[StoredDeadLetter], now: datetime) -> list[Result]:
    """Mark dead letters as done; they stay in the topic until their time is over, and ``--again`` still sends them."""
    results = []
    async with _producer(settings) as producer:
        settle = _Settling(producer, uuid.uuid4().hex, now)
        for found in letters:
            if found.status in {"dropped", "replayed", "superseded"}:
                results.append(Result(found, "refused", f"Was {found.status} already."))
                continue
            await settle.append(found, "dropped")
            results.append(Result(found, "dropped", "Shown as done from now on."))
    return results


class _Settling:
    """Appends what became of dead letters, each after its dead letter."""

    def __init__(self, producer: AIOKafkaProducer, by: str, now: datetime) -> None:
        self._producer = producer
        self._by = by
        self._now = now

    async def append(self, found: StoredDeadLetter, status: SettlementStatus, sent: MessageRef | None = None) -> None:
        entry = Settlement(letter=found.letter.id, status=status, by=self._by, at=self._now, sent=sent)
        await self.send(found.at.topic, found.at.partition, found.letter.key, entry.encode())

    async def send(self, topic: str, partition: int, key: bytes | None, value: bytes) -> MessageRef:
        try:
            sent = await self._producer.send_and_wait(topic, value, key=key, partition=partition)
        except (KafkaError, OSError) as error:
            raise UnreachableError(f"Kafka did not take a message for {topic}: {error!r}.", system="kafka") from error
        return MessageRef(topic=topic, partition=partition, offset=sent.offset)


async def _replay_one(
    settings: Settings, settle: _Settling, found: StoredDeadLetter, holder: Settlement | None
) -> Result:
    letter = found.letter
    assert letter.origin is not None
    if holder is not None:
        await settle.append(found, "yielded")
        return Result(found, "refused", f"Another replay claimed it first, at {holder.at:%Y-%m-%d %H:%M:%S}.")
    newer = await _newer(settings, found)
    if newer is not None:
        await settle.append(found, "superseded")
        return Result(found, "superseded", f"A later message with its key is at offset {newer}: nothing to send.")
    sent = await settle.send(letter.origin.topic, letter.origin.partition, letter.key, letter.original)
    await settle.append(found, "replayed", sent)
    said = f"{len(letter.original):,} bytes to {sent.topic}/{sent.partition} at offset {sent.offset}."
    return Result(found, "sent", said, sent)


async def _held_by_others(settings: Settings, letters: Sequence[StoredDeadLetter], by: str) -> dict[str, Settlement]:
    """The dead letters that another run has claimed since they were read, and before us."""
    known = {found.letter.id: {entry.by for entry in found.settlements} for found in letters}
    starts: dict[tuple[str, int], int] = {}
    for found in letters:
        place = (found.at.topic, found.at.partition)
        starts[place] = min(starts.get(place, found.at.offset), found.at.offset)
    entries: dict[str, list[Settlement]] = defaultdict(list)
    for (topic, partition), start in starts.items():
        async for _, _, value in read_partition(settings.kafka, topic, partition, start):
            try:
                entry = decode(value)
            except DecodeError:
                continue
            if isinstance(entry, Settlement) and entry.by not in known.get(entry.letter, {entry.by}):
                entries[entry.letter].append(entry)
    return {id_: holder for id_, seen in entries.items() if (holder := first_holder(seen, by))}


def first_holder(entries: Sequence[Settlement], by: str) -> Settlement | None:
    """The claim or end of another run that comes before ours and has not yielded. Pure."""
    yielded = {entry.by for entry in entries if entry.status == "yielded"}
    for entry in entries:
        if entry.by == by:
            return None
        if entry.by not in yielded:
            return entry
    return None


async def _newer(settings: Settings, found: StoredDeadLetter) -> int | None:
    """The offset of a later message with the dead letter's key in a compacted topic; ``None``: there is none."""
    letter, origin = found.letter, found.letter.origin
    if origin is None or letter.key is None or origin.topic != topics_of(settings).enriched.name:
        return None
    newest = None
    async for offset, key, _ in read_partition(settings.kafka, origin.topic, origin.partition, origin.offset + 1):
        if key == letter.key:
            newest = offset
    return newest


@asynccontextmanager
async def _producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    kafka = settings.kafka
    producer = AIOKafkaProducer(
        **kafka_options(kafka),
        client_id="wiredesk-dead",
        acks="all",
        enable_idempotence=True,
        compression_type=None if kafka.compression == "none" else kafka.compression,
        # A dead letter's original fits the topic it came from; settlements are small.
        max_request_size=2 * kafka.max_message_bytes,
    )
    try:
        await producer.start()
    except (KafkaError, OSError) as error:
        await producer.stop()
        reason = f"Kafka at {kafka.bootstrap_servers} does not answer: {error!r}."
        raise UnreachableError(reason, system="kafka") from error
    try:
        yield producer
    finally:
        await producer.stop()
