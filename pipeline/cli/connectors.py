"""``wiredesk connectors``: run, check, test and write connectors."""

from __future__ import annotations

import json
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from pipeline.cli.console import ConfigOption, JsonOption, begin, console, errors
from pipeline.events.errors import ConfigurationError, UnreachableError, WiredeskError
from pipeline.settings.redaction import visible_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.config import ConnectorFile
    from connectors.reading import Reading
    from connectors.transports.base import Payload
    from pipeline.events import ConnectorState
    from pipeline.events.item import RejectedItem
    from pipeline.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Connectors: one YAML file for each feed. Run, check, test and write them.",
)

DirectoryOption = Annotated[
    Path | None,
    typer.Option(
        "--directory", "-d", help="Directory of the connectors. Default: connectors.directory of the settings."
    ),
]
_NOT_WELL = 3
_WRITE_ONE = "write one with wiredesk connectors new NAME --from URL"


@app.command()
def run(directory: DirectoryOption = None, config: ConfigOption = None) -> None:
    """Poll all feeds and publish what is new, until stopped. Several such processes share the feeds."""
    from connectors.service import ConnectorService  # noqa: PLC0415
    from pipeline.runtime.monitoring import monitored  # noqa: PLC0415
    from pipeline.runtime.startup import wait_for_servers  # noqa: PLC0415

    settings = begin(config)
    service = ConnectorService(settings, directory)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stopping.set())
    with monitored("connectors", settings) as monitor:
        try:
            wait_for_servers(settings, index=False, stopping=service.stopping)
        except UnreachableError:
            if not service.stopping.is_set():
                raise
        monitor.health.add(live=service.problems, ready=service.obstacles)
        monitor.started()
        service.run()


