"""``wiredesk cluster FILE.jsonl``: the clustering of the cluster stage over a file, in its order, with no broker.

A line is ``{"id": ..., "text": ..., "language": ..., "time": ...}``; ``language`` and ``time`` (ISO 8601 or seconds
since 1970; without a zone UTC) may be missing: a story without a time came with the one before it. An id that comes
again is an update of the story, as on the wire.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from rich.console import Console
from rich.markup import escape

from pipeline.cluster.clusterer import Clusterer, StoryText
from pipeline.cluster.same_event import Events, with_event
from pipeline.events import Cluster
from pipeline.events.errors import ConfigurationError, ParseError
from pipeline.meaning.encoder import Encoder
from pipeline.settings import ClusterSettings, Settings

_EPOCH = datetime.fromtimestamp(0, UTC)
_BATCH = 256


@dataclass(frozen=True, slots=True)
class Line:
    """One story of the file."""

    id: str
    text: str
    language: str | None
    time: datetime


def cluster_command(file: Path, settings: Settings, *, as_json: bool = False) -> None:
    """Group the stories of ``file`` (``-``: standard input) and print one line for each.

    Raises:
        ConfigurationError: the file cannot be read.
        ParseError: a line is not a story; says which and why. What came before it has been printed.
    """
    console = Console()
    with ExitStack() as stack:
        stories = read(_open(file, stack), str(file))
        events = Events() if settings.cluster.group_events else None
        encoder = Encoder() if events and settings.meaning.enabled else None
        placed = place_all(stories, make(settings.cluster), events, encoder)
        if as_json:
            _print_json(placed)
        else:
            _print_copies(placed, console)


def make(settings: ClusterSettings) -> Clusterer:
    """An empty clusterer by the settings."""
    return Clusterer(
        settings.window_items, settings.window_days, settings.jaccard_threshold, settings.containment_threshold
    )


def place_all(
    stories: Iterable[Line], clusterer: Clusterer, events: Events | None = None, encoder: Encoder | None = None
) -> Iterator[tuple[Line, Cluster]]:
    """Each story with its cluster, in order."""
    remaining = iter(stories)
    while batch := list(islice(remaining, _BATCH)):
        clusters = clusterer.place_all(StoryText(story.id, story.text, story.language, story.time) for story in batch)
        meanings = encoder.encoded([story.text for story in batch]) if encoder else [None] * len(batch)
        for story, cluster, meaning in zip(batch, clusters, meanings, strict=True):
            yield story, with_event(events, cluster, story.text, story.language, story.time, meaning)


def read(lines: Iterable[bytes], name: str) -> Iterator[Line]:
    """The stories of a file of JSON lines; empty lines are passed over.

    Raises:
        ParseError: a line is not a story.
    """
    time = _EPOCH
    for number, line in enumerate(lines, 1):
        if line.strip():
            story = _story(line, f"{name}, line {number}", time)
            time = story.time
            yield story


def record(story: Line, cluster: Cluster) -> dict[str, Any]:
    """What is printed of a story; its event only where events are grouped."""
    told = {
        "id": story.id,
        "cluster_id": cluster.cluster_id,
        "duplicate_of": cluster.duplicate_of,
        "similarity": cluster.similarity,
        "containment": cluster.containment,
        "exact": cluster.exact,
    }
    return told if cluster.event_id is None else {**told, "event_id": cluster.event_id}


def _open(file: Path, stack: ExitStack) -> BinaryIO:
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        return stack.enter_context(file.open("rb"))
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}.") from error


def _story(line: bytes, where: str, before: datetime) -> Line:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ParseError(f"{where}: not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise ParseError(f"{where}: not an object with id and text.")
    name, text, language = value.get("id"), value.get("text"), value.get("language")
    if isinstance(name, int) and not isinstance(name, bool):
        name = str(name)
    if not isinstance(name, str) or not name:
        raise ParseError(f"{where}: id is {name!r}.", hint="Give every story an id, a string that is not empty.")
    if text is not None and not isinstance(text, str):
        raise ParseError(f"{where}: text is not a string.")
    if language is not None and not isinstance(language, str):
        raise ParseError(f"{where}: language is {language!r}.", hint='Write it as "en" or leave it out.')
    return Line(name, text or "", language, _time(value.get("time"), where, before))


def _time(value: object, where: str, before: datetime) -> datetime:
    if value is None:
        return before
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            time = datetime.fromisoformat(value)
            return time if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise ParseError(f"{where}: time is {value!r}.", hint='Write it as "2026-03-02T06:00:00Z".')


def _print_json(placed: Iterator[tuple[Line, Cluster]]) -> None:
    out = sys.stdout.buffer
    while batch := list(islice(placed, _BATCH)):
        out.write(b"".join(orjson.dumps(record(*pair)) + b"\n" for pair in batch))
        out.flush()


def _print_copies(placed: Iterator[tuple[Line, Cluster]], console: Console) -> None:
    count = copies = 0
    clusters: set[str] = set()
    for story, cluster in placed:
        count += 1
        if cluster.duplicate_of is None:
            continue
        copies += 1
        clusters.add(cluster.cluster_id)
        alike = "text gone" if cluster.similarity is None else f"{cluster.similarity:.2f}"
        inside = "" if cluster.containment is None else f", contained {cluster.containment:.2f}"
        console.print(
            f"{escape(story.id)} [dim]is a copy of[/] {escape(cluster.duplicate_of)} [dim]({alike}{inside})[/]",
            highlight=False,
            soft_wrap=True,
        )
    told = (_of(count, "story", "stories"), _of(copies, "copy", "copies"), _of(len(clusters), "cluster", "clusters"))
    console.print("{}: {} in {}.".format(*told), highlight=False)


def _of(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
