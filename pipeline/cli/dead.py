"""``wiredesk dead``: list, show, replay and drop dead letters: messages that could not be processed.

Heavy imports are inside the functions, so that ``--help`` answers at once.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import orjson
import typer
from rich.table import Table
from rich.text import Text

from pipeline.cli.console import ConfigOption, begin, console
from pipeline.dead.selection import Selection, ambiguous
from pipeline.dead.settlement import DeadLetterStatus, StoredDeadLetter
from pipeline.events import Stage
from pipeline.events.errors import ConfigurationError
from pipeline.events.times import require_time

if TYPE_CHECKING:
    from pipeline.dead.replay import Result
    from pipeline.dead.topic import DeadLetterList

_ID = 10

app = typer.Typer(
    no_args_is_help=True, help="Dead letters: messages that could not be processed. List, show, replay, drop."
)

StageOption = Annotated[
    str | None, typer.Option("--stage", help="Only of this stage: connector, intake, cluster, enrich or index.")
]
ConnectorOption = Annotated[str | None, typer.Option("--connector", help="Only of this connector.")]
ErrorOption = Annotated[
    str | None, typer.Option("--error", help="Only with this error class, or with these words in the reason.")
]
SinceOption = Annotated[
    str | None, typer.Option("--since", help="Only newer ones: 30m, 2h, 3d, or a date or time (UTC).")
]
Ids = Annotated[list[str] | None, typer.Argument(help="Ids, or their first characters.")]


def _chosen(
    stage: StageOption = None, connector: ConnectorOption = None, error: ErrorOption = None, since: SinceOption = None
) -> Selection:
    """The options of every command that chooses dead letters."""
    if stage is not None and stage not in get_args(Stage):
        raise ConfigurationError(f"Unknown stage {stage!r}.", hint=f"The stages are {', '.join(get_args(Stage))}.")
    time = require_time(since, datetime.now(UTC)) if since else None
    return Selection((), cast("Stage | None", stage), connector, error, time)


def _choosing(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of ``_chosen``, in the place of its parameter ``choice``, which gets their result."""
    own, options = (inspect.signature(one, eval_str=True).parameters for one in (command, _chosen))
    parameters = [
        parameter
        for name, original in own.items()
        for parameter in (options.values() if name == "choice" else (original,))
    ]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        choice = _chosen(**{name: given.pop(name) for name in options})
        command(choice=choice, **given)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


@app.command("list")
@_choosing
def list_(
    choice: Selection,
    all_: Annotated[bool, typer.Option("--all", help="Also replayed and dropped ones.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on each line.")] = False,
    config: ConfigOption = None,
) -> None:
    """List open dead letters, oldest first; also those claimed by a replay that has not ended."""
    from pipeline.dead.topic import read_dead_letters  # noqa: PLC0415

    status = None if all_ else frozenset[DeadLetterStatus]({"open", "claimed"})
    selection = replace(choice, status=status)
    letters = asyncio.run(read_dead_letters(begin(config, level="warning"), selection))
    if as_json:
        for found in letters.found:
            sys.stdout.write(orjson.dumps(_facts(found)).decode() + "\n")
        return
    _warn_unreadable(letters)
    if not letters.found:
        console.print("No dead letters." if all_ else "No open dead letters.")
        return
    console.print(_table(letters.found))
    by_stage = Counter(found.letter.stage for found in letters.found)
    count = len(letters.found)
    console.print(
        f"{count:,} dead letter{'' if count == 1 else 's'}: "
        + ", ".join(f"{n} {name}" for name, n in by_stage.most_common())
    )


def _table(letters: Sequence[StoredDeadLetter]) -> Table:
    """One line for each dead letter, whatever the width: ``dead show`` has the whole reason."""
    table = Table(box=None, pad_edge=False, expand=True)
    table.add_column("id", no_wrap=True, min_width=_ID)
    table.add_column("failed (UTC)", no_wrap=True, min_width=11)
    table.add_column("stage", no_wrap=True, min_width=9)
    table.add_column("connector", no_wrap=True, overflow="ellipsis", max_width=16)
    with_status = any(found.status != "open" for found in letters)
    if with_status:
        table.add_column("status", no_wrap=True)
    table.add_column("reason", no_wrap=True, overflow="ellipsis", ratio=1)
    for found in letters:
        letter = found.letter
        # Text: what a feed wrote is shown, never read as markup.
        names = Text(", ".join(sorted(found.connectors)) or "-")
        status = (found.status,) if with_status else ()
        reason = Text(_short(f"{letter.error}: {letter.reason}"))
        table.add_row(letter.id[:_ID], f"{letter.failed_at:%m-%d %H:%M}", letter.stage, names, *status, reason)
    return table


