"""A transport: the output of a command, for sources that only their own program can read.

A transport is a settings type. Its fields are the options of a connector's file: they are checked, described in the JSON
Schema and named by ``wiredesk connectors check`` when one is wrong. ``poll`` polls once. It raises nothing for what a
source may do wrong: errors are in the result, and the source is polled again later.
"""

from __future__ import annotations

import subprocess
from typing import ClassVar, Literal

from pydantic import Field

from connectors.api import ConnectorState, Payload, Poll, PollContext, Section


class ProgramTransport(Section):
    """Run a command and read what it prints."""

    #: Seconds between two polls where the connector's file does not say.
    default_interval_seconds: ClassVar[float] = 60

    type: Literal["program"]
    command: list[str] = Field(min_length=1, description="Program and arguments; no shell.")
    content_type: str | None = Field(None, description="Of the output, for parser: auto.")

    def poll(self, state: ConnectorState, context: PollContext) -> Poll:
        """Run it once. ``state.cursor`` is given back at the next poll, also after a restart on another machine."""
        polls = int(state.cursor or 0) + 1
        try:
            done = subprocess.run(self.command, capture_output=True, timeout=context.timeout_seconds, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return Poll(state, error=f"{self.command[0]} cannot be run: {error}.", weight=1)
        if done.returncode:
            reason = done.stderr.decode("utf-8", "replace").strip()[:200]
            return Poll(state, error=f"{self.command[0]} ended with {done.returncode}: {reason}", weight=0.5)
        # No url: the same output cannot be fetched again, so output that cannot be parsed becomes a dead letter.
        payload = Payload(done.stdout, f"output of {self.command[0]}", content_type=self.content_type)
        return Poll(state.model_copy(update={"cursor": str(polls)}), payloads=(payload,))
