"""``wiredesk index check``: what differs is told and repaired; what is being written meanwhile is not a difference."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.broker.elasticsearch_client import async_elasticsearch_client
from pipeline.broker.topics import topics_of
from pipeline.cli.index import app
from pipeline.events import EnrichedStory, Enrichment, VersionEntry
from pipeline.index.check import Check, Checked
from pipeline.index.enriched import acknowledged_offsets
from pipeline.index.mapping import BASES
from pipeline.index.registers import register_id
from pipeline.index.writer import Writer
from tests.index.site import Site, referring_story, story, texts_of_story

pytestmark = pytest.mark.stack

ALL = {0: 10**9, 1: 10**9}


def check(site: Site, *, repair: bool = False, acknowledged: dict[int, int] | None = None) -> Checked:
    for base in BASES:
        site.client.indices.refresh(index=site.names.alias(base))
    checking = Check(site.settings, lambda _: None, repair=repair, settle_seconds=0)
    upto = ALL if acknowledged is None else acknowledged
    return asyncio.run(checking.run(upto, upto))


def put(site: Site, base: Any, id_: str, version: int, document: dict[str, Any]) -> None:
    index = site.names.index(base, 1)
    site.client.index(index=index, id=id_, version=version, version_type="external", document=document)


def test_every_difference_is_told_and_repaired(site: Site) -> None:
    sound, killed = story(1), story(5, 3, killed=True, enrichment=Enrichment())
    site.publish(sound, story(2), story(3, 2), story(4), killed, story(6), story(7))
    site.write(*site.newest.values())
    assert check(site).found == Counter(), "as the stages left it"

    # Deleted documents are forgotten at once, and not after a minute, so that the same version can be written again.
    site.client.indices.put_settings(index=[site.names.index(base, 1) for base in BASES], settings={"gc_deletes": "0s"})
    history = site.names.index("stories-history", 1)
    site.client.delete(index=site.names.index("stories", 1), id="orb-2")
    site.publish(story(3, 3))
    site.client.delete(index=history, id="orb-4:v1")
    quote = {"story_id": "orb-5", "position": 7, "index_version": 1001, "text": "Said before the kill"}
    put(site, "quotes", "orb-5:7", 2003, quote)
    site.client.delete(index=site.names.index("quotes", 1), id="orb-6:1")
    put(site, "quotes", "gone-1:0", 2003, {"story_id": "gone-1", "position": 0, "index_version": 1001, "text": "x"})
    put(
        site,
        "stories-history",
        "gone-1:v1",
        1001,
        {"story_id": "gone-1", "version_id": "v1", "provider": "Orbis", "kind": "new"},
    )
    site.write(story(7, 2))  # its message was lost to a late one

    wanted = Counter(
        {
            "story missing": 1,
            "story outdated": 1,
            "versions differ": 1,
            "quotations differ": 1,
            "quotation of another version": 1,
            "quotation without story": 2 + 1,
            "version without story": 1 + 1,
            "topic outdated": 1,
        }
    )
    told = check(site)
    # orb-2 has quotations and a version without its story until it is repaired.
    assert told.found == wanted
    assert told.left == wanted.total()
    assert any("orb-5: quotation of another version (position 7" in line for line in told.listed)
    repaired = check(site, repair=True)
    assert repaired.found == wanted - Counter({"quotation without story": 2, "version without story": 1})
    assert repaired.left == 1, "the topic is not changed"
    assert check(site).found == Counter({"topic outdated": 1})
    site.newest["orb-7"] = story(7, 2)
    site.check()


@pytest.mark.parametrize("cut", [4, 7, 10, 11])
def test_a_kill_that_was_interrupted_before_its_versions_is_finished(site: Site, cut: int) -> None:
    """Also those that the story no longer names. Until then readers find versions of it, but never the story."""
    alive = referring_story(1, 3)
    entries = (alive.versions[0], VersionEntry(id="v4", kind="kill"))
    kill = referring_story(1, 4, killed=True, pubstatus="canceled", versions=entries, versions_dropped=2)
    site.publish(alive, kill)
    site.write(alive)
    asyncio.run(die_after(site, cut, kill))
    for base in BASES:
        site.client.indices.refresh(index=site.names.alias(base))
    assert site.client.count(index=site.names.public("stories"))["count"] == 0
    assert check(site).found == Counter({"versions differ": 1})
    assert check(site, repair=True).left == 0
    site.client.indices.refresh(index=site.names.alias("stories-history"))
    assert site.client.count(index=site.names.public("stories-history"))["count"] == 0
    assert check(site).found == Counter()


class DiedError(Exception):
    """In the place of a process that ends."""


async def die_after(site: Site, requests: int, event: EnrichedStory) -> None:
    client = async_elasticsearch_client(site.settings.elasticsearch)
    perform, left = client.transport.perform_request, [requests]

    async def counted(*args: Any, **more: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise DiedError
        return await perform(*args, **more)

    client.transport.perform_request = counted  # type: ignore[method-assign]
    try:
        with pytest.raises(DiedError):
            await Writer(client, site.settings.elasticsearch, site.settings.index).write([event])
    finally:
        await client.close()


def test_what_waits_is_not_compared_and_an_older_index_is_brought_up_to_date(site: Site) -> None:
    site.publish(story(1), story(2))
    waiting = check(site, acknowledged={})
    assert (waiting.messages, waiting.waiting, waiting.left) == (0, 2, 0)
    site.write(*site.newest.values())
    for id_ in ("orb-1", "orb-2"):  # as an older release wrote it
        site.client.delete(index=site.names.index("quotes", 1), id=register_id(id_))
    assert check(site).found == Counter({"quotations differ": 2})
    assert check(site, repair=True).left == 0
    site.check()


def test_texts_are_compared_with_their_topic(site: Site) -> None:
    """The event names its versions; their texts are in wire.versions alone."""
    referring = [referring_story(number) for number in range(1, 4)]
    texts = [text for number in range(1, 4) for text in texts_of_story(number)]
    site.publish(*referring)
    site.publish_texts(*texts)
    site.write_texts(*texts)
    site.write(*referring)
    sound = check(site)
    assert (sound.messages, sound.texts, sound.found) == (3, 6, Counter())
    assert check(site, acknowledged={}).waiting == 9

    history = site.names.index("stories-history", 1)
    site.client.index(index=history, id="orb-1:v1", document={"story_id": "orb-1", "version_id": "v1", "kind": "new",
                                                              "provider": "Orbis", "killed": False,
                                                              "index_version": 1002})  # fmt: skip
    site.client.update(index=history, id="orb-2:v2", doc={"body": "Altered.", "headline": "Altered"})
    site.client.delete(index=history, id="orb-3:v2")
    # A document that is gone lacks its place as well.
    wanted = Counter({"text missing": 2, "text differs": 1, "versions differ": 1})
    told = check(site)
    assert (told.found, told.left) == (wanted, 4)
    assert any("orb-2: text differs (v2: headline, body" in line for line in told.listed), told.listed
    assert check(site, repair=True).left == 0
    assert check(site).found == Counter()
    documents = site.everything()["stories-history"]
    assert [documents[f"orb-{number}:v{version}"]["body"] for number in (1, 2, 3) for version in (1, 2)] == [
        text.body for text in texts
    ]


def test_the_command(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "wiredesk.yaml"
    path.write_text(json.dumps(site.settings.model_dump(mode="json", include={"kafka", "elasticsearch"})))
    site.publish(story(1))
    result = CliRunner().invoke(app, ["check", "--config", str(path)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "1 not yet indexed" in result.output
    assert acknowledged_offsets(site.settings.kafka, topics_of(site.settings).enriched.name) == {}
