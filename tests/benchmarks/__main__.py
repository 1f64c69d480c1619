"""Run benchmarks: ``python -m tests.benchmarks [NAME ...]``; ``--compare REF`` shows what changed since a commit.

Each benchmark runs Wiredesk and a named alternative by turns in one run and prints the ratio: above 1 Wiredesk is
better. Results are added to build/benchmarks.jsonl. ``python -m tests.benchmarks.NAME --help`` shows the options of one.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from tests.benchmarks import results

#: Every benchmark, with what it measures; those of servers last.
BENCHMARKS = {
    "commands": "start of a command and of a worker's models",
    "feeds": "feed parsing, against feedparser",
    "language": "entities and quotations, against spaCy with the same weights",
    "reuse": "a stream with half copies and updates, against nlp(text) each",
    "meaning": "translations found, stories joined across languages, against the language work",
    "cluster": "near-duplicates, against datasketch and rensa",
    "event_memory": "memory and snapshot of grouping by event, as the stories grow",
    "polling": "polling thousands of feeds, against one thread a feed",
    "archives": "memory of large files, against a tree of lxml",
    "writer": "the index writer, against helpers.async_streaming_bulk (starts servers)",
    "agents": "intake and cluster agents, against a Faust pass-through (starts servers)",
    "scale": "processor time of a story with more partitions and processes (starts servers)",
    "whole_way": "feed files to searchable, against a bare script (starts servers)",
    "latency": "offered to searchable at a steady rate (starts servers)",
    "fetch_wait": "a message that comes while the broker is asked for other partitions (starts servers)",
    "desk": "pages of the desk, against a bare match query (starts servers)",
}


def main() -> int:
    listed = "\n".join(f"  {name:12} {what}" for name, what in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=f"{__doc__}\nbenchmarks:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--compare", metavar="REF", help="compare the results of this commit with those of REF")
    given = parser.parse_args()
    if given.compare:
        return results.compare(given.compare)
    unknown = sorted(set(given.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}. There are: {', '.join(BENCHMARKS)}")
    failed = []
    for name in given.names or BENCHMARKS:
        print(f"\n== {name}: {BENCHMARKS[name]}", flush=True)
        # A process each: threads, memory and what is imported of one are not the other's.
        if subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=False).returncode != 0:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
