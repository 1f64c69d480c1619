"""What every command uses: consoles, settings, logs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from pipeline.settings.redaction import visible

if TYPE_CHECKING:
    from pipeline.settings import Settings


class SafeConsole(Console):
    """A console on which text from outside cannot move the cursor, change colours or set the window's title."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Segments whose text has no control characters; those of rich itself are kept apart from text."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


console = SafeConsole()
errors = SafeConsole(stderr=True)

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", envvar="WIREDESK_CONFIG", help="Settings file. Default: config/wiredesk.yaml, if it exists."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def begin(config: Path | None, *, level: str | None = None) -> Settings:
    """Load the settings and set up the logs.

    Args:
        config: the settings file; ``None``: the default one.
        level: least important level logged, instead of the settings' one; for commands that print results.
    """
    import structlog  # noqa: PLC0415 - as below: a command's help waits for neither

    from pipeline.settings import load_settings, logs  # noqa: PLC0415

    warnings: list[str] = []
    settings = load_settings(config, warn=warnings.append)
    logs.configure(settings.log, level=level)
    for warning in warnings:
        if level is None:
            structlog.get_logger("wiredesk.settings").warning("setting_renamed", reason=warning)
        else:
            errors.print(Text(f"Warning: {warning}", style="yellow"), soft_wrap=True)
    return settings
