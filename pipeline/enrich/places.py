"""Looking up what stands at, before or within a stretch of a text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class InOrder(Generic[_Value]):
    """Values by where they stand, looked up by place."""

    def __init__(self, placed: Sequence[tuple[int, _Value]]) -> None:
        self._placed = sorted(placed, key=lambda entry: entry[0])
        self._starts = [start for start, _ in self._placed]

    def items(self, start: int, end: int) -> list[tuple[int, _Value]]:
        """Start and value of those that begin in ``[start, end)``."""
        return self._placed[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def between(self, start: int, end: int) -> list[_Value]:
        """Those that begin in ``[start, end)``."""
        return [value for _, value in self.items(start, end)]

    def around(self, at: int) -> list[tuple[int, _Value]]:
        """The last one that begins before a place, if any."""
        last = bisect_left(self._starts, at)
        return self._placed[max(last - 1, 0) : last]
