"""What grouping stories by event takes: memory, processor time, and the size of its part of the cluster stage's snapshot.

    python -m tests.benchmarks.event_memory [--stories 60000] [--every 10000]

Stories are of random words and share no more than chance has it, so nearly each is an event of its own: what takes the
most. The number of events that are remembered is limited (30,000), and so is that of the groups of copies whose event is
known (200,000). So memory stops growing there, however many stories come; the figure for a million stories is what is
measured once the events are full, and what the rest of the groups take. Their part is measured apart.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import tracemalloc
from collections import OrderedDict
from datetime import UTC, datetime, timedelta

import orjson
import psutil

from pipeline.cluster.same_event import Events
from tests.benchmarks.desk import Maker

_MB = 2**20
_GROUPS = 200_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=60_000)
    parser.add_argument("--every", type=int, default=10_000, help="stories between two lines of the table")
    options = parser.parse_args()
    maker, pick, process, events = Maker(), random.Random(5), psutil.Process(), Events()
    begin, used, spent = datetime(2026, 5, 4, tzinfo=UTC), process.memory_info().rss, 0.0
    print(f"{'stories':>9} {'memory':>9} {'CPU a story':>12} {'snapshot':>10} {'written in':>11}", flush=True)
    for number in range(options.stories):
        sentences = " ".join(f"{pick.choice(maker.people)} {maker.text(20)}." for _ in range(8))
        text = f"{maker.places[number % 400].upper()} (Orbis) - {sentences}"
        before = time.process_time()
        events.place(f"story-{number}", text, "en", begin + timedelta(seconds=4 * number))
        spent += time.process_time() - before
        if (number + 1) % options.every == 0:
            memory = process.memory_info().rss - used
            before = time.process_time()
            size = len(orjson.dumps(events.state()))
            written = time.process_time() - before
            print(
                f"{number + 1:9,} {memory / _MB:6.0f} MB {1000 * spent / (number + 1):9.2f} ms "
                f"{size / _MB:7.0f} MB {written:9.1f} s",
                flush=True,
            )
    print(f"{_GROUPS:,} groups of copies whose event is remembered: {groups() / _MB:.0f} MB")
    return 0


def groups() -> int:
    """Bytes of the table of groups when it is full, each an event of its own."""
    tracemalloc.start()
    table = OrderedDict((name, name) for name in (f"provider/story-{number:012}" for number in range(_GROUPS)))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(table) == _GROUPS
    return size


if __name__ == "__main__":
    sys.exit(main())
