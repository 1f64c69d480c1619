"""All commands. Heavy imports are inside the functions, so that ``--help`` answers at once."""

from __future__ import annotations

import inspect
from typing import Annotated

import typer

from pipeline.cli import look, run, setup
from pipeline.cli.alerts import app as alerts
from pipeline.cli.backfill import backfill
from pipeline.cli.connectors import app as connectors
from pipeline.cli.dead import app as dead
from pipeline.cli.evaluate import app as evaluate
from pipeline.cli.index import app as index
from pipeline.cli.init import init
from pipeline.cli.kibana import app as kibana
from pipeline.cli.languages import app as languages
from pipeline.cli.stack import app as stack
from pipeline.cli.status import status
from pipeline.cli.trace import trace

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    help=(
        "Wire feeds in; one clean, current, searchable story out.\n\n"
        "To try it:  [bold]wiredesk demo[/]\n\n"
        "Your own feeds:  [bold]wiredesk stack start[/] (or your Kafka and Elasticsearch in config/wiredesk.yaml), "
        "[bold]wiredesk connectors new NAME --from URL[/], [bold]wiredesk up[/], "
        '[bold]wiredesk search "words"[/].'
    ),
)

_RUN, _LOOK, _SET_UP, _REPAIR = "Run", "Inspect", "Set up", "Repair"


def _print_version(asked: bool) -> None:
    if asked:
        from pipeline.settings.version import version  # noqa: PLC0415

        typer.echo(f"wiredesk {version()}")
        raise typer.Exit


@app.callback()
def wiredesk(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    pass


app.command(rich_help_panel=_RUN)(run.demo)
app.command(rich_help_panel=_RUN)(run.up)
app.command(rich_help_panel=_RUN)(run.worker)
app.command(rich_help_panel=_RUN)(run.desk)
app.add_typer(alerts, name="alerts", rich_help_panel=_RUN)
app.add_typer(connectors, name="connectors", rich_help_panel=_RUN)
app.command(rich_help_panel=_RUN)(backfill)
app.command(rich_help_panel=_LOOK)(look.search)
app.command(name="try", rich_help_panel=_LOOK)(look.try_)
app.command(rich_help_panel=_LOOK)(status)
app.command(rich_help_panel=_LOOK)(trace)
app.command(rich_help_panel=_LOOK)(look.cluster)
app.add_typer(evaluate, name="evaluate", rich_help_panel=_LOOK)
app.command(rich_help_panel=_SET_UP)(init)
app.add_typer(stack, name="stack", rich_help_panel=_SET_UP)
app.command(rich_help_panel=_SET_UP)(setup.topics)
app.command(rich_help_panel=_SET_UP)(setup.acls)
app.add_typer(index, name="index", rich_help_panel=_SET_UP)
app.add_typer(kibana, name="kibana", rich_help_panel=_SET_UP)
app.add_typer(languages, name="languages", rich_help_panel=_SET_UP)
app.command(rich_help_panel=_SET_UP)(setup.schema)
app.add_typer(dead, name="dead", rich_help_panel=_REPAIR)


def _fill_lines(commands: typer.Typer) -> None:
    """Let the help of commands fill the terminal's lines: typer ends a line where the docstring does."""
    for command in commands.registered_commands:
        paragraphs = (inspect.getdoc(command.callback) or "").split("\n\n")
        command.help = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    for group in commands.registered_groups:
        if group.typer_instance:
            _fill_lines(group.typer_instance)


_fill_lines(app)
