"""Logging of the long-lived processes: one event name and its facts a line, to standard error."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, TextIO

import structlog

from pipeline.settings import LogSettings
from pipeline.settings.redaction import redact, visible

#: Chatty about what goes well, and slow where they are (measured: 9 % of Faust's throughput).
_QUIET = ("aiokafka", "faust", "kafka", "mode", "httpx", "httpcore", "elastic_transport", "asyncio", "spacy")


#: What the Kafka clients say of every attempt to connect; pipeline/broker/watch.py says it once.
_ATTEMPTS = re.compile(
    r"Unable connect to|Bootstrap (?:failed|connection)|Unable to update metadata"
    r"|Failed fetch messages|NodeNotReadyError|KafkaConnectionError"
    r"|Heartbeat|marking coordinator dead|Coordinator(?: Request failed|NotAvailable)|group_id is None"
)


class _StandardError:
    """Standard error as it is when a line is written: it may have been replaced since the logs were set up."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    def isatty(self) -> bool:
        return sys.stderr.isatty()


class _NoAttempts(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not _ATTEMPTS.search(record.getMessage())


def configure(settings: LogSettings, *, stream: TextIO | None = None, level: str | None = None) -> None:
    """Set up structlog and the standard library's loggers.

    Args:
        settings: level and format; ``auto`` is for people on a terminal and JSON elsewhere.
        stream: where lines go; ``None``: standard error.
        level: over the settings', for commands that show their own view.
    """
    out: Any = stream or _StandardError()
    number = logging.getLevelNamesMapping()[(level or settings.level).upper()]
    as_json = settings.format == "json" or (settings.format == "auto" and not out.isatty())
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=True,
            exception_formatter=structlog.dev.plain_traceback,  # the other one shows local variables
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if as_json else _keep,
            _without_control_characters,
            renderer,
            _without_secrets,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    if number > logging.DEBUG:
        handler.addFilter(_NoAttempts())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.ERROR))


class _Formatter(logging.Formatter):
    """Lines of other libraries, without secrets and control characters."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(visible(super().format(record)))


def _without_control_characters(_logger: Any, _method: str, event: Any) -> Any:
    return {key: visible(value) if isinstance(value, str) else value for key, value in event.items()}


def _without_secrets(_logger: Any, _method: str, line: Any) -> Any:
    return redact(line) if isinstance(line, str) else line


def _keep(_logger: Any, _method: str, event: Any) -> Any:
    return event
