"""The command ``wiredesk``.

Exit codes: 0 done; 1 the command failed (the message says why and what to do); 2 wrong usage or settings; 3 done, but
something needs a person (``status``, ``stack status``, ``connectors check``, ``index diff``); 70 ended so that no data
is lost (a supervisor starts it again); 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from rich.markup import escape

from pipeline.cli.console import errors
from pipeline.events.errors import ConfigurationError, FatalError, UnreachableError, WiredeskError

_START_IT = (
    "Start it (wiredesk stack start), or set its address: kafka.bootstrap_servers and elasticsearch.url in "
    "config/wiredesk.yaml."
)


def _exit_code(error: WiredeskError) -> int:
    from pipeline.settings import logs  # noqa: PLC0415 - a command's help does not wait for it

    if isinstance(error, ConfigurationError):
        return 2
    return 70 if isinstance(error, FatalError) and logs.is_service() else 1


def _run(app: Callable[[], None]) -> None:
    """Run a command; a file that it cannot read or write is named, whichever it is."""
    try:
        app()
    except OSError as error:
        from pipeline.settings import logs  # noqa: PLC0415 - as above

        if error.filename is None or logs.is_service():
            raise
        raise ConfigurationError(
            f"{error.filename}: {error.strerror}.", hint="Name another path, or change its permissions."
        ) from error


def main() -> None:
    """Run the command line and turn errors of Wiredesk into messages and exit codes."""
    from pipeline.cli.commands import app  # noqa: PLC0415 - an error while importing is shown like any other

    try:
        _run(app)
    except WiredeskError as error:
        from pipeline.settings import logs  # noqa: PLC0415 - as above

        hint = f" {_START_IT}" if isinstance(error, UnreachableError) and not error.hint else ""
        if logs.json_only():
            import structlog  # noqa: PLC0415 - as above

            structlog.get_logger("wiredesk").critical("process_failed", error=f"{error}{hint}")
            sys.exit(_exit_code(error))
        errors.print(f"[bold red]Error:[/] {escape(str(error))}{hint}", highlight=False, soft_wrap=True)
        sys.exit(_exit_code(error))
    except KeyboardInterrupt:
        sys.exit(130)
