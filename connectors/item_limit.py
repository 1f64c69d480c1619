"""How many new items of one answer are published at once, and where the next poll continues."""

from __future__ import annotations


class ItemLimit:
    """Counts the new items of one poll by their position in the answer.

    The next poll fetches the answer again, begins at the first item that was left, and comes to the beginning last. So
    every item is reached even where an answer has more items than can be remembered, or has changed in between.

    Args:
        most: new items to publish in one poll.
        start: position to begin with, as the poll before left it.

    Attributes:
        left: new items that were not published.
        resume_at: position of the first of them; 0 where none is left.
    """

    def __init__(self, most: int, start: int) -> None:
        self._most, self._start = most, start
        self._published = self._position = 0
        self.left = self.resume_at = 0

    def next_position(self) -> tuple[int, bool]:
        """The position of the next item, and whether it is to be published after those that follow."""
        position = self._position
        self._position += 1
        return position, position < self._start

    @property
    def full(self) -> bool:
        """Whether no further item may be published."""
        return self._published >= self._most

    def allows(self, position: int) -> bool:
        """Whether a new item may be published now; it then counts."""
        if not self.full:
            self._published += 1
            return True
        if not self.left:
            self.resume_at = position
        self.left += 1
        return False
