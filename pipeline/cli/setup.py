"""``wiredesk topics`` and ``wiredesk schema``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from pipeline.cli.console import ConfigOption, begin, console


def topics(config: ConfigOption = None) -> None:
    """Create the Kafka topics that are missing. Run twice, it changes nothing."""
    from pipeline.broker.topics import topics_of  # noqa: PLC0415
    from pipeline.broker.topics_admin import ensure_topics  # noqa: PLC0415

    settings = begin(config)
    created = set(ensure_topics(settings))
    table = Table(box=None, pad_edge=False)
    for heading in ("topic", "partitions", "policy", "kept", "", "holds"):
        table.add_column(heading)
    for topic in topics_of(settings).all():
        kept = f"{topic.retention_ms // 86_400_000} days" if topic.retention_ms else "newest of each key"
        state = "created" if topic.name in created else "there"
        table.add_row(topic.name, str(topic.partitions), topic.policy, kept, state, topic.about)
    console.print(table)


def schema(
    out: Annotated[
        Path | None, typer.Option("--out", help="Write one file for each into this directory; default: print all.")
    ] = None,
) -> None:
    """Export the JSON Schemas: of every event on the topics, and of a connector's file (for completion in editors)."""
    from connectors.config import json_schema  # noqa: PLC0415
    from pipeline.events import TOPIC_EVENTS  # noqa: PLC0415

    schemas = {f"event-{name}": event.model_json_schema() for name, event in TOPIC_EVENTS.items()}
    schemas["connector"] = json_schema()
    if out is None:
        typer.echo(json.dumps(schemas, indent=2))
        return
    out.mkdir(parents=True, exist_ok=True)
    for name, body in schemas.items():
        (out / f"{name}.schema.json").write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
    console.print(f"Wrote {len(schemas)} schemas to {out}.")
