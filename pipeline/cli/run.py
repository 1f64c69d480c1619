"""``wiredesk worker``, ``up``, ``desk`` and ``demo``: the commands that run until they are stopped."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.console import ConfigOption, begin, console


class StageName(StrEnum):
    """The stages, as the command line names them."""

    INTAKE = "intake"
    CLUSTER = "cluster"
    ENRICH = "enrich"
    INDEX = "index"


def worker(
    stage: Annotated[
        list[StageName] | None,
        typer.Option("--stage", help="Run only this stage; can be given several times. Default: all."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Run the stages: intake, cluster, enrich, index. Several workers share the partitions.

    SIGTERM ends it in order; kill -9 loses nothing. Exit code 70: it stopped so that no data is lost; the last line of
    the log says what to repair.
    """
    from pipeline.runtime.monitoring import monitored  # noqa: PLC0415
    from pipeline.runtime.worker import STAGES, run_worker  # noqa: PLC0415

    settings = begin(config)
    stages = tuple(one for one in STAGES if not stage or StageName(one) in stage)
    with monitored("worker", settings) as monitor:
        asyncio.run(run_worker(settings, stages, monitor))


def up(
    config: ConfigOption = None,
    no_desk: Annotated[bool, typer.Option("--no-desk", help="Do not serve the desk.")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="Print log lines instead of the live view.")] = False,
) -> None:
    """Run everything in one terminal, with a live view: connectors, all stages, the desk, alerts."""
    from pipeline.runtime.up import run_everything  # noqa: PLC0415

    live = console.is_terminal and not plain
    settings = begin(config, level="error" if live else None)
    run_everything(settings, console, live=live, desk=not no_desk)


def desk(config: ConfigOption = None) -> None:
    """Serve the desk, the search page, on desk.host and desk.port."""
    from pipeline.desk.server import serve  # noqa: PLC0415
    from pipeline.runtime.monitoring import monitored  # noqa: PLC0415

    settings = begin(config)
    console.print(f"The desk: http://{settings.desk.host}:{settings.desk.port}/  (Ctrl-C ends it)", highlight=False)
    with monitored("desk", settings, installation=False) as monitor:
        monitor.started()
        serve(settings)


def demo(
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="Directory of the demonstration's servers.")
    ] = None,
    stop: Annotated[bool, typer.Option("--stop", help="Stop the servers at the end.")] = False,
) -> None:
    """Run some forty invented stories through the whole pipeline, on a local Kafka and Elasticsearch."""
    from pipeline.local.demo.run import run_demo  # noqa: PLC0415

    run_demo(console, data_dir, stop=stop)
