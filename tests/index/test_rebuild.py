"""A rebuild on the real servers: killed half-way, with another mapping, with faults of its inputs."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kafka import KafkaProducer

from pipeline.broker.elasticsearch_client import async_elasticsearch_client
from pipeline.broker.topics import topics_of
from pipeline.events import Enrichment
from pipeline.events.errors import ConfigurationError, FatalError
from pipeline.index import admin
from pipeline.index.bulk import Action, Bulk, Condition, Sent
from pipeline.index.documents import quote_documents
from pipeline.index.generations import Progress, read_progress, unused, write_progress
from pipeline.index.mapping import BASES, IndexNames
from pipeline.index.rebuild import Rebuild
from pipeline.index.rebuild_options import RebuildOptions
from tests.index.site import QUICK, Site, referring_story, story, texts_of_story

pytestmark = pytest.mark.stack

FRESH = RebuildOptions(fresh=True, save_seconds=0.2)


def run_command(site: Site, directory: Path, *arguments: str) -> subprocess.Popen[str]:
    path = directory / "wiredesk.yaml"
    path.write_text(json.dumps(site.settings.model_dump(mode="json", include={"kafka", "elasticsearch"})))
    return subprocess.Popen(
        [sys.executable, "-c", "from pipeline.cli.index import app; app()", *arguments, "--config", str(path)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def test_killed_and_started_again_it_goes_on(site: Site, tmp_path: Path) -> None:
    site.publish(*[story(number) for number in range(1200)])
    process = run_command(site, tmp_path, "rebuild")
    index, progress = site.names.index("stories", 2), None
    deadline = time.monotonic() + 60
    while progress is None or progress.stories < 100:
        assert time.monotonic() < deadline
        if site.client.indices.exists(index=index):
            progress = read_progress(site.client, index)
    process.kill()
    process.communicate()
    assert site.index() == site.names.index("stories", 1)
    site.publish(*[story(number, 2) for number in range(0, 1200, 3)])
    built = site.rebuild()
    assert built.resumed
    assert site.index() == index
    site.check()
    assert unused(site.client, site.names) == list(built.old) == [site.names.index(base, 1) for base in BASES]


def test_killed_after_the_aliases_were_moved_it_copies_once_more(site: Site) -> None:
    site.publish(*[story(number) for number in range(20)])
    site.rebuild()
    # As if it had been killed right after the step, its positions those of the start.
    index = site.index()
    done = read_progress(site.client, index)
    assert done is not None
    write_progress(site.client, index, done.model_copy(update={"phase": "building", "offsets": {}}))
    for base in BASES:
        own = IndexNames(f"{site.names.prefix}rebuild-").alias(base)
        site.client.indices.update_aliases(actions=[{"add": {"index": site.index(base), "alias": own}}])
    site.publish(*[story(number) for number in range(20, 30)])
    assert site.rebuild().indices[0] == index
    site.check()
    finished = read_progress(site.client, index)
    assert finished is not None
    assert finished.phase == "done"
    assert not site.client.indices.exists_alias(name=f"{site.names.prefix}rebuild-stories")
    assert site.rebuild().indices[0] == site.names.index("stories", 3)


def test_another_mapping_is_rolled_out(site: Site) -> None:
    """An index of an older release: urgency was a keyword, the headline had no sub-fields, link was not there."""
    for base in BASES:
        site.client.indices.delete(index=site.names.index(base, 1))
    template = site.client.indices.get_index_template(name=site.names.template("stories"))
    older = template["index_templates"][0]["index_template"]
    properties = older["template"]["mappings"]["properties"]
    properties["urgency"] = {"type": "keyword"}
    del properties["headline"]["fields"]
    del properties["link"]
    site.client.indices.put_index_template(name=site.names.template("stories"), **older)
    for base in BASES:
        admin.create_generation(site.client, site.names, base, 1, with_aliases=True)
    site.publish(*[story(number) for number in range(30)])
    site.write(*site.newest.values())
    changes = admin.changes(site.client, site.index(), "stories", site.settings.elasticsearch)
    assert {(change.field, change.needs) for change in changes} == {
        ("urgency", "rebuild"), ("headline.plain", "in place"), ("headline.raw", "in place"), ("link", "in place"),
    }  # fmt: skip
    site.rebuild()
    assert admin.changes(site.client, site.index(), "stories", site.settings.elasticsearch) == []
    assert site.client.count(index=site.names.alias("stories"), query={"range": {"urgency": {"gte": 4}}})["count"] == 30
    site.check()


def test_never_below_the_index_in_use(site: Site) -> None:
    """The topic's last message of a story is one that a suspended worker sent late: its killed version is in the index."""
    killed = story(1, 3, killed=True, kind="kill", enrichment=Enrichment(status="withdrawn"))
    site.write(story(1, 1))
    site.write(killed)
    site.write(story(2, 2), story(3, 1))  # of another topic: only the index has them
    site.publish(story(1, 1), story(3, 2), story(4, 1))
    newest = {"orb-1": killed, "orb-2": story(2, 2), "orb-3": story(3, 2), "orb-4": story(4, 1)}
    told: list[str] = []
    asyncio.run(Rebuild(site.settings, QUICK, told.append).run())
    site.newest = newest
    site.check()
    documents = site.everything()
    assert documents["stories"]["orb-1"]["killed"]
    assert "2 stories carried over" in "".join(told)
    assert site.client.count(index=site.names.public("stories"), query={"term": {"story_id": "orb-1"}})["count"] == 0
    site.write(story(1, 1), story(2, 1))  # the late worker writes to the new indices
    site.check()


