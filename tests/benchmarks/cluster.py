"""Speed and recall of the clusterer beside datasketch's and rensa's MinHashLSH, on the same stories in the same run.

    python -m tests.benchmarks.cluster [--stories 20000] [--chunk 500]

The contestants take turns, chunk by chunk, so that a busy machine slows all of them; processor time is counted, from
the text to the verdict: signature, query, insertion. The libraries use word 4-grams, 128 permutations and a
threshold of 0.5, datasketch in one update a story: once as it comes, once with xxhash in place of its slower default
hash. What they return is counted as a pair, without further verification; of the clusterer all pairs of a cluster are
counted.

With ``--memory 1000000`` it fills a window of so many stories instead and prints the memory that took.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import xxhash
from datasketch import MinHash, MinHashLSH
from datasketch.hashfunc import sha1_hash32
from rensa import RMinHash, RMinHashLSH

from pipeline.cluster.clusterer import Clusterer, StoryText
from tests.benchmarks.figures import Figure
from tests.benchmarks.results import ROOT
from tests.benchmarks.show import show
from tests.cluster.generator import Generator, Story
from tests.cluster.scoring import Pair, Truth, pair, pairs_of, score
from tests.cluster.texts import gmb, gum

_PERMUTATIONS = 128
_THRESHOLD = 0.5
_WORD = re.compile(r"\w+")


@dataclass
class Contestant:
    """One way to find copies: takes chunks of stories, returns pairs at the end."""

    name: str
    take: Callable[[Sequence[Story]], None]
    pairs: Callable[[], set[Pair]]
    rounds: list[float] = field(default_factory=list)


def grams(text: str) -> list[str]:
    words = _WORD.findall(text.lower())
    return [" ".join(words[at : at + 4]) for at in range(len(words) - 3)]


def wiredesk(window: int) -> Contestant:
    clusterer = Clusterer(window, 14, _THRESHOLD, 0.8)
    clusters: dict[str, str] = {}

    def take(stories: Sequence[Story]) -> None:
        found = clusterer.place_all(StoryText(story.id, story.text, "en", story.time) for story in stories)
        clusters.update((story.id, cluster.cluster_id) for story, cluster in zip(stories, found, strict=True))

    return Contestant("wiredesk", take, lambda: set(pairs_of(clusters)))


def datasketch(name: str, hashed: Callable[[bytes], int]) -> Contestant:
    index, found = MinHashLSH(threshold=_THRESHOLD, num_perm=_PERMUTATIONS), set[Pair]()
    empty = MinHash(num_perm=_PERMUTATIONS, hashfunc=hashed)

    def take(stories: Sequence[Story]) -> None:
        for story in stories:
            sketch = empty.copy()
            sketch.update_batch([gram.encode() for gram in grams(story.text)])
            found.update(pair(story.id, other) for other in index.query(sketch))
            index.insert(story.id, sketch)

    return Contestant(name, take, lambda: found)


def rensa() -> Contestant:
    index, found, names = RMinHashLSH(_THRESHOLD, _PERMUTATIONS, 32), set[Pair](), list[str]()

    def take(stories: Sequence[Story]) -> None:
        for story in stories:
            sketch = RMinHash(num_perm=_PERMUTATIONS, seed=1)
            sketch.update(grams(story.text))
            found.update(pair(story.id, names[other]) for other in index.query(sketch))
            index.insert(len(names), sketch)
            names.append(story.id)

    return Contestant("rensa", take, lambda: found)


def race(contestants: Sequence[Contestant], stories: Sequence[Story], chunk: int) -> None:
    """Let each take every chunk, in turns that rotate."""
    for number, start in enumerate(range(0, len(stories), chunk)):
        part = stories[start : start + chunk]
        for turn in range(len(contestants)):
            contestant = contestants[(number + turn) % len(contestants)]
            begin = time.process_time()
            contestant.take(part)
            contestant.rounds.append(time.process_time() - begin)


def report(contestants: Sequence[Contestant], truth: Truth, count: int) -> None:
    own = contestants[0]
    print(f"{'':12}{'µs/story':>9}{'ratio':>7}{'precision':>11}{'J ≥ 0.5':>9}{'C ≥ 0.8':>9}")
    for contestant in contestants:
        result = score(truth, contestant.pairs())
        each = sum(contestant.rounds) / count * 1e6
        ratio = sum(contestant.rounds) / sum(own.rounds)
        print(
            f"{contestant.name:12}{each:9.0f}{ratio:7.1f}{result.precision:11.4f}"
            f"{result.recall('jaccard'):9.4f}{result.recall('containment'):9.4f}"
        )
    print("\nrecall by edit" + "".join(f"{contestant.name:>12}" for contestant in contestants))
    tables = [score(truth, contestant.pairs()).by_edit() for contestant in contestants]
    for edit in tables[0]:
        print(f"{edit:14}" + "".join(f"{table[edit]:12.3f}" for table in tables))
    print()
    goals = {"datasketch": "10 x", "rensa": "2 x"}
    show(
        "cluster",
        [
            Figure("near-duplicates, verified", "stories/s", count / sum(own.rounds), other.name,
                   count / sum(other.rounds), "larger", goals.get(other.name, ""))
            for other in contestants[1:]
        ],
    )  # fmt: skip


def memory(stories: Sequence[Story], window: int) -> None:
    """Fill a window and print what the process grew by."""
    process = psutil.Process()
    before = process.memory_info().rss
    clusterer = Clusterer(window, 14, _THRESHOLD, 0.8)
    filled = 0
    while filled < window:
        part = stories[: min(len(stories), window - filled)]
        # Every round has texts of its own: some words of each are marked with the round.
        clusterer.place_all(
            StoryText(f"{filled:06x}-{story.id:>026}", story.text.replace(" the ", f" t{filled} "), "en", story.time)
            for story in part
        )
        filled += len(part)
    grown = process.memory_info().rss - before
    show("cluster", [Figure(f"memory of {window:,} stories", "GB", grown / 1e9, goal="0.6 GB for a million")])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=20_000)
    parser.add_argument("--chunk", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--memory", type=int, default=0, metavar="WINDOW", help="measure the memory of such a window")
    arguments = parser.parse_args()
    stories = Generator([*gmb(arguments.data), *gum(arguments.data)], arguments.seed).stream(arguments.stories)
    if arguments.memory:
        memory(stories, arguments.memory)
        return
    words = sum(len(story.text.split()) for story in stories) / len(stories)
    print(f"{len(stories)} stories of {words:.0f} words\n")
    contestants = [
        wiredesk(len(stories)),
        datasketch("datasketch", sha1_hash32),
        datasketch("ds. xxhash", xxhash.xxh32_intdigest),
        rensa(),
    ]
    race(contestants, stories, arguments.chunk)
    report(contestants, Truth.of(stories), len(stories))


if __name__ == "__main__":
    main()
