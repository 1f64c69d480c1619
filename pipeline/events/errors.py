"""Every error of Wiredesk, in one tree.

    WiredeskError
    ├── ConfigurationError   a setting, a connector file or a command line is wrong: nothing starts
    ├── RejectError          this one message cannot be processed, now or later: dead letter, go on
    │   ├── DecodeError      the bytes are not the event that the topic carries
    │   └── ParseError       the bytes are not the format that the connector names
    ├── UnreachableError     a server cannot be reached or is overloaded: wait, with back-off, keep the place
    └── FatalError           going on would lose or spoil data: stop without acknowledging

A failing message has exactly one of three ends: rejected (dead letter), retried (unreachable) or fatal. The
delivery guard (pipeline/broker/delivery.py) is the one place where that is decided.
"""

from __future__ import annotations


class WiredeskError(Exception):
    """Base of all our errors. ``hint`` says what to do next, in one sentence."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message} {self.hint}" if self.hint else message


class ConfigurationError(WiredeskError):
    """A setting is missing or wrong; the message names file, line, key, value and what is allowed."""


class RejectError(WiredeskError):
    """One message cannot be processed, now or later; it belongs in the dead letters."""


class DecodeError(RejectError):
    """The bytes of a message do not match the event type of its topic."""


class ParseError(RejectError):
    """The bytes from a feed are not what the connector's parser reads."""


class UnreachableError(WiredeskError):
    """A server does not answer or refuses for now; the same work will be tried again.

    ``system`` names the server in the log: ``kafka``, ``elasticsearch``.
    """

    def __init__(self, message: str, *, hint: str | None = None, system: str = "server") -> None:
        super().__init__(message, hint=hint)
        self.system = system


class FatalError(WiredeskError):
    """The process must stop without acknowledging: going on would lose or spoil data."""


def infrastructure_error(error: OSError | MemoryError) -> UnreachableError | FatalError:
    """What a fault of the machine or the network means: wait for a server, end the process for anything else.

    No message is at fault for either, so neither is ever a reason to reject one.
    """
    if isinstance(error, ConnectionError | TimeoutError):
        return UnreachableError(f"{type(error).__name__}: {error}")
    hint = "Free memory." if isinstance(error, MemoryError) else "Check disk space, file permissions and limits."
    return FatalError(f"{type(error).__name__}: {error}.", hint=hint)
