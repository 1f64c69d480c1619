"""``wiredesk index``: create the indices, compare them with this release, rebuild and prune them.

Heavy imports are inside the functions, so that ``--help`` answers at once.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import ConfigOption, begin, console
from pipeline.events.errors import ConfigurationError
from pipeline.index.mapping import BASES, Base, IndexNames, fields
from pipeline.settings import ElasticsearchSettings

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from pipeline.index.rebuild_options import Rebuilt

app = typer.Typer(no_args_is_help=True, help="The Elasticsearch indices: create, compare, rebuild, prune.")


def _tell(message: str) -> None:
    console.print(f"  {message}", highlight=False, markup=False, soft_wrap=True)


@app.command()
def init(config: ConfigOption = None) -> None:
    """Create the templates, indices and aliases that are missing. A second run changes nothing."""
    from pipeline.broker.elasticsearch_client import elasticsearch_client  # noqa: PLC0415
    from pipeline.index import admin  # noqa: PLC0415

    settings = begin(config, level="warning").elasticsearch
    with elasticsearch_client(settings) as client:
        done = admin.init(client, settings)
    for index in done.created:
        _tell(f"created  {index}")
    for index in done.present:
        _tell(f"present  {index}")
    for line in [*done.changed, *done.differences]:
        _tell(line)


@app.command()
def diff(
    apply: Annotated[bool, typer.Option("--apply", help="Make the changes that are possible in place.")] = False,
    config: ConfigOption = None,
) -> None:
    """Show where the indices differ from this release, and what each difference needs.

    Exit code 0: nothing to do; 3: something to do.
    """
    from pipeline.broker.elasticsearch_client import elasticsearch_client  # noqa: PLC0415
    from pipeline.index import admin  # noqa: PLC0415
    from pipeline.index.diff import Change  # noqa: PLC0415

    settings = begin(config, level="warning").elasticsearch
    names = IndexNames(settings.prefix)
    to_do = 0
    with elasticsearch_client(settings) as client:
        for base in BASES:
            index = _current(client, names.alias(base), settings)
            if apply:
                _apply(client, index, base, settings)
            changes = admin.changes(client, index, base, settings)
            if not admin.has_filters(client, names, base, index):
                changes.append(Change("aliases", "in place", "do not have the filters of this release"))
            for change in changes:
                _tell(f"{index}: {change.text}")
            if not changes:
                _tell(f"{index}: matches this release.")
            to_do += sum(change.needs != "nothing" for change in changes)
    if to_do:
        raise typer.Exit(3)


def _current(client: Elasticsearch, alias: str, settings: ElasticsearchSettings) -> str:
    from elasticsearch import ApiError, TransportError  # noqa: PLC0415

    try:
        if client.indices.exists_alias(name=alias):
            return str(next(iter(client.indices.get_alias(name=alias))))
    except (ApiError, TransportError) as error:
        raise ConfigurationError(
            f"Elasticsearch at {settings.url}: {error}.", hint="Start it, or set elasticsearch.url."
        ) from error
    raise ConfigurationError(f"There is no alias {alias}.", hint="Create it: wiredesk index init.")


def _apply(client: Elasticsearch, index: str, base: Base, settings: ElasticsearchSettings) -> None:
    from pipeline.index import admin  # noqa: PLC0415
    from pipeline.index.diff import applicable  # noqa: PLC0415

    there = client.indices.get_mapping(index=index)[index]["mappings"].get("properties", {})
    properties = applicable(there, fields(base))
    changed = {change.field for change in admin.changes(client, index, base, settings) if change.needs == "in place"}
    if changed and properties:
        client.indices.put_mapping(index=index, properties=properties)
        _tell(f"{index}: changed in place: {', '.join(sorted(changed))}.")
    if admin.update_filters(client, IndexNames(settings.prefix), base, index):
        _tell(f"{index}: changed the filters of its aliases.")


@app.command()
def rebuild(
    fresh: Annotated[bool, typer.Option("--fresh", help="Start again; do not continue an unfinished rebuild.")] = False,
    allow_refused: Annotated[
        bool, typer.Option("--allow-refused", help="Use the new indices although some stories were refused.")
    ] = False,
    drop_old: Annotated[bool, typer.Option("--drop-old", help="Delete the old generation at the end.")] = False,
    keep_days: Annotated[
        float | None,
        typer.Option("--keep-days", min=0, help="Leave out stories first seen more days ago (see prune)."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Build the indices again from wire.enriched, while the old ones are searched and written.

    If it is stopped, start it again: it continues.
    """
    from pipeline.index.rebuild import Rebuild  # noqa: PLC0415
    from pipeline.index.rebuild_options import RebuildOptions  # noqa: PLC0415

    settings = begin(config, level="warning")
    options = RebuildOptions(fresh=fresh, allow_refused=allow_refused, drop_old=drop_old, keep_days=keep_days)
    _report(asyncio.run(Rebuild(settings, options, _tell).run()))


