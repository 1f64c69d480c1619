"""A rebuild on the real servers: while stories arrive and are searched, killed half-way, and with another mapping."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from kafka import KafkaProducer

from pipeline.broker.clients import async_elasticsearch_client, elasticsearch_client
from pipeline.broker.topics import topics_of
from pipeline.broker.topics_admin import ensure_topics
from pipeline.events import Cluster, Content, EnrichedStory, Enrichment, HistoryEntry, Quote
from pipeline.events.errors import ConfigurationError, FatalError
from pipeline.index import admin
from pipeline.index.enriched import EnrichedReader
from pipeline.index.generations import Progress, generations, read_progress, unused, write_progress
from pipeline.index.mapping import BASES, IndexNames
from pipeline.index.rebuild import Rebuild, RebuildOptions
from pipeline.index.surplus import surplus_quotes
from pipeline.index.writer import Writer
from pipeline.settings import ElasticsearchSettings, KafkaSettings, Settings

pytestmark = pytest.mark.stack

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
QUICK = RebuildOptions(save_seconds=0.2, grace_seconds=1.0)
FRESH = RebuildOptions(fresh=True, save_seconds=0.2)


def story(number: int, version: int = 1, **changes: Any) -> EnrichedStory:
    """Version n has 3 - n quotations, so that a newer version has fewer."""
    id_ = f"orb-{number}"
    fields: dict[str, Any] = {
        "story_id": id_, "provider": "Orbis", "item_id": str(number), "index_version": 1000 + version,
        "version_rank": version, "first_seen": NOON, "first_created": NOON, "version_created": NOON, "received": NOON,
        "content": Content(headline=f"Ferry {number}, take {version}", body="The harbour was calm. " * 20, urgency=4),
        "history": tuple(
            HistoryEntry(story_id=id_, version_id=f"v{n}", version_rank=n, kind="new", received=NOON)
            for n in range(1, version + 1)
        ),
        "cluster": Cluster(cluster_id=id_),
        "enrichment": Enrichment(quotes=tuple(
            Quote(type="direct", text=f"Calm, {n}", start=0, end=4) for n in range(3 - version)
        )),
    }  # fmt: skip
    return EnrichedStory(**(fields | changes))


@dataclass
class Desk:
    """An installation of its own on the session's servers."""

    settings: Settings
    client: Elasticsearch
    newest: dict[str, EnrichedStory] = field(default_factory=dict)

    @property
    def names(self) -> IndexNames:
        return IndexNames(self.settings.elasticsearch.prefix)

    @contextmanager
    def producer(self) -> Iterator[Any]:
        producer = KafkaProducer(bootstrap_servers=self.settings.kafka.bootstrap_servers, acks="all", linger_ms=5)
        topic = topics_of(self.settings).enriched.name

        def send(event: EnrichedStory) -> None:
            producer.send(topic, key=event.key, value=event.encode())
            known = self.newest.get(event.story_id)
            if known is None or known.index_version < event.index_version:
                self.newest[event.story_id] = event

        yield send
        producer.flush(30)
        producer.close()

    def publish(self, *events: EnrichedStory) -> None:
        with self.producer() as send:
            for event in events:
                send(event)

    def write(self, *events: EnrichedStory, prefix: str = "") -> None:
        """Write without the topic."""

        async def run() -> None:
            client = async_elasticsearch_client(self.settings.elasticsearch)
            names = IndexNames(f"{self.settings.elasticsearch.prefix}{prefix}")
            await Writer(client, self.settings.elasticsearch, self.settings.index, names).write(events)
            await client.close()

        asyncio.run(run())

    def rebuild(self, options: RebuildOptions = QUICK) -> Any:
        return asyncio.run(Rebuild(self.settings, options).run())

    def index(self, base: Any = "stories") -> str:
        return str(admin.current_index(self.client, self.names, base))

    def everything(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for base in BASES:
            alias = self.names.alias(base)
            self.client.indices.refresh(index=alias)
            hits: list[dict[str, Any]] = []
            while True:
                after = {"search_after": hits[-1]["sort"]} if hits else {}
                sort = ["story_id", {"position" if base == "quotes" else "version_rank": "asc"}]
                page = self.client.search(index=alias, size=5000, sort=sort, **after)["hits"]["hits"]
                hits += page
                if len(page) < 5000:
                    break
            found[base] = {hit["_id"]: hit["_source"] for hit in hits}
            assert len(found[base]) == len(hits)
        return found

    def check(self) -> None:
        """All of the newest versions, and nothing else."""
        found = self.everything()
        assert {id_: doc["version_rank"] for id_, doc in found["stories"].items()} == {
            id_: event.version_rank for id_, event in self.newest.items()
        }
        assert set(found["quotes"]) == {
            f"{id_}:{n}" for id_, event in self.newest.items() for n in range(len(event.enrichment.quotes))
        }
        assert set(found["stories-history"]) == {
            f"{id_}:{entry.version_id}" for id_, event in self.newest.items() for entry in event.history
        }


@pytest.fixture
def desk(stack: Any) -> Iterator[Desk]:
    name = uuid.uuid4().hex[:8]
    settings = Settings(
        kafka=KafkaSettings(bootstrap_servers=stack.bootstrap, topic_prefix=f"t{name}", partitions=2,
                            max_message_bytes=1_000_000),
        elasticsearch=ElasticsearchSettings(url=stack.elasticsearch, prefix=f"t{name}-"),
    )  # fmt: skip
    ensure_topics(settings)
    with elasticsearch_client(settings.elasticsearch) as client:
        admin.init(client, settings.elasticsearch)
        desk = Desk(settings, client)
        yield desk
        for base in BASES:
            for number in generations(client, desk.names, base):
                client.indices.delete(index=desk.names.index(base, number))
            client.options(ignore_status=404).indices.delete_index_template(name=desk.names.template(base))


class IndexStage(threading.Thread):
    """What the index stage does: reads the topic from its start and writes to the aliases."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.stopping, self.failure = desk, threading.Event(), ""

    def run(self) -> None:
        try:
            asyncio.run(self._run())
        except Exception as error:  # noqa: BLE001
            self.failure = repr(error)

    async def _run(self) -> None:
        settings, topic = self.desk.settings, topics_of(self.desk.settings).enriched
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

    def __init__(self, desk: Desk, known: int) -> None:
        super().__init__()
        self.desk, self.known, self.stopping = desk, known, threading.Event()
        self.count, self.failures = 0, list[str]()

    def run(self) -> None:
        alias, words = self.desk.names.alias("stories"), {"match": {"body": "calm harbour"}}
        with elasticsearch_client(self.desk.settings.elasticsearch) as client:
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

    def __init__(self, desk: Desk, known: int) -> None:
        super().__init__()
        self.desk, self.known, self.stopping, self.sent = desk, known, threading.Event(), 0

    def run(self) -> None:
        with self.desk.producer() as send:
            while not self.stopping.is_set():
                send(story(self.known + self.sent))
                send(story(self.sent * 7 % self.known, 2))
                self.sent += 1
                time.sleep(0.05)


@pytest.mark.parametrize("known", [1000, pytest.param(20_000, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_while_stories_arrive_and_are_searched(desk: Desk, monkeypatch: pytest.MonkeyPatch, known: int) -> None:
    monkeypatch.setattr("pipeline.index.rebuild._NEARLY", 1000)  # so that much is left when nearly all is read
    desk.publish(*[story(number) for number in range(known)])
    stage = IndexStage(desk)
    stage.start()
    while desk.client.count(index=desk.names.alias("stories"))["count"] < known:
        time.sleep(0.1)
    searches, arrivals = Searches(desk, known), Arrivals(desk, known)
    searches.start()
    arrivals.start()
    built = desk.rebuild(RebuildOptions(drop_old=True, grace_seconds=1.0, save_seconds=0.2))
    time.sleep(0.5)
    for thread in (arrivals, stage, searches):
        thread.stopping.set()
        thread.join()
    assert stage.failure == ""
    assert searches.failures[:3] == []
    assert searches.count > 20
    assert arrivals.sent > 20
    assert desk.index() == built.indices[0] == f"{desk.names.prefix}stories-000002"
    assert all(not desk.client.indices.exists(index=old) for old in built.old)
    assert built.progress.refused == built.progress.unreadable == 0
    desk.check()
    assert admin.differences(desk.client, desk.index(), "stories", desk.settings.elasticsearch) == []


def run_command(desk: Desk, directory: Path, *arguments: str) -> subprocess.Popen[str]:
    path = directory / "wiredesk.yaml"
    path.write_text(json.dumps(desk.settings.model_dump(mode="json", include={"kafka", "elasticsearch"})))
    return subprocess.Popen(
        [sys.executable, "-c", "from pipeline.cli.index import app; app()", *arguments, "--config", str(path)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def test_killed_and_started_again_it_goes_on(desk: Desk, tmp_path: Path) -> None:
    desk.publish(*[story(number) for number in range(1200)])
    process = run_command(desk, tmp_path, "rebuild")
    index, progress = desk.names.index("stories", 2), None
    deadline = time.monotonic() + 60
    while progress is None or progress.stories < 100:
        assert time.monotonic() < deadline
        if desk.client.indices.exists(index=index):
            progress = read_progress(desk.client, index)
    process.kill()
    process.communicate()
    assert desk.index() == desk.names.index("stories", 1)
    desk.publish(*[story(number, 2) for number in range(0, 1200, 3)])
    built = desk.rebuild()
    assert built.resumed
    assert desk.index() == index
    desk.check()
    assert unused(desk.client, desk.names) == list(built.old) == [desk.names.index(base, 1) for base in BASES]


def test_killed_after_the_aliases_were_moved_it_copies_once_more(desk: Desk) -> None:
    desk.publish(*[story(number) for number in range(20)])
    desk.rebuild()
    # As if it had been killed right after the step, its positions those of the start.
    index = desk.index()
    done = read_progress(desk.client, index)
    assert done is not None
    write_progress(desk.client, index, done.model_copy(update={"phase": "building", "offsets": {}}))
    for base in BASES:
        own = IndexNames(f"{desk.names.prefix}rebuild-").alias(base)
        desk.client.indices.update_aliases(actions=[{"add": {"index": desk.index(base), "alias": own}}])
    desk.publish(*[story(number) for number in range(20, 30)])
    assert desk.rebuild().indices[0] == index
    desk.check()
    finished = read_progress(desk.client, index)
    assert finished is not None
    assert finished.phase == "done"
    assert not desk.client.indices.exists_alias(name=f"{desk.names.prefix}rebuild-stories")
    assert desk.rebuild().indices[0] == desk.names.index("stories", 3)


def test_another_mapping_is_rolled_out(desk: Desk) -> None:
    """An index of an older release: urgency was a keyword, the headline had no sub-fields, link was not there."""
    for base in BASES:
        desk.client.indices.delete(index=desk.names.index(base, 1))
    template = desk.client.indices.get_index_template(name=desk.names.template("stories"))
    older = template["index_templates"][0]["index_template"]
    properties = older["template"]["mappings"]["properties"]
    properties["urgency"] = {"type": "keyword"}
    del properties["headline"]["fields"]
    del properties["link"]
    desk.client.indices.put_index_template(name=desk.names.template("stories"), **older)
    for base in BASES:
        admin.create_generation(desk.client, desk.names, base, 1, with_aliases=True)
    desk.publish(*[story(number) for number in range(30)])
    desk.write(*desk.newest.values())
    changes = admin.changes(desk.client, desk.index(), "stories", desk.settings.elasticsearch)
    assert {(change.field, change.needs) for change in changes} == {
        ("urgency", "rebuild"), ("headline.plain", "in place"), ("headline.raw", "in place"), ("link", "in place"),
    }  # fmt: skip
    desk.rebuild()
    assert admin.changes(desk.client, desk.index(), "stories", desk.settings.elasticsearch) == []
    assert desk.client.count(index=desk.names.alias("stories"), query={"range": {"urgency": {"gte": 4}}})["count"] == 30
    desk.check()


def test_what_a_half_written_story_leaves_is_removed(desk: Desk) -> None:
    desk.write(story(1, 1))
    desk.write(story(1, 2))
    index = desk.names.index("quotes", 1)
    for position in (1, 2):  # as the version before had them, written after the newer one's deletes
        desk.client.options(ignore_status=409).index(
            index=index, id=f"orb-1:{position}", version=2000 if position == 2 else 1001, version_type="external",
            document={"story_id": "orb-1", "position": position},
        )  # fmt: skip
    desk.client.indices.refresh(index=index)
    indices = {base: desk.names.index(base, 1) for base in BASES}
    deletes = surplus_quotes(desk.client, indices, ["orb-1", "orb-2"])
    assert {line["delete"]["_id"] for line in deletes} <= {"orb-1:1", "orb-1:2"}
    answer = desk.client.bulk(operations=deletes)
    # The one with a later version than the story's is somebody's newer quotation and stays.
    assert [item["delete"]["status"] for item in answer["items"] if item["delete"]["_id"] == "orb-1:2"] == [409]


def test_refused_stories_keep_the_old_indices_in_use(desk: Desk) -> None:
    desk.publish(story(1), story(2, story_id="x" * 600))
    with pytest.raises(ConfigurationError, match=r"refused 1 of the stories[\s\S]*allow-refused"):
        desk.rebuild()
    assert desk.index() == desk.names.index("stories", 1)
    built = desk.rebuild(RebuildOptions(allow_refused=True, save_seconds=0.2))
    assert built.resumed
    assert desk.index() == desk.names.index("stories", 2)


def test_two_at_once_no_topic_and_no_indices(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.publish(story(1))

    async def beating() -> None:
        index = desk.names.index("stories", 2)
        for beat in range(100):
            progress = Progress(run="other", beat=beat, topic=topics_of(desk.settings).enriched.name)
            write_progress(desk.client, index, progress)
            await asyncio.sleep(0.05)

    async def both() -> None:
        for base in BASES:
            admin.create_generation(desk.client, desk.names, base, 2, with_aliases=False)
        other = asyncio.create_task(beating())
        await asyncio.sleep(0.1)
        try:
            await Rebuild(desk.settings, QUICK).run()
        finally:
            other.cancel()

    with pytest.raises(ConfigurationError, match="Another rebuild is at work"):
        asyncio.run(both())
    monkeypatch.setattr("pipeline.broker.restore._TOPIC_LOOKS", 1)
    elsewhere = desk.settings.kafka.model_copy(update={"topic_prefix": "none"})
    with pytest.raises(FatalError, match=r"none\.enriched is not there\. Create it: wiredesk topics"):
        asyncio.run(Rebuild(desk.settings.model_copy(update={"kafka": elsewhere}), FRESH).run())
    for base in BASES:
        desk.client.indices.delete(index=desk.names.index(base, 1))
    with pytest.raises(ConfigurationError, match="wiredesk index init"):
        desk.rebuild()


def test_old_and_unreadable_messages_are_counted(desk: Desk) -> None:
    now = datetime.now(UTC)
    desk.publish(story(1, first_seen=now), story(2, first_seen=now - timedelta(days=9)))
    producer = KafkaProducer(bootstrap_servers=desk.settings.kafka.bootstrap_servers)
    producer.send(topics_of(desk.settings).enriched.name, key=b"k", value=b"rubbish").get(10)
    producer.close()
    before = datetime.now(UTC)
    built = desk.rebuild(RebuildOptions(keep_days=5, save_seconds=0.2))
    assert (built.progress.stories, built.progress.expired, built.progress.unreadable) == (1, 1, 1)
    (document,) = desk.everything()["stories"].values()
    assert document["story_id"] == "orb-1"
    assert datetime.fromisoformat(document["indexed"]) <= before, "to be indexed anew is no news"
