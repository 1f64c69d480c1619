"""``wiredesk stack``: the local Kafka and Elasticsearch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline.local.process import tail
from pipeline.local.stack import SERVERS, LocalStack
from pipeline.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    help="The local Kafka and Elasticsearch: the real servers, by package, without Docker. For trying and for tests.",
)
console = Console()

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Where the servers keep their data. Default: the user's data directory."),
]


def _stack(data_dir: Path | None, kafka_port: int | None = None, elasticsearch_port: int | None = None) -> LocalStack:
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
    """Stop both servers. Their data stay."""
    stopped = _stack(data_dir).stop()
    console.print(f"Stopped {' and '.join(stopped)}." if stopped else "Nothing was running.")


@app.command()
def status(data_dir: DataDir = None) -> None:
    """Show what runs and where. Exit code 0: both run; 3: not both."""
    stack = _stack(data_dir)
    _show(stack)
    if len(stack.running()) < len(SERVERS):
        raise typer.Exit(3)


@app.command()
def logs(
    server: Annotated[str, typer.Argument(help="kafka or elasticsearch")] = "",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="So many of each.")] = 25,
    data_dir: DataDir = None,
) -> None:
    """Show the end of the servers' logs."""
    if server and server not in SERVERS:
        raise typer.BadParameter(f"there is no {server!r}; there are {' and '.join(SERVERS)}")
    stack = _stack(data_dir)
    for name in SERVERS:
        if server in {"", name}:
            console.rule(f"{name}  {stack.log(name)}")
            console.print(tail(stack.log(name), lines), markup=False, highlight=False)


@app.command()
def reset(data_dir: DataDir = None, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Stop both servers and delete their data. What was downloaded is kept."""
    stack = _stack(data_dir)
    if not yes:
        typer.confirm(f"Delete all topics and indices in {stack.directory}?", abort=True)
    stack.reset()
    console.print("Reset.")


def _show(stack: LocalStack) -> None:
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
            "These are not the usual addresses. For the other commands, name them in config/wiredesk.yaml, or:\n"
            f"  export WIREDESK_KAFKA__BOOTSTRAP_SERVERS={endpoints.bootstrap}\n"
            f"  export WIREDESK_ELASTICSEARCH__URL={endpoints.elasticsearch}",
            highlight=False,
            soft_wrap=True,
        )
