"""What the server's answer to one action of a bulk request means. Pure, and the one place where it is decided.

With external versions a conflict means that the same or a newer version is there already: it is success, not failure
(Elasticsearch reference, "Optimistic concurrency control" and the index API's ``version_type``).
"""

from __future__ import annotations

from enum import Enum


class ItemOutcome(Enum):
    """The outcome of one action."""

    DONE = "done"
    STALE = "stale"  # the same or a newer version is there already
    RETRY = "retry"  # overloaded or unavailable
    REJECT = "reject"  # the server will never accept this document
    FATAL = "fatal"  # the index is missing or writing is forbidden: no document will be accepted


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
