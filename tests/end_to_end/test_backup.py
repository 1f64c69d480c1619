"""Drills of what docs/operations.md says about loss: from a snapshot, and from wire.raw alone, the same documents again."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient

from pipeline.broker.topics import topics_of
from pipeline.events import RawItem
from pipeline.events.item import Item
from pipeline.index.mapping import BASES
from pipeline.local.stack import LocalStack
from pipeline.runtime.startup import wait_for_servers
from pipeline.settings import WorkerSettings
from tests.end_to_end.conftest import Installation

pytestmark = pytest.mark.stack

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
#: Times of writing; everything else is a function of what came in.
OWN = {"indexed"}


@pytest.fixture
def models() -> dict[str, str]:
    return {}


def wire() -> list[RawItem]:
    """Twelve stories: with an update each third, a copy each fourth, two killed."""
    items = []
    for number in range(12):
        body = (
            f"The dam of lake {number % 9} is closed. Boats wait there since {number % 9} o'clock, and more will come."
        )
        for version in range(1 + (number % 3 == 0)):
            items.append({"uri": f"s{number}", "version": str(version + 1), "headline": f"Dam {number}", "body_text": body,
                          "versioncreated": NOON + timedelta(minutes=version)})  # fmt: skip
    killed = {"version": "9", "pubstatus": "canceled", "versioncreated": NOON + timedelta(hours=1)}
    items += [{"uri": f"s{number}", **killed} for number in (2, 3)]
    return [
        RawItem(connector="t", provider="Orbis", item_id=str(fields["uri"]), received=NOON + timedelta(seconds=place),
                parser="t", item=Item.model_validate({"language": "en", **fields}))
        for place, fields in enumerate(items)
    ]  # fmt: skip


def everything(installation: Installation) -> dict[str, dict[str, Any]]:
    """All documents of all indices, without the times of writing."""
    return {
        f"{base} {id_}": {name: value for name, value in document.items() if name not in OWN}
        for base in BASES
        for id_, document in installation.documents(base).items()
    }


def run_to_the_end(installation: Installation) -> dict[str, dict[str, Any]]:
    with installation.running():
        installation.wait_for_documents(12)
        installation.wait_caught_up()
        found = everything(installation)
    assert sum(bool(document.get("killed")) for name, document in found.items() if name.startswith("stories ")) == 2
    return found


def drop_indices(installation: Installation) -> None:
    for base in BASES:
        installation.client.indices.delete(index=installation.names.index(base, 1))


def test_a_snapshot_brings_the_indices_back(installation: Installation, local_stack: LocalStack) -> None:
    installation.publish(*wire())
    before = run_to_the_end(installation)
    client, name = installation.client.options(request_timeout=60), installation.settings.kafka.topic_prefix
    location = local_stack.directory / "elasticsearch" / "snapshots" / name
    client.snapshot.create_repository(name=name, repository={"type": "fs", "settings": {"location": str(location)}})
    indices = ",".join(installation.names.index(base, 1) for base in BASES)
    client.snapshot.create(repository=name, snapshot="night", indices=indices, wait_for_completion=True)
    drop_indices(installation)
    client.snapshot.restore(repository=name, snapshot="night", wait_for_completion=True)
    client.snapshot.delete_repository(name=name)
    assert everything(installation) == before


def test_from_the_raw_items_alone_everything_comes_again(installation: Installation) -> None:
    installation.publish(*wire())
    before = run_to_the_end(installation)
    drop_indices(installation)
    topics = topics_of(installation.settings)
    others = {topic.name for topic in topics.all()} - {topics.raw.name}
    admin = KafkaAdminClient(bootstrap_servers=installation.settings.kafka.bootstrap_servers)
    admin.delete_topics(sorted(others))
    deadline = time.monotonic() + 30
    while others & set(admin.list_topics()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    admin.close()
    kafka = installation.settings.kafka.model_copy(update={"group_prefix": f"{topics.raw.name}-again"})
    state = WorkerSettings(state_directory=installation.directory / "state-again")
    installation.settings = installation.settings.model_copy(update={"kafka": kafka, "worker": state})
    wait_for_servers(installation.settings, seconds=30)
    assert without_events(run_to_the_end(installation)) == without_events(before)


def without_events(documents: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The documents without their event: it depends on the order in which the partitions are read."""
    return {
        id_: {name: value for name, value in document.items() if name != "event_id"}
        for id_, document in documents.items()
    }
