"""``wiredesk backfill``: read an archive. Heavy imports are inside the functions: ``--help`` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import ConfigOption, begin, console
from pipeline.events.errors import ConfigurationError

if TYPE_CHECKING:
    from connectors.config import ConnectorConfig
    from pipeline.settings import Settings


def backfill(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files, or folders with files; .gz and .zip are unpacked.")
    ] = None,
    connector: Annotated[str | None, typer.Option("--connector", help="Name of the connector that reads them.")] = None,
    provider: Annotated[str | None, typer.Option("--provider", help="Without a connector: who sent the items.")] = None,
    parser: Annotated[
        str, typer.Option("--parser", help="Without a connector: format of the files; auto detects it.")
    ] = "auto",
    pages: Annotated[
        int, typer.Option("--pages", min=0, help="Instead of files: number of pages of the connector's feed.")
    ] = 0,
    page_url: Annotated[
        str | None,
        typer.Option(
            "--page-url", help="Address of a page, with {page} for its number. Default: the links in the feed."
        ),
    ] = None,
    max_lag: Annotated[
        int,
        typer.Option("--max-lag", min=1, help="Messages in the stages at one time: a live story waits for no more."),
    ] = 100,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Publish everything at once.")] = False,
    config: ConfigOption = None,
) -> None:
    """Read an archive: files, or older pages of a feed.

    Its stories do not delay live ones and raise no alerts. A second run adds nothing twice. Exit code 1: something
    could not be read; it is among the dead letters (wiredesk dead list --stage connector).
    """
    from connectors.parse_pool import ParsePool  # noqa: PLC0415
    from pipeline.backfill.load import Backfill, LagPace  # noqa: PLC0415
    from pipeline.broker.kafka_publisher import KafkaPublisher  # noqa: PLC0415
    from pipeline.runtime.status import StatusReader  # noqa: PLC0415

    settings = begin(config, level="warning")
    chosen = _connector(settings, connector) if connector else _without_connector(provider, parser)
    found = _archive(chosen, paths or [], pages)

    def tell(message: str) -> None:
        console.print(f"  {message}", highlight=False, markup=False, soft_wrap=True)

    status = StatusReader(settings)
    publisher = KafkaPublisher(settings.kafka)
    try:
        pace = None if no_wait else LagPace(status.lag, max_lag, tell)
        with ParsePool(settings.connectors) as pool:
            run = Backfill(settings, chosen, publisher, pool, pace, tell)
            loaded = run.pages(pages, page_url) if pages else run.files(found)
    finally:
        publisher.close()
        status.close()
    what = "pages" if pages else "files"
    tell(f"{loaded.items:,} items of {loaded.payloads:,} {what}; waited {loaded.waited_seconds:.0f} s for the stages.")
    if loaded.rejected:
        tell(f"{loaded.rejected:,} parts could not be read: wiredesk dead list --stage connector")
        raise typer.Exit(1)


def _connector(settings: Settings, name: str) -> ConnectorConfig:
    from connectors.config import load_directory  # noqa: PLC0415

    directory = settings.connectors.directory
    known = load_directory(directory)
    for file in known:
        if file.config and file.config.name == name:
            return file.config
        if file.path.stem == name and file.error:
            raise ConfigurationError(file.error)
    names = ", ".join(file.config.name for file in known if file.config) or "none"
    raise ConfigurationError(f"Unknown connector {name!r} in {directory}.", hint=f"The connectors are: {names}.")


def _without_connector(provider: str | None, parser: str) -> ConnectorConfig:
    from connectors.config import connector_of_options  # noqa: PLC0415

    if not provider:
        raise ConfigurationError("Neither a connector nor a provider is given.", hint="Give --connector or --provider.")
    return connector_of_options("backfill", provider, parser=parser)


def _archive(config: ConnectorConfig, paths: list[Path], pages: int) -> list[Path]:
    from connectors.transports.files import files  # noqa: PLC0415
    from pipeline.backfill.archive import http_transport  # noqa: PLC0415

    if bool(paths) == bool(pages):
        raise ConfigurationError("Give either files and folders, or --pages.")
    if pages:
        http_transport(config)
    found = files(paths)
    if paths and not found:
        raise ConfigurationError(f"No files in {', '.join(map(str, paths))}.")
    return found
