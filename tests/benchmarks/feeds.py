"""Feed parsing, against feedparser alone on the same bytes.

    python -m tests.benchmarks.feeds [--data DIR] [--items 2000]

feedparser stops at its own dictionary; Wiredesk goes on to items with plain text, safe HTML, checked times and links.
One large feed with summaries; every feed of the sample data that both can read, most of which have one item and something
odd, as they are feedparser's and validators' own tests; and those of them that have several items, as real feeds do.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import feedparser

from connectors.parsers import rss
from pipeline.events.errors import ParseError
from pipeline.events.item import ParseContext
from tests.benchmarks.archives import write_feed
from tests.benchmarks.figures import ROUNDS, Contestant, Figure, faster, take_turns
from tests.benchmarks.results import ROOT
from tests.benchmarks.show import show

_SEVERAL = 5
_CONTEXT = ParseContext(now=datetime.now(UTC), max_bytes=100_000_000)


def readable(folder: Path) -> list[bytes]:
    """The feeds below a folder that the parser can read, with at least one item."""
    found = []
    for path in sorted(folder.rglob("*.xml")):
        data = path.read_bytes()
        try:
            if rss.looks_like(data, None) >= 0.5 and rss.parse(data, _CONTEXT).items:
                found.append(data)
        except ParseError:
            continue
    return found


def compared(name: str, feeds: Sequence[bytes], rounds: int, goal: str = "") -> Figure:
    """Both read all feeds, by turns; the figure counts items in a second."""
    items = sum(len(rss.parse(data, _CONTEXT).items) for data in feeds)
    ours = Contestant("wiredesk", lambda: [rss.parse(data, _CONTEXT) for data in feeds])
    theirs = Contestant("feedparser.parse", lambda: [feedparser.parse(data) for data in feeds])
    take_turns([ours, theirs], rounds)
    return faster(name, ours, theirs, work=items, unit="items/s", goal=goal)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "wire" / "feeds")
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "feed.xml"
        write_feed(large, given.items)
        figures = [compared(f"one feed of {given.items:,} items", [large.read_bytes()], given.rounds, "5 x")]
    if found := readable(given.data):
        figures.append(compared(f"{len(found)} feeds of the sample data", found, given.rounds, "5 x"))
        several = [data for data in found if len(rss.parse(data, _CONTEXT).items) >= _SEVERAL]
        figures.append(compared(f"those with {_SEVERAL} items and more", several, given.rounds, "5 x"))
    show("feeds", figures)


if __name__ == "__main__":
    main()
