"""The cluster stage's memory: whatever is saved and loaded when, the clusters are the same."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.cluster.window import Window
from pipeline.events import Cluster, Content, StoryVersion
from pipeline.events.item import Reference
from pipeline.settings import ClusterSettings

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SETTINGS = ClusterSettings(window_items=1000, group_events=True)


def stories(count: int, seed: int) -> list[tuple[int, StoryVersion, bytes]]:
    """Stories of a topic: new ones, copies, updates and kills, some in another language."""
    chance = random.Random(seed)
    texts: list[str] = []
    result = []
    for number in range(count):
        kind = chance.choice(("new", "new", "copy", "update", "kill"))
        name = str(chance.randrange(number)) if kind in {"update", "kill"} and number else str(number)
        body = " ".join(f"w{chance.randrange(3000)}" for _ in range(60))
        if kind == "copy" and texts:
            body = chance.choice(texts[-300:])
        texts.append(body)
        killed = kind == "kill"
        story = StoryVersion(
            story_id=f"orbis-{name}", provider="Orbis", item_id=name, index_version=number + 1, version_rank=number,
            update_count=int(kind in {"update", "kill"}), killed=killed, pubstatus="canceled" if killed else "usable",
            first_seen=NOON, first_created=NOON, version_created=NOON, received=NOON + timedelta(minutes=number),
            content=Content(headline=f"Headline {name}", slugline=f"SLUG-{name}", body="" if killed else body,
                            language=chance.choice(("en", "en", "de", None))),
        )  # fmt: skip
        result.append((number, story, story.encode()))
    return result


def place(window: Window, some: list[tuple[int, StoryVersion, bytes]]) -> list[Cluster]:
    return [window.place([one])[0] for one in some]


@pytest.mark.parametrize("stopped", [1, 17, 600, 1_700])
def test_a_window_goes_on_after_a_snapshot_as_if_nothing_had_been(tmp_path: Path, stopped: int) -> None:
    """1,700 stories: more than the ring holds."""
    some = stories(2_000, 3)
    window = Window(SETTINGS)
    place(window, some[:stopped])
    window.save(tmp_path / "window.npz")
    restored = Window(SETTINGS)
    assert restored.load(tmp_path / "window.npz")
    assert restored.next == stopped
    assert restored.continues(stopped - 1, some[stopped - 1][2])
    assert not restored.continues(stopped - 1, b"another message")
    assert place(restored, some[stopped:]) == place(window, some[stopped:])
    notice = some[0][1].model_copy(
        update={"story_id": "n", "killed": True, "update_count": 0, "refers": (Reference(slugline="SLUG-1999"),)}
    )
    assert place(restored, [(2_000, notice, b"n")]) == place(window, [(2_000, notice, b"n")])
    assert restored.target(2_000) == window.target(2_000)


def test_batches_change_nothing(tmp_path: Path) -> None:
    some = stories(700, 4)
    expected = place(Window(SETTINGS), some)
    window, found = Window(SETTINGS), []
    for at in range(0, 700, 97):
        found += window.place(some[at : at + 97])
    assert found == expected


def test_a_message_that_is_delivered_again_after_a_snapshot_has_the_same_cluster(tmp_path: Path) -> None:
    some = stories(300, 5)
    window = Window(SETTINGS)
    clusters = place(window, some)
    window.save(tmp_path / "window.npz")
    restored = Window(SETTINGS)
    assert restored.load(tmp_path / "window.npz")
    assert restored.knows(250)
    assert restored.place(some[250:]) == clusters[250:]


@pytest.mark.parametrize("damage", ["absent", "empty", "cut", "text", "other settings", "other size"])
def test_a_snapshot_that_cannot_be_used_is_ignored(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "window.npz"
    window = Window(SETTINGS)
    place(window, stories(50, 6))
    window.save(path)
    whole = path.read_bytes()
    settings = SETTINGS
    match damage:
        case "absent":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(whole[: len(whole) // 2])
        case "text":
            path.write_bytes(b"not a snapshot" * 100)
        case "other settings":
            settings = SETTINGS.model_copy(update={"jaccard_threshold": 0.6})
        case "other size":
            settings = SETTINGS.model_copy(update={"window_items": 2000})
    assert not Window(settings).load(path)
