"""Parses payloads in processes that can be killed, so that a hostile one holds up no other feed."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, Self

from connectors.config import ConnectorConfig
from connectors.reading import Reading, read_payload
from connectors.transports.base import Payload
from pipeline.broker.killable import KillablePool, OverrunError, ProcessLimits
from pipeline.events.errors import ConfigurationError, ParseError, WiredeskError
from pipeline.settings.stages import ConnectorsSettings


class ParseOverrunError(ParseError):
    """A payload took more than the limits.

    Attributes:
        seconds: of processor time that it took, at least.
    """

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class PayloadParser(Protocol):
    """Turns payloads into raw items."""

    def parse(self, payload: Payload, config: ConnectorConfig, now: datetime) -> Reading:
        """The items of a payload.

        Raises:
            ParseError: it cannot be read.
            UnreachableError: it was not read, which is not its fault; try again.
        """
        ...


def parse_parts(
    parser: PayloadParser, payload: Payload | WiredeskError, config: ConnectorConfig, now: datetime
) -> Iterator[tuple[str, Reading | WiredeskError]]:
    """Parse each part of a payload; yields its name with the result or the error, and continues after errors.

    Raises:
        UnreachableError: a part was not read, which is not its fault.
    """
    if isinstance(payload, WiredeskError):
        yield "", payload
        return
    try:
        for part in payload.parts():
            try:
                yield part.name, parser.parse(part, config, now)
            except ParseError as error:
                yield part.name, error
    except ParseError as error:
        yield payload.name, error


class ParseInProcess:
    """Parses at once, in this process, without a limit that can be enforced: for tests and benchmarks.

    Args:
        settings: limits.
    """

    def __init__(self, settings: ConnectorsSettings) -> None:
        self._settings = settings

    def parse(self, payload: Payload, config: ConnectorConfig, now: datetime) -> Reading:
        """See :meth:`PayloadParser.parse`; nothing can end it."""
        return _read(_request(payload, config, now, self._settings))


class ParsePool:
    """Parses in a small pool of processes, each payload with a limit of processor time and memory.

    Args:
        settings: limits.
    """

    def __init__(self, settings: ConnectorsSettings) -> None:
        self._settings = settings
        limits = ProcessLimits(
            settings.parse_processes, settings.parse_seconds, settings.parse_memory_megabytes * 1024 * 1024
        )
        self._pool = KillablePool(_make_reader, limits, "parser")

    def start_soon(self) -> None:
        """Start a process while the connectors' files are read; the others when they are needed."""
        self._pool.start_soon()

    def parse(self, payload: Payload, config: ConnectorConfig, now: datetime) -> Reading:
        """See :meth:`PayloadParser.parse`."""
        try:
            reading: Reading = self._pool.run(_request(payload, config, now, self._settings))
        except OverrunError as error:
            raise ParseOverrunError(f"{payload.name}: {error}", self._settings.parse_seconds) from error
        return reading

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes; a parse that is under way ends with ``UnreachableError``."""
        self._pool.close()


@dataclass(frozen=True)
class _Request:
    payload: Payload
    config: ConnectorConfig
    now: datetime
    max_body_bytes: int
    max_original_bytes: int


def _request(payload: Payload, config: ConnectorConfig, now: datetime, settings: ConnectorsSettings) -> _Request:
    # Neither what settles the payload nor the transport with its secrets is needed there.
    bare = replace(payload, settle=Payload.settle, pieces=None, cursor_before=None)
    config = config.model_copy(update={"transport": None})
    return _Request(bare, config, now, settings.max_body_bytes, settings.max_original_bytes)


def _read(request: _Request) -> Reading:
    began = time.process_time()
    reading = read_payload(
        request.payload,
        request.config,
        now=request.now,
        max_body_bytes=request.max_body_bytes,
        max_original_bytes=request.max_original_bytes,
    )
    return replace(reading, seconds=time.process_time() - began)


def _make_reader() -> Callable[[_Request], Reading]:
    """What a process runs. The parsers are loaded before its memory is limited."""
    from connectors.parsers import get_parser, parser_names  # noqa: PLC0415 - only in the process

    for name in parser_names():
        with contextlib.suppress(ConfigurationError):  # one that cannot be loaded is the error of who names it
            get_parser(name)
    gc.freeze()
    return _read
