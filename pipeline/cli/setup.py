"""``wiredesk topics``, ``wiredesk acls`` and ``wiredesk schema``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from pipeline.cli.console import ConfigOption, begin, console
from pipeline.events.errors import ConfigurationError

if TYPE_CHECKING:
    from pipeline.settings import Settings


def topics(
    grow: Annotated[
        int | None, typer.Option(min=2, max=1000, help="Give the topics of a stopped installation so many partitions.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Create the Kafka topics that are missing. A second run changes nothing.

    With --grow, partitions are added while nothing runs and nothing waits, and the states of items and connectors go to
    the partitions that their keys have then. Afterwards set kafka.partitions to the number.
    """
    from pipeline.broker.topics import topics_of  # noqa: PLC0415
    from pipeline.broker.topics_admin import ensure_topics  # noqa: PLC0415

    settings = begin(config)
    if grow is not None:
        _grow(settings, grow)
        return
    created = set(ensure_topics(settings))
    table = Table(box=None, pad_edge=False)
    for heading in ("topic", "partitions", "policy", "kept", "state", "holds"):
        table.add_column(heading)
    for topic in topics_of(settings).all():
        kept = f"{topic.retention_ms // 86_400_000} days" if topic.retention_ms else "newest of each key"
        state = "created" if topic.name in created else "exists"
        table.add_row(topic.name, str(topic.partitions), topic.policy, kept, state, topic.about)
    console.print(table)


def _grow(settings: Settings, partitions: int) -> None:
    from pipeline.runtime.grow import grow  # noqa: PLC0415

    def tell(message: str) -> None:
        console.print(message, highlight=False, markup=False, soft_wrap=True)

    done = grow(settings, partitions, tell)
    tell(f"{done.moved:,} records moved. Now set kafka.partitions: {partitions}, then start everything again.")


def acls(
    user: Annotated[
        list[str] | None,
        typer.Option("--user", metavar="PART=NAME", help="Name of a part's user in Kafka. Default: wiredesk-PART."),
    ] = None,
    grant: Annotated[bool, typer.Option("--grant", help="Grant the rights instead of printing them.")] = False,
    config: ConfigOption = None,
) -> None:
    """Print or grant the rights that each part needs in Kafka, and no more.

    The parts are connectors, worker, enrich, desk, alerts and operator, each with its own user. Without --grant the
    command lines of Kafka's own tool are printed. Granting needs the log-in of somebody who may alter the cluster.
    """
    from pipeline.broker.acls import commands, rights  # noqa: PLC0415
    from pipeline.broker.acls import grant as grant_rights  # noqa: PLC0415

    settings = begin(config, level="error")
    users = {part: f"wiredesk-{part}" for part in rights()}
    for given in user or ():
        part, _, name = given.partition("=")
        if part not in users or not name:
            raise ConfigurationError(f"--user {given}: not a part and a name.", hint=f"Parts: {', '.join(users)}.")
        users[part] = name
    if grant:
        count = grant_rights(users, settings)
        console.print(f"Granted {count} rights to {', '.join(users.values())}.", highlight=False, soft_wrap=True)
        return
    for part, name in users.items():
        console.print(f"\n# {part}: {rights()[part].about}", highlight=False, markup=False, soft_wrap=True)
        for line in commands(part, name, settings):
            console.print(line, highlight=False, markup=False, soft_wrap=True)


def schema(
    out: Annotated[
        Path | None, typer.Option("--out", help="Directory to write one file for each to. Default: print them.")
    ] = None,
) -> None:
    """Export the JSON Schemas of every event and of the files that people write, for completion in editors.

    The files are the settings (wiredesk), connectors and alerts.
    """
    from pipeline.cli.schemas import schemas  # noqa: PLC0415

    made = schemas()
    if out is None:
        typer.echo(json.dumps(made, indent=2))
        return
    out.mkdir(parents=True, exist_ok=True)
    for name, body in made.items():
        (out / f"{name}.schema.json").write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
    console.print(f"{len(made)} schemas written to {out}.", highlight=False, soft_wrap=True)
