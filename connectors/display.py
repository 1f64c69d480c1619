"""Show connectors and their items, on a terminal and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from connectors.condition import condition
from connectors.config import ConnectorFile
from connectors.reading import Reading
from pipeline.events import ConnectorState, RawItem
from pipeline.events.item import Item, PathFound


def connector_row(file: ConnectorFile, states: dict[str, ConnectorState]) -> dict[str, Any]:
    """A connector's file and state as one flat object, for tables and JSON."""
    if file.config is None:
        return {"name": file.path.stem, "state": "broken", "trouble": file.error}
    config, state = file.config, states.get(file.config.name)
    now = condition(config, state)
    row: dict[str, Any] = {
        "name": config.name,
        "state": now.name,
        "transport": config.transport.type,
        "parser": config.parser,
        "every_seconds": config.interval_seconds,
        "provider": config.provider,
    }
    if state is not None:
        row |= {
            "published": state.items_published,
            "last_success": state.last_success.isoformat() if state.last_success else None,
            "next_poll": state.next_poll.isoformat() if state.next_poll else None,
            "failures": state.failures,
            "since": now.since.isoformat() if now.since else None,
            "last_new_item": state.usual_rate.last_item.isoformat() if state.usual_rate.last_item else None,
            "trouble": now.reason or None,
        }
    return row


def connectors_table(rows: list[dict[str, Any]]) -> Table:
    """Rows of ``connector_row`` as a table, one line for each at the width of a terminal."""
    table = Table(box=None, pad_edge=False)
    table.add_column("connector", no_wrap=True, overflow="ellipsis", max_width=20)
    for heading in ("state", "parser"):
        table.add_column(heading, no_wrap=True, overflow="ellipsis", max_width=10)
    for heading in ("every", "published"):
        table.add_column(heading, no_wrap=True, justify="right")
    table.add_column("success (UTC)", no_wrap=True)
    styles = {"ok": "green", "new": "green", "disabled": "dim", "quiet": "yellow"}
    for row in rows:
        success = row.get("last_success")
        table.add_row(
            Text(row["name"]),
            Text(row["state"], style=styles.get(row["state"], "red")),
            row.get("parser", "-"),
            f"{row['every_seconds']:g} s" if "every_seconds" in row else "-",
            f"{row['published']:,}" if "published" in row else "-",
            f"{datetime.fromisoformat(success):%m-%d %H:%M}" if success else "-",
        )
    return table


def show_items(console: Console, items: Iterable[RawItem]) -> None:
    """Print each item in three lines: headline, other fields, the beginning of the text."""
    for raw in items:
        item = raw.item
        when = f"{item.versioncreated:%Y-%m-%d %H:%M} " if item.versioncreated else ""
        signals = f" [{', '.join(item.signals)}]" if item.signals else ""
        headline = item.headline or item.slugline or "(no headline)"
        console.print(Text.assemble((when + headline, "bold"), (signals, "magenta")), soft_wrap=True)
        facts = {
            "id": raw.item_id, "version": item.version, "slug": item.slugline, "by": item.byline, "at": item.located,
            "status": None if item.pubstatus == "usable" else item.pubstatus, "urgency": item.urgency,
            "type": None if item.type == "text" else item.type, "length": _length(item),
            "transcripts": sum(one.rendition == "transcript" for one in item.media) or None,
            "language": item.language or raw.language, "link": item.link if item.link != raw.item_id else None,
        }  # fmt: skip
        shown = "  ".join(f"{name}: {value}" for name, value in facts.items() if value is not None)
        console.print(Text(f"  {shown}", style="dim"), soft_wrap=True)
        text = " ".join((item.body_text or item.description or "").split())
        if text:
            console.print(Text(f"  {text[:200]}{'…' if len(text) > 200 else ''}"), soft_wrap=True)


def _length(item: Item) -> str | None:
    seconds = max((one.duration for one in item.media if one.duration), default=None)
    return f"{seconds // 60}:{seconds % 60:02d}" if seconds else None


def show_paths(console: Console, paths: Iterable[PathFound]) -> None:
    """Print what each configured path found, one line for each: field, entries with it, path, an example."""
    for path in paths:
        share = f"{path.found}" if path.field == "list" else f"{path.found} of {path.of}"
        style = "dim" if path.found else "yellow"
        example = f"  {path.sample}" if path.sample else ""
        console.print(Text(f"{path.field}: {share}  {path.path}{example}", style=style), soft_wrap=True)


def show_rules(console: Console, readings: Iterable[Reading]) -> None:
    """Print what each rule does: the items that it drops, and how many it changes."""
    changed: Counter[str] = Counter()
    for reading in readings:
        changed.update(name for names in reading.set_by for name in names)
        for part in reading.dropped:
            headline = part.raw.item.headline or part.raw.item_id
            console.print(Text(f"dropped by {part.rule}: {headline}", style="yellow"), soft_wrap=True)
    for name, items in changed.items():
        console.print(Text(f"set by {name}: {items} item{'' if items == 1 else 's'}", style="dim"), soft_wrap=True)


def item_object(raw: RawItem, name: str) -> dict[str, Any]:
    """An item as a flat JSON object, without empty fields."""
    item = raw.item if raw.item.language else raw.item.model_copy(update={"language": raw.language})
    fields = item.model_dump(mode="json", exclude_none=True)
    kept = {key: value for key, value in fields.items() if value not in ([], {}, "")}
    return {"file": name, "parser": raw.parser, "item_id": raw.item_id, "id_kind": raw.id_kind, **kept}