def _report(built: Rebuilt) -> None:
    progress = built.progress
    notes = [f"{progress.stories:,} stories written in {built.seconds:.0f} s"]
    for number, what in (
        (progress.refused, "refused by the server"),
        (progress.unreadable, "unreadable messages (see wiredesk dead list --stage index)"),
        (progress.expired, "left out, older than --keep-days"),
    ):
        if number:
            notes.append(f"{number:,} {what}")
    _tell("; ".join(notes) + ".")
    for reason in progress.reasons:
        _tell(reason)
    if built.old and built.dropped:
        _tell(f"Deleted: {', '.join(built.old)}.")
    elif built.old:
        _tell(f"No longer used: {', '.join(built.old)}. Delete them with: wiredesk index drop-old.")


@app.command()
def check(
    repair: Annotated[
        bool, typer.Option("--repair", help="Write what is missing; hide or delete what belongs to no story.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Compare stories, history and quotations with each other, with wire.enriched and with wire.versions.

    Works while stories arrive. Exit code 0: no differences are left; 3: some are.
    """
    from pipeline.broker.topics import topics_of  # noqa: PLC0415
    from pipeline.index.check import Check  # noqa: PLC0415
    from pipeline.index.enriched import acknowledged_offsets  # noqa: PLC0415

    settings = begin(config, level="warning")
    topics = topics_of(settings)
    stories, texts = (acknowledged_offsets(settings.kafka, one.name) for one in (topics.enriched, topics.versions))
    checked = asyncio.run(Check(settings, _tell, repair=repair).run(stories, texts))
    for line in checked.listed:
        _tell(line)
    for kind, number in sorted(checked.found.items()):
        _tell(f"{number:,} × {kind}")
    _tell(
        f"{checked.messages:,} stories and {checked.texts:,} texts compared, {checked.waiting:,} not yet indexed, "
        f"{checked.unreadable:,} unreadable; {checked.found.total():,} differences found, {checked.left:,} left."
    )
    if checked.found["topic outdated"]:
        _tell("The topic has an older version than the index, or none: a rebuild keeps the index's version.")
    if checked.left:
        raise typer.Exit(3)


@app.command("drop-old")
def drop_old_(config: ConfigOption = None) -> None:
    """Delete the generations that a rebuild has replaced."""
    from elasticsearch import ApiError, TransportError  # noqa: PLC0415

    from pipeline.broker.elasticsearch_client import elasticsearch_client  # noqa: PLC0415
    from pipeline.index.generations import unused  # noqa: PLC0415

    settings = begin(config, level="warning").elasticsearch
    with elasticsearch_client(settings) as client:
        try:
            old = unused(client, IndexNames(settings.prefix))
            if old:
                client.indices.delete(index=old)
        except (ApiError, TransportError) as error:
            raise ConfigurationError(f"Elasticsearch at {settings.url}: {error}.") from error
    _tell(f"Deleted: {', '.join(old)}." if old else "There are no old generations.")


@app.command("prune")
def prune_(
    older_than: Annotated[
        float, typer.Option("--older-than", min=0, help="Delete stories first seen more than this many days ago.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    config: ConfigOption = None,
) -> None:
    """Delete old stories with their versions and quotations."""
    from pipeline.broker.elasticsearch_client import elasticsearch_client  # noqa: PLC0415
    from pipeline.index.prune import count_older, prune  # noqa: PLC0415

    settings = begin(config, level="warning").elasticsearch
    cutoff = datetime.now(UTC) - timedelta(days=older_than)
    with elasticsearch_client(settings) as client:
        if dry_run:
            number = count_older(client, settings, cutoff)
            _tell(f"{number:,} stories were first seen before {cutoff:%Y-%m-%d %H:%M}.")
            return
        done = prune(client, settings, cutoff)
    _tell(f"Deleted {done.stories:,} stories, {done.versions:,} versions, {done.quotes:,} quotations.")
    if done.stories:
        _tell(f"wire.enriched keeps them; to leave them out of a rebuild: index rebuild --keep-days {older_than:g}.")
    if done.failed:
        _tell(f"{done.failed} documents could not be deleted. Run it again.")
        raise typer.Exit(1)


@app.command("namesakes")
def namesakes_(config: ConfigOption = None) -> None:
    """Print the names that several persons bear, as rows for the table that enrich.namesakes names.

    Two persons are told apart by middle names that contradict each other, or by countries of their offices.
    """
    from pipeline.broker.elasticsearch_client import elasticsearch_client  # noqa: PLC0415
    from pipeline.enrich.entities.identity import known_namesakes  # noqa: PLC0415
    from pipeline.enrich.entities.namesakes import Observation, namesakes, read_namesakes  # noqa: PLC0415
    from pipeline.enrich.entities.people import countries_in  # noqa: PLC0415
    from pipeline.index.people import people_of_stories  # noqa: PLC0415

    settings = begin(config, level="warning")
    table = settings.enrich.namesakes
    known = known_namesakes().keys() | read_namesakes(table).keys()
    with elasticsearch_client(settings.elasticsearch) as client:
        found = namesakes(
            Observation(name, frozenset().union(*map(countries_in, roles)))
            for name, roles in people_of_stories(client, IndexNames(settings.elasticsearch.prefix))
        )
    rows = sorted((key, apart) for key, apart in found.items() if key not in known)
    for key, apart in rows:
        typer.echo(f"{key}\t{apart}")
    if not rows:
        told = "No names of several persons, except those that are known."
    elif table:
        told = f"Append these rows to {table} and restart the workers."
    else:
        told = "Write these rows to a file, name it in enrich.namesakes, and restart the workers."
    typer.echo(told, err=True)
