"""``wiredesk search``, ``try`` and ``cluster``: commands that change nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from pipeline.cli.console import ConfigOption, JsonOption, begin, console, errors
from pipeline.events.errors import ConfigurationError
from pipeline.events.times import require_time
from pipeline.settings.loading import no_file

if TYPE_CHECKING:
    from pipeline.runtime.dry_run import Tried, TriedStory


def search(
    words: Annotated[
        str, typer.Argument(help='Words; "a phrase" in quotation marks; -word leaves out; begin* of a word.')
    ] = "",
    speaker: Annotated[str | None, typer.Option(help="Only quotations of this person or organisation.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only stories about this person, organisation or place.")] = None,
    provider: Annotated[
        list[str] | None, typer.Option(help="Only from this agency; can be given several times.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Not older than 30m, 24h, 7d, or a date or time (UTC).")] = None,
    until: Annotated[str | None, typer.Option(help="Not newer than that; a day means its end.")] = None,
    newest: Annotated[
        bool, typer.Option("--newest", help="Sort by time, newest first; default: by relevance.")
    ] = False,
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=1000, help="Number of results.")] = 10,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search the stories; with --speaker, search quotations. Exit code 1: nothing found."""
    from pipeline.broker.elasticsearch_client import elasticsearch_client  # noqa: PLC0415
    from pipeline.index.search import Query, QuoteQuery, quotes  # noqa: PLC0415
    from pipeline.index.search import search as search_stories  # noqa: PLC0415

    settings, now = begin(config, level="error"), datetime.now(UTC)
    both: dict[str, Any] = {
        "words": words,
        "speaker": speaker,
        "provider": tuple(provider or ()),
        "since": require_time(since, now) if since else None,
        "until": require_time(until, now, end=True) if until else None,
        "size": size,
        "sort": "newest" if newest or not words else "relevance",
    }
    with elasticsearch_client(settings.elasticsearch) as client:
        found: Any
        if speaker and not entity:
            found = quotes(client, settings.elasticsearch, QuoteQuery(**both))
        else:
            found = search_stories(client, settings.elasticsearch, Query(**both, entity=entity))
    if as_json:
        typer.echo(found.to_json())
    else:
        found.show(console)
    if not found.total:
        raise typer.Exit(1)


