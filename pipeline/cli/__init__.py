"""The command ``wiredesk``.

Exit codes: 0 done; 1 the command failed (the message says why and what to do next); 2 wrong usage or settings; 3 done,
but what was looked at is not well (``status``, ``stack status``, ``connectors check``); 130 interrupted.
"""

from __future__ import annotations

import sys

from rich.markup import escape

from pipeline.cli.console import errors
from pipeline.events.errors import ConfigurationError, UnreachableError, WiredeskError

_START_IT = (
    "Start it (wiredesk stack start), or say where it is: kafka.bootstrap_servers and elasticsearch.url in "
    "config/wiredesk.yaml."
)


def main() -> None:
    """Run the command line and turn our errors into messages and exit codes."""
    from pipeline.cli.commands import app  # noqa: PLC0415 - so that an import error of ours is shown like any other

    try:
        app()
    except WiredeskError as error:
        hint = f" {_START_IT}" if isinstance(error, UnreachableError) and not error.hint else ""
        errors.print(f"[bold red]Error:[/] {escape(str(error))}{hint}", highlight=False, soft_wrap=True)
        sys.exit(2 if isinstance(error, ConfigurationError) else 1)
    except KeyboardInterrupt:
        sys.exit(130)