@app.command("list")
def list_(directory: DirectoryOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the connectors with what each has published, and its last error."""
    from connectors.display import connector_row, connectors_table  # noqa: PLC0415

    settings = begin(config, level="error")
    files = _files(settings, directory)
    states, trouble = _states(settings)
    rows = [connector_row(file, states) for file in files]
    if as_json:
        for row in rows:
            typer.echo(json.dumps(row))
        return
    if not rows:
        console.print(f"No connectors in {_directory(settings, directory)}.", highlight=False)
        console.print("Write one: wiredesk connectors new NAME --from URL", highlight=False)
    else:
        console.print(connectors_table(rows))
    for row in rows:
        if row.get("trouble"):
            errors.print(Text(f"{row['name']}: {row['trouble']}", style="red"), soft_wrap=True)
    if trouble:
        errors.print(trouble, highlight=False, soft_wrap=True)


@app.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of connectors, or files. Default: all.", show_default=False)
    ] = None,
    online: Annotated[bool, typer.Option("--online", help="Also poll each feed once. Publishes nothing.")] = False,
    directory: DirectoryOption = None,
    config: ConfigOption = None,
) -> None:
    """Check the files of connectors, and that their secrets are set. Exit code 3: a connector has an error."""
    from connectors.parse_pool import ParsePool  # noqa: PLC0415
    from connectors.preview import nothing_reason, preview, unset_secrets  # noqa: PLC0415

    settings = begin(config, level="error")
    files = _files(settings, directory) if not names else [_one(settings, directory, name) for name in names]
    bad = 0
    with ParsePool(settings.connectors) as parser:
        for file in files:
            problems = [file.error] if file.error else []
            if file.config:
                problems += [f"{file.path}: {problem}" for problem in unset_secrets(file.config)]
                if online and file.config.enabled and not problems:
                    seen = preview(file.config, settings, parser)
                    problems += [f"{file.path}: {error}" for error in seen.errors]
                    if reason := nothing_reason(seen):
                        errors.print(Text(f"{file.path}: {reason}.", style="yellow"), soft_wrap=True)
            bad += bool(problems)
            for problem in problems:
                errors.print(Text(str(problem), style="red"), soft_wrap=True)
    where = f" in {_directory(settings, directory)}" if not names else ""
    well = f"no errors{'' if online else ' (--online also polls the feeds)'}" if files else _WRITE_ONE
    verdict = f"{bad} with errors" if bad else well
    console.print(f"{_count(len(files), 'connector')}{where}: {verdict}.", highlight=False, soft_wrap=True)
    if bad:
        raise typer.Exit(_NOT_WELL)


@app.command("try")
def try_(
    name: Annotated[str, typer.Argument(help="Name of a connector, or its file.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Items shown at most.")] = 20,
    directory: DirectoryOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Poll a feed once and show its items as they would be published. Publishes nothing, deletes nothing."""
    from connectors.display import show_items, show_paths, show_rules  # noqa: PLC0415
    from connectors.parse_pool import ParsePool  # noqa: PLC0415
    from connectors.preview import preview  # noqa: PLC0415

    settings = begin(config, level="error")
    connector = _one(settings, directory, name)
    if connector.config is None:
        raise ConfigurationError(connector.error or "")
    with ParsePool(settings.connectors) as parser:
        seen = preview(connector.config, settings, parser, full_text=True)
    if as_json:
        for raw in seen.items[:limit]:
            typer.echo(visible_json(raw.model_dump_json(exclude_none=True, exclude={"original"})))
    else:
        for reading in seen.readings:
            show_paths(console, reading.paths)
        show_items(console, seen.items[:limit])
        show_rules(console, seen.readings)
        more = f", {limit} of them shown" if len(seen.items) > limit else ""
        console.print(f"{_count(len(seen.items), 'item')}{more}. Nothing was published.", highlight=False)
    _show_rejected(seen.rejected)
    for error in seen.errors:
        errors.print(Text(error, style="red"), soft_wrap=True)
    if seen.errors:
        raise typer.Exit(_NOT_WELL)


@app.command()
def parse(
    files: Annotated[
        list[Path],
        typer.Argument(help="Files, folders, archives (.zip, .gz); - is standard input.", show_default=False),
    ],
    parser: Annotated[str, typer.Option("--parser", "-p", help="Format, auto, or a connector's file.")] = "auto",
    mapping: Annotated[str, typer.Option("--mapping", "-m", help="Name of a preset, or a mapping file.")] = "wire",
    language: Annotated[str | None, typer.Option(help="Language of items that name none, as a BCP 47 tag.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object for each item, one on each line.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Parse files as a connector would, and show the items. No network. Exit code 1: a file could not be read.

    With --json each line is one item: file, parser, item_id and id_kind, then the fields that it has, by their names
    in docs/formats.md (uri, version, versioncreated, headline, body_text, ...); times are UTC. Errors, rejected parts
    and warnings go to standard error.
    """
    from connectors.config import connector_of_options, load_connector  # noqa: PLC0415
    from connectors.parse_pool import ParsePool, parse_parts  # noqa: PLC0415

    settings = begin(config, level="error").connectors
    if parser.endswith((".yaml", ".yml")):
        connector = load_connector(Path(parser))
    else:
        connector = connector_of_options("parse", "-", parser=parser, mapping=mapping, language=language)
    with ParsePool(settings) as pool:
        failed = sum(
            not _show_parsed(name, reading, as_json=as_json)
            for payload in _payloads(files, settings.max_body_bytes)
            for name, reading in parse_parts(pool, payload, connector, datetime.now(UTC))
        )
    if failed:
        raise typer.Exit(1)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and hyphens.")],
    source: Annotated[
        str, typer.Option("--from", help="Address of a feed, or of a page with a link to one; or a folder.")
    ],
    provider: Annotated[str | None, typer.Option(help="Who sends the feed. Default: its title.")] = None,
    header: Annotated[
        list[str] | None, typer.Option(help="'Name: value', or 'Name: env:NAME' for a secret. Can be repeated.")
    ] = None,
    token: Annotated[str | None, typer.Option(help="Bearer token, as env:NAME or file:PATH.")] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Allow this connector to poll loopback and private addresses.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite an existing file.")] = False,
    directory: DirectoryOption = None,
    config: ConfigOption = None,
) -> None:
    """Write a connector for an address: find the feed, detect its format, write the file."""
    from connectors.discovery import discover, recognise_folder  # noqa: PLC0415
    from connectors.parse_pool import ParsePool  # noqa: PLC0415
    from connectors.writing import credential_options, folder_of, write_connector  # noqa: PLC0415

    settings = begin(config, level="error")
    options = credential_options(header or (), token)
    folder = folder_of(source)
    if folder:
        document: dict[str, Any] = {"transport": {"type": "folder", "path": str(folder)}, "provider": provider or name}
        about = f"Files put into {source}."
        with ParsePool(settings.connectors) as parser:
            document["mapping"] = recognise_folder(folder, settings, parser)
    else:
        with ParsePool(settings.connectors) as parser:
            found = discover(source, settings, parser, options=options, allow_private=allow_private)
        transport: dict[str, Any] = {"type": "http", "url": found.url, **options}
        if allow_private:
            transport["allow_private_addresses"] = True
        document = {"transport": transport, "parser": found.parser, "mapping": found.mapping}
        document |= {"provider": provider or found.provider}
        if found.language:
            document["language"] = found.language
        others = "".join(f"\nThe page also names {other}" for other in found.others)
        about = f"Made from {source} ({found.parser}, {found.items} items when it was written).{others}"
    path = write_connector(_directory(settings, directory), name, document, about=about, replace=replace)
    console.print(path.read_text(encoding="utf-8"), markup=False, highlight=False, soft_wrap=True)
    console.print(f"Written to {path}. See its items: wiredesk connectors try {name}", highlight=False, soft_wrap=True)


@app.command("examples")
def examples_(
    names: Annotated[
        list[str] | None, typer.Argument(help="Examples to copy. Default: list them.", show_default=False)
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite existing files.")] = False,
    directory: DirectoryOption = None,
    config: ConfigOption = None,
) -> None:
    """List ready connectors of public feeds, or copy some of them."""
    from connectors.examples_catalog import copy_examples, examples  # noqa: PLC0415

    settings = begin(config, level="error")
    if not names:
        for example in examples():
            console.print(Text.assemble((example.name, "bold"), f"  {example.about}"), soft_wrap=True)
        console.print("Copy some: wiredesk connectors examples NAME…", highlight=False)
        return
    for path in copy_examples(names, _directory(settings, directory), replace=replace):
        console.print(f"Written to {path}. See its items: wiredesk connectors try {path.stem}", highlight=False)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="OPML file, as feed readers export it.")],
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Allow these connectors to poll loopback and private addresses.")
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Do not poll the feeds once.")] = False,
    directory: DirectoryOption = None,
    config: ConfigOption = None,
) -> None:
    """Write a connector for each feed in an OPML file, and poll each once. Existing files are left unchanged."""
    from connectors.importing import import_feeds, look_at  # noqa: PLC0415
    from connectors.parse_pool import ParsePool  # noqa: PLC0415
    from connectors.writing import read_opml  # noqa: PLC0415

    settings = begin(config, level="error")
    target = _directory(settings, directory)
    feeds = read_opml(file.read_bytes(), str(file))
    written, left_out = import_feeds(feeds, target, about=f"From {file.name}.", allow_private=allow_private)
    for title, reason in left_out:
        errors.print(Text(f"left out: {title}: {reason}", style="yellow"), soft_wrap=True)
    if written and not offline:
        with ParsePool(settings.connectors) as parser:
            for path, problem in look_at(written, settings, parser):
                errors.print(Text(f"{path}: {problem}", style="yellow"), soft_wrap=True)
    console.print(f"{len(written)} of {len(feeds)} feeds written to {target}.", highlight=False, soft_wrap=True)


# shared by the commands


def _show_parsed(name: str, reading: Reading | WiredeskError, *, as_json: bool) -> bool:
    """Show what a part of a file holds; whether it could be read."""
    from connectors.display import item_object, show_items, show_paths  # noqa: PLC0415

    if isinstance(reading, WiredeskError):
        errors.print(Text(str(reading), style="red"), soft_wrap=True)
        return False
    if as_json:
        for raw in reading.items:
            typer.echo(visible_json(json.dumps(item_object(raw, name), ensure_ascii=False)))
    else:
        console.print(f"[bold]{name}[/]: {_count(len(reading.items), 'item')}", highlight=False)
        show_paths(console, reading.paths)
        show_items(console, reading.items)
    _show_rejected(reading.rejected)
    for warning in reading.warnings:
        errors.print(Text(f"{name}: warning: {warning}", style="yellow"), soft_wrap=True)
    return True


def _payloads(paths: list[Path], max_bytes: int) -> Iterator[Payload | WiredeskError]:
    """The files named and those in the folders named; an error for what is not there or cannot be opened."""
    from connectors.transports.base import Payload  # noqa: PLC0415
    from connectors.transports.files import file_payload, files  # noqa: PLC0415

    for path in paths:
        if str(path) == "-":
            yield Payload(sys.stdin.buffer.read(max_bytes + 1), "standard input")
            continue
        try:
            found = files([path])
            if not found:
                yield ConfigurationError(f"{path} holds no files.")
            for file in found:
                yield file_payload(file, max_bytes)
        except ConfigurationError as error:
            yield error
        except OSError as error:
            yield ConfigurationError(f"{path}: {error.strerror or error}.")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _directory(settings: Settings, directory: Path | None) -> Path:
    return directory or settings.connectors.directory


def _files(settings: Settings, directory: Path | None) -> list[ConnectorFile]:
    from connectors.config import load_directory  # noqa: PLC0415

    return load_directory(_directory(settings, directory))


def _one(settings: Settings, directory: Path | None, name: str) -> ConnectorFile:
    """A connector by its name, or by its file.

    Raises:
        ConfigurationError: there is none; says which there are.
    """
    from connectors.config import ConnectorFile, load_connector  # noqa: PLC0415

    if name.endswith((".yaml", ".yml")):
        try:
            return ConnectorFile(Path(name), load_connector(Path(name)), None)
        except ConfigurationError as error:
            return ConnectorFile(Path(name), None, str(error))
    files = _files(settings, directory)
    for file in files:
        if name == (file.config.name if file.config else file.path.stem):
            return file
    known = ", ".join(file.config.name if file.config else file.path.stem for file in files) or "none"
    raise ConfigurationError(
        f"Unknown connector {name!r} in {_directory(settings, directory)}. The connectors are: {known}."
    )


def _states(settings: Settings) -> tuple[dict[str, ConnectorState], str | None]:
    """The stored state of the connectors, and why it is not known."""
    from kafka.errors import KafkaError  # noqa: PLC0415

    from connectors.state import read_states  # noqa: PLC0415
    from pipeline.broker.topics import topics_of  # noqa: PLC0415

    topic = topics_of(settings).connectors
    try:
        return read_states(settings.kafka, topic.name, None, 5), None
    except (KafkaError, OSError, AssertionError) as error:
        reason = error.args[0] if error.args and isinstance(error.args[0], str) else type(error).__name__
        return {}, f"The state of the connectors is not known: Kafka at {settings.kafka.bootstrap_servers}: {reason}."


def _show_rejected(rejected: tuple[RejectedItem, ...]) -> None:
    for part in rejected:
        errors.print(Text(f"rejected: {part.position}: {part.reason}", style="yellow"), soft_wrap=True)
