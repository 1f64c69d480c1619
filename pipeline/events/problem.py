"""Something in an installation that needs a person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """Something that needs a person.

    Attributes:
        kind: what it is, in one word for programs.
        subject: the stage, connector, alert or server that it is about.
        message: what happened, and what to do.
    """

    kind: str
    subject: str
    message: str

    @property
    def id(self) -> str:
        """The same as long as the problem lasts; its message may change."""
        return f"{self.kind}:{self.subject}"
