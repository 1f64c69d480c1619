"""How long a restart of the cluster stage takes with a full window: ``python -m tests.benchmarks.cluster_restart``.

The window is filled with invented stories by the real code, saved, and loaded into a new one; then the stories that may
have come since a snapshot are placed. No broker: reading 2,000 messages from Kafka takes far less than placing them.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.cluster.window import Window
from pipeline.events import Content, StoryVersion
from pipeline.settings import ClusterSettings

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SINCE_SNAPSHOT = 2_000


def message(number: int, words: list[str], chance: random.Random) -> tuple[int, StoryVersion, bytes]:
    body = " ".join(chance.choices(words, k=130))
    story = StoryVersion(
        story_id=f"orbis-{number:020x}", provider="Orbis", item_id=str(number), index_version=number, version_rank=number,
        first_seen=NOON, first_created=NOON, version_created=NOON, received=NOON + timedelta(seconds=number),
        content=Content(headline=f"Headline {number}", slugline=f"SLUG-{number}", body=body, language="en"),
    )  # fmt: skip
    return number, story, story.encode()


def main(count: int) -> None:
    """Fill, save, load, go on."""
    chance = random.Random(1)
    words = [f"{a}{b}" for a in range(300) for b in "abcdefghij"]
    settings = ClusterSettings()
    window = Window(settings)
    began = time.perf_counter()
    for start in range(0, count, 256):
        window.place([message(number, words, chance) for number in range(start, min(start + 256, count))])
    print(f"{count:,} stories placed in {time.perf_counter() - began:.1f} s")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "window.npz"
        began = time.perf_counter()
        window.save(path)
        print(f"saved in {time.perf_counter() - began:.1f} s, {path.stat().st_size / 1e6:.0f} MB")
        since = [message(count + number, words, chance)[2] for number in range(SINCE_SNAPSHOT)]
        began = time.perf_counter()
        restored = Window(settings)
        assert restored.load(path)
        loaded = time.perf_counter()
        stories = [(count + at, StoryVersion.decode(value), value) for at, value in enumerate(since)]
        for start in range(0, len(stories), 256):
            restored.place(stories[start : start + 256])
        done = time.perf_counter()
    print(f"loaded in {loaded - began:.1f} s, {SINCE_SNAPSHOT:,} stories since then in {done - loaded:.1f} s")
    print(f"ready after {done - began:.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
