"""A transport: what a command prints, for sources that only a program of theirs can read.

A transport is a settings type. Its fields are the options that a connector's file may name: they are checked, described
in the JSON Schema and listed by ``wiredesk connectors check`` when one is wrong. ``poll`` looks once. It raises nothing
for what a source may do: troubles are in the result, and the feed is looked at again later.
"""

from __future__ import annotations

import subprocess
from typing import ClassVar, Literal

from pydantic import Field

from connectors.transports.base import Payload, Poll, PollContext
from pipeline.events import ConnectorState
from pipeline.settings import Section


class ProgramTransport(Section):
    """Run a command and take what it prints."""

    #: How often to look where the connector's file does not say.
    default_interval_seconds: ClassVar[float] = 60

    type: Literal["program"]
    command: list[str] = Field(min_length=1, description="Program and arguments; no shell.")
    content_type: str | None = Field(None, description="Of the output, for parser: auto.")

    def poll(self, state: ConnectorState, context: PollContext) -> Poll:
        """Run it once. What is in ``state.cursor`` comes back at the next look, also after a restart elsewhere."""
        looks = int(state.cursor or 0) + 1
        try:
            done = subprocess.run(self.command, capture_output=True, timeout=context.timeout_seconds, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return Poll(state, error=f"{self.command[0]} cannot be run: {error}.", weight=1)
        if done.returncode:
            reason = done.stderr.decode("utf-8", "replace").strip()[:200]
            return Poll(state, error=f"{self.command[0]} ended with {done.returncode}: {reason}", weight=0.5)
        # No url: the same output cannot be had again, so that what is unreadable becomes a dead letter.
        payload = Payload(done.stdout, f"output of {self.command[0]}", content_type=self.content_type)
        return Poll(state.model_copy(update={"cursor": str(looks)}), payloads=(payload,))
