"""Processor time of the index writer, against ``helpers.async_streaming_bulk`` with its defaults.

    python -m tests.benchmarks.writer [--stories 2000] [--rounds 5] [--data-dir DIR]

The helper writes the same story documents, and nothing else: no quotations, no history, no registers, no order of
versions. Processor time of this process only; what the server does is the same for the stories.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from elasticsearch import AsyncElasticsearch, helpers

from pipeline.broker.elasticsearch_client import async_elasticsearch_client
from pipeline.events import EnrichedStory
from pipeline.index.documents import story_document
from pipeline.index.mapping import IndexNames
from pipeline.index.writer import Writer
from tests.benchmarks.desk import Maker
from tests.benchmarks.figures import ROUNDS, Figure
from tests.benchmarks.servers import Site, site
from tests.benchmarks.show import show

_BATCH = 200


async def ours(place: Site, stories: Sequence[EnrichedStory]) -> float:
    """Processor seconds of Wiredesk's writer, into a new installation."""
    settings = place.settings()
    client = async_elasticsearch_client(settings.elasticsearch)
    try:
        writer = Writer(client, settings.elasticsearch, settings.index)
        await writer.write(stories[:10])
        began = time.process_time()
        for start in range(0, len(stories), _BATCH):
            written = await writer.write(stories[start : start + _BATCH])
            assert not written.rejected
        return time.process_time() - began
    finally:
        await client.close()


async def theirs(place: Site, stories: Sequence[EnrichedStory]) -> float:
    """Processor seconds of the helper, into an index with the same mapping."""
    settings = place.settings()
    client = AsyncElasticsearch(settings.elasticsearch.url)
    index = IndexNames(settings.elasticsearch.prefix).alias("stories")
    now = datetime.now(UTC)

    async def actions() -> AsyncIterator[dict[str, Any]]:
        for story in stories:
            yield {"_index": index, "_id": story.story_id, **story_document(story, now)}

    try:
        await client.info()
        began = time.process_time()
        async for ok, _ in helpers.async_streaming_bulk(client, actions()):
            assert ok
        return time.process_time() - began
    finally:
        await client.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--data-dir", type=Path, help="a running local stack's; default: one of its own")
    given = parser.parse_args()
    maker = Maker()
    stories = [maker.story(number, given.stories) for number in range(given.stories)]
    rounds = []
    with site(given.data_dir) as place:
        for _ in range(given.rounds):
            rounds.append((asyncio.run(ours(place, stories)), asyncio.run(theirs(place, stories))))
            print(f"turn {len(rounds)}: wiredesk {rounds[-1][0]:.2f} s, helper {rounds[-1][1]:.2f} s", flush=True)
    medians = [sorted(part)[len(rounds) // 2] for part in zip(*rounds, strict=True)]
    figure = Figure("stories, quotations, history: processor time", "s", medians[0],
                    "async_streaming_bulk, stories alone", medians[1], "smaller", "3 x", rounds)  # fmt: skip
    show("writer", [figure])


if __name__ == "__main__":
    main()
