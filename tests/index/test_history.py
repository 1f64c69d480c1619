"""The history on the real Elasticsearch: texts written once, places corrected, nothing shown that must not be."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from pipeline.broker.elasticsearch_client import async_elasticsearch_client
from pipeline.events import Cluster, Content, EnrichedStory, VersionEntry, VersionText
from pipeline.events.errors import UnreachableError
from pipeline.index.history import changed_places, places, read_indexed, versions_field
from pipeline.index.history_writer import HistoryWriter
from pipeline.index.mapping import IndexNames
from pipeline.index.writer import Writer
from pipeline.settings import ElasticsearchSettings, IndexSettings
from tests.indices import made_indices

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
UNTIL = datetime(2100, 1, 1, tzinfo=UTC)


def story(*versions: str, changes: int = 0, **more: Any) -> EnrichedStory:
    """A story with these versions, lowest first; every further change makes it newer."""
    kinds = ["new", *["update"] * (len(versions) - 1)]
    fields: dict[str, Any] = {
        "story_id": "orb-1", "provider": "Orbis", "item_id": "1", "index_version": 1_000 + len(versions) + changes,
        "version_rank": len(versions), "first_seen": NOON, "first_created": NOON, "version_created": NOON,
        "received": NOON, "content": Content(headline="Ferry", body="The ferry."), "cluster": Cluster(cluster_id="orb-1"),
        "versions": tuple(VersionEntry(id=id_, kind=kind) for id_, kind in zip(versions, kinds, strict=True)),
    }  # fmt: skip
    return EnrichedStory(**(fields | more))


def killed(*versions: str, **more: Any) -> EnrichedStory:
    return story(*versions, killed=True, pubstatus="canceled", kind="kill", **more)


def text(version_id: str) -> VersionText:
    return VersionText(
        story_id="orb-1", provider="Orbis", version_id=version_id, version_rank=int(version_id[1:]), received=NOON,
        headline="Ferry", body=f"The ferry, {version_id}.",
    )  # fmt: skip


class TestChangedPlaces:
    """Which documents are corrected."""

    @staticmethod
    def changed(before: EnrichedStory, after: EnrichedStory) -> dict[str, dict[str, Any]]:
        source = {
            "index_version": before.index_version, "killed": before.killed, "withheld": before.pubstatus == "withheld",
            "versions": versions_field(before),
        }  # fmt: skip
        if before.content.embargoed:
            source["embargoed"] = before.content.embargoed.isoformat()
        return changed_places(after, read_indexed({"found": True, "_source": source}))

    def test_a_new_version_corrects_the_one_before_alone(self) -> None:
        found = self.changed(story("v1", "v2", "v3"), story("v1", "v2", "v3", "v4"))
        assert set(found) == {"orb-1:v3", "orb-1:v4"}
        assert (found["orb-1:v3"]["superseded_by"], found["orb-1:v4"]["supersedes"]) == ("v4", "v3")

    def test_a_late_version_corrects_its_neighbours(self) -> None:
        assert set(self.changed(story("v1", "v3"), story("v1", "v2", "v3"))) == {"orb-1:v1", "orb-1:v2", "orb-1:v3"}

    @pytest.mark.parametrize(
        "more", [{"killed": True}, {"pubstatus": "withheld"}, {"content": Content(embargoed=UNTIL)}]
    )
    def test_flags_correct_every_version(self, more: dict[str, Any]) -> None:
        before = story("v1", "v2", "v3")
        after = story("v1", "v2", "v3", changes=1, **more)
        assert self.changed(before, after) == places(after)
        assert self.changed(after, story("v1", "v2", "v3", changes=2, **more)) == {}, "the same flags again"

    def test_the_same_message_again_corrects_everything_again(self) -> None:
        assert set(self.changed(story("v1", "v2"), story("v1", "v2"))) == {"orb-1:v1", "orb-1:v2"}

    def test_a_document_of_an_older_release_does_not_say_what_is_there(self) -> None:
        source = {"index_version": 1, "killed": False}
        assert set(changed_places(story("v1", "v2"), read_indexed({"found": True, "_source": source}))) == {
            "orb-1:v1",
            "orb-1:v2",
        }

    def test_versions_no_longer_remembered_keep_their_links(self) -> None:
        after = story("v1", "v3", "v4", versions_dropped=1, changes=1)
        found = self.changed(story("v1", "v2", "v3"), after)
        assert "superseded_by" not in places(after)["orb-1:v1"]
        assert "supersedes" not in places(after)["orb-1:v3"]
        assert "orb-1:v2" not in found

    def test_what_is_no_version_any_more_is_withheld(self) -> None:
        found = self.changed(story("v1", "v2", "v3"), story("v1", "v3", changes=2))
        assert (found["orb-1:v2"]["kind"], found["orb-1:v2"]["withheld"]) == (None, True)


class Installation:
    def __init__(self, settings: ElasticsearchSettings, client: Elasticsearch) -> None:
        self.settings, self.client = settings, client
        self.names = IndexNames(settings.prefix)

    def write(self, *batches: EnrichedStory | list[VersionText]) -> None:
        async def run() -> None:
            client = async_elasticsearch_client(self.settings)
            writer = Writer(client, self.settings, IndexSettings())
            try:
                for batch in batches:
                    if isinstance(batch, list):
                        assert await writer.write_texts(batch) == {}
                    else:
                        assert (await writer.write([batch])).rejected == {}
            finally:
                await client.close()

        asyncio.run(run())

    def story(self) -> dict[str, Any]:
        source: dict[str, Any] = self.client.get(index=self.names.alias("stories"), id="orb-1")["_source"]
        return source

    def history(self, *, public: bool = False) -> dict[str, dict[str, Any]]:
        index = self.names.public("stories-history") if public else self.names.alias("stories-history")
        self.client.indices.refresh(index=self.names.alias("stories-history"))
        hits = self.client.search(index=index, size=2000)["hits"]["hits"]
        return {hit["_id"].removeprefix("orb-1:"): hit["_source"] for hit in hits}


@pytest.fixture
def installation(stack: Any) -> Iterator[Installation]:
    with made_indices(stack.elasticsearch) as (settings, client):
        yield Installation(settings, client)


@pytest.mark.stack
def test_every_order_of_texts_and_stories_ends_the_same(installation: Installation) -> None:
    steps: list[EnrichedStory | list[VersionText]] = [
        [text("v1")], [text("v2")], story("v1"), story("v1", "v2"), killed("v1", "v2", "v3"),
    ]  # fmt: skip
    orders = list(itertools.permutations(range(5)))
    for number, order in enumerate(orders):
        name = {"story_id": f"moved-{number}"}
        moved = [
            [one.model_copy(update=name) for one in step] if isinstance(step, list) else step.model_copy(update=name)
            for step in steps
        ]
        installation.write(*[moved[at] for at in order])
    assert installation.history(public=True) == {}, "a killed story has no version for readers"
    found = installation.history()
    for number in range(len(orders)):
        one, two, three = (found[f"moved-{number}:v{at}"] for at in (1, 2, 3))
        assert (one["body"], one["killed"], one["superseded_by"]) == ("The ferry, v1.", True, "v2")
        assert (two["body"], two["killed"], two["supersedes"]) == ("The ferry, v2.", True, "v1")
        assert (two["superseded_by"], three["killed"], three["supersedes"]) == ("v3", True, "v2")
        assert "superseded_by" not in three


@pytest.mark.stack
def test_a_text_without_its_story_is_shown_to_nobody(installation: Installation) -> None:
    installation.write([text("v1")])
    assert installation.history(public=True) == {}
    installation.write(story("v1"))
    assert installation.history(public=True)["v1"]["body"] == "The ferry, v1."


@pytest.mark.stack
def test_a_kill_reaches_versions_that_are_no_longer_remembered(installation: Installation) -> None:
    names = [f"v{n}" for n in range(1, 8)]
    installation.write([text(name) for name in names], story(*names))
    assert len(installation.history(public=True)) == 7
    installation.write(killed("v1", "v6", "v7", versions_dropped=4, changes=9))
    assert installation.history(public=True) == {}
    found = installation.history()
    assert [found[name]["killed"] for name in names] == [True] * 7
    assert found["v3"]["body"] == "The ferry, v3."
    assert found["v6"]["supersedes"] == "v5", "the link stays as it was"


@pytest.mark.stack
@pytest.mark.parametrize("goes_on", ["the same message", "a newer one"])
def test_a_kill_withdraws_the_story_before_its_versions(
    installation: Installation, goes_on: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand versions take half a minute: the story does not wait. Whoever goes on after a crash ends the work."""
    names = [f"v{n}" for n in range(1, 8)]
    installation.write([text(name) for name in names], story(*names))
    kill = killed("v1", "v6", "v7", versions_dropped=4, changes=9)

    async def dies(*_: Any) -> None:
        raise UnreachableError("the process ends here")

    with monkeypatch.context() as patched:
        patched.setattr(HistoryWriter, "place", dies)
        with pytest.raises(UnreachableError):
            installation.write(kill)
    assert installation.story()["killed"]
    assert len(installation.history(public=True)) == 7, "not yet"
    newer = killed("v1", "v6", "v7", versions_dropped=4, changes=10)
    installation.write(kill if goes_on == "the same message" else newer)
    assert installation.history(public=True) == {}
    assert [item["id"] for item in installation.story()["versions"]["items"]] == ["v1", "v6", "v7"]