def try_(
    source: Annotated[str, typer.Argument(help="A file, or an address with http:// or https://.", metavar="FILE|URL")],
    parser: Annotated[str, typer.Option(help="Format; auto detects it.")] = "auto",
    mapping: Annotated[str, typer.Option(help="Mapping of an agency: name of a preset, or a mapping file.")] = "wire",
    limit: Annotated[int, typer.Option(min=1, help="Stories shown at most.")] = 5,
    explain: Annotated[bool, typer.Option("--explain", help="Print the rule that found each quotation.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what would be indexed of one input, without any server. Sends nothing."""
    from connectors.parse_pool import ParsePool  # noqa: PLC0415
    from pipeline.runtime.dry_run import try_payload  # noqa: PLC0415

    settings = begin(config, level="error")
    payload = _payload(source, settings)
    with ParsePool(settings.connectors) as reader:
        tried = try_payload(
            payload, settings, reader, parser=parser, now=datetime.now(UTC), limit=limit, mapping=mapping
        )
    if as_json:
        from orjson import OPT_INDENT_2, dumps  # noqa: PLC0415

        typer.echo(dumps([story.documents() for story in tried.stories], default=str, option=OPT_INDENT_2).decode())
        return
    _show_tried(tried, explain=explain)


def _payload(source: str, settings: Any) -> Any:
    from connectors.transports.base import Payload, PollContext  # noqa: PLC0415
    from connectors.transports.http import HttpTransport  # noqa: PLC0415
    from pipeline.events import ConnectorState  # noqa: PLC0415
    from pipeline.settings.version import user_agent  # noqa: PLC0415

    if source.startswith(("http://", "https://")):
        transport = HttpTransport.model_validate({"type": "http", "url": source, "allow_private_addresses": True})
        context = PollContext(
            now=datetime.now(UTC),
            max_body_bytes=settings.connectors.max_body_bytes,
            timeout_seconds=settings.connectors.timeout_seconds,
            user_agent=user_agent(settings.connectors.user_agent_contact),
            peek=True,
        )
        poll = transport.poll(ConnectorState(connector="trial"), context)
        if poll.error or not poll.payloads:
            raise ConfigurationError(f"Cannot read {source}: {poll.error or 'the answer is empty'}")
        return poll.payloads[0]
    path = Path(source)
    if not path.is_file():
        raise ConfigurationError(
            f"The file {source} {no_file(path)}.",
            hint="Give the path of a file, or an address with http:// or https://.",
        )
    return Payload(path.read_bytes(), path.name)


def _show_tried(tried: Tried, *, explain: bool) -> None:
    for warning in tried.warnings:
        errors.print(f"[yellow]warning:[/] {escape(warning)}")
    for reason in tried.rejected:
        errors.print(f"[red]dead letter:[/] {escape(reason)}")
    for story in tried.stories:
        _show_story(story)
        if explain:
            _explain(story)
    console.print(
        f"{len(tried.stories)} stories shown, read as {tried.parser or 'nothing'}; {len(tried.rejected)} rejected. "
        "Nothing was sent. --json prints the whole documents.",
        highlight=False,
    )


def _show_story(story: TriedStory) -> None:
    content, found = story.enriched.content, story.enriched.enrichment
    console.rule(escape(content.headline or "(no headline)"), align="left")
    facts = {
        "id": f"{story.raw.item_id}  ({story.raw.id_kind})",
        "kind": story.enriched.kind,
        "time": str(story.enriched.version_created),
        "subheadline": content.subheadline,
        "slugline": content.slugline,
        "dateline": content.dateline,
        "located": content.located,
        "byline": content.byline,
        "provider": story.raw.item.provider,
        "language": found.language,
        "model": f"{found.model} ({found.status})",
    }
    for name, value in facts.items():
        if value:
            console.print(f"[dim]{name:>12}[/]  {escape(str(value))}", highlight=False, soft_wrap=True)
    for label in dict.fromkeys(entity.label for entity in found.entities):
        names = ", ".join(
            entity.name + (f" ({entity.roles[0]})" if entity.roles else "")
            for entity in found.entities
            if entity.label == label
        )
        console.print(f"[dim]{label:>12}[/]  {escape(names)}", highlight=False, soft_wrap=True)
    for quote in found.quotes:
        who = quote.speaker or f"unresolved: {quote.source or 'nobody named'}"
        console.print(
            f"[dim]{quote.type:>12}[/]  [bold]{escape(who)}[/]: {escape(quote.text)}", highlight=False, soft_wrap=True
        )


def _explain(story: TriedStory) -> None:
    from pipeline.enrich.quotes.rules import rules  # noqa: PLC0415

    if not story.enriched.enrichment.quotes:
        console.print(f"[dim]{'rule':>12}[/]  no rule finds a quotation in the body", highlight=False)
    for quote in story.enriched.enrichment.quotes:
        rule = rules().get(quote.rule or "")
        reads = f"{rule.name}: {rule.reads}" if rule else "no rule"
        source = f"{quote.source!r} ({quote.confidence:.2f})" if quote.source else "nobody named"
        console.print(f"[dim]{'rule':>12}[/]  {escape(f'{quote.text[:40]}… by {source}. {reads}')}", highlight=False)


def cluster(
    file: Annotated[Path, typer.Argument(help="JSON lines of {id, text, language, time}, in order of arrival.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Group the copies among the stories of a file, without any server."""
    from pipeline.cli.cluster import cluster_command  # noqa: PLC0415

    cluster_command(file, begin(config, level="error"), as_json=as_json)
