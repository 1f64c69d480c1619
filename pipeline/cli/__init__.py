"""The command ``wiredesk``.

Exit codes: 0 done; 1 the command failed (the message says why and what to do next); 2 wrong usage or settings; 3 done,
but what was looked at is not well (``status``, ``stack status``, ``connectors check``); 130 interrupted.
"""

from __future__ import annotations

import sys

from pipeline.cli.environment import errors
from pipeline.errors import ConfigurationError, WiredeskError


def main() -> None:
    """Run the command line and turn our errors into messages and exit codes."""
    from pipeline.cli.commands import app  # noqa: PLC0415 - so that an import error of ours is shown like any other

    try:
        app()
    except ConfigurationError as error:
        errors.print(f"[bold red]Error:[/] {error}", highlight=False, soft_wrap=True)
        sys.exit(2)
    except WiredeskError as error:
        errors.print(f"[bold red]Error:[/] {error}", highlight=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
