"""What a window places, passes over, keeps and writes: a few stories for each rule."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from structlog.testing import capture_logs

from pipeline.cluster import window as module
from pipeline.cluster.clusterer import StoryText
from pipeline.cluster.window import Window, _fingerprint, snapshot_offset, story_text
from pipeline.events import Cluster, StoryVersion
from pipeline.events.item import Reference
from pipeline.meaning.vectors import DIMENSIONS, quantised, to_text
from pipeline.settings import ClusterSettings
from tests.cluster.test_placing import A, B, C, words
from tests.cluster.test_references import NOON, story

SETTINGS = ClusterSettings(window_items=1000, window_days=2)
FERRY = "kelva morun tasik wexal"


def placed(window: Window, *bodies: str, first: int = 0) -> list[Cluster]:
    """Stories by their bodies, at the offsets from ``first`` on; each message is the number of its offset."""
    return window.place([entry(at, body) for at, body in enumerate(bodies, first)])


def entry(at: int, body: str, **changes: Any) -> tuple[int, StoryVersion, bytes]:
    return at, story(str(at), content={"body": body, "language": "en"}, minutes=at, **changes), b"%d" % at


def notice(at: int, slug: str) -> tuple[int, StoryVersion, bytes]:
    return entry(at, "", killed=True, refers=(Reference(slugline=slug),))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "Text."),
        ({"killed": True}, None),
        ({"pubstatus": "withheld"}, None),
        ({"pubstatus": "canceled"}, "Text."),
    ],
)
def test_of_a_story_that_is_withdrawn_no_text_is_compared(changes: dict[str, Any], text: str | None) -> None:
    one = story("a", minutes=5, content={"body": "Text.", "language": "de", "type": "composite"}, **changes)
    assert story_text(one) == StoryText("orbis-a", text, "de", one.received, "composite")


def test_offsets_go_on_over_what_is_placed_and_what_is_not_a_story() -> None:
    window = Window(SETTINGS)
    assert (window.next, window.knows(0), window.continues(-1, None)) == (0, False, True)
    placed(window, A, B)
    assert (window.next, window.knows(1), window.knows(2)) == (2, True, False)
    assert [window.continues(1, value) for value in (b"1", b"0", b"", None)] == [True, False, False, False]
    assert not window.continues(0, b"0")
    window.skip(2, b"{no story")
    assert (window.next, window.knows(2), window.continues(2, b"{no story")) == (3, False, True)
    window.skip(1, b"again")
    assert (window.next, window.continues(2, b"{no story")) == (3, True)
    window.skip(3, b"")
    assert window.continues(3, None)


def test_the_hash_of_a_message_is_stored() -> None:
    assert _fingerprint(b"the message") == 3398582129599283115


def test_settings_say_what_a_copy_is() -> None:
    cut, edited = " ".join(A.split()[:36]), f"{' '.join(A.split()[:30])} {words('other', 10)}"
    assert [c.duplicate_of for c in placed(Window(SETTINGS), A, cut, edited)] == [None, "orbis-0", "orbis-0"]
    strict = SETTINGS.model_copy(update={"jaccard_threshold": 0.95})
    assert [c.duplicate_of for c in placed(Window(strict), A, cut, edited)] == [None, "orbis-0", None]
    stricter = strict.model_copy(update={"containment_threshold": 2})
    assert [c.duplicate_of for c in placed(Window(stricter), A, cut, edited)] == [None, None, None]
    minutes = 2 * 24 * 60
    for later, copied in ((minutes, "orbis-0"), (minutes + 1, None)):
        window = Window(SETTINGS)
        placed(window, A)
        assert window.place([entry(later, A)])[0].duplicate_of == copied


def test_a_message_that_is_delivered_again_has_its_cluster_and_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT_CLUSTERS", 3)
    window = Window(SETTINGS)
    first = window.place([entry(0, A), entry(1, B), notice(2, "SLUG-1/1"), entry(3, A)])
    assert [cluster.duplicate_of for cluster in first] == [None, None, None, "orbis-0"]
    assert [window.knows(offset) for offset in range(4)] == [False, True, True, True]
    again = window.place([entry(1, C), notice(2, "SLUG-0/1"), entry(3, C), entry(4, C)])
    assert again[:3] == first[1:]
    assert again[3].cluster_id == "orbis-4"
    target = window.target(2)
    assert target is not None
    assert target.story_id == "orbis-1"
    assert window.target(3) is None
    assert window.next == 5


def test_names_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_NAMED_STORIES", 2)
    window = Window(SETTINGS)
    placed(window, A, B, C)
    window.place([notice(3, "SLUG-0/1"), notice(4, "SLUG-1/1")])
    assert window.target(3) is None
    assert window.target(4) is not None


@pytest.mark.parametrize("group", [True, False])
def test_events_are_grouped_unless_they_are_off(group: bool, tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"group_events": group})
    texts = (FERRY, "bintor calvex dupra yorem", f"{FERRY} bintor calvex dupra yorem", FERRY)
    window, restored = Window(settings), Window(settings)
    placed(window, *texts[:3])
    assert window.between_events == int(group)
    window.save(tmp_path / "window.npz")
    assert restored.load(tmp_path / "window.npz")
    assert restored.between_events == int(group)
    event = "orbis-0" if group else None
    for one in (window, restored):
        assert placed(one, FERRY, first=3) == [Cluster(cluster_id="orbis-3", event_id=event)]


def test_events_follow_language_and_meaning() -> None:
    """Words are compared within a language, and vectors of meaning between two."""
    meaning = to_text(quantised(np.random.default_rng(7).normal(size=DIMENSIONS)))
    window = Window(SETTINGS)
    stories = (
        ("Der Zoo hat einen Tiger.", "de", None),
        ("Fähre Aurora bei Trondheim", "de", meaning),
        (FERRY, "fr", None),
    )
    more = ("Ferry Aurora near Trondheim", "en", meaning), (FERRY, "en", None), (FERRY, "en", None)
    found = window.place([
        (at, story(str(at), content={"body": body, "language": language}, meaning=vector), b"")
        for at, (body, language, vector) in enumerate((*stories, *more))
    ])  # fmt: skip
    assert [cluster.event_id for cluster in found] == [f"orbis-{number}" for number in (0, 1, 2, 1, 4, 4)]


class Harmful:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self.folder),)


def test_a_snapshot_runs_no_code(tmp_path: Path) -> None:
    path, folder = tmp_path / "window.npz", tmp_path / "made"
    np.savez(path, next=np.array([Harmful(folder)], object), facts=np.array([Harmful(folder)], object))
    assert snapshot_offset(path) == -1
    assert not Window(SETTINGS).load(path)
    assert not folder.exists()


def test_what_a_snapshot_has(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "window.npz"
    assert snapshot_offset(path) == -1
    window = Window(SETTINGS)
    window.place([entry(0, A), entry(1, A), notice(2, "SLUG-1/1")])
    for _ in range(2):
        window.save(path)
    assert [file.name for file in path.parent.iterdir()] == ["window.npz"]
    assert snapshot_offset(path) == 3
    with np.load(path, allow_pickle=False) as stored:
        facts = orjson.loads(stored["facts"].tobytes())
        assert stored["settled"].tolist()[:3] == [1, 1, 0]
    assert sorted(facts) == ["clusterer", "events", "last", "made_with", "named", "next", "placed"]
    assert facts["made_with"] == {"format": 2, **SETTINGS.model_dump(mode="json")}
    assert facts["last"] == _fingerprint(b"2")
    assert facts["placed"][:2] == [
        [0, {"cluster_id": "orbis-0", "event_id": "orbis-0"}, None],
        [1, {"cluster_id": "orbis-0", "duplicate_of": "orbis-0", "similarity": 1.0, "containment": 1.0, "exact": True,
             "event_id": "orbis-0"}, None],
    ]  # fmt: skip
    assert facts["placed"][2][2][:3] == ["orbis-1", "1", (NOON.replace(minute=1)).isoformat()]
    restored = Window(SETTINGS)
    assert restored.load(path)
    assert restored.target(2) == window.target(2)
    assert restored.target(1) is None
    assert (restored.next, restored.continues(2, b"2"), restored.continues(2, b"x")) == (3, True, False)
    assert restored.place([entry(0, B)]) == [Cluster(cluster_id="orbis-0", event_id="orbis-0")]
    assert restored.place([entry(3, A)])[0].duplicate_of == "orbis-0"


def test_a_snapshot_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    path = tmp_path / "window.npz"
    Window(SETTINGS).save(path)
    other = tmp_path / "other.npz"
    other.write_bytes(b"no snapshot")
    assert snapshot_offset(other) == -1
    with capture_logs() as logs:
        assert not Window(SETTINGS.model_copy(update={"window_days": 3})).load(path)
        assert not Window(SETTINGS).load(other)
        assert not Window(SETTINGS).load(tmp_path / "absent.npz")
        assert Window(SETTINGS).load(path)
    assert [{**entry, "reason": entry["reason"].split(":")[0]} for entry in logs] == [
        {"event": "snapshot_ignored", "log_level": "info", "path": str(path), "reason": "it was made with other settings"},
        {"event": "snapshot_ignored", "log_level": "warning", "path": str(other), "reason": "ValueError"},
    ]  # fmt: skip
