"""``wiredesk trace``: a story's way through the pipeline. Heavy imports are inside the function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.table import Table
from rich.text import Text

from pipeline.cli.console import ConfigOption, JsonOption, begin, console
from pipeline.events.errors import ConfigurationError

if TYPE_CHECKING:
    from pipeline.runtime.trace import Evidence, Step


def trace(
    id_: Annotated[
        str, typer.Argument(metavar="ID", help="Id of a story, an item's id at its provider, or its page's address.")
    ],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a story's way with times: poll, intake's decision and why, cluster, enrich, index, alerts, dead letters.

    What a topic no longer keeps is missing; what intake decided is computed again from the messages.
    """
    from pipeline.broker.elasticsearch_client import elasticsearch_client  # noqa: PLC0415
    from pipeline.runtime.trace import steps  # noqa: PLC0415
    from pipeline.runtime.trace_reader import TraceReader  # noqa: PLC0415

    settings = begin(config, level="error")
    with elasticsearch_client(settings.elasticsearch) as client:
        reader = TraceReader(settings, client)
        try:
            found = [reader.collect(identity) for identity in reader.find(id_)]
        finally:
            reader.close()
    if not found:
        raise ConfigurationError(
            f"No story {id_!r} in the index, in what intake remembers, or in wire.raw.",
            hint="Give the id of a story, an item's id as its feed writes it, or the address of its page.",
        )
    traced = [(evidence, steps(evidence, settings.intake)) for evidence in found]
    if as_json:
        typer.echo(orjson.dumps([_object(*one) for one in traced]).decode())
        return
    for evidence, way in traced:
        _show(evidence, way)


def _show(evidence: Evidence, way: list[Step]) -> None:
    from pipeline.runtime.trace import standing  # noqa: PLC0415

    console.print(Text(f"story {evidence.story_id}", style="bold"), soft_wrap=True)
    console.print(Text(f"item {evidence.item_id} of {evidence.provider}"), soft_wrap=True)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for step in way:
        message = Text(f"\n{step.message}", style="dim") if step.message else Text()
        time = f"{step.time:%m-%d %H:%M:%S}.{step.time.microsecond // 1000:03d}"
        table.add_row(time, Text(step.where, style="bold"), Text(step.what) + message)
    console.print(table)
    console.print(Text(standing(evidence)), soft_wrap=True)
    console.print()


def _object(evidence: Evidence, way: list[Step]) -> dict[str, Any]:
    from pipeline.runtime.trace import standing  # noqa: PLC0415

    return {
        "story_id": evidence.story_id,
        "provider": evidence.provider,
        "item_id": evidence.item_id,
        "standing": standing(evidence),
        "steps": [
            {"time": step.time.isoformat(), "where": step.where, "what": step.what, "message": step.message}
            for step in way
        ],
    }
