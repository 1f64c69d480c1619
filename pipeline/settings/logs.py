"""Logging of the long-lived processes: one event name and its facts a line, to standard error.

Everything goes through the same renderer: what libraries log (kafka-python, aiokafka, Faust, uvicorn), Python's
warnings and exceptions that nobody caught. With ``log.format: json`` every line is JSON.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from types import TracebackType
from typing import Any, TextIO

import structlog

from pipeline.settings import LogSettings
from pipeline.settings.redaction import redact, visible

#: Libraries that log successes, and are slow when they do (measured: 9 % of Faust's throughput).
_QUIET = ("aiokafka", "faust", "kafka", "mode", "httpx", "httpcore", "elastic_transport", "asyncio", "spacy")

#: What the Kafka clients say of every attempt to connect, and Faust of every partition of a stage that waits, every few
#: seconds; pipeline/broker/outages.py says it once a minute.
_REPEATED = re.compile(
    r"Unable connect to|Bootstrap (?:failed|connection)|Unable to update metadata"
    r"|Failed fetch messages|NodeNotReadyError|KafkaConnectionError"
    r"|Heartbeat|marking coordinator dead|Coordinator(?: Request failed|NotAvailable)|group_id is None"
    r"|Aiokafka has not sent|Highwater not yet available|Stream (?:has not started|stopped) processing"
    r"|[Hh]as not committed|Metadata refresh: failed Cancelled"
)
#: Seconds in which a library's message is logged once.
_LIBRARY_SECONDS = 60.0
_KNOWN_MESSAGES = 1000


class _StandardError:
    """Standard error as it is when a line is written: it may have been replaced since the logs were set up."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    def isatty(self) -> bool:
        return sys.stderr.isatty()


class _OncePerMinute(logging.Filter):
    """Keeps messages about attempts out, and any other message of a library to one a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._logged: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if _REPEATED.search(record.getMessage()):
            return False
        key, now = (record.name, str(record.msg)[:200]), time.monotonic()
        if now - self._logged.get(key, -_LIBRARY_SECONDS) < _LIBRARY_SECONDS:
            return False
        if len(self._logged) >= _KNOWN_MESSAGES:
            self._logged.clear()
        self._logged[key] = now
        return True


def configure(settings: LogSettings, *, stream: TextIO | None = None, level: str | None = None) -> None:
    """Set up structlog, the standard library's loggers, warnings and exceptions that nobody caught.

    Args:
        settings: level and format; ``auto`` is for people on a terminal and JSON elsewhere.
        stream: where lines go; ``None``: standard error.
        level: instead of the settings' one, for commands that print results.
    """
    out: Any = stream or _StandardError()
    number = logging.getLevelNamesMapping()[(level or settings.level).upper()]
    as_json = settings.format == "json" or (settings.format == "auto" and not out.isatty())
    renderer: Any = (
        structlog.processors.JSONRenderer(default=str)
        if as_json
        else structlog.dev.ConsoleRenderer(
            exception_formatter=structlog.dev.plain_traceback,  # the other one shows local variables
        )
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendering: list[Any] = [
        *([structlog.processors.format_exc_info] if as_json else []),
        _clean_values,
        renderer,
        _without_secrets,
    ]
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        # Lines are whole in one write: the other factory sends the end of a line by itself, and lines of the standard
        # library's loggers come between.
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    if number > logging.DEBUG:
        handler.addFilter(_OncePerMinute())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.ERROR))
    if level is None:
        # First off: it does nothing where it believes that it is on, though somebody may have replaced the hook since.
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        sys.excepthook = _log_exception
        threading.excepthook = _log_thread_exception
        if sys.unraisablehook is sys.__unraisablehook__:
            sys.unraisablehook = _log_unraisable
    _State.service = level is None
    _State.json_only = settings.format == "json" and level is None


def _clean_values(_logger: Any, _method: str, event: Any) -> Any:
    """Values without secrets and control characters, before colours are put around them."""
    return {key: redact(visible(value)) if isinstance(value, str) else value for key, value in event.items()}


def _without_secrets(_logger: Any, _method: str, line: Any) -> Any:
    return redact(line) if isinstance(line, str) else line


class _State:
    service = False
    json_only = False


def is_service() -> bool:
    """Whether this process logs what it does, as those that run until they are stopped; not one that prints results."""
    return _State.service


def json_only() -> bool:
    """Whether the settings ask for nothing but JSON on standard error, also of a command that fails."""
    return _State.json_only


def _log_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    structlog.get_logger("wiredesk").critical("process_failed", exc_info=(kind, error, trace))


def _log_unraisable(arguments: sys.UnraisableHookArgs) -> None:
    """An exception that nobody can catch, such as of an object that is being collected."""
    trace = (arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
    structlog.get_logger("wiredesk").warning("exception_ignored", where=repr(arguments.object), exc_info=trace)


def _log_thread_exception(arguments: threading.ExceptHookArgs) -> None:
    error = arguments.exc_value
    if error is not None and not isinstance(error, SystemExit):
        name = arguments.thread.name if arguments.thread else None
        structlog.get_logger("wiredesk").critical(
            "thread_failed", thread=name, exc_info=(arguments.exc_type, error, arguments.exc_traceback)
        )
