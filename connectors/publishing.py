"""Publishes what is new of one poll, part by part: memory holds one part and one batch.

A poll publishes no more items than allowed. An answer is fetched again by the next poll, which continues at a position
in it; a file or message is left where it is, and the next poll continues at a part and item of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import zip_longest

from connectors.item_limit import ItemLimit
from connectors.memory import item_mark, stable_bytes
from connectors.outcome import PollOutcome
from connectors.reading import Reading
from connectors.records import Batch, RecordMaker
from connectors.transports.base import Payload
from connectors.wording.tidying import taken_out
from pipeline.broker.messages import OutgoingMessage
from pipeline.events import ConnectorState, RawItem, ResumePoint
from pipeline.events.errors import ParseError

_Make = Callable[[], OutgoingMessage]
Read = Callable[[Payload], Reading | ParseError]
Publish = Callable[[list[OutgoingMessage]], None]


class PollPublisher:
    """Publishes one poll.

    Args:
        outcome: of the poll; what is published is counted in it.
        state: of the connector before the poll.
        records: makes the records.
        most: new items to publish at most.
        now: the time of the poll.
        complete: adds to each new item what is not in the feed.
    """

    def __init__(
        self,
        outcome: PollOutcome,
        state: ConnectorState,
        records: RecordMaker,
        most: int,
        now: datetime,
        complete: Callable[[RawItem], RawItem] | None = None,
    ) -> None:
        self._complete = complete
        self._outcome, self._records, self._now = outcome, records, now
        self._seen, self._resume = frozenset(state.seen), state.resume
        self._limit = ItemLimit(most, state.resume_at)
        self._postponed: list[tuple[int, str, _Make | None]] = []

    def publish(self, read: Read, publish: Publish) -> None:
        """Publish what is new.

        Args:
            read: parses a part of a payload.
            publish: makes records durable.
        """
        outcome, limit = self._outcome, self._limit
        self._read, self._batch = read, Batch(publish)
        for number, payload in enumerate(outcome.poll.payloads):
            if payload.url:
                self._answer(payload)
            elif not self._file(payload):
                outcome.unfinished = number
                break
        for position, mark, make in self._postponed:
            self._consider(position, mark, make)
            self._batch.publish_if_full()
        self._batch.publish()
        outcome.left = limit.left
        outcome.resume_at = limit.resume_at if outcome.unfinished is None else 0

    def _answer(self, payload: Payload) -> None:
        for part, reading in self._readings(payload):
            self._outcome.add(part, reading)
            for mark, make in self._marked_records(part, reading):
                position, later = self._limit.next_position()
                if later:
                    self._postponed.append((position, mark, make))
                else:
                    self._consider(position, mark, make)
            self._batch.publish_if_full()

    def _consider(self, position: int, mark: str, make: _Make | None) -> None:
        if self._is_new(mark, make) and not self._limit.allows(position):
            return
        self._add(mark, make)

    def _file(self, payload: Payload) -> bool:
        """Publish a payload that is not fetched again once it is settled; whether all of it is published."""
        start = self._start(payload)
        for number, part in enumerate(_parts(payload)):
            if number < start.part:
                continue
            if payload.can_be_continued and self._limit.full:
                return self._stop(payload, number, 0)
            reading = part if isinstance(part, ParseError) else self._read(part)
            whose = payload if isinstance(part, ParseError) else part
            self._outcome.add(whose, reading)
            first = start.item if number == start.part else 0
            for place, (mark, make) in enumerate(self._marked_records(whose, reading)):
                if place < first:
                    continue
                if payload.can_be_continued and self._is_new(mark, make) and not self._limit.allows(place):
                    return self._stop(payload, number, place)
                self._add(mark, make)
            self._batch.publish_if_full()
        return True

    def _start(self, payload: Payload) -> ResumePoint:
        if self._resume and self._resume.payload == payload.identity:
            return self._resume
        return ResumePoint(payload="", part=0, item=0)

    def _stop(self, payload: Payload, part: int, item: int) -> bool:
        self._limit.left = max(self._limit.left, 1)
        self._outcome.resume = ResumePoint(payload=payload.identity, part=part, item=item)
        return False

    def _is_new(self, mark: str, make: _Make | None) -> bool:
        return make is not None and mark not in self._outcome.marks

    def _add(self, mark: str, make: _Make | None) -> None:
        if make is not None and mark not in self._outcome.marks:
            record = make()
            self._batch.add(record)
            self._outcome.new += record.topic == self._records.topics.raw.name
        self._outcome.marks[mark] = None

    def _readings(self, payload: Payload) -> Iterator[tuple[Payload, Reading | ParseError]]:
        for part in _parts(payload):
            if isinstance(part, ParseError):
                yield payload, part
            else:
                yield part, self._read(part)

    def _marked_records(self, payload: Payload, reading: Reading | ParseError) -> Iterator[tuple[str, _Make | None]]:
        """Each item and each rejected part of a payload by its mark, with what makes its record where it is new."""
        if isinstance(reading, ParseError):
            # A feed is fetched again, so a bad answer loses nothing; a file or message exists only here.
            if payload.url is None:
                mark = item_mark(payload.name.encode(), payload.data)
                yield mark, self._unless_seen(mark, partial(self._records.unreadable, payload, reading, self._now))
            return
        for raw, rules in zip_longest(reading.items, reading.set_by, fillvalue=()):
            assert isinstance(raw, RawItem)
            mark = item_mark(raw.key, stable_bytes(raw))
            yield mark, self._unless_seen(mark, partial(self._item, raw, rules))
        for dropped in reading.dropped:
            # Another mark than that of the item: it is published once no rule drops it.
            mark = item_mark(dropped.raw.key, dropped.rule.encode() + b"\x00" + stable_bytes(dropped.raw))
            if mark not in self._seen and mark not in self._outcome.marks:
                self._outcome.rules[dropped.rule] += 1
            yield mark, None
        for part in reading.rejected:
            mark = item_mark(part.original, part.original)
            yield mark, self._unless_seen(mark, partial(self._records.rejected_item, payload, part, self._now))

    def _item(self, raw: RawItem, rules: tuple[str, ...]) -> OutgoingMessage:
        self._outcome.rules.update((*rules, *taken_out(raw.item)))
        return self._records.item(self._complete(raw) if self._complete else raw)

    def _unless_seen(self, mark: str, make: _Make) -> _Make | None:
        return None if mark in self._seen else make


def _parts(payload: Payload) -> Iterator[Payload | ParseError]:
    """The parts of a payload; last an error where it cannot be split any further."""
    try:
        yield from payload.parts()
    except ParseError as error:
        yield error
