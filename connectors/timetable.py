"""Which connector is polled next: the longest waiting first, no more of one host at once than allowed.

A queue by time, so that a round of thousands of connectors looks only at those that are due.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict, deque
from datetime import datetime


class Timetable:
    """The connectors that wait until they are due, or until a thread or their host is free.

    Args:
        most_of_host: how many of one host are polled at the same time.
    """

    def __init__(self, most_of_host: int) -> None:
        self._most_of_host = most_of_host
        #: When something may be due; a name may be there more than once, and no longer be due when its time comes.
        self._times: list[tuple[datetime, str]] = []
        self._due: deque[str] = deque()
        self._held: defaultdict[str, deque[str]] = defaultdict(deque)
        self._hosts: Counter[str] = Counter()

    def add(self, name: str, time: datetime | None) -> None:
        """Note when a connector may be due; ``None``: not before it is added again."""
        if time is not None:
            heapq.heappush(self._times, (time, name))

    def take(self, now: datetime) -> str | None:
        """The connector that has been due longest; ``None`` if none is. The caller checks whether it still is."""
        while self._times and self._times[0][0] <= now:
            self._due.append(heapq.heappop(self._times)[1])
        return self._due.popleft() if self._due else None

    def give_back(self, name: str) -> None:
        """No thread is free for it: it comes first the next time."""
        self._due.appendleft(name)

    def enter(self, name: str, host: str | None) -> bool:
        """Begin to poll a host; ``False``: too many do, and the connector waits until one of them ends."""
        if host is None:
            return True
        if self._hosts[host] >= self._most_of_host:
            self._held[host].append(name)
            return False
        self._hosts[host] += 1
        return True

    def leave(self, host: str | None) -> None:
        """A poll of this host has ended."""
        if host is not None:
            self._hosts[host] -= 1
            if self._hosts[host] <= 0:
                del self._hosts[host]

    def release(self) -> None:
        """Let the connectors that waited for a host come first if it may be polled again."""
        for host in list(self._held):
            held = self._held[host]
            for _ in range(min(self._most_of_host - self._hosts[host], len(held))):
                self._due.appendleft(held.popleft())
            if not held:
                del self._held[host]

    @property
    def has_due(self) -> bool:
        """Whether connectors are due for which no thread was free."""
        return bool(self._due)

    @property
    def next_time(self) -> datetime | None:
        """When the next one may be due."""
        return self._times[0][0] if self._times else None
