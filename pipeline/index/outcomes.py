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
    FATAL = "fatal"  # the index or a field is missing, or writing is forbidden: no document will be accepted


#: What the installation lacks, not the document: fields that an index of an older release has not, and aliases.
_INSTALLATION = ("strict_dynamic_mapping_exception", "require_alias")
#: Of a cluster or index that is protected against writes, for instance because its disk is full.
_BLOCKED = ("cluster_block_exception", "flood-stage", "flood_stage", "index read-only")


def classify(action: str, status: int, reason: str = "") -> ItemOutcome:
    """The outcome of one action.

    Args:
        action: ``index``, ``create``, ``update`` or ``delete``.
        status: the item's HTTP status.
        reason: type and reason of its error.
    """
    if status in {200, 201}:
        return ItemOutcome.DONE
    if status == 409 or (status == 404 and action == "update" and "document_missing" in reason):
        return ItemOutcome.STALE
    if status == 404 and action == "delete":
        return ItemOutcome.DONE
    if status == 429 or status >= 500 or (status == 403 and any(word in reason for word in _BLOCKED)):
        return ItemOutcome.RETRY
    if status in {400, 413} and not any(word in reason for word in _INSTALLATION):
        return ItemOutcome.REJECT
    return ItemOutcome.FATAL
