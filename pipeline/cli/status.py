"""``wiredesk status``: the condition of the installation, and what of it needs a person.

Heavy imports are inside the functions, so that ``--help`` answers at once.
"""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import typer

from pipeline.cli.console import ConfigOption, JsonOption, begin, console


def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show stages, workers, connectors, dead letters, documents and alerts. Exit code 3: something needs a person.

    For each stage: the messages that wait, how long the oldest has waited, and which partitions each worker holds.
    """
    from pipeline.broker.elasticsearch_client import elasticsearch_client  # noqa: PLC0415
    from pipeline.runtime.condition import problems, status_object  # noqa: PLC0415
    from pipeline.runtime.status import StatusReader, with_feeds_and_alerts  # noqa: PLC0415
    from pipeline.runtime.status_view import status_view  # noqa: PLC0415

    settings = begin(config, level="error")
    reader = StatusReader(settings)
    try:
        with elasticsearch_client(settings.elasticsearch) as client:
            found = with_feeds_and_alerts(reader.read(client), settings, client)
    finally:
        reader.close()
    now = datetime.now(UTC)
    wrong = problems(found, now, settings.monitoring.late_seconds)
    if as_json:
        typer.echo(orjson.dumps(status_object(found, wrong)).decode())
    else:
        console.print(status_view(found, wrong, now))
    if wrong:
        raise typer.Exit(3)