@pytest.mark.stack
def test_an_embargo_covers_every_version_until_it_is_lifted(installation: Installation) -> None:
    installation.write([text("v1"), text("v2")], story("v1"))
    assert set(installation.history(public=True)) == {"v1"}
    installation.write(story("v1", "v2", content=Content(headline="Ferry", embargoed=UNTIL)))
    assert installation.history(public=True) == {}
    installation.write(story("v1", "v2", changes=1))
    assert set(installation.history(public=True)) == {"v1", "v2"}


@pytest.mark.stack
def test_an_older_worker_that_writes_late_changes_nothing(installation: Installation) -> None:
    installation.write([text("v1"), text("v2")], story("v1", "v2"), killed("v1", "v2", changes=1))
    before = installation.history()
    installation.write(story("v1"), story("v1", "v2"), [text("v2")])
    assert installation.history() == before


@pytest.mark.stack
def test_history_of_an_older_release_goes_on(installation: Installation) -> None:
    """Release 0.1 wrote texts and places in one document, and its events carry all texts."""
    event = EnrichedStory.decode((Path(__file__).parent / "enriched-0.1.json").read_bytes())
    installation.write(event)
    old = {name.split(":", 1)[-1]: source for name, source in installation.history().items()}
    assert len(old) == len(event.history)
    assert all(source["body"] for source in old.values())
    entries = tuple(VersionEntry(id=entry.version_id, kind=entry.kind) for entry in event.history)
    kill = event.model_copy(
        update={
            "history": (), "versions": (*entries, VersionEntry(id="k1", kind="kill")), "killed": True,
            "pubstatus": "canceled", "index_version": event.index_version + 1, "received": NOON + timedelta(days=1),
        }
    )  # fmt: skip
    installation.write(kill)
    assert installation.history(public=True) == {}
    assert len(installation.history()) == len(entries) + 1
