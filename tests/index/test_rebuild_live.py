"""A rebuild on the real servers while stories arrive and are searched: nothing is missed, no search fails."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from pipeline.broker.elasticsearch_client import async_elasticsearch_client, elasticsearch_client
from pipeline.broker.topics import topics_of
from pipeline.events import EnrichedStory
from pipeline.index import admin
from pipeline.index.enriched import EnrichedReader
from pipeline.index.rebuild_options import RebuildOptions
from pipeline.index.writer import Writer
from tests.index.site import Site, story

pytestmark = pytest.mark.stack


class IndexStage(threading.Thread):
    """What the index stage does: reads the topic from its start and writes to the aliases."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site, self.stopping, self.failure = site, threading.Event(), ""

    def run(self) -> None:
        try:
            asyncio.run(self._run())
        except Exception as error:  # noqa: BLE001
            self.failure = repr(error)

    async def _run(self) -> None:
        settings, topic = self.site.settings, topics_of(self.site.settings).enriched
        client = async_elasticsearch_client(settings.elasticsearch)
        reader = EnrichedReader(settings.kafka, topic.name, topic.partitions, {})
        await reader.open()
        writer = Writer(client, settings.elasticsearch, settings.index)
        while not (self.stopping.is_set() and await reader.positions() == await reader.ends()):
            records = await reader.read(100, 0.05)
            if records:
                await writer.write([EnrichedStory.decode(record.value) for record in records])
        await reader.aclose()
        await client.close()


class Searches(threading.Thread):
    """Searches all the time; every one must succeed and find all stories that were there at the start."""

    def __init__(self, site: Site, known: int) -> None:
        super().__init__()
        self.site, self.known, self.stopping = site, known, threading.Event()
        self.count, self.failures = 0, list[str]()

    def run(self) -> None:
        alias, words = self.site.names.alias("stories"), {"match": {"body": "calm harbour"}}
        with elasticsearch_client(self.site.settings.elasticsearch) as client:
            while not self.stopping.is_set():
                try:
                    answer = client.search(index=alias, size=3, track_total_hits=True, query=words)
                    total, shards = answer["hits"]["total"]["value"], answer["_shards"]["failed"]
                    if total < self.known or shards:
                        self.failures.append(f"{total} of {self.known} stories, {shards} shards failed")
                except Exception as error:  # noqa: BLE001
                    self.failures.append(repr(error))
                self.count += 1
                self.stopping.wait(0.02)  # the machine is also needed for the rebuild


class Arrivals(threading.Thread):
    """New stories, and new versions of stories from all over the topic, all the time."""

    def __init__(self, site: Site, known: int) -> None:
        super().__init__()
        self.site, self.known, self.stopping, self.sent = site, known, threading.Event(), 0

    def run(self) -> None:
        with self.site.producer() as send:
            while not self.stopping.is_set():
                send(story(self.known + self.sent))
                send(story(self.sent * 7 % self.known, 2))
                self.sent += 1
                time.sleep(0.05)


@pytest.mark.parametrize("known", [1000, pytest.param(20_000, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_while_stories_arrive_and_are_searched(site: Site, monkeypatch: pytest.MonkeyPatch, known: int) -> None:
    monkeypatch.setattr("pipeline.index.rebuild._NEARLY", 1000)  # so that much is left when nearly all is read
    site.publish(*[story(number) for number in range(known)])
    stage = IndexStage(site)
    stage.start()
    while site.client.count(index=site.names.alias("stories"))["count"] < known:
        time.sleep(0.1)
    searches, arrivals = Searches(site, known), Arrivals(site, known)
    searches.start()
    arrivals.start()
    built = site.rebuild(RebuildOptions(drop_old=True, grace_seconds=1.0, save_seconds=0.2))
    time.sleep(0.5)
    for thread in (arrivals, stage, searches):
        thread.stopping.set()
        thread.join()
    assert stage.failure == ""
    assert searches.failures[:3] == []
    assert searches.count > 20
    assert arrivals.sent > 20
    assert site.index() == built.indices[0] == f"{site.names.prefix}stories-000002"
    assert all(not site.client.indices.exists(index=old) for old in built.old)
    assert built.progress.refused == built.progress.unreadable == 0
    site.check()
    assert admin.differences(site.client, site.index(), "stories", site.settings.elasticsearch) == []
