"""Ends the process where one message after the other is rejected for the same reason.

A message that does not decode is its own fault, however many of them come. Any other reason that meets message after
message is more likely a fault of this installation (a model, the index, a disk), and going on would put sound stories
into the dead letters.
"""

from __future__ import annotations

import re

from pipeline.events import Stage
from pipeline.events.errors import DecodeError, FatalError, ParseError

#: What differs between equal reasons: numbers, ids, quoted values.
_PARTICULARS = re.compile(r"'[^']{0,500}'|\"[^\"]{0,500}\"|\[[^\]]{0,500}\]|[^\s\d]{0,500}\d\S*")


class Breaker:
    """Counts equal rejections in a row.

    Args:
        stage: for the message.
        limit: so many end the process.
    """

    def __init__(self, stage: Stage, limit: int) -> None:
        self._stage = stage
        self._limit = limit
        self._reason: tuple[str, str] | None = None
        self._count = 0

    def note(self, outcome: object) -> None:
        """Note how a message ended: an error, or anything else for one that was processed.

        Raises:
            FatalError: it is the last of too many equal rejections in a row.
        """
        if isinstance(outcome, DecodeError | ParseError):
            return
        if not isinstance(outcome, Exception):
            self._reason, self._count = None, 0
            return
        cause = outcome.__cause__ or outcome
        text = Exception.__str__(outcome)
        reason = (type(cause).__name__, _PARTICULARS.sub("…", text[:500]))
        self._count = self._count + 1 if reason == self._reason else 1
        self._reason = reason
        if self._count >= self._limit:
            raise FatalError(
                f"{self._count} messages in a row cannot be processed by the {self._stage} stage, all for one reason: "
                f"{text[:300]}",
                hint="Fix the cause and start again: nothing of the last batch was acknowledged or rejected. If the "
                "messages really are at fault, raise worker.max_equal_rejections.",
            )
