"""What one poll amounts to, counted while its payloads are parsed and published."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from connectors.reading import Reading
from connectors.transports.base import Payload, Poll
from pipeline.events import ConnectorState, ResumePoint
from pipeline.events.errors import ParseError


@dataclass
class PollOutcome:
    """The counts of one poll.

    Attributes:
        poll: what the transport returned.
        items: items in its payloads.
        new: items that were published.
        ttl_seconds: how long the feed itself asks not to be polled.
        parse_seconds: of processor time that its answers took to parse; files and messages are parsed only once.
        errors: payloads that could not be parsed, or not completely.
        marks: of all items and rejected parts, in order.
        left: new items that were left for the next poll; of a file only those of the part that was read.
        resume_at: position in the answer at which the next poll continues.
        unfinished: number of the payload that the next poll continues with, where it is a file or message.
        resume: place in it.
        rules: name of a rule → new items that it dropped or changed.
    """

    poll: Poll
    items: int = 0
    new: int = 0
    ttl_seconds: int = 0
    parse_seconds: float = 0.0
    errors: list[tuple[Payload, ParseError]] = field(default_factory=list)
    marks: dict[str, None] = field(default_factory=dict)
    left: int = 0
    resume_at: int = 0
    unfinished: int | None = None
    resume: ResumePoint | None = None
    rules: Counter[str] = field(default_factory=Counter)

    def add(self, payload: Payload, reading: Reading | ParseError) -> None:
        """Count a part of a payload."""
        if payload.url:
            self.parse_seconds += getattr(reading, "seconds", 0.0)
        if isinstance(reading, ParseError):
            self.errors.append((payload, reading))
        else:
            self.items += len(reading.items)
            self.ttl_seconds = max(self.ttl_seconds, reading.feed.ttl_seconds or 0)

    @property
    def failed_names(self) -> set[str]:
        """The names of payloads that could not be parsed, or not completely."""
        return {payload.name for payload, _ in self.errors}

    @property
    def broken_answer(self) -> ParseError | None:
        """The error of an answer that can be fetched again."""
        return next((error for payload, error in self.errors if payload.url), None)

    @property
    def finished(self) -> tuple[Payload, ...]:
        """The payloads of which everything is published."""
        return self.poll.payloads[: self.unfinished]

    @property
    def postponed(self) -> dict[str, str | int]:
        """What is left for the next poll, for the log."""
        if self.unfinished is not None:
            return {"payload": self.poll.payloads[self.unfinished].name}
        return {"left": self.left}

    def transport_state(self, before: ConnectorState) -> ConnectorState:
        """The state with which the transport polls next.

        Args:
            before: the state with which it polled now.
        """
        if self.unfinished is not None:
            cursor_before = self.poll.payloads[self.unfinished].cursor_before
            return self.poll.state.model_copy(update={"cursor": cursor_before()} if cursor_before else {})
        # Validators of an answer that could not be parsed, or of which some is left, must not be kept: the server would
        # answer "not modified".
        return before if self.broken_answer or self.left else self.poll.state

    @property
    def error(self) -> str | None:
        """Why the poll failed, or only partly succeeded."""
        return self.poll.error or (str(self.broken_answer) if self.broken_answer else None)

    @property
    def repeats(self) -> bool:
        """Whether the source will give most of these items again at the next poll, as feeds do."""
        return any(payload.url for payload in self.poll.payloads)
