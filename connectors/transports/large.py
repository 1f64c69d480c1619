"""Only so many polls of a process hold large bodies at once, so that what hostile servers send fits into memory.

Most polls wait for a server and bring little; many of them may run at once. One that brings much takes one of a few
places until it is over: its body is in memory until it is parsed and published.
"""

from __future__ import annotations

import threading
from typing import Self

#: Up to this many bytes a body is not large.
LARGE_BYTES = 1024 * 1024
#: Polls that may hold more at once.
PLACES = 8
_free = threading.BoundedSemaphore(PLACES)


class NoPlaceError(Exception):
    """Other polls have held large bodies for all the time that this one had."""


class BodyPlace:
    """The place of one poll, taken when its body becomes large; as a context it is given back at the end."""

    def __init__(self) -> None:
        self._taken = False

    def grown(self, size: int, seconds: float) -> None:
        """The bodies of this poll have so many bytes; waits for a place where that is much.

        Args:
            size: in bytes.
            seconds: how long to wait.

        Raises:
            NoPlaceError: there was none.
        """
        if self._taken or size <= LARGE_BYTES:
            return
        if not _free.acquire(timeout=seconds):
            raise NoPlaceError(f"{PLACES} other large answers are at work; it is polled again.")
        self._taken = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._taken:
            self._taken = False
            _free.release()