@app.command()
def show(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Id of the dead letter, or its first characters.")],
    original: Annotated[bool, typer.Option("--original", help="Only the original bytes, unchanged.")] = False,
    config: ConfigOption = None,
) -> None:
    """Show one dead letter in full, its history, and what to do."""
    from pipeline.dead.replay import unsendable  # noqa: PLC0415
    from pipeline.dead.topic import read_dead_letters  # noqa: PLC0415

    letters = asyncio.run(read_dead_letters(begin(config, level="warning"), Selection(ids=(id_,)), originals=True))
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
@_choosing
def replay_(
    choice: Selection,
    ids: Ids = None,
    all_: Annotated[bool, typer.Option("--all", help="All open dead letters.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also those that were sent or dropped before.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be sent.")] = False,
    config: ConfigOption = None,
) -> None:
    """Send dead letters back to their topic, once, with their original key and bytes.

    Exit code 1: at least one was not sent.
    """
    from pipeline.dead.replay import refusal, replay  # noqa: PLC0415
    from pipeline.dead.topic import read_dead_letters  # noqa: PLC0415

    # Each named dead letter gets an answer; a filter selects only open ones, unless --again.
    status = None if ids or again else frozenset[DeadLetterStatus]({"open"})
    selection = replace(choice, ids=tuple(ids or ()), status=status)
    _require_choice(selection, all_)
    settings = begin(config, level="warning")
    letters = asyncio.run(read_dead_letters(settings, selection, originals=True))
    chosen = _one_each(ids or [], letters) if ids else letters.found
    if dry_run:
        results = [refusal(found, again) or _would_send(found) for found in chosen]
    else:
        results = asyncio.run(replay(settings, chosen, datetime.now(UTC), again=again))
    _show_results(results)


@app.command("drop")
@_choosing
def drop_(
    choice: Selection,
    ids: Ids = None,
    all_: Annotated[bool, typer.Option("--all", help="All open dead letters.")] = False,
    config: ConfigOption = None,
) -> None:
    """Mark dead letters as done without sending them. They can still be shown, and sent with --again."""
    from pipeline.dead.replay import drop  # noqa: PLC0415
    from pipeline.dead.topic import read_dead_letters  # noqa: PLC0415

    status = None if ids else frozenset[DeadLetterStatus]({"open", "claimed"})
    selection = replace(choice, ids=tuple(ids or ()), status=status)
    _require_choice(selection, all_)
    settings = begin(config, level="warning")
    letters = asyncio.run(read_dead_letters(settings, selection))
    chosen = _one_each(ids or [], letters) if ids else letters.found
    _show_results(asyncio.run(drop(settings, chosen, datetime.now(UTC))))


def _require_choice(selection: Selection, all_: bool) -> None:
    if selection.empty and not all_:
        raise ConfigurationError(
            "No dead letters are selected.", hint="Give ids, --stage, --connector, --error, --since or --all."
        )


def _one_each(ids: Sequence[str], letters: DeadLetterList) -> list[StoredDeadLetter]:
    """The dead letters with these ids: exactly one for each id."""
    if several := ambiguous(ids, letters.found):
        id_, fits = next(iter(several.items()))
        raise ConfigurationError(
            f"{id_!r} matches {len(fits)} dead letters.", hint=f"Give more characters: {', '.join(fits[:4])}."
        )
    for id_ in ids:
        if not any(found.letter.id.startswith(id_) for found in letters.found):
            raise ConfigurationError(f"No dead letter has the id {id_!r}.", hint="List them: wiredesk dead list --all.")
    return letters.found


def _would_send(found: StoredDeadLetter) -> Result:
    from pipeline.dead.replay import Result  # noqa: PLC0415

    origin = found.letter.origin
    assert origin is not None
    return Result(found, "would be sent", f"To {origin.topic}/{origin.partition}.")


def _show_results(results: Sequence[Result]) -> None:
    if not results:
        console.print("No matching dead letters.")
        return
    for result in results:
        letter = result.found.letter
        # Not in a table: the commands in it can be copied whole.
        line = Text(f"{letter.id[:_ID]}  {letter.stage:<9}  {result.status}: {result.said}")
        console.print(line, soft_wrap=True)
    counts = Counter(result.status for result in results)
    console.print(", ".join(f"{number} {status}" for status, number in counts.most_common()))
    if counts["refused"] or counts["not sendable"]:
        raise typer.Exit(1)


def _facts(found: StoredDeadLetter) -> dict[str, object]:
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


def _warn_unreadable(letters: DeadLetterList) -> None:
    for entry in letters.unreadable:
        place = f"{entry.at.topic}/{entry.at.partition}@{entry.at.offset}"
        console.print(Text(f"not a dead letter: {place}: {entry.reason}", style="yellow"), soft_wrap=True)


def _short(text: str, limit: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