def test_quotations_announced_in_the_old_indices_stay_hidden_in_the_new_ones(site: Site) -> None:
    """Announced before the aliases move, written after the kill in the new indices: the register came along."""
    first, killed = story(1, 1), story(1, 2, killed=True, enrichment=Enrichment())
    site.publish(first)
    site.write(first)
    site.publish(killed)
    site.rebuild()
    site.write(killed)
    index = site.index("quotes")
    late = [Action(site.names.alias("quotes"), id_, Condition(newer_than=2 * first.index_version + 1), document, 0)
            for id_, document in quote_documents(first)]  # fmt: skip

    async def send() -> Sent:
        client = async_elasticsearch_client(site.settings.elasticsearch)
        try:
            return await Bulk(client, site.settings.index).send(late)
        finally:
            await client.close()

    assert len(asyncio.run(send()).stale) == len(late) == 2
    site.client.indices.refresh(index=index)
    assert site.client.count(index=site.names.alias("quotes"))["count"] == 0


def test_texts_that_are_only_in_their_topic_come_back(site: Site) -> None:
    """The indices in use lost everything; a text whose story is not there yet is kept and shown to nobody."""
    waiting = texts_of_story(4, 1)
    texts = [text for number in range(1, 4) for text in texts_of_story(number)]
    site.publish(*[referring_story(number) for number in range(1, 4)])
    site.publish_texts(*texts, *waiting)
    site.rebuild()
    history = site.everything()["stories-history"]
    assert {id_: (document["headline"], document["body"]) for id_, document in history.items()} == {
        text.key.decode(): (text.headline, text.body) for text in [*texts, *waiting]
    }
    assert [id_ for id_, document in history.items() if document["withheld"]] == ["orb-4:v1"]
    assert (history["orb-1:v2"]["kind"], history["orb-1:v2"]["supersedes"]) == ("update", "v1")
    hits = site.client.search(index=site.names.public("stories-history"), size=100)["hits"]["hits"]
    assert {hit["_id"] for hit in hits} == {text.key.decode() for text in texts}


def test_refused_stories_keep_the_old_indices_in_use(site: Site) -> None:
    site.publish(story(1), story(2, story_id="x" * 600))
    with pytest.raises(ConfigurationError, match=r"refused 1 stories[\s\S]*allow-refused"):
        site.rebuild()
    assert site.index() == site.names.index("stories", 1)
    built = site.rebuild(RebuildOptions(allow_refused=True, save_seconds=0.2))
    assert built.resumed
    assert site.index() == site.names.index("stories", 2)


def test_two_at_once_no_topic_and_no_indices(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish(story(1))

    async def beating() -> None:
        index = site.names.index("stories", 2)
        for beat in range(100):
            progress = Progress(run="other", beat=beat, topic=topics_of(site.settings).enriched.name)
            write_progress(site.client, index, progress)
            await asyncio.sleep(0.05)

    async def both() -> None:
        for base in BASES:
            admin.create_generation(site.client, site.names, base, 2, with_aliases=False)
        other = asyncio.create_task(beating())
        await asyncio.sleep(0.1)
        try:
            await Rebuild(site.settings, QUICK).run()
        finally:
            other.cancel()

    with pytest.raises(ConfigurationError, match="Another rebuild is running"):
        asyncio.run(both())
    monkeypatch.setattr("pipeline.broker.restore._TOPIC_ATTEMPTS", 1)
    elsewhere = site.settings.kafka.model_copy(update={"topic_prefix": "none"})
    with pytest.raises(FatalError, match=r"none\.enriched is not there\. Create it: wiredesk topics"):
        asyncio.run(Rebuild(site.settings.model_copy(update={"kafka": elsewhere}), FRESH).run())
    for base in BASES:
        site.client.indices.delete(index=site.names.index(base, 1))
    with pytest.raises(ConfigurationError, match="wiredesk index init"):
        site.rebuild()


def test_old_and_unreadable_messages_are_counted(site: Site) -> None:
    now = datetime.now(UTC)
    site.publish(story(1, first_seen=now), story(2, first_seen=now - timedelta(days=9)))
    producer = KafkaProducer(bootstrap_servers=site.settings.kafka.bootstrap_servers)
    producer.send(topics_of(site.settings).enriched.name, key=b"k", value=b"rubbish").get(10)
    producer.close()
    before = datetime.now(UTC)
    built = site.rebuild(RebuildOptions(keep_days=5, save_seconds=0.2))
    assert (built.progress.stories, built.progress.expired, built.progress.unreadable) == (1, 1, 1)
    (document,) = site.everything()["stories"].values()
    assert document["story_id"] == "orb-1"
    assert datetime.fromisoformat(document["indexed"]) <= before, "a rebuild is not news"
