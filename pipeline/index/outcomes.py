"""What the server's answer to one line of a bulk means. Pure, and the one place where it is decided.

Following code.md's table for external versions: a conflict with a newer version is done, not a failure.
"""

from __future__ import annotations

from enum import Enum


class ItemOutcome(Enum):
    """What becomes of one action."""

    DONE = "done"
    STALE = "stale"  # the same or a newer version is there already
    RETRY = "retry"  # overloaded or away for now
    REJECT = "reject"  # this document will never be taken
    FATAL = "fatal"  # the index is missing or we may not write: no document will be taken


def classify(action: str, status: int) -> ItemOutcome:
    """The outcome of one action.

    Args:
        action: ``index`` or ``delete``.
        status: the item's HTTP status.
    """
    if status in {200, 201}:
        return ItemOutcome.DONE
    if status == 409:
        return ItemOutcome.STALE
    if status == 404 and action == "delete":
        return ItemOutcome.DONE
    if status == 429 or status >= 500:
        return ItemOutcome.RETRY
    if status in {400, 413}:
        return ItemOutcome.REJECT
    return ItemOutcome.FATAL
