"""A long run of stories with versions and copies, its worker killed at many moments: the end of one never killed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.cluster.window import Window
from pipeline.events import ItemState, MessageRef, RawItem, StoryVersion
from pipeline.events.item import Item
from pipeline.intake.identity import read, story_id
from pipeline.intake.lifecycle import receive
from pipeline.settings import ClusterSettings

pytestmark = pytest.mark.stack

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
WORDS = [
    f"{first}{last}" for first in ("bar", "tol", "mer", "sin", "vak", "dru") for last in ("ano", "ek", "ilt", "ora")
]


def stream(count: int, seed: int) -> list[RawItem]:
    """Items of which some are new versions, some copies of earlier texts, some both sent twice."""
    chance = random.Random(seed)
    texts: dict[str, str] = {}
    items: list[RawItem] = []
    for number in range(count):
        kind = chance.random()
        name = f"item-{number}"
        if kind < 0.2 and texts:
            name = chance.choice(sorted(texts))
            body = texts[name] + f"\n\nLater on it was {chance.choice(WORDS)}."
        elif kind < 0.4 and texts:
            body = texts[chance.choice(sorted(texts))]
        elif kind < 0.45 and items:
            items.append(items[chance.randrange(len(items))])
            continue
        else:
            body = f"{' '.join(chance.choices(WORDS, k=60)).capitalize()}."
        texts[name] = body
        item = Item(uri=name, versioncreated=NOON + timedelta(seconds=number), headline=f"Headline {number}",
                    body_text=body, language="en")  # fmt: skip
        items.append(
            RawItem(connector="t", provider="Orbis", item_id=name, received=NOON + timedelta(seconds=number),
                    parser="t", item=item)
        )  # fmt: skip
    return items


def never_killed(items: list[RawItem], settings: ClusterSettings) -> dict[str, tuple[str | None, int, str, str | None]]:
    """Headline, number of updates, cluster and parent of each story, by the pure core alone."""
    states: dict[str, ItemState] = {}
    window, ends = Window(settings), {}
    for offset, raw in enumerate(items):
        name = story_id(raw.provider, raw.item_id)
        message = MessageRef(topic="t", partition=0, offset=offset)
        verdict = receive(states.get(name), raw, read(raw, 100_000), message, name, max_versions=100)
        states[name] = verdict.state
        if verdict.story is not None:
            story = StoryVersion.decode(verdict.story.encode())
            [cluster] = window.place([(offset, story, story.encode())])
            ends[name] = (story.content.headline, story.update_count, cluster.cluster_id, cluster.duplicate_of)
    return ends


@pytest.fixture
def partitions() -> int:
    """One: the order in which stories of two partitions meet is nobody's promise."""
    return 1


@pytest.fixture
def models() -> dict[str, str]:
    """None: names and quotations are not what this is about, and a worker without a model starts sooner."""
    return {}


@pytest.mark.parametrize(
    ("count", "kills"),
    [
        pytest.param(300, 5, id="short", marks=pytest.mark.timeout(900)),
        pytest.param(5000, 200, id="long", marks=[pytest.mark.long, pytest.mark.timeout(14_400)]),
    ],
)
def test_killed_at_many_moments(installation: Any, count: int, kills: int) -> None:
    chance = random.Random(200)
    items = stream(count, 11)
    expected = never_killed(items, installation.settings.cluster)
    share = -(-count // (kills + 1))
    installation.publish(*items[:share])
    for kill in range(1, kills + 1):
        process = installation.worker()
        installation.wait(lambda: "worker_ready" in installation.log(), "a worker")
        installation.publish(*items[kill * share : (kill + 1) * share])
        # From before the first message is taken until after the last one is indexed.
        installation.pause(chance.uniform(0, 1.5))
        process.kill()
        process.wait(10)
    installation.worker()
    installation.wait_for_documents(len(expected))
    installation.wait_caught_up()
    found = {
        name: (one["headline"], one["update_count"], one["cluster_id"], one.get("duplicate_of"))
        for name, one in installation.documents().items()
    }
    assert found == expected
    assert len(installation.documents("stories-history")) == sum(updates + 1 for _, updates, _, _ in expected.values())
    assert installation.dead() == []
