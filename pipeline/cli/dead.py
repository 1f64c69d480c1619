"""``wiredesk dead``: look at what could not be processed, send it again, or be done with it.

Heavy imports are inside the functions, so that ``--help`` answers at once.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, cast, get_args

import orjson
import typer
from rich.table import Table
from rich.text import Text

from pipeline.cli.console import ConfigOption, begin, console
from pipeline.dead.selection import Selection, ambiguous
from pipeline.dead.settlement import Found, LetterStatus
from pipeline.events import Stage
from pipeline.events.errors import ConfigurationError
from pipeline.events.times import require_time

if TYPE_CHECKING:
    from pipeline.dead.replay import Result
    from pipeline.dead.topic import Letters

app = typer.Typer(no_args_is_help=True, help="Dead letters: what could not be processed, and what became of it.")

StageOption = Annotated[str | None, typer.Option("--stage", help="connector, intake, cluster, enrich or index.")]
ConnectorOption = Annotated[str | None, typer.Option("--connector", help="That it came through.")]
ErrorOption = Annotated[str | None, typer.Option("--error", help="Class of the error, or a part of its reason.")]
SinceOption = Annotated[str | None, typer.Option("--since", help="30m, 2h, 3d, or a date or time.")]
Ids = Annotated[list[str] | None, typer.Argument(help="Ids, or their beginnings.")]


def _selection(
    ids: list[str] | None,
    stage: str | None,
    connector: str | None,
    error: str | None,
    since: str | None,
    status: frozenset[LetterStatus] | None = None,
) -> Selection:
    if stage is not None and stage not in get_args(Stage):
        raise ConfigurationError(f"There is no stage {stage!r}.", hint=f"There are {', '.join(get_args(Stage))}.")
    time = require_time(since, datetime.now(UTC)) if since else None
    return Selection(tuple(ids or ()), cast("Stage | None", stage), connector, error, time, status)


@app.command("list")
def list_(
    stage: StageOption = None,
    connector: ConnectorOption = None,
    error: ErrorOption = None,
    since: SinceOption = None,
    all_: Annotated[bool, typer.Option("--all", help="Also those that were replayed or dropped.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    config: ConfigOption = None,
) -> None:
    """List the letters that are open (or claimed by a replay that has not ended), oldest first."""
    from pipeline.dead.topic import read_letters  # noqa: PLC0415

    status = None if all_ else frozenset[LetterStatus]({"open", "claimed"})
    selection = _selection(None, stage, connector, error, since, status)
    letters = asyncio.run(read_letters(begin(config, level="warning"), selection))
    if as_json:
        for found in letters.found:
            sys.stdout.write(orjson.dumps(_facts(found)).decode() + "\n")
        return
    _warn_unreadable(letters)
    if not letters.found:
        console.print("No dead letters." if all_ else "No open dead letters.")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "failed", "stage", "connector", "error", "reason", "status"):
        table.add_column(heading, no_wrap=heading != "reason")
    for found in letters.found:
        letter = found.letter
        failed = f"{letter.failed_at:%Y-%m-%d %H:%M:%S}"
        names = ", ".join(sorted(found.connectors)) or "-"
        # Text: what a feed wrote is shown, never taken for markup.
        table.add_row(
            letter.id[:10], failed, letter.stage, Text(names), letter.error, Text(_short(letter.reason)), found.status
        )
    console.print(table)
    by_stage = Counter(found.letter.stage for found in letters.found)
    count = len(letters.found)
    console.print(
        f"{count:,} {'letter' if count == 1 else 'letters'}: "
        + ", ".join(f"{n} {name}" for name, n in by_stage.most_common())
    )


@app.command()
def show(
    id_: Annotated[str, typer.Argument(metavar="ID", help="The letter's id, or its beginning.")],
    original: Annotated[bool, typer.Option("--original", help="Only the original bytes, as they were.")] = False,
    config: ConfigOption = None,
) -> None:
    """Show one letter whole, with what became of it and what can be done."""
    from pipeline.dead.replay import unsendable  # noqa: PLC0415
    from pipeline.dead.topic import read_letters  # noqa: PLC0415

    letters = asyncio.run(read_letters(begin(config, level="warning"), Selection(ids=(id_,)), originals=True))
    (found,) = _one_each([id_], letters)
    if original:
        sys.stdout.buffer.write(found.letter.original)
        sys.stdout.buffer.flush()
        return
    for name, value in _facts(found).items():
        if value not in (None, [], ""):
            console.print(Text(f"{name:>16}  ", style="bold") + Text(str(value)), soft_wrap=True)
    for entry in found.settlements:
        where = f" to {entry.sent.topic}/{entry.sent.partition}@{entry.sent.offset}" if entry.sent else ""
        console.print(f"{entry.at:%Y-%m-%d %H:%M:%S}  {entry.status}{where}", highlight=False)
    advice = unsendable(found) if found.letter.origin is None else f"wiredesk dead replay {found.letter.id}"
    console.print(Text(f"\nWhat to do: {advice}"), soft_wrap=True)
    console.rule("original")
    sys.stdout.write(found.letter.original.decode("utf-8", "backslashreplace")[:4000] + "\n")


@app.command("replay")
def replay_(
    ids: Ids = None,
    stage: StageOption = None,
    connector: ConnectorOption = None,
    error: ErrorOption = None,
    since: SinceOption = None,
    all_: Annotated[bool, typer.Option("--all", help="All open letters.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also what was sent or dropped before.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be sent.")] = False,
    config: ConfigOption = None,
) -> None:
    """Send letters back to the topic that they came from, once, with their original key and bytes.

    Exit code 1: at least one of them was not sent.
    """
    from pipeline.dead.replay import refusal, replay  # noqa: PLC0415
    from pipeline.dead.topic import read_letters  # noqa: PLC0415

    # Named letters are answered for one by one; of a filter's only the open ones are meant, unless --again.
    status = None if ids or again else frozenset[LetterStatus]({"open"})
    selection = _selection(ids, stage, connector, error, since, status)
    _require_choice(selection, all_)
    settings = begin(config, level="warning")
    letters = asyncio.run(read_letters(settings, selection, originals=True))
    chosen = _one_each(ids or [], letters) if ids else letters.found
    if dry_run:
        results = [refusal(found, again) or _would_send(found) for found in chosen]
    else:
        results = asyncio.run(replay(settings, chosen, datetime.now(UTC), again=again))
    _show_results(results)


@app.command("drop")
def drop_(
    ids: Ids = None,
    stage: StageOption = None,
    connector: ConnectorOption = None,
    error: ErrorOption = None,
    since: SinceOption = None,
    all_: Annotated[bool, typer.Option("--all", help="All open letters.")] = False,
    config: ConfigOption = None,
) -> None:
    """Mark letters as done without sending them. They can still be shown, and sent with --again."""
    from pipeline.dead.replay import drop  # noqa: PLC0415
    from pipeline.dead.topic import read_letters  # noqa: PLC0415

    status = None if ids else frozenset[LetterStatus]({"open", "claimed"})
    selection = _selection(ids, stage, connector, error, since, status)
    _require_choice(selection, all_)
    settings = begin(config, level="warning")
    letters = asyncio.run(read_letters(settings, selection))
    chosen = _one_each(ids or [], letters) if ids else letters.found
    _show_results(asyncio.run(drop(settings, chosen, datetime.now(UTC))))


def _require_choice(selection: Selection, all_: bool) -> None:
    if selection.empty and not all_:
        raise ConfigurationError(
            "Nothing was named.", hint="Name ids, or --stage, --connector, --error, --since, --all."
        )


def _one_each(ids: Sequence[str], letters: Letters) -> list[Found]:
    """The letters that ids name: each id exactly one."""
    if several := ambiguous(ids, letters.found):
        id_, fits = next(iter(several.items()))
        raise ConfigurationError(f"{id_!r} fits {len(fits)} letters.", hint=f"Write more of it: {', '.join(fits[:4])}.")
    for id_ in ids:
        if not any(found.letter.id.startswith(id_) for found in letters.found):
            raise ConfigurationError(f"There is no dead letter {id_!r}.", hint="See wiredesk dead list --all.")
    return letters.found


def _would_send(found: Found) -> Result:
    from pipeline.dead.replay import Result  # noqa: PLC0415

    origin = found.letter.origin
    assert origin is not None
    return Result(found, "would be sent", f"To {origin.topic}/{origin.partition}.")


def _show_results(results: Sequence[Result]) -> None:
    if not results:
        console.print("No letter fits.")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "stage", "result", ""):
        table.add_column(heading, no_wrap=heading != "")
    for result in results:
        letter = result.found.letter
        table.add_row(letter.id[:10], letter.stage, result.status, Text(result.said))
    console.print(table)
    counts = Counter(result.status for result in results)
    console.print(", ".join(f"{number} {status}" for status, number in counts.most_common()))
    if counts["refused"] or counts["not sendable"]:
        raise typer.Exit(1)


def _facts(found: Found) -> dict[str, object]:
    letter, origin = found.letter, found.letter.origin
    return {
        "id": letter.id,
        "status": found.status,
        "failed_at": letter.failed_at.isoformat(),
        "written": found.written,
        "stage": letter.stage,
        "connector": ", ".join(sorted(found.connectors)) or None,
        "provider": letter.provider,
        "error": letter.error,
        "reason": letter.reason,
        "hint": letter.hint,
        "origin": f"{origin.topic}/{origin.partition}@{origin.offset}" if origin else None,
        "url": letter.url,
        "position": letter.position,
        "key": letter.key.decode("utf-8", "backslashreplace") if letter.key else None,
        "bytes": found.size,
        "needs_person": letter.needs_person or None,
        "failed_again_as": list(found.failed_again_as),
    }


def _warn_unreadable(letters: Letters) -> None:
    for entry in letters.unreadable:
        place = f"{entry.at.topic}/{entry.at.partition}@{entry.at.offset}"
        console.print(Text(f"not a dead letter: {place}: {entry.reason}", style="yellow"), soft_wrap=True)


def _short(text: str, limit: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
